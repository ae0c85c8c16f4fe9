import Database
import Effects
import SQL

/// Claiming and recording where many workers write at once: claims are serializable, each in lanes of its
/// own, and what scripts came to is recorded beside them under READ COMMITTED: compare-and-set by key.
extension JobStore {
    /// Whether this database takes many rows in one statement. Elsewhere `cycle` does both, row by row.
    package var worksInSets: Bool { database.dialect.name == "postgresql" }

    /// Claims executions, on a database with lanes in some of them.
    package func claim(_ request: ClaimRequest, lanes: [Int] = Lane.all) async throws -> CycleResult {
        guard worksInSets else { return try await cycle(record: [], claim: request) }
        return try await claimSet(request, lanes: lanes)
    }

    /// Records the scripts that have ended. All of the attempts are of one epoch.
    ///
    /// - Parameter isRepeated: whether some of them may be recorded already, by a transaction whose answer
    ///   got lost.
    package func record(_ reports: [Attempt], isRepeated: Bool) async throws -> CycleResult {
        guard worksInSets else { return try await cycle(record: reports, claim: nil) }
        let result: CycleResult
        do {
            result = try await recordSet(reports)
        } catch let error as DatabaseError where error.concernsStatementOnly {
            // One of them holds what the database refuses; row by row a step that may fail is a warning.
            result = try await cycle(record: reports, claim: nil)
        }
        guard isRepeated, let epoch = reports.first?.claimed.lease.epoch else { return result }
        var settled = result
        settled.ended = try await self.settled(result.ended, by: epoch)
        return settled
    }

    private func recordSet(_ reports: [Attempt]) async throws -> CycleResult {
        guard let epoch = reports.first?.claimed.lease.epoch else { return CycleResult() }
        return try await transaction(.readCommitted) { [self] transaction in
            // Nothing waits for its answer: it travels with the first statement that is waited for.
            try transaction.enqueue(beginStatement(epoch, queues: []))
            var result = CycleResult()
            var batch: EndBatch? = EndBatch()
            for attempt in reports {
                try record(attempt, into: &result, deferring: &batch, in: transaction)
            }
            try write(batch, into: &result, in: transaction)
            return result
        }
    }

    private func claimSet(_ request: ClaimRequest, lanes: [Int]) async throws -> CycleResult {
        precondition(!lanes.isEmpty && lanes.count <= Lane.count, "A claim is of some lanes")
        let since = claimMemory.start(request.queues, lanes: lanes, now: effects.time.uptime())
        let plain = try await transaction { [self] transaction in
            try claimPlain(request, lanes: lanes, since: since, in: transaction)
        }
        guard let plain else { return try await claimChosen(request, lanes: lanes) }
        if let look = plain.look { claimMemory.looked(look, now: effects.time.uptime()) }
        return plain.result
    }

    /// Claims from queues without limits; nil if one of them has some.
    ///
    /// - Parameter since: where to begin to look; nil for a look at everything.
    private func claimPlain(
        _ request: ClaimRequest, lanes: [Int], since: [ClaimMarks.Level: [Int: ClaimMarks.Place]]?,
        in transaction: Transaction
    ) throws -> (result: CycleResult, look: ClaimMarks.Look?)? {
        var result = CycleResult()
        let begun = effects.time.uptime()
        guard let start = try beginSet(request.epoch, lanes: lanes, queues: request.queues, in: transaction)
        else {
            result.isWorkerUnknown = true
            return (result, nil)
        }
        guard !start.needsSelection else { return nil }
        result.lanes = start.lanes
        guard !start.lanes.isEmpty, !start.queues.isEmpty else { return (result, nil) }
        let now = effects.time.now()
        // The first statement has nothing to do: what the next takes beyond it is not the way to the server.
        let way = effects.time.uptime() - begun
        let rows: ResultSet.Rows
        if let since = since?.filter({ start.queues.contains($0.key.queue) }) {
            let bindings = sinceBindings(request, start, now: now, since: since)
            rows = try transaction.execute(SetQueries.claimSince, bindings).rows
            result.isFullLook = false
        } else {
            rows = try transaction.execute(SetQueries.claim, claimBindings(request, start, now: now)).rows
        }
        let elapsed = effects.time.uptime() - begun - way - way
        try take(rows, request, now: now, into: &result, in: transaction)
        var taken: [Int: [ClaimMarks.Level: ClaimMarks.Place]] = [:]
        for row in rows where row[0] != .null {
            let level = ClaimMarks.Level(queue: try row.text(11), priority: try row.int(12))
            let place = ClaimMarks.Place(time: try row.timestamp(14), execution: try row.uuid(10))
            // In the order of the queue: the last is the farthest.
            taken[Lane.of(place.execution), default: [:]][level] = place
        }
        return (
            result,
            ClaimMarks.Look(
                lanes: start.lanes, taken: taken, count: result.taken, isFull: result.isFullLook,
                elapsed: elapsed)
        )
    }

