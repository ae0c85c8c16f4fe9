import Database
import Effects
import SQL

/// History is removed in small transactions, each of which removes whole executions: never one that waits or
/// runs, and never one whose batch goes on.
extension JobStore {
    /// Removes one batch of what has been kept for long enough, with its entry in the audit trail.
    package func prune(_ retention: Retention, by initiator: Initiator) async throws -> Pruned {
        try await transaction(worksInSets ? .readCommitted : .serializable) { [self] transaction in
            var pruned = Pruned()
            if worksInSets {
                guard try transaction.execute(PruneQueries.lock).first?.bool(0) == true else {
                    pruned.isElsewhere = true
                    return pruned
                }
            }
            pruned.executions = try pruneExecutions(retention, in: transaction)
            if let kept = retention.auditLogs {
                let limit: [SQLValue] = [
                    .timestamp(effects.time.now() - kept), .integer(Int64(retention.batch)),
                ]
                pruned.auditLogs = try transaction.execute(PruneQueries.deleteAudit, limit).affectedRows
            }
            pruned.isMore = max(pruned.executions, pruned.auditLogs) >= retention.batch
            guard pruned.executions + pruned.auditLogs > 0 else { return pruned }
            let facts: JSON = [
                "executions": .integer(pruned.executions), "audit_logs": .integer(pruned.auditLogs),
            ]
            try AuditEntry(
                action: .historyPruned, table: "script_executions", record: nil, new: facts.text,
                initiator: initiator
            ).insert(in: transaction, effects: effects)
            return pruned
        }
    }

    /// How much `prune` would remove, called until there is no more.
    package func prunable(_ retention: Retention) async throws -> Pruned {
        try await read { [self] transaction in
            var pruned = Pruned()
            for (status, kept) in retention.states {
                let row = try transaction.execute(PruneQueries.countOld, bounds(status, kept)).first
                pruned.executions += try row?.int(0) ?? 0
            }
            if let kept = retention.auditLogs {
                let before: [SQLValue] = [.timestamp(effects.time.now() - kept)]
                pruned.auditLogs = try transaction.execute(PruneQueries.countAudit, before).first?.int(0) ?? 0
            }
            return pruned
        }
    }

    private func pruneExecutions(_ retention: Retention, in transaction: Transaction) throws -> Int {
        var gone: [SQLValue] = []
        for (status, kept) in retention.states where gone.count < retention.batch {
            let bounds = bounds(status, kept)
            let values = [bounds[0], bounds[2]] + bounds + [.integer(Int64(retention.batch - gone.count))]
            gone += try transaction.execute(PruneQueries.deleteOld, values).rows.map { .uuid(try $0.uuid(0)) }
        }
        guard !gone.isEmpty else { return 0 }
        for text in PruneQueries.deleteParts(inSets: worksInSets) {
            _ = try transaction.execute(text, [.array(gone)])
        }
        return gone.count
    }

    /// The parameters of what has ended in a state before it is kept no longer.
    private func bounds(_ status: ExecutionStatus, _ kept: Duration) -> [SQLValue] {
        let before = effects.time.now() - kept
        let milliseconds = UInt64(max(0, before.microseconds / 1000) + 1)
        return [
            .text(status.rawValue), .uuid(UniqueID(high: milliseconds << 16, low: 0)), .timestamp(before),
        ]
    }
}
