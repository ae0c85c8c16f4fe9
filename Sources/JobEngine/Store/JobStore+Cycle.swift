import Database
package import Effects
import SQL

/// What one transaction of a worker did.
package struct CycleResult: Sendable {
    /// Attempts that are over, in the order in which they were handed in, claims that ended at once behind
    /// them.
    package var ended: [EndedAttempt] = []
    /// Attempts whose template now wants its script run.
    package var needScript: [Attempt] = []
    /// The sources of the scripts that the worker did not know.
    package var sources: [ScriptVersion: ScriptSource] = [:]
    package var claimed = 0
    /// Rows that a claim took out of the queue: those it claimed, and those whose execution did not wait.
    package var taken = 0
    /// Whether due rows stay in the queue because of a limit.
    package var isHeldBack = false
    /// When a rate lets the next of them go; nil where they wait for the end of others.
    package var roomAt: Timestamp?
    /// Nothing was claimed, because others have declared this worker dead.
    package var isWorkerUnknown = false
    /// The lanes that the claim had for itself; those that others were claiming from are missing.
    package var lanes: [Int] = []
    /// Whether the claim looked at all that is due there, and not from a mark on.
    package var isFullLook = true

    package init() {}
}

extension JobStore {
    /// Records the scripts that have ended and claims more executions, in one transaction: one commit, one
    /// fsync, however many executions.
    package func cycle(record reports: [Attempt], claim request: ClaimRequest?) async throws -> CycleResult {
        try await transaction(worksInSets ? .readCommitted : .serializable) { [self] transaction in
            var result = CycleResult()
            var none: EndBatch?
            for attempt in reports {
                try record(attempt, into: &result, deferring: &none, in: transaction)
            }
            if let request, request.limit > 0 {
                try claim(request, into: &result, in: transaction)
            }
            return result
        }
    }

    /// Ends an attempt whose record the database refuses, however often it is tried: as failed for good,
    /// with the database's reason, and without what the template wanted to write.
    func giveUp(_ attempt: Attempt, because error: DatabaseError) async throws -> EndedAttempt {
        try await transaction { [self] transaction in
            let failure = ExecutionError(kind: .limit, message: "Could not be recorded: \(error.message)")
            return try end(Attempt(claimed: attempt.claimed, run: nil), .failed(failure), in: transaction)
        }
    }

    /// Goes on with an attempt whose script has ended.
    ///
    /// - Parameter batch: where an end may wait to be written with others; nil to write each at once.
    func record(
        _ attempt: Attempt, into result: inout CycleResult, deferring batch: inout EndBatch?,
        in transaction: Transaction
    ) throws {
        var attempt = attempt
        guard let report = attempt.report, attempt.run != nil else {
            preconditionFailure("Only an attempt whose script has ended is recorded.")
        }
        try keepRecording(of: attempt, in: transaction)
        switch report.end {
        case .released:
            try conclude(attempt, .released, into: &result, deferring: &batch, in: transaction)
        case .cancelled:
            try conclude(attempt, .cancelled, into: &result, deferring: &batch, in: transaction)
        case .succeeded:
            guard let action = attempt.run?.succeeded(in: report.duration) else { return }
            try proceed(attempt, from: action, into: &result, deferring: &batch, in: transaction)
        case .failed(let error):
            guard let action = attempt.run?.failed(error, in: report.duration) else { return }
            try proceed(attempt, from: action, into: &result, deferring: &batch, in: transaction)
        }
    }

    /// Ends an attempt that has written nothing which a lost lease would have to undo.
    func conclude(
        _ attempt: Attempt, _ end: AttemptEnd, into result: inout CycleResult,
        deferring batch: inout EndBatch?, in transaction: Transaction
    ) throws {
        guard batch == nil else {
            batch?.append(attempt, end, at: result.ended.count)
            result.ended.append(.pending(attempt))
            return
        }
        result.ended.append(try self.end(attempt, end, in: transaction))
    }

