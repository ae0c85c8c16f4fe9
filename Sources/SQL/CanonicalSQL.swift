/// SQL without what does not change its meaning.
package enum CanonicalSQL {
    /// The text with one space for each stretch of blank space and comments, and none at its ends;
    /// unchanged when it cannot be read. Two texts that differ in this form differ in more than their
    /// layout.
    package static func text(of sql: String) -> String {
        do {
            return try Lexeme.lexemes(of: sql).enumerated().map { place, lexeme in
                place > 0 && !lexeme.lead.isEmpty ? " " + lexeme.text : lexeme.text
            }.joined()
        } catch {
            // Not closed: whoever runs it reports that, with the position.
            return sql
        }
    }
}
