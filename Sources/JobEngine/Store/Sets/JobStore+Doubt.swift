import Database
package import Effects
import SQL

/// What became of claims whose COMMIT nobody answered.
package struct SettledClaims: Sendable {
    /// The lanes in which none of them can be under way any more.
    package let lanes: Set<Int>
    /// What they had taken, and the worker has given back.
    package let released: [EndedAttempt]
}

extension JobStore {
    /// Gives back what is running under this worker's name and not known to it: the connection broke while a
    /// claim committed. No program of it has begun, so the attempt is not counted.
    ///
    /// Such a claim may still be waiting on the server for a COMMIT that is on its way. It has its lanes to
    /// itself until it is over: what it took is looked for when each of its lanes was once free.
    ///
    /// - Parameters:
    ///   - lanes: those of the claims.
    ///   - held: what the worker knows to hold. No claim of its own may be under way.
    package func settleClaims(
        of epoch: UniqueID, lanes: Set<Int>, held: Set<Lease>
    ) async throws -> SettledClaims {
        try await transaction(.readCommitted) { [self] transaction in
            guard
                let free = try beginSet(epoch, lanes: lanes.sorted(), queues: [], in: transaction)?.lanes
            else {
                // Others took this worker for dead, and what it had with it.
                return SettledClaims(lanes: lanes, released: [])
            }
            guard lanes.isSubset(of: free) else { return SettledClaims(lanes: Set(free), released: []) }
            var released: [EndedAttempt] = []
            for row in try transaction.execute(Queries.runningOfWorker, [.uuid(epoch)]).rows {
                let lease = Lease(execution: try row.uuid(0), attempt: try row.int(1), epoch: epoch)
                guard !held.contains(lease) else { continue }
                released.append(try endUnheld(row, .release, because: nil, in: transaction))
            }
            return SettledClaims(lanes: lanes, released: released)
        }
    }

    /// Whether the transaction that was to enqueue these has committed, which is certain then: one that is
    /// still under way on the server is waited for. Nil where it has left nothing that could be looked for,
    /// and where the server does not tell in time.
    func hasCommitted(_ results: [EnqueueResult], by initiator: Initiator) async throws -> Bool? {
        let ids = results.compactMap { if case .enqueued(let id) = $0 { id } else { nil } }
        guard worksInSets, let id = ids.first else { return nil }
        do {
            try await transaction(.readCommitted) { transaction in
                // A row with the same key waits for the end of whoever is writing one.
                let added = try transaction.execute(SetQueries.probe, [.uuid(id), .uuid(initiator.user)])
                guard added.affectedRows == 0 else { throw NotThere() }
            }
            return true
        } catch is NotThere {
            return false
        } catch let error as DatabaseError where error.code == .timeout || error.code == .cannotConnect {
            return nil
        }
    }

    /// Takes the probe back.
    private struct NotThere: Error {}

    /// What became of attempts whose record was refused, after the answer to an earlier one got lost: what
    /// this worker has recorded then is so, and was taken by nobody.
    func settled(_ ended: [EndedAttempt], by epoch: UniqueID) async throws -> [EndedAttempt] {
        guard ended.contains(where: { $0.status == nil }) else { return ended }
        return try await read { transaction in
            try ended.map { attempt in
                guard attempt.status == nil else { return attempt }
                let key: [SQLValue] = [
                    .uuid(attempt.execution), .integer(Int64(attempt.attempt)), .uuid(epoch),
                ]
                guard let row = try transaction.execute(Queries.selectOutcome, key).first,
                    let outcome = AttemptOutcome(rawValue: try row.text(0))
                else { return attempt }
                let retryAt = try row.optionalTimestamp(1)
                return EndedAttempt(
                    execution: attempt.execution, script: attempt.script, attempt: attempt.attempt,
                    status: outcome.status(isRetried: retryAt != nil), retryAt: retryAt,
                    duration: attempt.duration, startedAt: attempt.startedAt,
                    error: try ExecutionError(row))
            }
        }
    }
}

extension AttemptOutcome {
    /// What the attempt's own worker has made of the execution; nil if others ended the attempt.
    fileprivate func status(isRetried: Bool) -> ExecutionStatus? {
        switch self {
        case .completed: .completed
        case .failed: isRetried ? .queued : .failed
        case .cancelled: .cancelled
        case .released: .queued
        case .rescued: nil
        }
    }
}

extension ExecutionError {
    /// What the attempt's history says; nil where nothing went wrong.
    fileprivate init?(_ row: Row) throws {
        guard let kind = try row.optionalText(2).flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(kind: kind, message: try row.optionalText(3) ?? "")
    }
}
