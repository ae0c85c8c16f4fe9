package import Effects
package import Logging
package import SQL

/// A database as the rest of the program sees it: transactions, and nothing that can be left open.
///
/// A transaction's body is a synchronous closure that runs on a connection's own thread: one hop however many
/// statements. It may run again, so nothing in it has an effect but its statements.
package final class Database: Sendable {
    package let dialect: any Dialect
    private let writers: ConnectionPool
    private let readers: ConnectionPool
    private let retry: RetryPolicy
    private let effects: Effects
    private let logger: Logger

    /// Opens nothing yet: the first transaction does.
    ///
    /// A database with a single writer gets one connection for writing. Our writers then queue for that
    /// connection in the order in which they come, instead of taking turns in sleeping on the database's
    /// lock.
    package init(
        driver: any DatabaseDriver, pool: PoolConfiguration, transactionRetry: RetryPolicy, effects: Effects,
        logger: Logger
    ) {
        dialect = driver.dialect
        retry = transactionRetry
        self.effects = effects
        self.logger = logger
        func makePool(_ purpose: ConnectionPurpose, _ configuration: PoolConfiguration) -> ConnectionPool {
            ConnectionPool(
                driver: driver, purpose: purpose, configuration: configuration, effects: effects,
                logger: logger)
        }
        guard driver.dialect.hasSingleWriter else {
            writers = makePool(.writing, pool)
            readers = writers
            return
        }
        var lane = pool
        lane.minConnections = min(1, pool.minConnections)
        lane.maxConnections = 1
        var rest = pool
        rest.minConnections = max(0, pool.minConnections - 1)
        rest.maxConnections = max(1, pool.maxConnections - 1)
        writers = makePool(.writing, lane)
        readers = makePool(.reading, rest)
    }

    /// Runs the body in a transaction and commits it. When the body throws, the transaction is rolled back.
    ///
    /// What may succeed when it is run again (`DatabaseError.isRetryable`) is, from the beginning, as the
    /// policy says. A cancelled task interrupts the running statement and gets `cancelled`.
    ///
    /// - Parameters:
    ///   - timeout: for everything together: waiting for a connection, retries, commit.
    ///   - retry: in place of this database's own policy.
    package func transaction<Value: Sendable>(
        _ isolation: IsolationLevel = .serializable, timeout: Duration? = nil, retry: RetryPolicy? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await run(
            on: writers, begin: dialect.begin(isolation, readOnly: false), timeout: timeout,
            retry: retry ?? self.retry, body)
    }

    /// Runs the body in a read-only transaction: all its statements see the same state.
    package func read<Value: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let begin = dialect.begin(.repeatableRead, readOnly: true)
        return try await run(on: readers, begin: begin, timeout: timeout, retry: retry, body)
    }

    /// Waits for running transactions, fails those that have not begun, and closes all connections.
    package func close() async {
        // No transaction begins while the readers finish.
        await writers.refuse()
        // Readers first, and one after the other: on SQLite the last connection to close tidies up, and it
        // should be one that can write.
        await readers.close()
        if readers !== writers { await writers.close() }
    }

    /// How the connections for writing and for reading are used at this moment.
    package var statistics: (writers: PoolStateMachine.Statistics, readers: PoolStateMachine.Statistics) {
        get async { (await writers.statistics, await readers.statistics) }
    }

    private func run<Value: Sendable>(
        on pool: ConnectionPool, begin: String, timeout: Duration?, retry: RetryPolicy,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let deadline = timeout.map { effects.time.uptime() + $0 }
        var retries = 0
        while true {
            do {
                return try await attempt(on: pool, begin: begin, deadline: deadline, body)
            } catch let error as DatabaseError where error.isRetryable && retries < retry.maxRetries {
                retries += 1
                let delay = retry.delay(beforeRetry: retries, random: effects.random)
                try await pause(delay, beforeRetry: retries, after: error, deadline: deadline)
            }
        }
    }

    private func attempt<Value: Sendable>(
        on pool: ConnectionPool, begin: String, deadline: Duration?,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        let use = TransactionUse(dialect: dialect, begin: begin, interruption: interruption)
        func run() async -> Result<Value, any Error> {
            do {
                let value = try await withTaskCancellationHandler {
                    try await pool.run(until: deadline, interruption) { try use.run(on: $0, body) }
                } onCancel: {
                    interruption.interrupt(.cancelled)
                }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        guard let deadline else { return try await run().get() }
        let remaining = deadline - effects.time.uptime()
        return try await interruption.withTimeout(remaining, effects.time, run).get()
    }

    private func pause(
        _ delay: Duration, beforeRetry retry: Int, after error: DatabaseError, deadline: Duration?
    ) async throws {
        if let deadline, effects.time.uptime() + delay >= deadline { throw error }
        logger.debug(
            "A transaction is run again",
            metadata: ["retry": "\(retry)", "delay": "\(delay)", "error": "\(error)"])
        do {
            try await effects.time.sleep(for: delay)
        } catch {
            throw Interruption.Reason.cancelled.error
        }
    }
}
