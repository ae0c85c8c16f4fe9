import SourceText

extension Parser {
    /// `Expected what at line L`, L being the line of the token found instead.
    func expected(_ what: String) -> ScriptSyntaxError {
        let error = error(
            SyntaxCode.missingPart, "Expected \(what)", help: helpForMissingPart(what), namesLine: true)
        guard what.hasPrefix("';' after expression"), let (guess, position) = misspeltKeyword() else {
            return error
        }
        return error.guessing(guess, at: position)
    }

    /// A program without its first or last word.
    func frameError(_ text: String) -> ScriptSyntaxError {
        let error = error(
            SyntaxCode.programFrame, text, help: "every program has the form 'Focus { … } Relax'")
        let frame = text.hasSuffix("'Relax'") ? "Relax" : "Focus"
        guard current.kind == .identifier,
            let guess = Spelling.guess(self.text(of: current), among: [frame])
        else { return error }
        return error.guessing(guess, at: position(of: current))
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
        return error(
            SyntaxCode.unexpectedToken, "Unexpected token: \(describe(current))", help: help, namesLine: true)
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

    /// The keyword that the statement's first word is meant to be, if something follows the word that makes
    /// it no expression: `obzerve x`, `whlie (x) {`.
    private func misspeltKeyword() -> (Spelling.Guess, SourcePosition)? {
        let first = tokens[statementStart]
        let isHead = current.kind == .leftBrace && tokens[statementStart + 1].kind == .leftParenthesis
        // On another line something else begins, and what is missing is the ';'.
        guard first.kind == .identifier, statementStart == next - 1 || isHead,
            position(of: first).line == position(of: current).line
        else { return nil }
        var words = Keyword.spellings.map(\.0)
        if isExtended { words += SoftWords.spellings }
        return Spelling.guess(text(of: first), among: words).map { ($0, position(of: first)) }
    }

    private func position(of token: Token) -> SourcePosition {
        source.position(ofUTF8Offset: Int(token.start.utf8) - base)
    }
}
