/// Cuts a script of SQL into its statements at the semicolons that separate them.
package enum StatementSplitter {
    /// The statements in order, without their semicolons, without comments before and after them, and without
    /// empty ones. The semicolons inside strings, comments and the body of a trigger separate nothing.
    package static func statements(of text: String) throws(PortabilityError) -> [String] {
        let bytes = Array(text.utf8)
        var statements: [String] = []
        var current = Current()
        for token in try SQLTokenizer.tokens(of: text) {
            switch token.kind {
            case .whitespace, .comment:
                continue
            case .symbol where bytes[token.range] == [UInt8(ascii: ";")] && !current.isInsideTrigger:
                if let range = current.range {
                    statements.append(String(decoding: bytes[range], as: UTF8.self))
                }
                current = Current()
            default:
                let word =
                    token.kind == .word
                    ? String(decoding: bytes[token.range], as: UTF8.self).uppercased() : ""
                current.append(token, word: word)
            }
        }
        if let range = current.range { statements.append(String(decoding: bytes[range], as: UTF8.self)) }
        return statements
    }

    /// The statement being collected.
    private struct Current {
        private(set) var range: Range<Int>?
        private var count = 0
        private var isCreate = false
        private var isTrigger = false
        private var openBlocks = 0

        /// Between the `BEGIN` of a trigger and its `END`; a `CASE` inside has an `END` of its own.
        var isInsideTrigger: Bool { isTrigger && openBlocks > 0 }

        mutating func append(_ token: SQLToken, word: String) {
            range = (range?.lowerBound ?? token.range.lowerBound)..<token.range.upperBound
            count += 1
            if count == 1 { isCreate = word == "CREATE" }
            if isCreate, count <= 3, word == "TRIGGER" { isTrigger = true }
            guard isTrigger else { return }
            switch word {
            case "BEGIN", "CASE": openBlocks += 1
            case "END": openBlocks -= 1
            default: break
            }
        }
    }
}
