internal import Effects
internal import Logging

/// The connections to one database for one purpose, lent to one caller at a time. `PoolStateMachine`
/// decides; this actor carries out.
package actor ConnectionPool {
    private let driver: any DatabaseDriver
    private let purpose: ConnectionPurpose
    private let configuration: PoolConfiguration
    private let effects: Effects
    private let logger: Logger
    private var machine: PoolStateMachine
    private var connections: [PoolStateMachine.ConnectionID: Connection] = [:]
    private var sessions: [PoolStateMachine.ConnectionID: Int] = [:]
    private var waiters: [PoolStateMachine.WaiterID: Waiter] = [:]
    private var uses: [PoolStateMachine.ConnectionID: Use] = [:]
    private var closers: [CheckedContinuation<Void, Never>] = []
    private var timer: Task<Void, Never>?
    private var lastWaiter = 0
    private var isFinished = false

    private struct Waiter {
        let continuation: CheckedContinuation<Lease, any Error>
        let activity: Activity
        let interruption: Interruption
        let since: Duration
    }

    /// What is done with a leased connection.
    private struct Use {
        let activity: Activity
        let interruption: Interruption
        let since: Duration
    }

    private struct Lease: Sendable {
        let id: PoolStateMachine.ConnectionID
        let connection: Connection
    }

    init(
        driver: any DatabaseDriver, purpose: ConnectionPurpose, configuration: PoolConfiguration,
        effects: Effects,
        logger: Logger
    ) {
        self.driver = driver
        self.purpose = purpose
        self.configuration = configuration
        self.effects = effects
        self.logger = logger
        machine = PoolStateMachine(configuration)
    }

    /// How the pool is used at this moment.
    package var statistics: PoolStateMachine.Statistics { machine.statistics }

    /// Who holds its connections at this moment, and who waits.
    func snapshot(named name: String) -> PoolSnapshot {
        let now = effects.time.uptime()
        let holders = uses.map { id, use in
            PoolSnapshot.Holder(
                connection: id.number, session: sessions[id], work: PoolSnapshot.Work(use.activity),
                held: now - use.since)
        }
        let waiting = waiters.sorted { $0.key.number < $1.key.number }.map { _, waiter in
            PoolSnapshot.Waiter(work: PoolSnapshot.Work(waiter.activity), waited: now - waiter.since)
        }
        return PoolSnapshot(
            name: name, statistics: machine.statistics, limit: configuration.maxConnections,
            holders: holders.sorted { $0.held > $1.held }, waiters: waiting)
    }

    /// Runs the body on a connection, after waiting for one until the deadline or the acquire timeout.
    ///
    /// - Parameters:
    ///   - goesFirst: whether it is served before the callers that wait already.
    ///   - activity: what it is about, for those who watch.
    func run<Result: Sendable>(
        until deadline: Duration?, goesFirst: Bool = false, _ activity: Activity,
        _ interruption: Interruption, _ body: @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        let lease = try await acquire(
            until: deadline, goesFirst: goesFirst, activity, interruption)
        let outcome = await lease.connection.run(interruption, body)
        uses[lease.id] = nil
        handle(.release(lease.id, isUsable: outcome.isUsable))
        return try outcome.result.get()
    }

    /// Fails whoever waits and whoever comes; the connections stay open until `close`.
    func refuse() {
        handle(.refuse)
    }

    /// Fails whoever waits, lets the others finish, and closes every connection. The pool is not used again.
    func close() async {
        handle(.shutDown)
        guard !isFinished else { return }
        await withCheckedContinuation { closers.append($0) }
    }

    private func acquire(
        until deadline: Duration?, goesFirst: Bool, _ activity: Activity, _ interruption: Interruption
    ) async throws -> Lease {
        let limit = effects.time.uptime() + configuration.acquireTimeout
        lastWaiter += 1
        let waiter = PoolStateMachine.WaiterID(number: lastWaiter)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A cancellation from before is seen here; a later one finds the waiter in the machine.
                guard !Task.isCancelled else {
                    continuation.resume(throwing: Interruption.Reason.cancelled.error)
                    return
                }
                waiters[waiter] = Waiter(
                    continuation: continuation, activity: activity, interruption: interruption,
                    since: effects.time.uptime())
                let end = deadline.map { min($0, limit) } ?? limit
                handle(
                    goesFirst ? .acquireFirst(waiter, deadline: end) : .acquire(waiter, deadline: end))
            }
        } onCancel: {
            // The handler is synchronous and may run on any thread, so the message to the actor needs a task.
            Task { await self.cancel(waiter) }
        }
    }

    private func cancel(_ waiter: PoolStateMachine.WaiterID) {
        guard let cancelled = waiters.removeValue(forKey: waiter) else { return }
        handle(.cancel(waiter))
        cancelled.continuation.resume(throwing: Interruption.Reason.cancelled.error)
    }

    private func handle(_ event: PoolStateMachine.Event) {
        for action in machine.handle(event, now: effects.time.uptime()) { perform(action) }
    }

    /// The tasks made here are awaited: each ends with an event, and `close` waits for the machine to have
    /// them all.
    private func perform(_ action: PoolStateMachine.Action) {
        switch action {
        case .open(let id):
            Task { await open(id) }
        case .validate(let id):
            Task { await validate(id) }
        case .close(let id):
            Task { await close(id) }
        case .grant(let waiter, let id):
            guard let connection = connections[id], let waiter = waiters.removeValue(forKey: waiter) else {
                preconditionFailure("Only an open connection is granted, and only to a caller that waits")
            }
            uses[id] = Use(
                activity: waiter.activity, interruption: waiter.interruption, since: effects.time.uptime())
            waiter.continuation.resume(returning: Lease(id: id, connection: connection))
        case .warn(let id):
            warn(id)
        case .takeBack(let id):
            uses[id]?.interruption.interrupt(.overdue)
        case .fail(let waiter, let error):
            waiters.removeValue(forKey: waiter)?.continuation.resume(throwing: explained(error))
        case .wake(let time):
            setTimer(time)
        case .finish:
            finish()
        }
    }

    private func warn(_ id: PoolStateMachine.ConnectionID) {
        guard let use = uses[id] else { return }
        logger.warning(
            "A connection has been held for most of a lease",
            metadata: [
                "holder": "\(use.activity)", "held": "\(effects.time.uptime() - use.since)",
                "lease": "\(configuration.maxLease ?? .zero)",
            ])
    }

    /// What a caller learns that got no connection: who has held one for longest.
    private func explained(_ error: DatabaseError) -> DatabaseError {
        guard error.code == .poolTimeout, let use = uses.values.min(by: { $0.since < $1.since }) else {
            return error
        }
        var error = error
        let held = (effects.time.uptime() - use.since).rounded
        error.message += "; held longest, for \(held): \(use.activity)"
        return error
    }

    private func open(_ id: PoolStateMachine.ConnectionID) async {
        let connection = Connection(
            driver: driver, purpose: purpose, name: "database-\(id.number)",
            stackSizeBytes: configuration.stackSizeBytes)
        do {
            sessions[id] = try await connection.open()
            connections[id] = connection
            handle(.opened(id, jitter: effects.random.unit()))
        } catch {
            connection.stop()
            // The caller that waits for it is told why.
            logger.info("Cannot open a connection", metadata: ["error": "\(error)"])
            handle(.openFailed(id, error))
        }
    }

    private func validate(_ id: PoolStateMachine.ConnectionID) async {
        guard let connection = connections[id] else {
            preconditionFailure("Only an open connection is tested")
        }
        let isUsable = await connection.isAlive(within: configuration.validationTimeout, effects.time)
        if !isUsable { logger.info("An idle connection is broken and will be replaced") }
        handle(.validated(id, isUsable: isUsable))
    }

    private func close(_ id: PoolStateMachine.ConnectionID) async {
        guard let connection = connections.removeValue(forKey: id) else {
            preconditionFailure("A connection is closed once")
        }
        sessions[id] = nil
        await connection.close()
        connection.stop()
        handle(.closed(id))
    }

    private func setTimer(_ time: Duration) {
        timer?.cancel()
        timer = Task { [effects] in
            do {
                try await effects.time.sleep(for: max(.zero, time - effects.time.uptime()))
            } catch {
                // Cancelled: another timer has taken this one's place, or the pool is finished.
                return
            }
            // Cancelled between waking and here: the machine would take the tick for the new timer's.
            if !Task.isCancelled { tick() }
        }
    }

    private func tick() {
        timer = nil
        handle(.tick)
    }

    private func finish() {
        isFinished = true
        timer?.cancel()
        timer = nil
        for closer in closers { closer.resume() }
        closers = []
    }
}

extension Duration {
    /// In milliseconds, which is exact enough for people.
    fileprivate var rounded: Duration {
        let (seconds, attoseconds) = components
        return .milliseconds(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
