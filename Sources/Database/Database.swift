package import Effects
package import Logging
package import SQL
internal import Synchronization

/// A database as the rest of the program sees it: transactions, and nothing that can be left open.
///
/// A transaction's body is a synchronous closure that runs on a connection's own thread: one hop however many
/// statements. It may run again, so nothing in it has an effect but its statements.
package final class Database: Sendable {
    package let dialect: any Dialect
    private let writers: ConnectionPool
    private let readers: ConnectionPool
    private let control: ConnectionPool
    private let replicas: ReplicaSet?
    private let retry: RetryPolicy
    private let effects: Effects
    private let logger: Logger
    private let wasReached = Atomic(false)
    private let lostTurns = Atomic(0)

    /// Who a transaction competes with for a connection.
    package enum Lane: Sendable {
        /// With all others.
        case work
        /// With nothing but its like: for heartbeats and what else keeps a worker alive, which must not wait
        /// behind the work.
        case control
    }

    /// Opens nothing yet: the first transaction does.
    ///
    /// A database with a single writer gets one connection for writing. Our writers then queue for that
    /// connection in the order in which they come, instead of taking turns in sleeping on the database's
    /// lock; control goes to the head of the queue. Any other database gets a connection for control beside
    /// the pool's number, which stays open, and the same session, until it breaks.
    ///
    /// - Parameter replicas: servers with copies, for a dialect that can tell how old they are.
    package init(
        driver: any DatabaseDriver, pool: PoolConfiguration, replicas: ReplicaConfiguration? = nil,
        transactionRetry: RetryPolicy, effects: Effects, logger: Logger
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
            let work = makePool(.writing, pool)
            writers = work
            readers = work
            control = makePool(.writing, .control(like: pool))
            self.replicas = replicas.map { replicas in
                guard let statements = driver.dialect.replication else {
                    preconditionFailure("Only a database that can have replicas is given some")
                }
                return ReplicaSet(
                    replicas, statements: statements, primary: work, effects: effects, logger: logger)
            }
            return
        }
        precondition(replicas == nil, "Only a database that can have replicas is given some")
        self.replicas = nil
        var lane = pool
        lane.minConnections = min(1, pool.minConnections)
        lane.maxConnections = 1
        var rest = pool
        rest.minConnections = max(0, pool.minConnections - 1)
        rest.maxConnections = max(1, pool.maxConnections - 1)
        writers = makePool(.writing, lane)
        readers = makePool(.reading, rest)
        control = writers
    }

    /// How often a transaction was run again because it met another.
    package var conflicts: Int { lostTurns.load(ordering: .relaxed) }

    /// Runs the body in a transaction and commits it. When the body throws, the transaction is rolled back.
    ///
    /// What may succeed when it is run again (`DatabaseError.isRetryable`) is, from the beginning, as the
    /// policy says. A cancelled task interrupts the running statement and gets `cancelled`.
    ///
    /// - Parameters:
    ///   - lane: who it competes with for a connection.
    ///   - label: what those who watch the connections see; a word or two.
    ///   - timeout: for everything together: waiting for a connection, retries, commit.
    ///   - retry: in place of this database's own policy.
    package func transaction<Value: Sendable>(
        _ isolation: IsolationLevel = .serializable, lane: Lane = .work, label: String = "transaction",
        timeout: Duration? = nil, retry: RetryPolicy? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await run(
            Request(
                pool: lane == .control ? control : writers, goesFirst: lane == .control, label: label,
                begin: dialect.begin(isolation, readOnly: false), retry: retry ?? self.retry),
            deadline: timeout.map { effects.time.uptime() + $0 }, body)
    }

    /// How old the state may be that a read sees.
    package enum Freshness: Sendable {
        /// What is committed: the only thing that may decide a write.
        case current
        /// What a replica shows, within the bound of its configuration: for people who look.
        case recent
    }

    /// Runs the body in a read-only transaction: all its statements see the same state.
    ///
    /// - Parameters:
    ///   - freshness: `recent` lets a replica answer, where there are some. A body that a replica fails runs
    ///     again on the primary, if the configuration lets it.
    ///   - label: what those who watch the connections see; a word or two.
    package func read<Value: Sendable>(
        _ freshness: Freshness = .current, label: String = "read", timeout: Duration? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let deadline = timeout.map { effects.time.uptime() + $0 }
        if freshness == .recent, let replicas, let choice = try await replicas.choose() {
            do {
                let request = Request(
                    pool: choice.pool, isReplica: true, label: label, begin: beginReading, retry: .never)
                return try await run(request, deadline: deadline, body)
            } catch let error as DatabaseError where error.isForAnotherServer {
                if error.isOfConnection { await replicas.failed(choice, error) }
                guard replicas.failsOver else { throw error }
            }
        }
        return try await run(
            Request(pool: readers, label: label, begin: beginReading, retry: retry), deadline: deadline, body)
    }

    private var beginReading: String { dialect.begin(.repeatableRead, readOnly: true) }

    /// Waits for running transactions, fails those that have not begun, and closes all connections.
    package func close() async {
        // No transaction begins while the readers finish.
        await writers.refuse()
        await control.refuse()
        await replicas?.refuse()
        // Readers first, and one after the other: on SQLite the last connection to close tidies up, and it
        // should be one that can write.
        await replicas?.close()
        await readers.close()
        if readers !== writers { await writers.close() }
        if control !== writers { await control.close() }
    }

    /// What is known of the replicas, by name and in their order.
    package var replicaHealth: [(name: String, health: ReplicaRouter.Health)] {
        get async { await replicas?.health ?? [] }
    }

    /// Every pool at this moment, those without connections left out.
    package var snapshot: [PoolSnapshot] {
        get async {
            var snapshots = [await writers.snapshot(named: readers === writers ? "work" : "write")]
            if readers !== writers { snapshots.append(await readers.snapshot(named: "read")) }
            if control !== writers { snapshots.append(await control.snapshot(named: "control")) }
            if let replicas { snapshots += await replicas.snapshot }
            return snapshots.filter { $0.statistics.total > 0 || $0.statistics.waiting > 0 }
        }
    }

    /// How the connections for writing and for reading are used at this moment.
    package var statistics: (writers: PoolStateMachine.Statistics, readers: PoolStateMachine.Statistics) {
        get async { (await writers.statistics, await readers.statistics) }
    }

    /// Where and how a transaction is to run.
    private struct Request: Sendable {
        let pool: ConnectionPool
        var goesFirst = false
        var isReplica = false
        let label: String
        let begin: String
        let retry: RetryPolicy
    }

    private func run<Value: Sendable>(
        _ request: Request, deadline: Duration?,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        var retries = 0
        while true {
            do {
                let value = try await attempt(request, deadline: deadline, body)
                if !request.isReplica { wasReached.store(true, ordering: .relaxed) }
                return value
            } catch let error as DatabaseError
                where isRetryable(error) && retries < request.retry.maxRetries
            {
                retries += 1
                if error.code == .serializationFailure || error.code == .deadlock {
                    lostTurns.add(1, ordering: .relaxed)
                }
                let delay = request.retry.delay(beforeRetry: retries, random: effects.random)
                try await pause(delay, beforeRetry: retries, after: error, deadline: deadline)
            }
        }
    }

    /// A database that was reached and cannot be reached now is on its way to another server, or restarts.
    private func isRetryable(_ error: DatabaseError) -> Bool {
        error.isRetryable || error.code == .cannotConnect && wasReached.load(ordering: .relaxed)
    }

    private func attempt<Value: Sendable>(
        _ request: Request, deadline: Duration?,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        let activity = Activity(request.label)
        let use = TransactionUse(
            dialect: dialect, begin: request.begin, interruption: interruption, activity: activity)
        func run() async -> Result<Value, any Error> {
            do {
                let value = try await withTaskCancellationHandler {
                    try await request.pool.run(
                        until: deadline, goesFirst: request.goesFirst, activity, interruption
                    ) { try use.run(on: $0, body) }
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
