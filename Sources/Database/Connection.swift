internal import Effects
internal import SQL

/// A connection on a thread of its own, where its blocking calls keep nobody waiting.
///
/// It takes synchronous closures, so a transaction is one hop to the thread and back however many
/// statements it has.
package actor Connection {
    private let driver: any DatabaseDriver
    private let purpose: ConnectionPurpose
    private let executor: ThreadExecutor
    private var session: (any DatabaseConnection)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Starts the thread; the database is reached by `open`.
    init(driver: any DatabaseDriver, purpose: ConnectionPurpose, name: String, stackSizeBytes: Int) {
        self.driver = driver
        self.purpose = purpose
        executor = ThreadExecutor(name: name, stackSizeBytes: stackSizeBytes)
    }

    /// Reaches the database. Returns the server's number for the session, where it has one.
    func open() throws(DatabaseError) -> Int? {
        let session = try driver.connect(for: purpose)
        self.session = session
        return (session as? any NumberedConnection)?.sessionNumber
    }

    /// What a use of the connection led to.
    struct Outcome<Value: Sendable>: Sendable {
        let result: Result<Value, any Error>
        /// Whether the connection can be lent again.
        let isUsable: Bool
    }

    /// Runs the body with the open connection; an interruption ends it early, with an error.
    func run<Value: Sendable>(
        _ interruption: Interruption, _ body: @Sendable (any DatabaseConnection) throws -> Value
    ) -> Outcome<Value> {
        guard let session else {
            return Outcome(
                result: .failure(DatabaseError(.closed, "The connection is closed")), isUsable: false)
        }
        let result = Result {
            try interruption.begin(interrupt: session.interrupt)
            return try body(session)
        }
        if interruption.finish() != nil { session.absorbInterrupt() }
        return Outcome(result: result, isUsable: session.isUsable)
    }

    /// Whether the database answers in time.
    func isAlive(within timeout: Duration, _ time: any TimeSource) async -> Bool {
        let interruption = Interruption()
        let outcome = await interruption.withTimeout(timeout, time) {
            run(interruption) { try $0.execute(.probe) }
        }
        guard case .success = outcome.result else { return false }
        return outcome.isUsable
    }

    /// Leaves the database; the thread ends with `stop`.
    func close() {
        session?.close()
        session = nil
    }

    /// Ends the thread, after `close` was awaited, so that the wait is over at once.
    nonisolated func stop() {
        executor.stop()
    }
}
