/// How long what is over is kept; nil is for ever.
package struct Retention: Sendable, Hashable {
    /// Executions in each final state, counted from their end.
    package var completed: Duration?
    package var failed: Duration?
    package var cancelled: Duration?
    /// Entries of the audit trail, which nothing else removes.
    package var auditLogs: Duration?
    /// The most rows of each kind that one transaction removes.
    package var batch = 500

    package init() {}

    /// Whether everything is kept for ever.
    package var isEmpty: Bool {
        completed == nil && failed == nil && cancelled == nil && auditLogs == nil
    }

    /// The final states, and how long each is kept.
    var states: [(status: ExecutionStatus, kept: Duration)] {
        let all: [(ExecutionStatus, Duration?)] = [
            (.completed, completed), (.failed, failed), (.cancelled, cancelled),
        ]
        return all.compactMap { status, kept in kept.map { (status, $0) } }
    }
}

/// What was removed, or what would be.
package struct Pruned: Sendable, Hashable {
    package var executions = 0
    package var auditLogs = 0
    /// Whether there may be more to remove.
    package var isMore = false
    /// Whether somebody else was at it, and this transaction did nothing.
    package var isElsewhere = false

    package init() {}
}
