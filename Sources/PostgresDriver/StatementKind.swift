internal import Database
internal import SQL

/// What a connection does with a statement, by its first words.
enum StatementKind {
    /// Worth preparing: it may come again, and planning it costs.
    case query
    case begin
    case savepoint
    case release
    case rollbackTo
    case commit
    case rollback
    /// DDL and settings, some of which cannot be prepared.
    case other

    init(_ statement: Statement) {
        switch statement.firstWord {
        case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "MERGE": self = .query
        case "BEGIN", "START": self = .begin
        case "SAVEPOINT": self = .savepoint
        case "RELEASE": self = .release
        case "COMMIT", "END": self = .commit
        case "ROLLBACK" where Self.hasSecondWord("TO", in: statement.text): self = .rollbackTo
        case "ROLLBACK", "ABORT": self = .rollback
        // A query in parentheses begins with no word.
        case "" where statement.text.utf8.first { $0 > UInt8(ascii: " ") } == UInt8(ascii: "("): self = .query
        default: self = .other
        }
    }

    private static func hasSecondWord(_ word: String, in text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        return words.count > 1 && words[1].uppercased() == word
    }
}
