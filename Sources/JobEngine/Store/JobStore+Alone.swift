import Database
import Effects
import SQL

/// The records that share the transaction of their script.
extension JobStore {
    /// Records a run that went well in the transaction in which its script wrote.
    ///
    /// - Throws: whatever must undo what the script wrote: the lease is lost, or a later step of the template
    ///   failed.
    func recordAlone(_ attempt: Attempt, in transaction: Transaction) throws -> CycleResult {
        var result = CycleResult()
        var none: EndBatch?
        try record(attempt, into: &result, deferring: &none, in: transaction)
        guard let ended = result.ended.first, result.needScript.isEmpty else {
            throw ExecutionError(
                kind: .configuration, message: "A template cannot go on with a second script step")
        }
        if let error = ended.error { throw error }
        guard ended.status != nil else {
            throw ExecutionError(kind: .workerLost, message: "The lease was taken by another worker")
        }
        return result
    }

    /// What such a transaction recorded whose commit nobody answered; nil if it did not happen. One that is
    /// still under way on the server is waited for: it holds the execution's row.
    func recordedAlone(_ attempt: Attempt) async throws -> CycleResult? {
        let lease = attempt.claimed.lease
        return try await transaction(.readCommitted) { [self] transaction in
            if worksInSets {
                let lock = "SELECT 1 FROM script_executions WHERE id = ?" + SetQueries.forChange
                _ = try transaction.execute(lock, [.uuid(lease.execution)])
            }
            let key: [SQLValue] = [
                .uuid(lease.execution), .integer(Int64(lease.attempt)), .uuid(lease.epoch),
            ]
            guard let row = try transaction.execute(Queries.selectOutcome, key).first,
                try row.text(0) == AttemptOutcome.completed.rawValue
            else { return nil }
            var result = CycleResult()
            result.ended = [
                EndedAttempt(
                    execution: lease.execution, script: attempt.claimed.script, attempt: lease.attempt,
                    status: .completed, retryAt: nil, duration: attempt.report?.duration ?? .zero,
                    startedAt: attempt.report?.startedAt, error: nil)
            ]
            return result
        }
    }

    /// Keeps what the run got from outside, if it is to be kept.
    func keepRecording(of attempt: Attempt, in transaction: Transaction) throws {
        guard let recording = attempt.recording else { return }
        let lease = attempt.claimed.lease
        let key: [SQLValue] = [.uuid(lease.execution), .integer(Int64(lease.attempt)), .uuid(lease.epoch)]
        // Of an execution that is another worker's by now, or gone, nothing is kept.
        guard try transaction.execute(Queries.selectLease, key).first != nil else { return }
        _ = try transaction.execute(
            BoxQueries.insertRecording,
            [
                .uuid(lease.execution), .integer(Int64(lease.attempt)), .text(recording),
                .timestamp(effects.time.now()),
            ])
    }
}
