package import SourceText

/// Tells the two languages apart that share the ending `.hyp`.
package enum ConfigDialect {
    /// Whether the text is a program, not configuration: its first token is the word `focus`, in any case,
    /// followed by `{`.
    package static func isScript(_ source: SourceFile) -> Bool {
        var lexer = ConfigLexer(source)
        lexer.skipTrivia()
        guard lexer.word()?.lowercased() == "focus" else { return false }
        lexer.skipTrivia()
        return lexer.current == .openBrace
    }
}