    /// Claims from queues of which some have limits. A claim waits for the one before it by the queue's row,
    /// and sees what that has committed: under SERIALIZABLE it would see what was there when its wait began.
    private func claimChosen(_ request: ClaimRequest, lanes: [Int]) async throws -> CycleResult {
        try await transaction(.readCommitted) { [self] transaction in
            var result = CycleResult()
            guard
                let start = try beginSet(
                    request.epoch, lanes: lanes, queues: request.queues, in: transaction)
            else {
                result.isWorkerUnknown = true
                return result
            }
            result.lanes = start.lanes
            // A claim that takes something has a lane until it is over, by which it can be told from others.
            guard !start.lanes.isEmpty else { return result }
            let now = effects.time.now()
            let selection = try select(
                request, queues: start.queues, lanes: start.lanes, now: now, in: transaction)
            result.isHeldBack = selection.isHeldBack
            result.roomAt = selection.roomAt
            guard !selection.rows.isEmpty else { return result }
            let bindings: [SQLValue] = [
                .array(selection.rows.map { .text($0.queue) }),
                .array(selection.rows.map { .integer(Int64($0.priority)) }),
                .array(selection.rows.map(\.runAt)), .array(selection.rows.map { .uuid($0.execution) }),
                .array(selection.rows.map { .integer(Int64($0.lane)) }),
            ]
            let taking = laneMarkers(start.lanes) + takingBindings(request, now: now)
            let rows = try transaction.execute(SetQueries.claimChosen, bindings + taking).rows
            var order: [UniqueID: Int] = [:]
            for (index, row) in selection.rows.enumerated() { order[row.execution] = index }
            try take(rows, request, now: now, order: order, into: &result, in: transaction)
            return result
        }
    }

    /// Begins what a claim has taken.
    ///
    /// - Parameter order: the place of each execution; the rows' own if it is empty.
    private func take(
        _ rows: ResultSet.Rows, _ request: ClaimRequest, now: Timestamp, order: [UniqueID: Int] = [:],
        into result: inout CycleResult, in transaction: Transaction
    ) throws {
        result.taken = try rows.first?.int(13) ?? 0
        // A row of the queue without a queued execution was left by a hand-written UPDATE: it is dropped.
        var claimed = try rows.filter { $0[0] != .null }.map {
            try SetClaim($0, epoch: request.epoch, now: now).execution
        }
        if !order.isEmpty {
            claimed.sort { order[$0.lease.execution, default: 0] < order[$1.lease.execution, default: 0] }
        }
        result.claimed = claimed.count
        result.sources = try sources(of: claimed, known: request.knownScripts, in: transaction)
        let done = try doneSteps(of: claimed, in: transaction)
        var batch: EndBatch? = EndBatch()
        for execution in claimed {
            try begin(
                execution, knownScripts: request.knownScripts,
                done: done[execution.lease.execution] ?? [],
                into: &result, deferring: &batch, in: transaction)
        }
        try write(batch, into: &result, in: transaction)
    }

    /// What the first statements of a transaction of sets have found.
    struct SetStart {
        /// Those that the transaction has for itself.
        let lanes: [Int]
        /// Those that are not paused.
        var queues: [String]
        /// Whether one of them has limits or ages its work.
        var needsSelection = false
    }

