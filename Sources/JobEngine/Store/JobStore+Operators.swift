import Database
package import Effects
import SQL

/// What a request to cancel came to.
package enum Cancellation: Sendable, Hashable {
    /// It had not begun, and never will.
    case cancelled
    /// Its worker will stop it at the next heartbeat or poll.
    case requested
}

extension JobStore {
    /// Cancels an execution that waits, or asks the worker that runs it to stop.
    package func cancel(_ id: UniqueID, by initiator: Initiator) async throws -> Cancellation {
        try await transaction { [self] transaction in
            let current = try change(id, .requestCancel, verb: "cancelled", in: transaction)
            let now = effects.time.now()
            guard current.lifecycle.status == .cancelled else {
                _ = try transaction.execute(Queries.requestCancel, [.timestamp(now), .uuid(id)])
                try audit(
                    .cancelRequested, id, new: #"{"cancel_requested":true}"#, by: initiator, in: transaction)
                return .requested
            }
            _ = try transaction.execute(Queries.cancelQueued, [.timestamp(now), .timestamp(now), .uuid(id)])
            _ = try transaction.execute(
                Queries.deleteQueueRow,
                [
                    .text(current.queue), .integer(Int64(current.priority)), .timestamp(current.runAt),
                    .uuid(id),
                ])
            if let key = current.uniqueKey {
                _ = try transaction.execute(Queries.deleteUniqueKey, [.text(key), .uuid(id)])
            }
            try audit(
                .cancelled, id, old: #"{"status":"queued"}"#, new: #"{"status":"cancelled"}"#, by: initiator,
                in: transaction)
            return .cancelled
        }
    }

    /// Gives a finished execution one more attempt.
    package func retry(_ id: UniqueID, by initiator: Initiator) async throws {
        try await transaction { [self] transaction in
            let current = try change(id, .retry, verb: "retried", in: transaction)
            if let key = current.uniqueKey {
                if let holder = try transaction.execute(Queries.selectUniqueKey, [.text(key)]).first {
                    throw JobEngineError(
                        .uniqueKeyInUse,
                        "Its unique key '\(key)' belongs to execution \(try holder.uuid(0)) by now",
                        help: "wait until that one has ended, or cancel it")
                }
                _ = try transaction.execute(Queries.insertUniqueKey, [.text(key), .uuid(id)])
            }
            let now = effects.time.now()
            _ = try transaction.execute(
                Queries.retryExecution,
                [.timestamp(now), .integer(Int64(current.lifecycle.maxAttempts)), .uuid(id)])
            _ = try transaction.execute(
                Queries.requeueRow,
                [
                    .text(current.queue), .integer(Int64(current.priority)), .timestamp(now), .uuid(id),
                    .integer(Int64(Lane.of(id))), .uuid(id),
                ])
            try notify([Lane.of(id)], in: transaction)
            let old = #"{"status":"\#(current.before.rawValue)"}"#
            try audit(.retried, id, old: old, new: #"{"status":"queued"}"#, by: initiator, in: transaction)
        }
    }

    private func audit(
        _ action: AuditAction, _ id: UniqueID, old: String? = nil, new: String, by initiator: Initiator,
        in transaction: Transaction
    ) throws {
        try AuditEntry(
            action: action, table: "script_executions", record: id, old: old, new: new, initiator: initiator
        ).insert(in: transaction, effects: effects)
    }
}

/// An execution that an operator changes.
private struct ChangedExecution {
    let before: ExecutionStatus
    let lifecycle: ExecutionLifecycle
    let queue: String
    let priority: Int
    let runAt: Timestamp
    let uniqueKey: String?
}

extension JobStore {
    private func change(
        _ id: UniqueID, _ event: ExecutionLifecycle.Event, verb: String, in transaction: Transaction
    ) throws -> ChangedExecution {
        guard let row = try transaction.execute(Queries.selectForChange, [.uuid(id)]).first,
            let status = ExecutionStatus(rawValue: try row.text(0))
        else { throw JobStore.unknownExecution(id.description) }
        var lifecycle = ExecutionLifecycle(
            status: status, attempt: try row.int(1), releases: try row.int(3), rescues: try row.int(4),
            maxAttempts: try row.int(2), isCancelRequested: row[5] != .null)
        do {
            _ = try lifecycle.apply(event)
        } catch {
            throw JobEngineError(
                .notPossible, "Execution \(id) is \(status.rawValue) and cannot be \(verb)")
        }
        return ChangedExecution(
            before: status, lifecycle: lifecycle, queue: try row.text(6), priority: try row.int(7),
            runAt: try row.optionalTimestamp(8) ?? Timestamp(microseconds: 0),
            uniqueKey: try row.optionalText(9))
    }

    static func unknownExecution(_ id: String) -> JobEngineError {
        JobEngineError(
            .unknownExecution, "There is no execution '\(id)'",
            help: "'hypjobs executions list' shows the newest")
    }
}
