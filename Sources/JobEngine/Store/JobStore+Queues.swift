import Database
import Effects
import SQL

/// What operators tell queues: everything with its entry in the audit trail.
extension JobStore {
    /// Every queue that holds waiting or running work or was told something, by name.
    package func queues() async throws -> [QueueState] {
        let now = SQLValue.timestamp(effects.time.now())
        return try await read { transaction in
            var records: [String: QueueRecord] = [:]
            for row in try transaction.execute(QueueQueries.selectAll).rows {
                let record = try QueueRecord(row)
                records[record.name] = record
            }
            var running: [String: Int] = [:]
            for row in try transaction.execute(QueueQueries.running).rows {
                running[try row.text(0)] = try row.int(1)
            }
            var waiting: [String: Row] = [:]
            for row in try transaction.execute(HistoryQueries.queues, [now, now]).rows {
                waiting[try row.text(0)] = row
            }
            let names = Set(records.keys).union(running.keys).union(waiting.keys)
            return try names.sorted().map { name in
                QueueState(
                    name: name, waiting: try waiting[name]?.int(1) ?? 0, due: try waiting[name]?.int(2) ?? 0,
                    oldestDueAt: try waiting[name]?.optionalTimestamp(3), running: running[name] ?? 0,
                    pause: records[name]?.pause, limits: records[name]?.limits ?? QueueLimits())
            }
        }
    }

    /// Lets no worker claim from a queue; what runs goes on. A queue that is paused already gets the new
    /// reason.
    package func pause(_ queue: String, reason: String, by initiator: Initiator) async throws {
        try await change(queue, by: initiator) { [self] before, transaction in
            let pause: [SQLValue] = [
                .timestamp(effects.time.now()), .text(initiator.agent), .text(reason), .text(queue),
            ]
            _ = try transaction.execute(QueueQueries.pause, pause)
            return .queuePaused(old: before.pause?.reason, new: reason)
        }
    }

    /// Whether the queue was paused; it is not any more.
    @discardableResult
    package func resume(_ queue: String, by initiator: Initiator) async throws -> Bool {
        try await change(queue, by: initiator) { before, transaction in
            guard let pause = before.pause else { return nil }
            _ = try transaction.execute(QueueQueries.pause, [.null, .null, .null, .text(queue)])
            return .queueResumed(old: pause.reason)
        }
    }

    /// Changes the limits of a queue. Its bucket is full then.
    ///
    /// - Returns: whether they were others before.
    @discardableResult
    package func setLimits(
        of queue: String, by initiator: Initiator, _ change: @escaping @Sendable (inout QueueLimits) -> Void
    ) async throws -> Bool {
        try await self.change(queue, by: initiator) { before, transaction in
            var limits = before.limits
            change(&limits)
            guard limits != before.limits else { return nil }
            let values: [SQLValue] = [
                .whole(limits.maxRunning), .whole(limits.maxRunningPerKey),
                limits.rate.map { .double($0.perSecond) } ?? .null, .whole(limits.rate?.burst),
                .whole(limits.agingSeconds), .text(queue),
            ]
            _ = try transaction.execute(QueueQueries.setLimits, values)
            return .queueLimited(old: before.limits, new: limits)
        }
    }

    /// What happened to a queue, for the audit trail.
    private enum QueueEvent {
        case queuePaused(old: String?, new: String)
        case queueResumed(old: String)
        case queueLimited(old: QueueLimits, new: QueueLimits)
    }

    /// Changes the row of a queue, which is made if it is not there, alone.
    ///
    /// - Parameter body: says what it did; nil for nothing.
    /// - Returns: whether it did anything.
    @discardableResult
    private func change(
        _ queue: String, by initiator: Initiator,
        _ body: @escaping @Sendable (QueueRecord, Transaction) throws -> QueueEvent?
    ) async throws -> Bool {
        try EnqueueRequest.check(queue: queue)
        return try await transaction(worksInSets ? .readCommitted : .serializable) { [self] transaction in
            _ = try transaction.execute(QueueQueries.insert, [.text(queue)])
            let text = worksInSets ? QueueQueries.lockOne : QueueQueries.selectOne
            guard let row = try transaction.execute(text, [.text(queue)]).first else {
                preconditionFailure("The row has just been made sure of, and nothing deletes one.")
            }
            guard let event = try body(QueueRecord(row), transaction) else { return false }
            try entry(event, of: queue, by: initiator).insert(in: transaction, effects: effects)
            // A worker that waits for room looks again.
            try notify(Set(Lane.all), in: transaction)
            return true
        }
    }

    private func entry(_ event: QueueEvent, of queue: String, by initiator: Initiator) -> AuditEntry {
        let name = JSON.Member("queue", .string(queue))
        let action: AuditAction
        let old: [JSON.Member]
        let new: [JSON.Member]
        switch event {
        case .queuePaused(let before, let reason):
            action = .queuePaused
            old = before.map { [JSON.Member("reason", .string($0))] } ?? []
            new = [JSON.Member("reason", .string(reason))]
        case .queueResumed(let reason):
            action = .queueResumed
            old = [JSON.Member("reason", .string(reason))]
            new = []
        case .queueLimited(let before, let limits):
            action = .queueLimited
            old = before.members
            new = limits.members
        }
        return AuditEntry(
            action: action, table: "execution_queues", record: nil, old: JSON.object([name] + old).text,
            new: JSON.object([name] + new).text, initiator: initiator)
    }
}

extension QueueLimits {
    /// The limits that there are, as they are told.
    package var members: [JSON.Member] {
        [
            JSON.Member("max_running", maxRunning.map { .integer($0) } ?? .null),
            JSON.Member("max_running_per_key", maxRunningPerKey.map { .integer($0) } ?? .null),
            JSON.Member("rate_per_second", rate.map { .double($0.perSecond) } ?? .null),
            JSON.Member("rate_burst", rate.map { .integer($0.burst) } ?? .null),
            JSON.Member("aging_seconds", agingSeconds.map { .integer($0) } ?? .null),
        ]
    }
}

extension QueueRecord {
    init(_ row: Row) throws {
        name = try row.text(0)
        pause = try row.optionalTimestamp(1).map { time in
            Pause(at: time, by: try row.optionalText(2) ?? "", reason: try row.optionalText(3) ?? "")
        }
        let perSecond = try row.optionalDouble(6)
        let burst = try row.optionalInt(7)
        limits = QueueLimits(
            maxRunning: try row.optionalInt(4), maxRunningPerKey: try row.optionalInt(5),
            rate: perSecond.map { QueueLimits.Rate(perSecond: $0, burst: burst) },
            agingSeconds: try row.optionalInt(10))
        tokens = try row.optionalDouble(8)
        refilledAt = try row.optionalTimestamp(9)
    }
}

extension SQLValue {
    fileprivate static func whole(_ number: Int?) -> SQLValue {
        number.map { .integer(Int64($0)) } ?? .null
    }
}
