import Database
import Effects
import SQL

/// History is removed in small transactions, each of which removes whole executions: never one that waits or
/// runs, and never one whose batch goes on.
extension JobStore {
    /// Removes one batch of what has been kept for long enough, with its entry in the audit trail.
    package func prune(_ retention: Retention, by initiator: Initiator) async throws -> Pruned {
        let start = worksInSets ? pruneMemory.marks : PruneMarks()
        let (pruned, marks) = try await transaction(worksInSets ? .readCommitted : .serializable) {
            [self] transaction in
            var marks = start
            return (try prune(retention, &marks, by: initiator, in: transaction), marks)
        }
        if worksInSets { pruneMemory.marks = marks }
        return pruned
    }

    private func prune(
        _ retention: Retention, _ marks: inout PruneMarks, by initiator: Initiator,
        in transaction: Transaction
    ) throws -> Pruned {
        var pruned = Pruned()
        if worksInSets {
            guard try transaction.execute(PruneQueries.lock).first?.bool(0) == true else {
                pruned.isElsewhere = true
                return pruned
            }
        }
        pruned.executions = try pruneExecutions(retention, &marks, in: transaction)
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

    /// How much `prune` would remove, called until there is no more.
    package func prunable(_ retention: Retention) async throws -> Pruned {
        try await read { [self] transaction in
            var pruned = Pruned()
            for (status, kept) in retention.states {
                let all = range(kept, from: UniqueID(high: 0, low: 0))
                let row = try transaction.execute(PruneQueries.countOld, bounds(status, kept, all)).first
                pruned.executions += try row?.int(0) ?? 0
            }
            if let kept = retention.auditLogs {
                let before: [SQLValue] = [.timestamp(effects.time.now() - kept)]
                pruned.auditLogs = try transaction.execute(PruneQueries.countAudit, before).first?.int(0) ?? 0
            }
            return pruned
        }
    }

    private func pruneExecutions(
        _ retention: Retention, _ marks: inout PruneMarks, in transaction: Transaction
    ) throws -> Int {
        var gone: [UniqueID] = []
        let now = effects.time.uptime()
        for (status, kept) in retention.states where gone.count < retention.batch {
            let range = range(kept, from: marks.start(status, kept: kept, now: now))
            let bounds = bounds(status, kept, range)
            let limit = retention.batch - gone.count
            let values = [bounds[0], bounds[3]] + bounds + [.integer(Int64(limit))]
            let ids = try transaction.execute(PruneQueries.deleteOld, values).rows.map { try $0.uuid(0) }
            marks.looked(status, upTo: ids.count < limit ? range.upperBound : ids.max(), now: now)
            gone += ids
        }
        guard !gone.isEmpty else { return 0 }
        for text in PruneQueries.deleteParts(inSets: worksInSets) {
            _ = try transaction.execute(text, [.array(gone.map(SQLValue.uuid))])
        }
        return gone.count
    }

    /// What may have ended before it is kept no longer: what was enqueued until then, from a mark on.
    private func range(_ kept: Duration, from start: UniqueID) -> Range<UniqueID> {
        let milliseconds = UInt64(max(0, (effects.time.now() - kept).microseconds / 1000) + 1)
        let end = UniqueID(high: milliseconds << 16, low: 0)
        return min(start, end)..<end
    }

    /// The parameters of what has ended in a state before it is kept no longer.
    private func bounds(
        _ status: ExecutionStatus, _ kept: Duration, _ range: Range<UniqueID>
    ) -> [SQLValue] {
        [
            .text(status.rawValue), .uuid(range.lowerBound), .uuid(range.upperBound),
            .timestamp(effects.time.now() - kept),
        ]
    }
}
