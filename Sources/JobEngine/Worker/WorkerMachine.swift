/// What a worker does next: a pure value that is told what happened and asked for the next action. It has
/// no clock; every `now` is a reading of the monotonic one.
package struct WorkerMachine: Sendable {
    package enum Action: Sendable, Hashable {
        /// Send the heartbeat, and hear what others want.
        case pulse
        /// Record the results that are there, and claim so many executions.
        case cycle(claim: Int)
        /// Nothing is due: ask whether a retry is waiting.
        case lookForRetries
        case wait(until: Duration)
        /// Give back what has not begun, and interrupt what runs.
        case interrupt
        case stop
    }

    /// What may be under way while the machine is asked for the next action.
    package enum Errand: Sendable, Hashable {
        case pulse, claim, record, rescue
    }

    /// How often a worker with running scripts asks whether one of them should be cancelled.
    static let cancelPoll = Duration.seconds(1)

    /// So much later than a worker may be dead it is looked at: clocks are read one after the other.
    static let deathMargin = Duration.milliseconds(20)

    private enum Phase: Sendable, Hashable {
        case working
        case draining(until: Duration)
        /// What still runs has been interrupted, or nothing is left to do.
        case ending
    }

    private let configuration: WorkerConfiguration
    private var phase = Phase.working
    private var inFlight = 0
    private var nextPulse: Duration
    private var nextPoll: Duration
    /// Retries of this worker's own become due between two polls.
    private var nextRetry: Duration?
    private var pauseUntil: Duration?
    private var failures = 0
    /// When the database was first asked for something without an answer since.
    private var unansweredSince: Duration?
    /// Whether the last claim found less than it asked for.
    private var isQueueEmpty = false
    private var askedForRetries = false
    /// The running average of what a script took.
    private var averageRun: Duration?

    package init(configuration: WorkerConfiguration, now: Duration) {
        self.configuration = configuration
        self.nextPulse = now
        self.nextPoll = now
    }

    /// How many more executions this worker may hold: its free slots, and as much waiting work as the
    /// prefetch window holds at the speed seen so far.
    package var capacity: Int {
        guard phase == .working else { return 0 }
        var waiting = 0
        if let averageRun {
            let window =
                Double(configuration.slots) * (configuration.prefetch / max(averageRun, .microseconds(1)))
            waiting = Int(min(window, Double(4 * configuration.claimBatch)))
        }
        let free = configuration.slots + waiting - inFlight
        // Work for later is fetched in portions, not by the piece.
        guard inFlight < configuration.slots || free >= min(configuration.claimBatch, waiting / 3) else {
            return 0
        }
        return max(0, min(free, configuration.claimBatch))
    }

    /// Whether the worker is interrupting what runs.
    package var isEnding: Bool { phase == .ending }

    /// Whether results may be recorded now: not while a failed database is given a pause.
    package func mayRecord(now: Duration) -> Bool { pauseUntil.map { now >= $0 } ?? true }

    /// The next action.
    ///
    /// - Parameters:
    ///   - results: those that wait to be recorded by the next cycle.
    ///   - busy: what is under way already and not begun again.
    package mutating func next(now: Duration, results: Int, busy: Set<Errand> = []) -> Action {
        if case .draining(let deadline) = phase, now >= deadline {
            phase = .ending
            return .interrupt
        }
        if phase != .working, inFlight == 0, !busy.contains(.claim) { return .stop }
        // The leases have expired: others rescue what could not be recorded.
        if phase == .ending, isCutOff(now: now) { return .stop }
        if now >= nextPulse, !busy.contains(.pulse) { return ask(.pulse, now: now) }
        // Whoever is under way wakes the worker when done.
        let pulseAt = busy.contains(.pulse) ? now + .seconds(1) : nextPulse
        if let pauseUntil, now < pauseUntil { return .wait(until: min(pauseUntil, wakeTime(pulseAt))) }
        if results > 0 { return ask(.cycle(claim: capacity), now: now) }
        guard phase == .working, !busy.contains(.claim) else { return .wait(until: wakeTime(pulseAt)) }
        if capacity > 0, now >= min(nextPoll, nextRetry ?? nextPoll) {
            return ask(.cycle(claim: capacity), now: now)
        }
        if configuration.stopsWhenIdle, isQueueEmpty, inFlight == 0, !askedForRetries {
            askedForRetries = true
            return .lookForRetries
        }
        guard capacity > 0 else { return .wait(until: pulseAt) }
        return .wait(until: min(pulseAt, nextPoll, nextRetry ?? nextPoll))
    }

    private mutating func ask(_ action: Action, now: Duration) -> Action {
        unansweredSince = unansweredSince ?? now
        return action
    }

    /// Whether the database has given no answer for so long that others may take this worker for dead.
    package func isCutOff(now: Duration) -> Bool {
        unansweredSince.map { now - $0 > configuration.heartbeatTimeout } ?? false
    }

    /// The next pulse, or the end of the grace period if that comes first.
    private func wakeTime(_ pulseAt: Duration) -> Duration {
        guard case .draining(let deadline) = phase else { return pulseAt }
        return min(deadline, pulseAt)
    }
}

