package import SQL

extension Statement {
    /// The word it begins with, in upper case; empty when it begins with something else. Blank space and
    /// comments before it do not count.
    package var firstWord: String {
        let bytes = text.utf8[...]
        let word = bytes[Self.skipSpace(bytes)...].prefix { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
        return Substring(word).uppercased()
    }

    /// Whether it reads or changes rows, and neither the schema nor the session nor the transaction.
    package var isAboutRows: Bool { Self.wordsAboutRows.contains(firstWord) }

    /// The words that such a statement may begin with.
    private static let wordsAboutRows: Set = [
        "SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE",
    ]

    /// Whether it begins or ends a transaction or a savepoint, which is `Database`'s to do.
    var controlsTransaction: Bool {
        switch firstWord {
        case "BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE", "START": true
        default: false
        }
    }

    /// Where blank space and comments end.
    private static func skipSpace(_ bytes: Substring.UTF8View) -> String.Index {
        var rest = bytes
        while let byte = rest.first {
            if byte <= UInt8(ascii: " ") {
                rest.removeFirst()
            } else if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            } else if rest.starts(with: "/*".utf8) {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.starts(with: "*/".utf8) { rest.removeFirst() }
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        return rest.startIndex
    }
}