    /// The first statements of a transaction of sets, in one round trip; nil if the worker's row is gone.
    func beginSet(
        _ epoch: UniqueID, lanes: [Int], queues: [String], in transaction: Transaction
    ) throws -> SetStart? {
        let take = Statement(SetQueries.takeLanes, [.array(lanes.map { .integer(Int64($0)) })])
        let found = try transaction.execute(all: [take, beginStatement(epoch, queues: queues)])
        guard let row = found[1].first, try row.bool(9) else { return nil }
        var start = SetStart(lanes: try found[0].rows.map { try $0.int(0) }, queues: queues)
        for mark in try row.optionalText(10)?.split(separator: ",") ?? [] {
            if mark.hasSuffix("!") {
                start.queues.removeAll { $0 == mark.dropLast() }
            } else {
                start.needsSelection = true
            }
        }
        return start
    }

    private func beginStatement(_ epoch: UniqueID, queues: [String]) -> Statement {
        Statement(
            SetQueries.begin,
            [
                .text(epoch.description), .uuid(epoch), .array(queues.map(SQLValue.text)),
            ])
    }

    private func claimBindings(_ request: ClaimRequest, _ start: SetStart, now: Timestamp) -> [SQLValue] {
        let markers = laneMarkers(start.lanes)
        let limit = SQLValue.integer(Int64(request.limit))
        return markers + [.array(start.queues.map(SQLValue.text))] + markers + markers
            + [.timestamp(now), limit, limit] + markers + takingBindings(request, now: now)
    }

    private func sinceBindings(
        _ request: ClaimRequest, _ start: SetStart, now: Timestamp,
        since: [ClaimMarks.Level: [Int: ClaimMarks.Place]]
    ) -> [SQLValue] {
        let levels = Array(since)
        var bindings: [SQLValue] = [
            .array(levels.map { .text($0.key.queue) }),
            .array(levels.map { .integer(Int64($0.key.priority)) }),
        ]
        for lane in Lane.all {
            bindings.append(.array(levels.map { $0.value[lane].map { .timestamp($0.time) } ?? .null }))
            bindings.append(.array(levels.map { $0.value[lane].map { .uuid($0.execution) } ?? .null }))
        }
        let limit = SQLValue.integer(Int64(request.limit))
        for lane in Lane.all {
            // No row is in a lane below the first.
            bindings += [.integer(start.lanes.contains(lane) ? Int64(lane) : -1), .timestamp(now), limit]
        }
        return bindings + [limit, limit] + laneMarkers(start.lanes) + takingBindings(request, now: now)
    }

    /// A value for each marker of a list of lanes: all of these, the last as often as it takes.
    private func laneMarkers(_ lanes: [Int]) -> [SQLValue] {
        (0..<Lane.count).map { .integer(Int64(lanes[min($0, lanes.count - 1)])) }
    }

    private func takingBindings(_ request: ClaimRequest, now: Timestamp) -> [SQLValue] {
        [.uuid(request.epoch), .timestamp(now), .uuid(request.epoch), .timestamp(now)]
    }

    private func sources(
        of claimed: [ClaimedExecution], known: Set<ScriptVersion>, in transaction: Transaction
    ) throws -> [ScriptVersion: ScriptSource] {
        let unknown = Array(Set(claimed.map(\.script)).subtracting(known))
        guard !unknown.isEmpty else { return [:] }
        let bindings: [SQLValue] = [
            .array(unknown.map { .uuid($0.script) }), .array(unknown.map { .integer(Int64($0.version)) }),
        ]
        var sources: [ScriptVersion: ScriptSource] = [:]
        for row in try transaction.execute(SetQueries.sources, bindings).rows {
            let version = ScriptVersion(script: try row.uuid(0), version: try row.int(1))
            sources[version] = ScriptSource(
                name: try row.text(2), content: try row.text(3), rules: try row.optionalText(4))
        }
        return sources
    }

