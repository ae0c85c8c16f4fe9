package import Database
package import SQL
internal import Synchronization

/// A database whose answers to some commits get lost: what was committed is there, and nobody knows.
package final class DeafDriver: DatabaseDriver {
    private let base: any DatabaseDriver
    private let losses: Mutex<[Loss]> = Mutex([])

    private struct Loss: Sendable {
        let happens: Bool
        let isWanted: @Sendable (String) -> Bool
    }

    package init(_ base: any DatabaseDriver) {
        self.base = base
    }

    package var dialect: any Dialect { base.dialect }

    /// The answer to the next commit of a transaction with such a statement is lost, once.
    ///
    /// - Parameter instead: whether the commit itself is lost on its way.
    package func loseCommit(instead: Bool = false, where isWanted: @escaping @Sendable (String) -> Bool) {
        losses.withLock { $0.append(Loss(happens: !instead, isWanted: isWanted)) }
    }

    /// How many answers are still to be lost.
    package var pending: Int { losses.withLock { $0.count } }

    package func connect(for purpose: ConnectionPurpose) throws(DatabaseError) -> any DatabaseConnection {
        DeafConnection(try base.connect(for: purpose), driver: self)
    }

    /// Whether the commit of this transaction happens although its answer is lost; nil where nothing is.
    fileprivate func loss(of statements: [String]) -> Bool? {
        losses.withLock { losses in
            let index = losses.firstIndex { statements.contains(where: $0.isWanted) }
            return index.map { losses.remove(at: $0).happens }
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
        let isCommit = statement.text == driver.dialect.commit
        if isCommit, let happens = driver.loss(of: statements) {
            isLost = true
            try base.execute(happens ? statement : Statement(driver.dialect.rollback))
            throw DatabaseError(.connectionLost, "The answer got lost")
        }
        if isCommit || statement.text == driver.dialect.rollback { statements = [] }
        return try base.execute(statement)
    }

    func absorbInterrupt() { base.absorbInterrupt() }
    func close() { base.close() }
}
