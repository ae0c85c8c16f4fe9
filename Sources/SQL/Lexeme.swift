/// A token that means something, with the blank space before it; comments count as blank space.
struct Lexeme {
    let kind: SQLToken.Kind
    /// As written.
    let text: String
    /// In upper case if it is a word, else empty: what keywords are compared with.
    let keyword: String
    /// The blank space before it.
    let lead: String
    /// Where it begins, as a UTF-8 offset.
    let offset: Int

    /// The meaningful tokens of a text.
    static func lexemes(of text: String) throws(PortabilityError) -> [Lexeme] {
        let bytes = Array(text.utf8)
        var lexemes: [Lexeme] = []
        var lead = ""
        for token in try SQLTokenizer.tokens(of: text) {
            let piece = String(decoding: bytes[token.range], as: UTF8.self)
            switch token.kind {
            case .whitespace: lead += piece
            case .comment: lead += " "
            case .word, .quotedName, .string, .escapeString, .dollarString, .number, .marker, .symbol:
                let keyword = token.kind == .word ? piece.uppercased() : ""
                lexemes.append(
                    Lexeme(
                        kind: token.kind, text: piece, keyword: keyword, lead: lead,
                        offset: token.range.lowerBound))
                lead = ""
            }
        }
        return lexemes
    }

    func isSymbol(_ symbol: String) -> Bool {
        kind == .symbol && text == symbol
    }
}