    private func doneSteps(
        of claimed: [ClaimedExecution], in transaction: Transaction
    ) throws -> [UniqueID: Set<Int>] {
        let again = claimed.filter { $0.lease.attempt > 1 }.map { SQLValue.uuid($0.lease.execution) }
        guard !again.isEmpty else { return [:] }
        var done: [UniqueID: Set<Int>] = [:]
        for row in try transaction.execute(SetQueries.doneSteps, [.array(again)]).rows {
            done[try row.uuid(0), default: []].insert(try row.int(1))
        }
        return done
    }

    /// Writes the ends that were left for later, and puts them at their places.
    private func write(
        _ batch: EndBatch?, into result: inout CycleResult, in transaction: Transaction
    ) throws {
        guard let batch, let epoch = batch.entries.first?.attempt.claimed.lease.epoch else { return }
        let cancelled = try cancelRequests(among: batch, in: transaction)
        let now = effects.time.now()
        var columns = EndColumns()
        var endings: [Ending] = []
        for entry in batch.entries {
            var lifecycle = entry.attempt.claimed.lifecycle
            let transition = try entry.end.apply(
                to: &lifecycle,
                isCancelRequested: cancelled.contains(entry.attempt.claimed.lease.execution))
            let ending = Ending(
                transition: transition, lifecycle: lifecycle, now: now,
                retryAt: retryTime(transition, of: entry.attempt, now: now), error: entry.end.error)
            endings.append(ending)
            columns.append(
                entry.attempt, ending,
                keepsOutput: entry.end.leavesOutputToRecord || entry.attempt.recordsOutput,
                audit: effects.ids.next())
        }
        let rows = try transaction.execute(SetQueries.end, columns.bindings(epoch: epoch, now: now)).rows
        let written = Set(try rows.map { try $0.uuid(0) })
        for (entry, ending) in zip(batch.entries, endings) {
            let isOurs = written.contains(entry.attempt.claimed.lease.execution)
            result.ended[entry.place] = ended(
                entry.attempt, status: isOurs ? ending.lifecycle.status : nil, ending)
        }
        if endings.contains(where: { $0.lifecycle.status == .queued }) {
            try notify(
                batch.entries.map { Lane.of($0.attempt.claimed.lease.execution) }, in: transaction)
        }
    }

    /// Only an attempt that might run again has to know whether somebody asked to cancel it meanwhile.
    private func cancelRequests(among batch: EndBatch, in transaction: Transaction) throws -> Set<UniqueID> {
        let open = batch.entries.filter(\.end.dependsOnCancelRequest)
            .map { SQLValue.uuid($0.attempt.claimed.lease.execution) }
        guard !open.isEmpty else { return [] }
        let rows = try transaction.execute(SetQueries.cancelRequested, [.array(open)]).rows
        return Set(try rows.filter { try $0.bool(1) }.map { try $0.uuid(0) })
    }

    /// Tells the workers which lanes have something new. Nothing is sent where nobody listens.
    func notify(_ lanes: some Sequence<Int>, in transaction: Transaction) throws {
        guard worksInSets else { return }
        let text = Set(lanes).sorted().map(String.init).joined(separator: ",")
        guard !text.isEmpty else { return }
        try transaction.enqueue(Statement(SetQueries.notify, [.text(text)]))
    }
}

/// A row of `SetQueries.claim`.
private struct SetClaim {
    let execution: ClaimedExecution

    init(_ row: Row, epoch: UniqueID, now: Timestamp) throws {
        execution = ClaimedExecution(
            lease: Lease(execution: try row.uuid(10), attempt: try row.int(5), epoch: epoch),
            script: ScriptVersion(script: try row.uuid(0), version: try row.optionalInt(1) ?? 1),
            user: try row.uuid(2), template: try row.text(3), arguments: try row.optionalText(4) ?? "{}",
            uniqueKey: try row.optionalText(9), queue: try row.text(11), priority: try row.int(12),
            claimedAt: now,
            lifecycle: ExecutionLifecycle(
                status: .running, attempt: try row.int(5), releases: try row.int(7),
                rescues: try row.int(8), maxAttempts: try row.int(6)))
    }
}
