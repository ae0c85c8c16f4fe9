import Database
package import Effects
import SQL

/// What a worker learns when it reports that it lives.
package struct Pulse: Sendable {
    /// False if others have declared this worker dead: it must stop what it runs and begin under a new epoch.
    package let isKnown: Bool
    /// Executions of this worker that somebody asked to cancel.
    package let cancelRequests: [UniqueID]
    /// The workers that live, this one among them.
    package let workers: Int
    /// Whether dead workers have left something to take over.
    package let seesDead: Bool
    /// How long it takes until the first of the others would count as dead, if none of them is heard of.
    package let nextDeath: Duration?
    /// What this look adds to what the worker has seen of the others.
    package let watch: HeartbeatWatch
}

extension JobStore {
    /// Sets this process's clock by the server's, where the server has one.
    package func synchronizeClock() async throws {
        guard effects.time is ServerTime else { return }
        _ = try await read { [self] transaction in try synchronizedNow(in: transaction) }
    }

    package func register(
        epoch: UniqueID, process: LocalProcess, slots: Int, queues: [String]
    ) async throws {
        try await transaction(rowIsolation, lane: .control) { [self] transaction in
            let now = SQLValue.timestamp(effects.time.now())
            _ = try transaction.execute(
                Queries.insertWorker,
                [
                    .uuid(epoch), .text(process.host), .text(process.scope), .integer(Int64(process.pid)),
                    .text(process.version), .integer(Int64(slots)), .text(queues.joined(separator: ",")), now,
                    now,
                ])
        }
    }

    package func unregister(epoch: UniqueID) async throws {
        try await transaction(rowIsolation) { transaction in
            _ = try transaction.execute(Queries.deleteWorker, [.uuid(epoch)])
        }
    }

    /// For a change of a worker's own row: where many write, a serializable one would meet every claim, which
    /// looks for its worker's row.
    private var rowIsolation: IsolationLevel { worksInSets ? .readCommitted : .serializable }

    package func workers() async throws -> [WorkerRecord] {
        try await read { transaction in
            try transaction.execute(Queries.selectWorkers, []).rows.map(WorkerRecord.init)
        }
    }

    /// The heartbeat: says that this worker lives, hears what it should cancel, and sees who is dead. A
    /// worker is dead when its heartbeat is older than `timeout` and `watch` believes it, or when its process
    /// on this very machine is certainly gone.
    ///
    /// - Parameters:
    ///   - watch: what earlier heartbeats of the same worker gave back.
    ///   - held: the executions that it knows to hold, where it asks for those alone; nil for all that run in
    ///     its name, which while a transaction elsewhere is open takes the longer the more it has run.
    ///   - findsOrphans: whether to look for what runs in the name of a worker that is not there.
    package func heartbeat(
        epoch: UniqueID, process: LocalProcess, timeout: Duration, watch: HeartbeatWatch,
        held: [UniqueID]?, findsOrphans: Bool
    ) async throws -> Pulse {
        let look = try await look(
            epoch: epoch, Judgement(process: process, timeout: timeout, watch: watch), held: held,
            findsOrphans: findsOrphans)
        return Pulse(
            isKnown: look.isKnown, cancelRequests: look.cancelRequests, workers: look.living,
            seesDead: look.findsDead, nextDeath: look.nextDeath, watch: look.judgement.watch)
    }

