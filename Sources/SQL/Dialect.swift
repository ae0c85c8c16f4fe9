/// How one kind of database wants its SQL.
package protocol Dialect: Sendable {
    /// The name used in configuration and messages, lower case.
    var name: String { get }
    /// Whether DDL is undone by a rollback.
    var hasTransactionalDDL: Bool { get }
    /// Whether only one transaction can write at a time, so that our own writers should queue before they
    /// begin.
    var hasSingleWriter: Bool { get }
    /// The name between this database's quotes.
    func quote(identifier: String) -> String
    /// The statement that begins a transaction.
    func begin(_ isolation: IsolationLevel, readOnly: Bool) -> String
    /// The statements that make a transaction which changes the schema wait, at its beginning, for others
    /// with the same number, and fail with `busy` when one takes too long. None where transactions that
    /// write wait for each other anyway.
    func lockSchema(_ number: Int64) -> [String]
    /// How copies of the database are watched; nil where there are none.
    var replication: ReplicationStatements? { get }
    /// What lists the server's other sessions on this database; nil where there is no server. Its columns:
    /// the session's number, its program's name, its client's address, its state, what it waits for, for
    /// how many seconds its transaction and its statement run, the statement, and the numbers of those that
    /// block it.
    var sessionsReport: String? { get }
    /// The column type that holds values of a portable type.
    func columnType(_ type: ColumnType) -> String
    /// One statement of the portable set in this database's words; throws for what is outside the set.
    func rewrite(_ portable: String) throws(PortabilityError) -> String
}

/// The statements that tell how far a copy of a database is behind.
package struct ReplicationStatements: Sendable, Hashable {
    /// On the primary: one number that grows with everything that is committed.
    package let primaryPosition: String
    /// On a copy: whether it follows a primary, the number up to which it shows everything, and how many
    /// seconds ago, by its own clock, the last of that was committed; the last two may be NULL.
    package let replicaReport: String

    package init(primaryPosition: String, replicaReport: String) {
        self.primaryPosition = primaryPosition
        self.replicaReport = replicaReport
    }
}

extension Dialect {
    /// The statement that makes a transaction durable.
    package var commit: String { "COMMIT" }
    /// The statement that undoes a transaction.
    package var rollback: String { "ROLLBACK" }

    /// The statement that marks a point to roll back to.
    package func savepoint(_ name: String) -> String { "SAVEPOINT \(quote(identifier: name))" }
    /// The statement that forgets a savepoint and keeps what followed it.
    package func release(_ name: String) -> String { "RELEASE SAVEPOINT \(quote(identifier: name))" }
    /// The statement that undoes what followed a savepoint.
    package func rollbackTo(_ name: String) -> String { "ROLLBACK TO SAVEPOINT \(quote(identifier: name))" }

    /// The statement that adds so many rows, with a marker for each value.
    package func insertion(into table: String, columns: [String], rowCount: Int) -> String {
        let names = columns.map { quote(identifier: $0) }.joined(separator: ", ")
        let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        let rows = repeatElement(row, count: rowCount).joined(separator: ", ")
        return "INSERT INTO \(quote(identifier: table)) (\(names)) VALUES \(rows)"
    }
}