    /// Drives an attempt's template until it needs a script or ends, and writes its end.
    ///
    /// All of it happens inside one savepoint: if the lease turns out to be no longer ours, its effects
    /// vanish.
    func proceed(
        _ attempt: Attempt, from action: TemplateRun.Action, into result: inout CycleResult,
        deferring batch: inout EndBatch?, in transaction: Transaction
    ) throws {
        var attempt = attempt
        guard var run = attempt.run else { preconditionFailure("An attempt without a template has ended.") }
        let driver = TemplateDriver(transaction: transaction, time: effects.time)
        transaction.isAbout(Activity.Subject(id: attempt.claimed.lease.execution))
        defer { transaction.isAbout(nil) }
        var isNew = true
        transaction.beginSavepoint()
        let pause = try driver.drive(
            &run, from: action,
            journal: { steps in
                if try !journal(steps, of: attempt, in: transaction) { isNew = false }
            },
            perform: { step in
                try perform(step, of: &attempt, isDeferred: batch != nil, in: transaction)
            })
        attempt.run = run
        let end: AttemptEnd
        switch pause {
        case .script:
            // What the journal has already was committed by a transaction whose answer got lost: once is
            // enough.
            if isNew { try transaction.releaseSavepoint() } else { try transaction.undoSavepoint() }
            result.needScript.append(attempt)
            return
        case .finished(.succeeded): end = .succeeded
        case .finished(.failed(let failure)): end = .failed(failure.error)
        }
        guard batch != nil, transaction.isSavepointEmpty else {
            result.ended.append(try endGuarded(attempt, end, in: transaction))
            return
        }
        try transaction.releaseSavepoint()
        try conclude(attempt, end, into: &result, deferring: &batch, in: transaction)
    }

    /// Writes the end inside the attempt's savepoint and closes that, undoing everything if the lease is
    /// lost. The end itself writes nothing then, so a savepoint that is still empty is not needed for it.
    private func endGuarded(
        _ attempt: Attempt, _ end: AttemptEnd, in transaction: Transaction
    ) throws -> EndedAttempt {
        guard !transaction.isSavepointEmpty else {
            try transaction.releaseSavepoint()
            return try self.end(attempt, end, in: transaction)
        }
        let ended = try self.end(attempt, end, in: transaction)
        if ended.status == nil { try transaction.undoSavepoint() } else { try transaction.releaseSavepoint() }
        return ended
    }

    /// Whether the steps were not in the journal.
    private func journal(_ steps: [Int], of attempt: Attempt, in transaction: Transaction) throws -> Bool {
        let lease = attempt.claimed.lease
        var isNew = true
        for step in steps {
            let name = attempt.run?.template.steps[step].name ?? ""
            let added = try transaction.execute(
                Queries.insertDoneStep,
                [
                    .uuid(lease.execution), .integer(Int64(step)), .text(name),
                    .integer(Int64(lease.attempt)),
                    .timestamp(effects.time.now()),
                ]
            ).affectedRows
            if added == 0 { isNew = false }
        }
        return isNew
    }

    /// The operations that templates for executions may have.
    private func perform(
        _ step: TemplateStep, of attempt: inout Attempt, isDeferred: Bool, in transaction: Transaction
    ) throws {
        let lease = attempt.claimed.lease
        transaction.isAbout(Activity.Subject(id: lease.execution, step: step.name))
        switch step.operation {
        case .insertExecution:
            // The claim has written the row and the attempt, in this very transaction if no script ran
            // before.
            guard attempt.report != nil else { return }
            try requireLease(lease, in: transaction)
        case .updateExecution:
            attempt.recordsResult = true
        case .insertExecutionLog:
            if isDeferred {
                attempt.recordsOutput = true
            } else {
                try insertLog(of: attempt, in: transaction)
            }
        case .insertAuditLog:
            let new: JSON = ["step": .string(step.name), "attempt": .integer(lease.attempt)]
            try AuditEntry(
                action: .templateStep, table: "script_executions", record: lease.execution, new: new.text,
                initiator: Initiator(user: attempt.claimed.user, agent: JobStore.workerAgent)
            ).insert(in: transaction, effects: effects)
        case .validateScriptContent, .checkScriptNameUnique, .insertScript, .runScript:
            preconditionFailure("The driver performs only database steps on executions.")
        }
    }

    private func requireLease(_ lease: Lease, in transaction: Transaction) throws {
        let key: [SQLValue] = [.uuid(lease.execution), .integer(Int64(lease.attempt)), .uuid(lease.epoch)]
        guard try transaction.execute(Queries.selectLease, key).first != nil else {
            throw ExecutionError(kind: .workerLost, message: "The lease was taken by another worker")
        }
    }
}
