internal import SQL

/// One run of a transaction on a connection, from BEGIN to COMMIT or ROLLBACK.
struct TransactionUse: Sendable {
    let dialect: any Dialect
    let begin: String
    let interruption: Interruption
    var activity = Activity("transaction")

    /// Runs on the connection's thread.
    func run<Value>(
        on connection: any DatabaseConnection, _ body: (Transaction) throws -> Value
    ) throws -> Value {
        let transaction = Transaction(
            connection: connection, dialect: dialect, interruption: interruption, activity: activity)
        // A body that throws has no use for it any more, either.
        defer { transaction.end() }
        try transaction.begin(begin)
        let value: Value
        do {
            value = try body(transaction)
            try transaction.finish()
            // From here on nothing interrupts: an interrupted COMMIT would leave its outcome open.
            if let reason = interruption.finish() { throw reason.error }
            try commit(connection)
        } catch {
            rollBack(connection)
            throw error
        }
        return value
    }

    private func commit(_ connection: any DatabaseConnection) throws(DatabaseError) {
        do {
            try connection.execute(Statement(dialect.commit))
        } catch  where error.code == .connectionLost {
            throw DatabaseError(
                .unknownCommit,
                "The connection broke during COMMIT; the transaction may or may not have happened",
                driverCode: error.driverCode)
        }
    }

    private func rollBack(_ connection: any DatabaseConnection) {
        if interruption.finish() != nil { connection.absorbInterrupt() }
        do {
            try connection.execute(Statement(dialect.rollback))
        } catch {
            // Either the database has rolled back by itself already, or the connection is broken, which
            // rolls back too. In doubt the connection calls itself unusable and the pool closes it; the
            // caller gets the error that led here.
        }
    }
}
