/// The states of one execution and the only ways between them. A pure value: the store asks it what an
/// event means and writes down the answer.
///
/// ```
/// enqueue ─► queued ──claim──► running ──succeed──► completed
///              ▲  │               │ ├──fail, attempts left──► queued
///              │  └─cancel─► cancelled ◄──cancel seen by the worker └──fail, none left──► failed
///              └──── release (shutdown, not counted) / rescue (dead worker, counted) ────┘
/// ```
package struct ExecutionLifecycle: Sendable, Hashable {
    package private(set) var status: ExecutionStatus
    /// Claims so far. It only grows, so that it can fence a stale worker.
    package private(set) var attempt: Int
    /// Attempts that ended in a release and do not count against `maxAttempts`.
    package private(set) var releases: Int
    package private(set) var rescues: Int
    package private(set) var maxAttempts: Int
    package private(set) var isCancelRequested: Bool

    package init(
        status: ExecutionStatus = .queued, attempt: Int = 0, releases: Int = 0, rescues: Int = 0,
        maxAttempts: Int, isCancelRequested: Bool = false
    ) {
        self.status = status
        self.attempt = attempt
        self.releases = releases
        self.rescues = rescues
        self.maxAttempts = maxAttempts
        self.isCancelRequested = isCancelRequested
    }

    package enum Event: Sendable, Hashable {
        case claim, succeed
        case fail(isRetryable: Bool)
        case requestCancel
        case acknowledgeCancel
        case release
        /// The worker died. After `limit` rescues the execution is taken to kill its workers and fails.
        case rescue(limit: Int)
        /// An operator's new attempt of something final.
        case retry
    }

    /// What an event changed.
    package struct Transition: Sendable, Hashable {
        /// How the running attempt ended, if one did.
        package var outcome: AttemptOutcome?
        /// Where the execution waits again, if it does.
        package var requeue: Requeue?
        /// Whether this event was the last straw of `rescue(limit:)`.
        package var isQuarantined = false
    }

    package enum Requeue: Sendable, Hashable {
        case atOnce
        /// After the retry policy's delay before the given retry, counted from 1.
        case afterBackoff(retry: Int)
    }

    /// An event that the state does not know.
    package struct Refusal: Error, Sendable, Hashable {
        package let status: ExecutionStatus
        package let event: Event
    }

    /// Attempts that count against `maxAttempts`.
    package var countedAttempts: Int { attempt - releases }

    package mutating func apply(_ event: Event) throws(Refusal) -> Transition {
        switch (status, event) {
        case (.queued, .claim):
            status = .running
            attempt += 1
            return Transition()
        case (.queued, .requestCancel):
            status = .cancelled
            isCancelRequested = true
            return Transition()
        case (.running, .requestCancel):
            isCancelRequested = true
            return Transition()
        case (.running, .succeed):
            status = .completed
            return Transition(outcome: .completed)
        case (.running, .acknowledgeCancel):
            status = .cancelled
            return Transition(outcome: .cancelled)
        case (.running, .fail(let isRetryable)):
            return failed(isRetryable: isRetryable)
        case (.running, .release):
            releases += 1
            return goBack(outcome: .released)
        case (.running, .rescue(let limit)):
            return rescued(limit: limit)
        case (.completed, .retry), (.failed, .retry), (.cancelled, .retry):
            status = .queued
            isCancelRequested = false
            rescues = 0
            maxAttempts = max(maxAttempts, countedAttempts + 1)
            return Transition(requeue: .atOnce)
        case (.queued, _), (.running, _), (.completed, _), (.failed, _), (.cancelled, _):
            throw Refusal(status: status, event: event)
        }
    }

    private mutating func failed(isRetryable: Bool) -> Transition {
        if isCancelRequested {
            status = .cancelled
            return Transition(outcome: .cancelled)
        }
        guard isRetryable, countedAttempts < maxAttempts else {
            status = .failed
            return Transition(outcome: .failed)
        }
        status = .queued
        return Transition(outcome: .failed, requeue: .afterBackoff(retry: countedAttempts))
    }

    private mutating func rescued(limit: Int) -> Transition {
        rescues += 1
        // Somebody wanted it to stop, and it has.
        if isCancelRequested { return goBack(outcome: .rescued) }
        if rescues >= limit {
            status = .failed
            return Transition(outcome: .rescued, isQuarantined: true)
        }
        guard countedAttempts < maxAttempts else {
            status = .failed
            return Transition(outcome: .rescued)
        }
        return goBack(outcome: .rescued)
    }

    /// Leaves the worker without an end of its own: cancelled if somebody asked for it meanwhile, else
    /// waiting again.
    private mutating func goBack(outcome: AttemptOutcome) -> Transition {
        status = isCancelRequested ? .cancelled : .queued
        return Transition(outcome: outcome, requeue: isCancelRequested ? nil : .atOnce)
    }
}
