package import SQL

/// A running transaction, valid only inside the body it is given to and only on that body's thread.
///
/// A statement that fails spoils the transaction up to the innermost savepoint: what follows fails with the
/// same error and the transaction cannot commit, also if the body swallows the error. PostgreSQL has this
/// rule, and SQLite rolls back on its own for some errors, after which a further statement would run
/// outside of any transaction.
package final class Transaction {
    package let dialect: any Dialect
    private let connection: any DatabaseConnection
    private let interruption: Interruption
    private let activity: Activity
    private var failure: DatabaseError?
    /// From the outermost in; those in front are open on the database, those behind wait for a statement.
    private var savepoints = 0
    private var openSavepoints = 0
    private var isOpen = true

    init(
        connection: any DatabaseConnection, dialect: any Dialect, interruption: Interruption,
        activity: Activity
    ) {
        self.connection = connection
        self.dialect = dialect
        self.interruption = interruption
        self.activity = activity
    }

    /// Says what the statements from here on are about, for those who watch the connections.
    package func isAbout(_ subject: Activity.Subject?) {
        activity.subject = subject
    }

    /// Runs one statement, in this dialect's own words.
    ///
    /// It may not begin or end a transaction or a savepoint: after a COMMIT in a script of statements what
    /// follows would run outside of any transaction, and a failure would undo half of it.
    @discardableResult
    package func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        try requireAllowed(statement)
        return try run(statement)
    }

    private func requireAllowed(_ statement: Statement) throws(DatabaseError) {
        guard isOpen, statement.controlsTransaction else { return }
        throw spoil(
            failure
                ?? DatabaseError(
                    .syntax, "A statement inside a transaction may not be \(statement.firstWord)",
                    statement: statement.text))
    }

    private func run(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        try prepare(statement)
        activity.statement = statement.text
        return try perform { connection throws(DatabaseError) in try connection.execute(statement) }
    }

    /// Makes sure that the statement may run, inside the savepoints that have begun.
    private func prepare(_ statement: Statement) throws(DatabaseError) {
        guard isOpen else {
            throw DatabaseError(
                .closed, "The transaction had ended before this statement", statement: statement.text)
        }
        if let failure { throw failure }
        if let reason = interruption.reason { throw spoil(reason.error) }
        while openSavepoints < savepoints {
            _ = try perform(Statement(dialect.savepoint(savepointName(openSavepoints + 1))))
            openSavepoints += 1
        }
    }

    /// Runs one statement, in this dialect's own words, with its values.
    @discardableResult
    package func execute(_ text: String, _ bindings: [SQLValue] = []) throws(DatabaseError) -> ResultSet {
        try execute(Statement(text, bindings))
    }

    /// The same where the rows may take no more than about so many bytes.
    package func execute(_ statement: Statement, room: Int) throws(DatabaseError) -> ResultSet {
        var statement = statement
        statement.room = room
        return try execute(statement)
    }

    /// Runs one statement written with interpolated values.
    @discardableResult
    package func execute(_ sql: SQL) throws(DatabaseError) -> ResultSet {
        try execute(Statement(sql))
    }

    /// Runs the body inside a savepoint: when it throws, what it did is undone and the transaction is sound
    /// again.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        beginSavepoint()
        do {
            let result = try body()
            try releaseSavepoint()
            return result
        } catch {
            try undoSavepoint()
            throw error
        }
    }

    private func perform(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        try perform { connection throws(DatabaseError) in try connection.execute(statement) }
    }

    private func perform<Result>(
        _ body: (any DatabaseConnection) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        do {
            return try body(connection)
        } catch {
            throw spoil(interruption.reason?.error ?? error)
        }
    }

    private func spoil(_ error: DatabaseError) -> DatabaseError {
        failure = error
        return error
    }

    /// Begins it on the database.
    func begin(_ text: String) throws(DatabaseError) {
        _ = try run(Statement(text))
    }

    /// Ends its use: from now on it runs nothing.
    func end() {
        isOpen = false
    }

    /// Ends its use; throws what spoiled it.
    func finish() throws(DatabaseError) {
        end()
        if let failure { throw failure }
    }
}

// MARK: - Many statements at once

