internal import SQL

/// Statements that are sent with the next one whose result somebody waits for: what begins a transaction or a
/// savepoint, and what was enqueued.
///
/// So a transaction of one statement takes two round trips and not three, and one of statements without
/// results a single one.
struct WaitingStatements {
    private(set) var statements: [Statement] = []
    private(set) var beginsTransaction = false
    /// Whether there is more than the bounds of transactions and savepoints.
    private(set) var hasWork = false

    /// At this many they are sent, lest the server and we wait for each other.
    static let bound = 256

    var isEmpty: Bool { statements.isEmpty }

    /// A transaction begins, with its settings.
    mutating func begin(_ statement: Statement, settings: [String]) {
        beginsTransaction = true
        statements.append(statement)
        statements += settings.map { Statement($0) }
    }

    mutating func mark(_ savepoint: Statement) {
        statements.append(savepoint)
    }

    mutating func add(_ statement: Statement) {
        hasWork = true
        statements.append(statement)
    }

    mutating func removeAll() {
        self = WaitingStatements()
    }

    /// What follows a savepoint is undone by a rollback to it, whose name is the last word of both
    /// statements: all that waits, when the savepoint was sent already.
    mutating func undo(to rollback: Statement) {
        let name = rollback.text.split(separator: " ").last
        let savepoint = statements.lastIndex { statement in
            StatementKind(statement) == .savepoint && statement.text.split(separator: " ").last == name
        }
        guard let savepoint else { return removeAll() }
        statements.removeSubrange((savepoint + 1)...)
        hasWork = statements.contains { StatementKind($0) == .query }
    }
}
