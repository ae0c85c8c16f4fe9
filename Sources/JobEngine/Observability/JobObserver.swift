package import Effects

/// What happens in a worker, as it happens.
package enum JobEvent: Sendable {
    case workerStarted(epoch: UniqueID, slots: Int, queues: [String])
    case claimed(Int)
    case ended(EndedAttempt)
    /// Taken from a dead worker.
    case rescued(EndedAttempt)
    /// A cancel request reached a running script.
    case cancelling(UniqueID)
    /// A transaction failed; its results are kept and tried again.
    case databaseFailed(String)
    /// Others took this worker for dead; it goes on under a new epoch.
    case presumedDead(old: UniqueID, new: UniqueID)
    /// No news of enqueued work will come: new work waits for the next poll.
    case pollingOnly
    case draining
    case interrupting(running: Int)
    case workerStopped(WorkerSummary)
}

/// What a worker did in its life.
package struct WorkerSummary: Sendable, Hashable {
    package var completed = 0
    package var failed = 0
    package var cancelled = 0
    /// Attempts that were given back for another try.
    package var retried = 0
    package var released = 0
    package var stale = 0
    /// Executions that could not be recorded or given back: others rescue them.
    package var abandoned = 0

    package init() {}
}

/// Sees every event of a worker. Called from the worker's own task: it must not block.
package protocol JobObserver: Sendable {
    func observe(_ event: JobEvent)
}
