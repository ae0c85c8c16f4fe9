import Database
package import Effects
import SQL

/// What a worker wants from a claim.
package struct ClaimRequest: Sendable {
    package let epoch: UniqueID
    package let queues: [String]
    package let limit: Int
    /// Versions whose source the worker has already.
    package let knownScripts: Set<ScriptVersion>

    package init(epoch: UniqueID, queues: [String], limit: Int, knownScripts: Set<ScriptVersion>) {
        self.epoch = epoch
        self.queues = queues
        self.limit = limit
        self.knownScripts = knownScripts
    }
}

/// The text of a script's version, and what is stored about the script's box.
package struct ScriptSource: Sendable, Hashable {
    package let name: String
    package let content: String
    package let box: BoxRules

    init(name: String, content: String, rules: String? = nil) {
        self.name = name
        self.content = content
        box = rules.map(BoxRules.init(stored:)) ?? .none
    }
}

extension JobStore {
    /// Takes up to `limit` due executions in order of priority and time, and opens their attempts.
    func claim(_ request: ClaimRequest, into result: inout CycleResult, in transaction: Transaction) throws {
        // A claim under an epoch that nobody watches would never be rescued.
        guard try transaction.execute(Queries.selectWorker, [.uuid(request.epoch)]).first != nil else {
            result.isWorkerUnknown = true
            return
        }
        let now = effects.time.now()
        for row in try chosenRows(request, now: now, into: &result, in: transaction) {
            result.taken += 1
            _ = try transaction.execute(
                Queries.deleteQueueRow,
                [.text(row.queue), .integer(Int64(row.priority)), row.runAt, .uuid(row.execution)])
            let arguments: [SQLValue] = [.uuid(request.epoch), .timestamp(now), .uuid(row.execution)]
            guard let claimed = try transaction.execute(Queries.claimExecution, arguments).first else {
                // A row of the queue without a queued execution was left by a hand-written UPDATE: it is
                // dropped.
                continue
            }
            let execution = try claimedExecution(claimed, row, request, now, &result, in: transaction)
            _ = try transaction.execute(
                Queries.insertAttempt,
                [
                    .uuid(row.execution), .integer(Int64(execution.lease.attempt)), .uuid(request.epoch),
                    .timestamp(now),
                ])
            result.claimed += 1
            var none: EndBatch?
            try begin(
                execution, knownScripts: request.knownScripts,
                done: try doneSteps(of: execution, in: transaction), into: &result, deferring: &none,
                in: transaction)
        }
    }

    private func chosenRows(
        _ request: ClaimRequest, now: Timestamp, into result: inout CycleResult, in transaction: Transaction
    ) throws -> [QueueRow] {
        let orders = try orders(request, in: transaction)
        guard orders.needsSelection else {
            return try dueRows(orders.queues, limit: request.limit, now: now, in: transaction)
        }
        let selection = try select(
            request, queues: orders.queues, lanes: Lane.all, now: now, in: transaction)
        result.isHeldBack = selection.isHeldBack
        result.roomAt = selection.roomAt
        return selection.rows
    }

    /// The due rows: queue by queue and priority by priority, each a range of the primary key, so that work
    /// that waits for a later time is never walked over.
    private func dueRows(
        _ names: [String], limit: Int, now: Timestamp, in transaction: Transaction
    ) throws -> [QueueRow] {
        var queues: [Int: [String]] = [:]
        for queue in names {
            var last = Int64(Int32.min)
            while let row = try transaction.execute(
                Queries.nextPriority, [.text(queue), .integer(last)]
            ).first {
                last = Int64(try row.int(0))
                queues[Int(last), default: []].append(queue)
            }
        }
        var due: [QueueRow] = []
        for (priority, names) in queues.sorted(by: { $0.key < $1.key }) where due.count < limit {
            let wanted = limit - due.count
            var rows: [QueueRow] = []
            for queue in names {
                rows += try dueRows(queue, priority, now: now, limit: wanted, in: transaction)
            }
            // Queues of one priority share it by time: none waits until another is empty.
            if names.count > 1 { rows.sort { $0.precedes($1) } }
            due += rows.prefix(wanted)
        }
        return due
    }

    private func dueRows(
        _ queue: String, _ priority: Int, now: Timestamp, limit: Int, in transaction: Transaction
    ) throws -> [QueueRow] {
        let arguments: [SQLValue] = [
            .text(queue), .integer(Int64(priority)), .timestamp(now), .integer(Int64(limit)),
        ]
        return try transaction.execute(Queries.dueRows, arguments).rows.map { row in
            QueueRow(
                queue: queue, priority: priority, runAt: row[0], dueAt: try row.timestamp(0),
                execution: try row.uuid(1), now: now)
        }
    }

    private func claimedExecution(
        _ row: Row, _ place: QueueRow, _ request: ClaimRequest, _ now: Timestamp, _ result: inout CycleResult,
        in transaction: Transaction
    ) throws -> ClaimedExecution {
        let script = ScriptVersion(script: try row.uuid(0), version: try row.optionalInt(1) ?? 1)
        if !request.knownScripts.contains(script), result.sources[script] == nil {
            let arguments: [SQLValue] = [.uuid(script.script), .integer(Int64(script.version))]
            if let found = try transaction.execute(ScriptQueries.selectSource, arguments).first {
                result.sources[script] = ScriptSource(
                    name: try found.text(0), content: try found.text(1), rules: try found.optionalText(2))
            }
        }
        return ClaimedExecution(
            lease: Lease(execution: place.execution, attempt: try row.int(5), epoch: request.epoch),
            script: script, user: try row.uuid(2), template: try row.text(3),
            arguments: try row.optionalText(4) ?? "{}", uniqueKey: try row.optionalText(9),
            queue: place.queue,
            priority: place.priority, claimedAt: now,
            lifecycle: ExecutionLifecycle(
                status: .running, attempt: try row.int(5), releases: try row.int(7), rescues: try row.int(8),
                maxAttempts: try row.int(6)))
    }

    /// The steps that earlier attempts have committed.
    private func doneSteps(of execution: ClaimedExecution, in transaction: Transaction) throws -> Set<Int> {
        guard execution.lease.attempt > 1 else { return [] }
        let rows = try transaction.execute(Queries.selectDoneSteps, [.uuid(execution.lease.execution)]).rows
        return Set(try rows.map { try $0.int(0) })
    }

    /// Runs what the template wants before its first script, in the claim's own transaction. An execution
    /// that this installation cannot run, however often it is tried, ends.
    func begin(
        _ execution: ClaimedExecution, knownScripts: Set<ScriptVersion>, done: Set<Int>,
        into result: inout CycleResult, deferring batch: inout EndBatch?, in transaction: Transaction
    ) throws {
        let reason: String
        if let template = templates[execution.template] {
            if knownScripts.contains(execution.script) || result.sources[execution.script] != nil {
                var run = TemplateRun(template: template, done: done)
                let first = run.start()
                return try proceed(
                    Attempt(claimed: execution, run: run), from: first, into: &result, deferring: &batch,
                    in: transaction)
            }
            reason = "The store has no version \(execution.script.version) of the script any more"
        } else {
            reason = "The configuration has no template '\(execution.template)'"
        }
        try conclude(
            Attempt(claimed: execution, run: nil),
            .failed(ExecutionError(kind: .configuration, message: reason)), into: &result,
            deferring: &batch, in: transaction)
    }
}
