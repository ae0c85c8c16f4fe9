internal import CPostgres
internal import Database
internal import SQL

/// One connection to a PostgreSQL server. Confined to one thread, except for its interrupt.
///
/// It is always in libpq's pipeline mode: a call sends what waits, its own statements, and what prepares
/// them, in one go, and then reads all results.
final class PostgresConnection: DatabaseConnection {
    let handle: PostgresHandle
    private let configuration: PostgresConfiguration
    var prepared: PreparedStatements
    var parameters = ParameterBuffer()
    private var waiting = WaitingStatements()

    /// - Parameter signal: stops what the connection does.
    init(
        _ configuration: PostgresConfiguration, signal: WakeSignal = WakeSignal()
    ) throws(DatabaseError) {
        self.configuration = configuration
        handle = try PostgresHandle(configuration, signal)
        prepared = PreparedStatements(limit: configuration.statementCacheSize)
        PQenterPipelineMode(handle.pointer)
    }

    deinit {
        close()
    }

    var isUsable: Bool {
        waiting.isEmpty && !handle.isBroken && PQtransactionStatus(handle.pointer) == PQTRANS_IDLE
    }

    var interrupt: @Sendable () -> Void {
        let signal = handle.signal
        return { signal.raise() }
    }

    func absorbInterrupt() {
        handle.signal.lower()
    }

    func close() {
        handle.close()
    }

    /// Whether statements are prepared by name.
    var preparesStatements: Bool { configuration.usesPreparedStatements }

    @discardableResult
    func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        try requireOpen(statement)
        switch StatementKind(statement) {
        case .query, .other:
            return try run([statement])
        case .begin:
            waiting.begin(statement, settings: configuration.settingStatements)
        case .savepoint:
            waiting.mark(statement)
        case .release where !waiting.hasWork:
            waiting.mark(statement)
        case .release:
            // An error of what was enqueued belongs inside the savepoint.
            return try run([statement])
        case .rollbackTo:
            waiting.undo(to: statement)
            return try run([statement])
        case .commit:
            return try commit(statement)
        case .rollback:
            let hasBegun = !waiting.beginsTransaction
            waiting.removeAll()
            if hasBegun { return try run([statement]) }
        }
        return ResultSet(affectedRows: 0)
    }

    private func commit(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        guard waiting.hasWork else {
            // Nothing happened in the transaction, or in the savepoints that have not begun.
            let hasBegun = !waiting.beginsTransaction
            waiting.removeAll()
            return hasBegun ? try run([statement]) : ResultSet(affectedRows: 0)
        }
        return try run([statement])
    }

    func requireOpen(_ statement: Statement) throws(DatabaseError) {
        guard handle.isOpen else {
            throw DatabaseError(.closed, "The connection is closed", statement: statement.text)
        }
    }

    /// Sends what waits and these statements, and returns the last one's result.
    private func run(_ statements: [Statement]) throws(DatabaseError) -> ResultSet {
        try runAll(statements).last ?? ResultSet(affectedRows: 0)
    }

    private func runAll(_ statements: [Statement]) throws(DatabaseError) -> [ResultSet] {
        let first = statements.first
        if handle.signal.isRaised { throw interrupted(first?.text) }
        let batch = Batch(waiting.statements + statements)
        let isAlone = batch.statements.count == 1
        // What fails here was not sent: what waits goes on waiting.
        try batch.check(self)
        waiting.removeAll()
        do {
            try batch.send(self)
            try batch.receive(self)
        } catch  where batch.isStale && isAlone && isUsable {
            // Prepared before a change of the schema; outside of a transaction it can be prepared anew.
            let second = Batch(statements)
            try second.check(self)
            try second.send(self)
            try second.receive(self)
            return second.results
        }
        return batch.results.suffix(statements.count)
    }

    /// The interrupt has done its work with the statement that it stops.
    func interrupted(_ text: String?) -> DatabaseError {
        handle.signal.lower()
        return DatabaseError(
            .cancelled, "The statement was interrupted", driverCode: "57014", statement: text)
    }

    /// Sends what waits.
    func sendWaiting() throws(DatabaseError) {
        if !waiting.isEmpty { _ = try run([]) }
    }
}

extension PostgresConnection: PipeliningConnection {
    func execute(_ statements: [Statement]) throws(DatabaseError) -> [ResultSet] {
        guard let first = statements.first else { return [] }
        try requireOpen(first)
        return try runAll(statements)
    }

    func enqueue(_ statement: Statement) throws(DatabaseError) {
        try requireOpen(statement)
        // Outside of a transaction there is nothing that it could wait for.
        guard waiting.beginsTransaction || PQtransactionStatus(handle.pointer) != PQTRANS_IDLE else {
            _ = try run([statement])
            return
        }
        waiting.add(statement)
        if waiting.statements.count >= WaitingStatements.bound { try sendWaiting() }
    }
}