    /// Takes over what dead workers left. Who is dead is decided again where it is acted upon: nobody is
    /// rescued who has come back.
    ///
    /// Where many write, a dead worker's row is locked as it was seen: a heartbeat changes that row, so it
    /// either comes first and the worker lives, or it finds no row. What the worker held is compared and set
    /// by its lease. A serializable transaction over so many rows would lose against every claim.
    package func rescue(
        besides epoch: UniqueID, process: LocalProcess, timeout: Duration, rescueLimit limit: Int,
        watch: HeartbeatWatch
    ) async throws -> [EndedAttempt] {
        let judgement = Judgement(process: process, timeout: timeout, watch: watch)
        guard worksInSets else {
            return try await transaction { [self] transaction in
                var rescued: [EndedAttempt] = []
                for worker in try dead(besides: epoch, judgement, in: transaction) {
                    rescued += try rescue(from: worker, limit: limit, in: transaction)
                }
                return try rescued + rescueOrphans(limit: limit, in: transaction)
            }
        }
        let lost = try await transaction(.readCommitted) { [self] transaction in
            try dead(besides: epoch, judgement, in: transaction)
        }
        var rescued: [EndedAttempt] = []
        for worker in lost {
            rescued += try await transaction(.readCommitted) { [self] transaction in
                let key: [SQLValue] = [.uuid(worker.epoch), .timestamp(worker.heartbeatAt)]
                guard try transaction.execute(SetQueries.lockWorker, key).first != nil else { return [] }
                return try rescue(from: worker, limit: limit, in: transaction)
            }
        }
        return try await rescued
            + transaction(.readCommitted) { [self] transaction in
                try rescueOrphans(limit: limit, in: transaction)
            }
    }

    /// What one worker goes by when it says that another is dead.
    private struct Judgement: Sendable {
        let process: LocalProcess
        let timeout: Duration
        var watch: HeartbeatWatch

        /// How long until its silence is its death, less than zero when it is.
        func life(of worker: WorkerRecord, now: Timestamp, uptime: Duration) -> Duration {
            watch.life(of: worker, timeout: timeout, now: now, uptime: uptime)
        }

        func isDead(_ worker: WorkerRecord, now: Timestamp, uptime: Duration) -> Bool {
            if life(of: worker, now: now, uptime: uptime) < .zero { return true }
            guard worker.processScope == process.scope, worker.host == process.host else { return false }
            return !process.isAlive(worker.pid)
        }
    }

    /// What a heartbeat sees on its way.
    private struct Look {
        let isKnown: Bool
        let cancelRequests: [UniqueID]
        let living: Int
        let findsDead: Bool
        let nextDeath: Duration?
        let judgement: Judgement
    }

    private func look(
        epoch: UniqueID, _ judgement: Judgement, held: [UniqueID]?, findsOrphans: Bool
    ) async throws -> Look {
        try await transaction(worksInSets ? .readCommitted : .serializable, lane: .control) {
            [self] transaction in
            let now = try synchronizedNow(in: transaction)
            let arguments: [SQLValue] = [.timestamp(now), .uuid(epoch)]
            let isKnown = try transaction.execute(Queries.heartbeat, arguments).affectedRows == 1
            let cancels =
                if worksInSets, let held {
                    try transaction.execute(
                        SetQueries.cancelRequests, [.array(held.map(SQLValue.uuid)), .uuid(epoch)]
                    ).rows
                } else {
                    try transaction.execute(Queries.cancelRequests, [.uuid(epoch)]).rows
                }
            let workers = try transaction.execute(Queries.selectWorkers, []).rows.map(WorkerRecord.init)
            let uptime = effects.time.uptime()
            var judgement = judgement
            judgement.watch.look(at: workers, uptime: uptime)
            let others = workers.filter { $0.epoch != epoch }
            let living = others.filter { !judgement.isDead($0, now: now, uptime: uptime) }
            let hasOrphans =
                try findsOrphans && transaction.execute(Queries.strangeEpoch, []).first != nil
            return Look(
                isKnown: isKnown, cancelRequests: try cancels.map { try $0.uuid(0) },
                living: living.count + 1, findsDead: living.count < others.count || hasOrphans,
                nextDeath: living.map { judgement.life(of: $0, now: now, uptime: uptime) }.min(),
                judgement: judgement)
        }
    }

