package import SourceText

/// Tells the two languages apart that share the ending `.hyp`.
package enum ConfigDialect {
    /// Whether the text is a program, not configuration.
    ///
    /// Its first token is the word `focus`, in any case, followed by `{`; or it begins as a declaration that
    /// the documented dialect allows before `Focus`: a word of these followed by a name or a string, which
    /// no configuration can begin with.
    package static func isScript(_ source: SourceFile) -> Bool {
        var lexer = ConfigLexer(blanked(source))
        lexer.skipTrivia()
        if lexer.current == UInt8(ascii: ";") { return true }
        guard let word = lexer.word()?.lowercased() else { return false }
        lexer.skipTrivia()
        if word == "focus" { return lexer.current == .openBrace }
        guard declarations.contains(word) else { return false }
        return lexer.current == .quote || lexer.word() != nil
    }

    /// The text as programs are read: without a byte order mark, and with everything for a blank that Unicode
    /// calls white space. Configuration knows blanks, tabs and newlines only.
    private static func blanked(_ source: SourceFile) -> SourceFile {
        let isPlain = source.text.utf8.allSatisfy { $0 == 0x0A || $0 == 0x09 || (0x20..<0x80).contains($0) }
        guard !isPlain else { return source }
        var scalars = String.UnicodeScalarView()
        for (place, scalar) in source.text.unicodeScalars.enumerated() where place > 0 || scalar != "\u{FEFF}"
        {
            let isBlank = scalar != "\n" && scalar.properties.isWhitespace
            scalars.append(isBlank ? " " : scalar)
        }
        return SourceFile(name: source.name, text: String(scalars))
    }

    /// What a program may declare before its `Focus`.
    private static let declarations: Set<String> = [
        "session", "tranceify", "record", "suggestion", "function", "trigger", "sharedtrance", "mindlink",
        "import",
    ]
}