extension Transaction {
    /// Runs all statements and returns their results in order, in one round trip where the database can. The
    /// first error is thrown; those behind it are not run.
    package func execute(all statements: [Statement]) throws(DatabaseError) -> [ResultSet] {
        guard let first = statements.first else { return [] }
        for statement in statements { try requireAllowed(statement) }
        guard let pipelining = connection as? any PipeliningConnection else {
            var results: [ResultSet] = []
            for statement in statements { results.append(try run(statement)) }
            return results
        }
        try prepare(first)
        activity.statement = first.text
        return try perform { _ throws(DatabaseError) in try pipelining.execute(statements) }
    }

    /// Runs a statement whose result nobody needs: where the database can, together with the next one or with
    /// COMMIT, so that it takes no round trip of its own. Its error is then thrown there.
    package func enqueue(_ statement: Statement) throws(DatabaseError) {
        try requireAllowed(statement)
        guard let pipelining = connection as? any PipeliningConnection else {
            _ = try run(statement)
            return
        }
        try prepare(statement)
        _ = try perform { _ throws(DatabaseError) in try pipelining.enqueue(statement) }
    }
}

extension Transaction {
    /// Adds the rows, each with a value for each column, by the fastest way that the database has, and
    /// returns how many there were.
    @discardableResult
    package func load(
        _ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]
    ) throws(DatabaseError) -> Int {
        if let loading = connection as? any BulkLoadingConnection {
            try prepare(Statement(dialect.insertion(into: table, columns: columns, rowCount: 1)))
            return try perform { _ throws(DatabaseError) in
                try loading.load(rows, into: table, columns: columns)
            }
        }
        var count = 0
        var batch: [SQLValue] = []
        let limit = max(1, Self.mostBindings / max(1, columns.count)) * columns.count
        for row in rows {
            precondition(row.count == columns.count, "A row has a value for each column")
            batch += row
            count += 1
            if batch.count == limit { try insert(&batch, into: table, columns: columns) }
        }
        if !batch.isEmpty { try insert(&batch, into: table, columns: columns) }
        return count
    }

    private func insert(
        _ batch: inout [SQLValue], into table: String, columns: [String]
    ) throws(DatabaseError) {
        let text = dialect.insertion(
            into: table, columns: columns, rowCount: batch.count / columns.count)
        _ = try run(Statement(text, batch))
        batch.removeAll(keepingCapacity: true)
    }

    /// More values than that make a statement no faster.
    private static let mostBindings = 500
}

// MARK: - Savepoints

/// For a body that is itself driven by a machine, and cannot nest closures. Every savepoint that begins is
/// released or undone, the innermost first.
///
/// A savepoint costs nothing until a statement runs inside it: of the steps of an execution most write
/// nothing, and twelve of eighteen statements were savepoints around them.
extension Transaction {
    package func beginSavepoint() {
        savepoints += 1
    }

    /// Whether the innermost savepoint holds nothing yet.
    package var isSavepointEmpty: Bool { openSavepoints < savepoints }

    /// What happened since the innermost savepoint began becomes part of what is around it.
    package func releaseSavepoint() throws(DatabaseError) {
        if let failure { throw failure }
        let name = savepointName(savepoints)
        if openSavepoints == savepoints {
            _ = try run(Statement(dialect.release(name)))
            openSavepoints -= 1
        }
        savepoints -= 1
    }

    /// What happened since the innermost savepoint began did not, and the transaction is sound again. An
    /// interruption is for the whole transaction; anything else ends with the savepoint it happened in.
    package func undoSavepoint() throws(DatabaseError) {
        let name = savepointName(savepoints)
        let isEmpty = isSavepointEmpty
        savepoints -= 1
        if let reason = interruption.reason { throw reason.error }
        guard !isEmpty else {
            if let failure { throw failure }
            return
        }
        openSavepoints -= 1
        let original = failure
        failure = nil
        do {
            _ = try perform(Statement(dialect.rollbackTo(name)))
            _ = try perform(Statement(dialect.release(name)))
        } catch {
            // The database has no transaction any more: what ended it says more than this.
            throw spoil(original ?? error)
        }
    }

    private func savepointName(_ depth: Int) -> String { "savepoint_\(depth)" }
}