    private func dead(
        besides epoch: UniqueID, _ judgement: Judgement, in transaction: Transaction
    ) throws -> [WorkerRecord] {
        let now = effects.time.now()
        let uptime = effects.time.uptime()
        return try transaction.execute(Queries.selectWorkers, []).rows.map(WorkerRecord.init).filter {
            $0.epoch != epoch && judgement.isDead($0, now: now, uptime: uptime)
        }
    }

    private func rescueOrphans(limit: Int, in transaction: Transaction) throws -> [EndedAttempt] {
        try transaction.execute(Queries.runningOfNobody, []).rows.map { row in
            try rescue(row, lost: "The worker of this attempt is gone", limit: limit, in: transaction)
        }
    }

    /// The time, after the clock was set by the server's where the server has one.
    private func synchronizedNow(in transaction: Transaction) throws -> Timestamp {
        guard let clock = effects.time as? ServerTime else { return effects.time.now() }
        let before = clock.uptime()
        if let row = try transaction.execute(SetQueries.now).first {
            clock.set(to: try row.timestamp(0), between: before, and: clock.uptime())
        }
        return clock.now()
    }

    private func rescue(
        from worker: WorkerRecord, limit: Int, in transaction: Transaction
    ) throws -> [EndedAttempt] {
        let running = try transaction.execute(Queries.runningOfWorker, [.uuid(worker.epoch)]).rows
        let lost = "Worker \(worker.pid) on \(worker.host) died while it ran this attempt"
        let rescued = try running.map { try rescue($0, lost: lost, limit: limit, in: transaction) }
        _ = try transaction.execute(Queries.deleteWorker, [.uuid(worker.epoch)])
        return rescued
    }

    private func rescue(
        _ row: Row, lost: String, limit: Int, in transaction: Transaction
    ) throws -> EndedAttempt {
        try endUnheld(row, .rescue(limit: limit), because: lost, in: transaction)
    }

    /// Ends the attempt of a running execution that nobody else will end.
    ///
    /// - Parameters:
    ///   - row: of `Queries.runningOfWorker`.
    ///   - reason: why it is lost; nil where nothing is.
    func endUnheld(
        _ row: Row, _ event: ExecutionLifecycle.Event, because reason: String?, in transaction: Transaction
    ) throws -> EndedAttempt {
        var lifecycle = ExecutionLifecycle(
            status: .running, attempt: try row.int(1), releases: try row.int(3), rescues: try row.int(4),
            maxAttempts: try row.int(2), isCancelRequested: row[5] != .null)
        let lease = Lease(execution: try row.uuid(0), attempt: lifecycle.attempt, epoch: try row.uuid(10))
        let transition = try lifecycle.apply(event)
        let now = effects.time.now()
        let error = reason.map { reason in
            transition.isQuarantined
                ? ExecutionError(
                    kind: .quarantined,
                    message: "Quarantined: \(lifecycle.rescues) workers died with it. \(reason)")
                : ExecutionError(kind: .workerLost, message: reason)
        }
        let attempt = Attempt(
            claimed: ClaimedExecution(
                lease: lease, script: ScriptVersion(script: lease.execution, version: 0),
                user: try row.uuid(9),
                template: "", arguments: "{}", uniqueKey: try row.optionalText(8), queue: try row.text(6),
                priority: try row.int(7), claimedAt: try row.optionalTimestamp(11) ?? now,
                lifecycle: lifecycle),
            run: nil)
        return try finish(
            attempt,
            Ending(
                transition: transition, lifecycle: lifecycle, now: now,
                retryAt: lifecycle.status == .queued ? now : nil, error: error),
            in: transaction)
    }
}

extension WorkerRecord {
    init(_ row: Row) throws {
        self.init(
            epoch: try row.uuid(0), host: try row.text(1), processScope: try row.text(2), pid: try row.int(3),
            version: try row.text(4), slots: try row.int(5),
            queues: try row.text(6).split(separator: ",").map(String.init), startedAt: try row.timestamp(7),
            heartbeatAt: try row.timestamp(8))
    }
}
