import Database
import Effects
import SQL

/// What the audit trail calls the things it records.
package enum AuditAction: String, Sendable, Hashable {
    case enqueued = "execution.enqueued"
    case completed = "execution.completed"
    case failed = "execution.failed"
    case cancelled = "execution.cancelled"
    case cancelRequested = "execution.cancel_requested"
    case retried = "execution.retried"
    /// A request with its unique key changed it while it waited.
    case replaced = "execution.replaced"
    case rescheduled = "execution.rescheduled"
    case queuePaused = "queue.paused"
    case queueResumed = "queue.resumed"
    case queueLimited = "queue.limited"
    case historyPruned = "history.pruned"
    case scriptAdded = "script.added"
    case scriptVersionAdded = "script.version_added"
    case scriptArchived = "script.archived"
    case scriptRestored = "script.restored"
    case scriptBoxChanged = "script.box_changed"
    /// What the step `insert_audit_log` of a template writes.
    case templateStep = "template.step"
    case repositoryCalled = "repository.called"

    /// The action that a final state writes.
    init?(final status: ExecutionStatus) {
        switch status {
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .queued, .running: return nil
        }
    }
}

/// One row of the audit trail, written in the transaction of what it tells about.
struct AuditEntry {
    let action: AuditAction
    let table: String
    /// Nil for what has no identifier.
    let record: UniqueID?
    /// JSON texts.
    var old: String?
    var new: String?
    let initiator: Initiator

    func insert(in transaction: Transaction, effects: Effects) throws {
        _ = try transaction.execute(
            Queries.insertAuditLog,
            [
                .uuid(effects.ids.next()), .uuid(initiator.user), .text(action.rawValue), .text(table),
                record.map(SQLValue.uuid) ?? .null, old.map(SQLValue.json) ?? .null,
                new.map(SQLValue.json) ?? .null,
                .text(initiator.agent), .timestamp(effects.time.now()),
            ])
    }
}
