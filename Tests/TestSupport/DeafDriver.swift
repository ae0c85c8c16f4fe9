package import Database
package import SQL
internal import Synchronization

/// A database whose answers to some commits get lost: what was committed is there, and nobody knows.
package final class DeafDriver: DatabaseDriver {
    private let base: any DatabaseDriver
    private let losses: Mutex<[@Sendable (String) -> Bool]> = Mutex([])

    package init(_ base: any DatabaseDriver) {
        self.base = base
    }

    package var dialect: any Dialect { base.dialect }

    /// The answer to the next commit of a transaction with such a statement is lost, once.
    package func loseCommit(where isWanted: @escaping @Sendable (String) -> Bool) {
        losses.withLock { $0.append(isWanted) }
    }

    /// How many answers are still to be lost.
    package var pending: Int { losses.withLock { $0.count } }

    package func connect(for purpose: ConnectionPurpose) throws(DatabaseError) -> any DatabaseConnection {
        DeafConnection(try base.connect(for: purpose), driver: self)
    }

    /// Whether the answer to this transaction's commit is lost.
    fileprivate func loses(_ statements: [String]) -> Bool {
        losses.withLock { losses in
            guard let index = losses.firstIndex(where: { statements.contains(where: $0) }) else {
                return false
            }
            losses.remove(at: index)
            return true
        }
    }
}

private final class DeafConnection: DatabaseConnection {
    private let base: any DatabaseConnection
    private let driver: DeafDriver
    private var statements: [String] = []
    private var isLost = false

    init(_ base: any DatabaseConnection, driver: DeafDriver) {
        self.base = base
        self.driver = driver
    }

    var isUsable: Bool { !isLost && base.isUsable }
    var interrupt: @Sendable () -> Void { base.interrupt }

    func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        if isLost { throw DatabaseError(.connectionLost, "The connection is lost") }
        statements.append(statement.text)
        let result = try base.execute(statement)
        if statement.text == driver.dialect.commit || statement.text == driver.dialect.rollback {
            let isDeaf = statement.text == driver.dialect.commit && driver.loses(statements)
            statements = []
            if isDeaf {
                isLost = true
                throw DatabaseError(.connectionLost, "The answer got lost")
            }
        }
        return result
    }

    func absorbInterrupt() { base.absorbInterrupt() }
    func close() { base.close() }
}
