import SourceText

extension Parser {
    /// `Expected what at line L`, L being the line of the token found instead.
    func expected(_ what: String) -> ScriptSyntaxError {
        let error = error(
            SyntaxCode.missingPart, "Expected \(what)", help: helpForMissingPart(what), namesLine: true)
        switch what {
        case "';' after expression", "')' after arguments": return guessing(error)
        case "'suggestion' inside session": return guessing(error, among: Self.memberWords)
        case "'when' or 'otherwise'": return guessing(error, among: ["when", "otherwise"])
        case "'catch' or 'finally'": return guessing(error, among: ["catch", "finally"])
        default: return error
        }
    }

    /// A program without its first or last word.
    func frameError(_ text: String) -> ScriptSyntaxError {
        let error = error(
            SyntaxCode.programFrame, text, help: "every program has the form 'Focus { … } Relax'")
        return guessing(error, among: [text.hasSuffix("'Relax'") ? "Relax" : "Focus"])
    }

    /// A block or trigger inside of something else.
    func misplaced(_ text: String) -> ScriptSyntaxError {
        error(SyntaxCode.misplaced, text, help: "move it directly into 'Focus { … }'")
    }

    /// A token that begins nothing the grammar allows here.
    func unexpectedToken() -> ScriptSyntaxError {
        let help: String? =
            switch current.kind {
            case .semicolon:
                "there is no empty statement: blocks and triggers end without ';'"
            case .reserved, .assert, .call, .drift, .lucid, .mindLink:
                "'\(text(of: current))' is reserved and has no meaning in the language"
            case .numberType, .stringType, .booleanType, .tranceType, .session, .constructor:
                "'\(text(of: current))' is a keyword and cannot be a name"
            case .assign:
                "compound assignment does not exist: write x = x + value"
            case .rightBrace, .end:
                "a value is missing here"
            default:
                nil
            }
        let error = error(
            SyntaxCode.unexpectedToken, "Unexpected token: \(describe(current))", help: help, namesLine: true)
        return next == statementStart + 2 ? guessing(error) : error
    }

    /// A run of digits and points that is no number.
    func invalidNumber() -> ScriptSyntaxError {
        error(
            SyntaxCode.invalidNumber, "Invalid number: \(text(of: current))",
            help: "a number is written with ASCII digits and at most one point")
    }

    /// Something after `when` that is not a pattern.
    func expectedPattern() -> ScriptSyntaxError {
        error(
            SyntaxCode.invalidPattern, "Expected pattern, got \(describe(current))",
            help: current.kind == .minus
                ? "bind a name and compare it in a guard: when n if n == -1 => …" : nil,
            namesLine: true)
    }

    /// Something after `:` that is not a type name.
    func expectedType() -> ScriptSyntaxError {
        error(
            SyntaxCode.missingPart, "Expected type annotation, got \(describe(current))", help: nil,
            namesLine: true)
    }

    /// More nesting than the parser follows.
    func tooDeep() -> ScriptSyntaxError {
        error(
            SyntaxCode.nestedTooDeeply, "Nesting deeper than \(SyntaxTree.maximumDepth) levels",
            help: "name intermediate results, or move code into functions", namesLine: true)
    }

    /// An error at the current token. The language names the line in some of its wordings only.
    func error(
        _ code: DiagnosticCode, _ text: String, help: String?, namesLine: Bool = false
    ) -> ScriptSyntaxError {
        ScriptSyntaxError(
            code, text, in: source, at: SourceOffset(utf8: Int(current.start.utf8) - base),
            length: self.text(of: current).unicodeScalars.prefix { $0 != "\n" }.count, help: help,
            reach: Int(current.start.utf8), naming: { namesLine ? " at line \($0.line)" : "" })
    }

    /// A token as a message shows it.
    private func describe(_ token: Token) -> String {
        token.kind == .end ? "end of text" : "'\(text(of: token))'"
    }

    private func helpForMissingPart(_ what: String) -> String? {
        if what == "function name" && current.kind == .leftParenthesis {
            return "functions have a name: suggestion name(…) { … }"
        }
        if what.hasPrefix("'suggestion' inside session") {
            return current.kind == .constructor
                ? "write suggestion constructor(…) { … }"
                : "a field begins with expose or conceal, a method with suggestion"
        }
        if what.hasPrefix("';' after"), current.kind.isKeyword {
            return "the statement before '\(text(of: current))' ends with ';'"
        }
        return current.kind.isKeyword ? "'\(text(of: current))' is a keyword and cannot be a name" : nil
    }

    // MARK: Misspelt words

    /// The words that begin a member of a session.
    private static let memberWords = [
        "expose", "conceal", "dominant", "suggestion", "imperativeSuggestion", "dominantSuggestion",
    ]

    /// The words that begin a statement or a part of one.
    private static let statementWords = [
        "entrance", "finale", "induce", "implant", "embed", "freeze", "anchor", "sharedTrance", "if", "else",
        "while", "loop", "pendulum", "snap", "break", "sink", "continue", "oscillate", "suspend", "awaken",
        "return", "suggestion", "trigger", "session", "tranceify", "observe", "whisper", "command", "murmur",
    ]

    /// Those that the documented dialect adds.
    private static let documentedWords = [
        "for", "throw", "try", "function", "var", "record", "import", "mindLink", "assert", "drift",
        "pauseReality",
    ]

    /// The error with one of the words, if the current one is that one misspelt.
    private func guessing(_ error: ScriptSyntaxError, among words: [String]) -> ScriptSyntaxError {
        guard current.kind == .identifier, let guess = Spelling.guess(text(of: current), among: words) else {
            return error
        }
        return error.guessing(guess, at: position(of: current))
    }

    /// The error with the word that the statement's first one is meant to be, if what follows makes it no
    /// expression.
    private func guessing(_ error: ScriptSyntaxError) -> ScriptSyntaxError {
        let first = tokens[statementStart]
        // On another line something else begins, and what is missing is the ';'.
        guard first.kind == .identifier, endsNoExpression,
            position(of: first).line == position(of: current).line
        else { return error }
        let words = Self.statementWords + (isExtended ? Self.documentedWords : [])
        guard let guess = Spelling.guess(text(of: first), among: words) else { return error }
        return error.guessing(guess, at: position(of: first))
    }

    /// Whether the current token cannot follow what the statement begins with: `obzerve x`, `whlie (x) {`,
    /// `lop (induce`, `lop (;`, `fro (x in`.
    private var endsNoExpression: Bool {
        let hasBracket = tokens[statementStart + 1].kind == .leftParenthesis
        switch next - statementStart {
        case 1: return true
        case 2 where hasBracket:
            return [.induce, .implant, .embed, .freeze, .semicolon].contains(current.kind)
        case 3 where hasBracket && isExtended && (isSoft(\.in, current) || isSoft(\.of, current)): return true
        default: return hasBracket && current.kind == .leftBrace
        }
    }

    private func position(of token: Token) -> SourcePosition {
        source.position(ofUTF8Offset: Int(token.start.utf8) - base)
    }
}