// MARK: - Events

extension WorkerMachine {
    /// A cycle committed: so many results are recorded, so many rows of the queue taken, and some of the
    /// claimed executions need their script.
    package mutating func cycled(
        now: Duration, recorded: Int, asked: Int, isQueueEmpty isEmpty: Bool, needScript: Int,
        nextRetry retry: Duration?
    ) {
        failures = 0
        unansweredSince = nil
        pauseUntil = nil
        inFlight += needScript - recorded
        if inFlight > 0 { nextPulse = min(nextPulse, now + WorkerMachine.cancelPoll) }
        if let retry { nextRetry = min(nextRetry ?? retry, retry) }
        guard asked > 0 else { return }
        askedForRetries = false
        isQueueEmpty = isEmpty
        nextPoll = isQueueEmpty ? now + configuration.pollInterval : now
        if let waiting = nextRetry, waiting <= now { nextRetry = nil }
    }

    /// A cycle or a heartbeat failed: nothing is lost, everything is tried again after a pause that grows
    /// to the poll interval or five seconds, whichever is longer. `jitter` is in 0..<1.
    package mutating func databaseFailed(now: Duration, jitter: Double) {
        failures += 1
        unansweredSince = unansweredSince ?? now
        let longest = max(configuration.pollInterval, .seconds(5))
        let pause = min(.milliseconds(50) * (1 << min(failures, 10)), longest)
        pauseUntil = now + pause * (0.5 + jitter / 2)
        if now >= nextPulse { nextPulse = now + pause }
    }

    /// Others are claiming, or something was enqueued: when to look for work next.
    package mutating func pauseClaims(until time: Duration) {
        nextPoll = time
    }

    /// Something made it doubtful that others still know this worker.
    package mutating func mustPulse(now: Duration) {
        nextPulse = now
    }

    /// A heartbeat was written.
    ///
    /// - Parameter nextDeath: when the first of the other workers would count as dead, which is looked at
    ///   then and not an interval later.
    package mutating func pulsed(now: Duration, nextDeath: Duration?) {
        failures = 0
        unansweredSince = nil
        var pause = configuration.heartbeatInterval
        if inFlight > 0 { pause = min(pause, WorkerMachine.cancelPoll) }
        if let nextDeath { pause = min(pause, max(nextDeath, .zero) + WorkerMachine.deathMargin) }
        nextPulse = now + pause
    }

    /// A script has ended; its result waits to be recorded.
    package mutating func scriptEnded(after duration: Duration) {
        averageRun = averageRun.map { $0 * 0.9 + duration * 0.1 } ?? duration
    }

    /// The answer to `lookForRetries`: the pause until the next retry, or nil if none waits.
    package mutating func foundRetry(at time: Duration?) {
        guard let time else {
            phase = .ending
            return
        }
        nextRetry = time
    }

    /// Stop claiming; let what runs go on for the grace period. False if it is stopping already.
    package mutating func drain(now: Duration) -> Bool {
        guard phase == .working else { return false }
        phase = .draining(until: now + configuration.gracePeriod)
        return true
    }

    /// Stop at once: the next action interrupts what runs.
    package mutating func hurry(now: Duration) {
        guard phase != .ending else { return }
        phase = .draining(until: now)
    }
}
