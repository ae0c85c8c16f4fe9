import Database
import Effects
import SQL

/// A request whose unique key is in use meets the execution that has it.
extension JobStore {
    /// Does to the holder of the request's unique key what the request's mode says, if it still waits.
    ///
    /// - Returns: `changed`, or `duplicate` where the holder runs, or is between two attempts of which the
    ///   first has committed steps: they belong to what it was asked to do then.
    func meet(
        _ holder: UniqueID, _ resolved: ResolvedRequest, by initiator: Initiator, in transaction: Transaction
    ) throws -> EnqueueResult {
        guard resolved.request.uniqueMode != .skip else { return .duplicate(of: holder) }
        guard let row = try transaction.execute(Queries.selectHolder, [.uuid(holder)]).first else {
            preconditionFailure("A unique key is deleted together with its execution.")
        }
        let waiting = try WaitingExecution(row, id: holder)
        guard waiting.isQueued, resolved.request.uniqueMode == .reschedule || waiting.doneSteps == 0 else {
            return .duplicate(of: holder)
        }
        // Whoever takes the row of the queue has the execution: a claim that came first leaves none.
        let place: [SQLValue] = [
            .text(waiting.queue), .integer(Int64(waiting.priority)), .timestamp(waiting.runAt), .uuid(holder),
        ]
        guard try transaction.execute(Queries.deleteQueueRow, place).affectedRows == 1 else {
            return .duplicate(of: holder)
        }
        let changed = try change(waiting, resolved, in: transaction)
        _ = try transaction.execute(
            Queries.requeueRow,
            [
                .text(changed.queue), .integer(Int64(changed.priority)), .timestamp(changed.runAt),
                .uuid(holder), .integer(Int64(Lane.of(holder))), .uuid(holder),
            ])
        try notify([Lane.of(holder)], in: transaction)
        try AuditEntry(
            action: resolved.request.uniqueMode == .replace ? .replaced : .rescheduled,
            table: "script_executions", record: holder, old: waiting.facts, new: changed.facts,
            initiator: initiator
        ).insert(in: transaction, effects: effects)
        return .changed(holder)
    }

    /// Writes the execution's row, and says what it is now.
    private func change(
        _ waiting: WaitingExecution, _ resolved: ResolvedRequest, in transaction: Transaction
    ) throws -> WaitingExecution {
        let request = resolved.request
        let runAt = request.runAt ?? effects.time.now()
        var changed = waiting
        changed.runAt = runAt
        guard request.uniqueMode == .replace else {
            _ = try transaction.execute(
                Queries.rescheduleExecution, [.timestamp(runAt), .uuid(waiting.id)])
            return changed
        }
        changed.script = request.script
        changed.version = resolved.script.version
        changed.queue = request.queue
        changed.priority = request.priority
        _ = try transaction.execute(
            Queries.replaceExecution,
            [
                .uuid(resolved.script.script), .integer(Int64(resolved.script.version)),
                .text(request.template), .json(request.arguments), .text(request.queue),
                .integer(Int64(request.priority)), .timestamp(runAt),
                .integer(Int64(maxAttempts(of: request))),
                request.concurrencyKey.map(SQLValue.text) ?? .null, .uuid(waiting.id),
            ])
        return changed
    }
}

/// What the holder of a unique key is asked to do, as far as the audit trail keeps it.
private struct WaitingExecution {
    let id: UniqueID
    let isQueued: Bool
    var queue: String
    var priority: Int
    var runAt: Timestamp
    var script: String
    var version: Int
    let doneSteps: Int

    init(_ row: Row, id: UniqueID) throws {
        self.id = id
        isQueued = try row.text(0) == ExecutionStatus.queued.rawValue
        queue = try row.text(1)
        priority = try row.int(2)
        runAt = try row.optionalTimestamp(3) ?? Timestamp(microseconds: 0)
        script = try row.text(4)
        version = try row.optionalInt(5) ?? 1
        doneSteps = try row.int(6)
    }

    /// A JSON text.
    var facts: String {
        let facts: JSON = [
            "script": .string(script), "version": .integer(version), "queue": .string(queue),
            "priority": .integer(priority), "run_at": .string(runAt.rfc3339),
        ]
        return facts.text
    }
}
