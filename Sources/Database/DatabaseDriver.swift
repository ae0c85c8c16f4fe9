package import SQL

/// One kind of database: how to reach it and how it speaks.
package protocol DatabaseDriver: Sendable {
    var dialect: any Dialect { get }
    /// Opens a connection. Blocks; called on the thread on which the connection will be used.
    func connect(for purpose: ConnectionPurpose) throws(DatabaseError) -> any DatabaseConnection
}

/// What a connection will be used for.
package enum ConnectionPurpose: Sendable {
    case writing
    /// The connection refuses statements that write.
    case reading
}

/// An open connection, used by one thread from its opening to its close, which is why it is not `Sendable`.
package protocol DatabaseConnection: AnyObject {
    /// Runs one statement to its end. Blocks.
    @discardableResult
    func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet
    /// Whether the connection can be lent again: it is not broken and not inside a transaction.
    var isUsable: Bool { get }
    /// Stops the running statement, or the next one when none runs: it fails with `cancelled`. Any thread
    /// may call it, also after the connection was closed.
    var interrupt: @Sendable () -> Void { get }
    /// Forgets an interrupt that came too late to stop a statement, so that it does not hit the next user's.
    func absorbInterrupt()
    /// Gives back what the connection holds. It is not used again.
    func close()
}

/// A connection that can send several statements before it waits for the first one's result.
package protocol PipeliningConnection: DatabaseConnection {
    /// Runs all statements in one round trip and returns their results in order. The first error ends them:
    /// those behind it are not run. Blocks.
    func execute(_ statements: [Statement]) throws(DatabaseError) -> [ResultSet]
    /// Runs a statement whose result nobody needs with the next one whose result somebody waits for, before
    /// it; an error of it is that call's. Blocks only when many wait.
    func enqueue(_ statement: Statement) throws(DatabaseError)
}

/// A connection with a faster way for many rows than statements.
package protocol BulkLoadingConnection: DatabaseConnection {
    /// Adds the rows, each with a value for each column, and returns how many there were. Blocks.
    func load(
        _ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]
    ) throws(DatabaseError) -> Int
}
