package import Effects

/// A claimed execution on its way through its template.
package struct Attempt: Sendable {
    package let claimed: ClaimedExecution
    /// Nil when the configuration no longer has the template.
    package var run: TemplateRun?
    /// What the script step came to, once it has run.
    package var report: ScriptReport?
    /// Set by the operation of the template that records it.
    var recordsResult = false
    /// The same for what the script printed.
    var recordsOutput = false
    /// The recording of its run, if it is to be kept.
    var recording: String?
    /// What its script's own transaction has recorded already.
    var recorded: CycleResult?
    /// The program, once a worker has it: a template may want a script run twice, and the worker's memory of
    /// scripts is short.
    var script: CachedScript?

    package init(claimed: ClaimedExecution, run: TemplateRun?) {
        self.claimed = claimed
        self.run = run
    }
}

/// How a script step ended, and what it printed.
package struct ScriptReport: Sendable {
    package enum End: Sendable, Hashable {
        /// The result's JSON text; nil if the program left none.
        case succeeded(result: String?)
        case failed(ExecutionError)
        /// Stopped because somebody asked for it.
        case cancelled
        /// Stopped, or never begun, because the worker shuts down: the execution waits again.
        case released
    }

    package let end: End
    package let output: String
    package let duration: Duration
    /// When the script began, by the clock that only goes forward; nil if it never did.
    package let startedAt: Duration?

    package init(
        end: End, output: String = "", duration: Duration = .zero, startedAt: Duration? = nil
    ) {
        self.end = end
        self.output = output
        self.duration = duration
        self.startedAt = startedAt
    }
}

/// What the database made of an attempt's end.
package struct EndedAttempt: Sendable, Hashable {
    package let execution: UniqueID
    package let script: ScriptVersion
    package let attempt: Int
    /// Nil if the lease was no longer ours: nothing was written.
    package let status: ExecutionStatus?
    /// When the next attempt may begin, if there is one.
    package let retryAt: Timestamp?
    package let duration: Duration
    /// When the script began, by this process's clock that only goes forward; nil if it did not run here.
    package let startedAt: Duration?
    package let error: ExecutionError?

    /// Holds the place of an attempt whose end is not written yet.
    static func pending(_ attempt: Attempt) -> EndedAttempt {
        EndedAttempt(
            execution: attempt.claimed.lease.execution, script: attempt.claimed.script,
            attempt: attempt.claimed.lease.attempt, status: nil, retryAt: nil, duration: .zero,
            startedAt: nil, error: nil)
    }
}
