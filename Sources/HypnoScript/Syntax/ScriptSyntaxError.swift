package import SourceText

/// Why a text is not a program: the first error found, before anything is executed.
package struct ScriptSyntaxError: Error, Sendable {
    /// Behind a pointer: every frame of the parser has room for the error it may pass on.
    private indirect enum Content {
        case finding(message: String, Diagnostic, reach: Int)
    }

    private let content: Content

    /// The language's own wording, which programs and tests may rely on.
    package var message: String {
        switch content {
        case .finding(let message, _, _): message
        }
    }

    /// The same finding with its place in the text, for people.
    package var diagnostic: Diagnostic {
        switch content {
        case .finding(_, let diagnostic, _): diagnostic
        }
    }

    /// How far the text was understood: the offset of the token that is wrong; beyond every token for an
    /// error of the lexer.
    var reach: Int {
        switch content {
        case .finding(_, _, let reach): reach
        }
    }

    /// The reach of an error of the lexer, which looks at the whole text before there is any token.
    static let lexical = Int.max

    init(message: String, diagnostic: Diagnostic, reach: Int) {
        content = .finding(message: message, diagnostic, reach: reach)
    }

    /// The same error with the documented dialect's advice behind the language's wording.
    func advising(_ hint: String) -> ScriptSyntaxError {
        var diagnostic = diagnostic
        diagnostic.help = hint
        diagnostic.replacement = nil
        return ScriptSyntaxError(message: "\(message) — \(hint)", diagnostic: diagnostic, reach: reach)
    }

    /// The same error with a word that is probably misspelt, and what is meant.
    func guessing(_ guess: Spelling.Guess, at position: SourcePosition) -> ScriptSyntaxError {
        var diagnostic = diagnostic
        diagnostic.help = "did you mean '\(guess.word)' instead of '\(guess.written)'?"
        diagnostic.replacement = guess.replacement(at: position)
        return ScriptSyntaxError(message: message, diagnostic: diagnostic, reach: reach)
    }

    /// The same error with the advice of another one, if that knows what is meant.
    func advised(as other: ScriptSyntaxError) -> ScriptSyntaxError {
        guard let replacement = other.diagnostic.replacement else { return self }
        var diagnostic = diagnostic
        diagnostic.help = other.diagnostic.help
        diagnostic.replacement = replacement
        return ScriptSyntaxError(message: message, diagnostic: diagnostic, reach: reach)
    }

    /// The finding at a stretch of the source.
    ///
    /// - Parameters:
    ///   - text: what is wrong, without a place.
    ///   - naming: how the language's wording names the place after `text`, given the position.
    ///   - reach: see the property; the place if nil.
    init(
        _ code: DiagnosticCode, _ text: String, in source: SourceFile, at start: SourceOffset,
        length: Int, help: String?, reach: Int? = nil, naming: (SourcePosition) -> String
    ) {
        let position = source.position(ofUTF8Offset: Int(start.utf8))
        self.init(
            message: text + naming(position),
            diagnostic: Diagnostic(
                code: code, message: text, in: source, at: position, length: length, help: help),
            reach: reach ?? Int(start.utf8))
    }
}

/// The codes of syntax errors in scripts.
package enum SyntaxCode {
    package static let unexpectedCharacter = DiagnosticCode(
        2001, "Unexpected character in a script",
        """
        The text contains a character that starts no token of the language. Only strings and comments may \
        hold any character; names consist of letters, digits and '_'. Text after 'Relax' counts as well.
        """)
    package static let unterminatedString = DiagnosticCode(
        2002, "Unterminated string",
        """
        A string begins with '"' and the closing '"' is missing. Strings may span lines, so the error is \
        only noticed at the end of the text. Inside a string write \\" for a quotation mark.
        """)
    package static let invalidNumber = DiagnosticCode(
        2003, "Invalid number",
        """
        A number consists of ASCII digits with at most one point between or after them. There is no \
        exponent, no hexadecimal form and no separator for thousands.
        """)
    package static let programFrame = DiagnosticCode(
        2004, "Program is not framed by 'Focus { … } Relax'",
        """
        Every program has the form 'Focus { … } Relax'. Whatever follows 'Relax' is ignored.
        """)
    package static let missingPart = DiagnosticCode(
        2005, "Something is missing",
        """
        The grammar requires a certain token at this place and another one was found. Most often a ';' is \
        missing at the end of the statement before, or a bracket was not closed.
        """)
    package static let unexpectedToken = DiagnosticCode(
        2006, "Unexpected token",
        """
        No statement or expression begins with this token. There is no empty statement, so a ';' after a '}' \
        is an error, and keywords cannot be used as names, whatever their letter case.
        """)
    package static let misplaced = DiagnosticCode(
        2007, "Allowed at the top level only",
        """
        'entrance' and 'finale' blocks and triggers must stand directly inside 'Focus { … }', not in a \
        function, a branch or a loop.
        """)
    package static let nestedTooDeeply = DiagnosticCode(
        2008, "Nesting too deep",
        """
        Brackets, blocks, prefix operators, calls and accesses can be nested up to a fixed depth, so that no \
        program can exhaust the stack of the process. Name intermediate results, or move code into functions.
        """)
    package static let invalidPattern = DiagnosticCode(
        2009, "Invalid pattern",
        """
        After 'when' comes a literal, a name, 'name: type', an array pattern '[a, ...rest]' or a record \
        pattern 'T { field }'. A negative number is not a pattern: bind a name and add a guard.
        """)
    package static let textTooLong = DiagnosticCode(
        2010, "Script too long",
        """
        A script may have up to 64 MiB of text. Data of that size belongs into a file or a table.
        """)

    package static let all = [
        unexpectedCharacter, unterminatedString, invalidNumber, programFrame, missingPart, unexpectedToken,
        misplaced, nestedTooDeeply, invalidPattern, textTooLong,
    ]
}
