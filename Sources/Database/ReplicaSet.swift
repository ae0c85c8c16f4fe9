internal import Effects
internal import Logging
internal import SQL

/// The replicas of a database: a pool for each, and the looks that tell which can be read from.
/// `ReplicaRouter` decides; this actor carries out.
actor ReplicaSet {
    /// A replica that a read was sent to.
    struct Choice: Sendable {
        let id: ReplicaRouter.ReplicaID
        let pool: ConnectionPool
    }

    private let configuration: ReplicaConfiguration
    private let statements: ReplicationStatements
    private let primary: ConnectionPool
    private let pools: [ConnectionPool]
    private let effects: Effects
    private let logger: Logger
    private var router: ReplicaRouter
    private var requests: [ReplicaRouter.RequestID: CheckedContinuation<Choice?, any Error>] = [:]
    private var lastRequest = 0
    private var look: Task<Void, Never>?
    private var timer: Task<Void, Never>?

    /// - Parameter primary: where the primary is asked for its position.
    init(
        _ configuration: ReplicaConfiguration, statements: ReplicationStatements, primary: ConnectionPool,
        effects: Effects, logger: Logger
    ) {
        self.configuration = configuration
        self.statements = statements
        self.primary = primary
        self.effects = effects
        self.logger = logger
        router = ReplicaRouter(configuration)
        pools = configuration.servers.map { server in
            ConnectionPool(
                driver: server.driver, purpose: .reading, configuration: server.pool, effects: effects,
                logger: logger)
        }
    }

    /// Whether the primary answers when no replica can.
    nonisolated var failsOver: Bool { configuration.failsOver }

    /// What is known of each replica.
    var health: [(name: String, health: ReplicaRouter.Health)] {
        zip(configuration.servers, router.health).map { ($0.name, $1) }
    }

    /// The pools of the replicas at this moment.
    var snapshot: [PoolSnapshot] {
        get async {
            var snapshots: [PoolSnapshot] = []
            for (server, pool) in zip(configuration.servers, pools) {
                snapshots.append(await pool.snapshot(named: server.name))
            }
            return snapshots
        }
    }

    /// The replica that the next read goes to; nil for the primary. Waits for the first look, and no longer
    /// than a moment.
    func choose() async throws -> Choice? {
        lastRequest += 1
        let request = ReplicaRouter.RequestID(number: lastRequest)
        return try await withCheckedThrowingContinuation { continuation in
            requests[request] = continuation
            handle(.request(request))
        }
    }

    /// A read did not get through to a replica.
    func failed(_ choice: Choice, _ error: DatabaseError) {
        logger.warning(
            "A replica failed a read",
            metadata: ["replica": "\(configuration.servers[choice.id.number].name)", "error": "\(error)"])
        handle(.useFailed(choice.id, error))
    }

    /// Fails whoever comes.
    func refuse() async {
        handle(.shutDown)
        for pool in pools { await pool.refuse() }
    }

    /// Waits for running reads and looks, and closes every connection.
    func close() async {
        handle(.shutDown)
        timer?.cancel()
        timer = nil
        for pool in pools { await pool.close() }
        await look?.value
    }

    private func handle(_ event: ReplicaRouter.Event) {
        let before = router.health
        let actions = router.handle(event, now: effects.time.uptime())
        report(before)
        for action in actions { perform(action) }
    }

    private func perform(_ action: ReplicaRouter.Action) {
        switch action {
        case .check:
            // Awaited by 'close'; the router asks for the next look when this one is over.
            look = Task { await check() }
        case .answer(let request, let id):
            requests.removeValue(forKey: request)?.resume(
                returning: id.map { Choice(id: $0, pool: pools[$0.number]) })
        case .fail(let request, let error):
            requests.removeValue(forKey: request)?.resume(throwing: error)
        case .wake(let time):
            setTimer(time)
        }
    }

    /// What has changed, in the log.
    private func report(_ before: [ReplicaRouter.Health]) {
        for (index, (old, new)) in zip(before, router.health).enumerated() where !new.isLike(old) {
            logger.info(
                "A replica's state has changed",
                metadata: [
                    "replica": "\(configuration.servers[index].name)", "state": "\(new.words)",
                ])
        }
    }

    private func setTimer(_ time: Duration) {
        timer?.cancel()
        timer = Task { [effects] in
            do {
                try await effects.time.sleep(for: max(.zero, time - effects.time.uptime()))
            } catch {
                // Cancelled: another timer has taken this one's place, or all is closed.
                return
            }
            if !Task.isCancelled { handle(.tick) }
        }
    }
}

