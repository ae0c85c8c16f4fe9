package import Database
package import SQL
internal import Synchronization

/// A database that does what a test says: closures answer for connecting and for every statement.
package final class ScriptedDriver: DatabaseDriver {
    package let dialect: any Dialect
    private let onConnect: @Sendable () throws(DatabaseError) -> Void
    private let onExecute: @Sendable (Statement) throws(DatabaseError) -> ResultSet
    private let onInterrupt: @Sendable () -> Void
    private let counts = Mutex(Counts())

    /// What has happened so far.
    package struct Counts: Sendable {
        package var opened = 0
        package var closed = 0
        package var interrupts = 0
        package var statements: [String] = []
    }

    package init(
        dialect: any Dialect = MultiWriterDialect(),
        onConnect: @escaping @Sendable () throws(DatabaseError) -> Void = {},
        onExecute: @escaping @Sendable (Statement) throws(DatabaseError) -> ResultSet = { _ in
            ResultSet(affectedRows: 0)
        },
        onInterrupt: @escaping @Sendable () -> Void = {}
    ) {
        self.dialect = dialect
        self.onConnect = onConnect
        self.onExecute = onExecute
        self.onInterrupt = onInterrupt
    }

    package var history: Counts { counts.withLock { $0 } }

    package func connect(for purpose: ConnectionPurpose) throws(DatabaseError) -> any DatabaseConnection {
        try onConnect()
        counts.withLock { $0.opened += 1 }
        return ScriptedConnection(driver: self)
    }

    fileprivate func record(_ change: (inout Counts) -> Void) {
        counts.withLock { change(&$0) }
    }

    fileprivate func interrupt() {
        record { $0.interrupts += 1 }
        onInterrupt()
    }

    fileprivate func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        record { $0.statements.append(statement.text) }
        return try onExecute(statement)
    }
}

/// A connection of a `ScriptedDriver`. It breaks when a statement answers with `connectionLost`.
private final class ScriptedConnection: DatabaseConnection {
    private let driver: ScriptedDriver
    private(set) var isUsable = true

    init(driver: ScriptedDriver) {
        self.driver = driver
    }

    var interrupt: @Sendable () -> Void {
        { [driver] in driver.interrupt() }
    }

    func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        do {
            return try driver.execute(statement)
        } catch {
            if error.code == .connectionLost { isUsable = false }
            throw error
        }
    }

    func absorbInterrupt() {}

    func close() {
        driver.record { $0.closed += 1 }
    }
}

/// SQLite's words without its single writer, for tests of the pool.
package struct MultiWriterDialect: Dialect {
    private let words = SQLiteDialect()
    package let name = "scripted"
    package let hasTransactionalDDL = true
    package let hasSingleWriter = false
    package let replication: ReplicationStatements? = ReplicationStatements(
        primaryPosition: "position", replicaReport: "report")

    package let sessionsReport: String? = nil

    package init() {}

    package func quote(identifier: String) -> String { words.quote(identifier: identifier) }
    package func begin(_ isolation: IsolationLevel, readOnly: Bool) -> String {
        words.begin(isolation, readOnly: readOnly)
    }
    package func lockSchema(_ number: Int64) -> [String] { words.lockSchema(number) }
    package func columnType(_ type: ColumnType) -> String { words.columnType(type) }
    package func rewrite(_ portable: String) throws(PortabilityError) -> String { portable }
}