// MARK: - Looking

extension ReplicaSet {
    private func check() async {
        let asked = effects.time.uptime()
        do {
            let answer = try await ask(primary, statements.primaryPosition)
            if let position = try answer.first?.optionalInt(0) {
                handle(.primaryAt(Int64(position), at: asked))
            }
        } catch {
            // The primary's own users learn that it is gone; the replicas are judged by what is known.
            logger.debug("The primary does not tell its position", metadata: ["error": "\(error)"])
        }
        await withTaskGroup(of: Void.self) { group in
            for number in pools.indices {
                group.addTask { await self.check(ReplicaRouter.ReplicaID(number: number)) }
            }
        }
        handle(.checked)
    }

    private func check(_ id: ReplicaRouter.ReplicaID) async {
        do {
            guard let row = try await ask(pools[id.number], statements.replicaReport).first else {
                throw DatabaseError(.unexpectedValue, "The replica reported nothing")
            }
            let report = ReplicaRouter.Report(
                isStandby: try row.optionalBool(0) ?? false,
                position: try row.optionalInt(1).map(Int64.init),
                sinceLastCommit: try row.optionalDouble(2).map { .seconds($0) })
            handle(.reported(id, report))
        } catch let error as DatabaseError {
            handle(.checkFailed(id, error))
        } catch {
            handle(.checkFailed(id, DatabaseError(.other, "The look failed: \(error)")))
        }
    }

    /// Runs one statement on one of the servers, in the time that a look has.
    private func ask(_ pool: ConnectionPool, _ text: String) async throws -> ResultSet {
        let interruption = Interruption()
        let deadline = effects.time.uptime() + configuration.checkTimeout
        return try await interruption.withTimeout(configuration.checkTimeout, effects.time) {
            await Self.outcome {
                try await pool.run(
                    until: deadline, goesFirst: true, Activity("replica check"), interruption
                ) { connection in
                    try connection.execute(Statement(text))
                }
            }
        }.get()
    }

    private static func outcome<Value: Sendable>(
        _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension ReplicaRouter.Health {
    /// Whether both are of one kind: a staleness changes at every look.
    fileprivate func isLike(_ other: ReplicaRouter.Health) -> Bool {
        switch (self, other) {
        case (.unknown, .unknown), (.fresh, .fresh), (.stale, .stale), (.notStandby, .notStandby),
            (.failed, .failed):
            true
        case (.unknown, _), (.fresh, _), (.stale, _), (.notStandby, _), (.failed, _): false
        }
    }
}

extension DatabaseError {
    /// Whether a read that failed so on a replica may succeed on the primary: the replica is gone or busy,
    /// has given up the read to go on replaying, or has not seen a table yet.
    var isForAnotherServer: Bool {
        switch code {
        case .poolTimeout, .unknownObject, .connectionLost, .cannotConnect, .serializationFailure, .deadlock,
            .busy:
            true
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .timeout, .cancelled,
            .readOnly, .diskFull, .corrupt, .syntax, .closed, .unknownCommit, .unexpectedValue,
            .resultTooLarge, .accessDenied,
            .other:
            false
        }
    }

    /// Whether the server cannot be reached any more.
    var isOfConnection: Bool {
        code == .connectionLost || code == .cannotConnect
    }
}
