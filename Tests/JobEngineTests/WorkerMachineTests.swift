import Testing

@testable import JobEngine

/// Holds a machine, so that what it answers can stand in an expectation.
private final class MachineBox {
    private var machine: WorkerMachine

    init(_ machine: WorkerMachine) { self.machine = machine }

    var capacity: Int { machine.capacity }

    func next(
        now: Duration, results: Int, busy: Set<WorkerMachine.Errand> = []
    ) -> WorkerMachine.Action {
        machine.next(now: now, results: results, busy: busy)
    }

    func cycled(
        now: Duration, recorded: Int, asked: Int, taken: Int, needScript: Int, nextRetry: Duration?
    ) {
        machine.cycled(
            now: now, recorded: recorded, asked: asked, isQueueEmpty: taken < asked, needScript: needScript,
            nextRetry: nextRetry)
    }

    func databaseFailed(now: Duration, jitter: Double) { machine.databaseFailed(now: now, jitter: jitter) }

    func pulsed(now: Duration, nextDeath: Duration? = nil) {
        machine.pulsed(now: now, nextDeath: nextDeath)
    }

    func scriptEnded(after duration: Duration) { machine.scriptEnded(after: duration) }

    func foundRetry(at time: Duration?) { machine.foundRetry(at: time) }

    func drain(now: Duration) -> Bool { machine.drain(now: now) }

    func hurry(now: Duration) { machine.hurry(now: now) }
}

@Suite("The decisions of a worker")
struct WorkerMachineTests {
    @Test("another worker that may be dead is looked at when it is, and not an interval later")
    func nextDeath() {
        let machine = MachineBox(WorkerMachine(configuration: configuration(), now: Self.start))
        machine.cycled(
            now: Self.start, recorded: 0, asked: 2, taken: 0, needScript: 0, nextRetry: nil)
        let margin = WorkerMachine.deathMargin
        for (death, next) in [
            (Duration.seconds(4), Duration.seconds(4) + margin), (.seconds(40), .seconds(10)),
            (.seconds(-1), margin), (nil, .seconds(10)),
        ] {
            machine.pulsed(now: Self.start, nextDeath: death)
            #expect(machine.next(now: Self.start + next, results: 0) == .pulse)
            let before = machine.next(now: Self.start + next - .milliseconds(1), results: 0)
            #expect(before != .pulse)
        }
    }

    private static let start = Duration.seconds(1000)

    private func configuration(once: Bool = false) -> WorkerConfiguration {
        var configuration = WorkerConfiguration()
        configuration.slots = 2
        configuration.pollInterval = .milliseconds(500)
        configuration.heartbeatInterval = .seconds(10)
        configuration.heartbeatTimeout = .seconds(30)
        configuration.gracePeriod = .seconds(20)
        configuration.claimBatch = 10
        configuration.prefetch = .milliseconds(50)
        configuration.stopsWhenIdle = once
        return configuration
    }

    /// A machine that has sent its first pulse.
    private func machine(once: Bool = false) -> MachineBox {
        let machine = MachineBox(WorkerMachine(configuration: configuration(once: once), now: Self.start))
        #expect(machine.next(now: Self.start, results: 0) == .pulse)
        machine.pulsed(now: Self.start)
        return machine
    }

    /// A machine that has claimed so much that nothing more fits.
    private func busyMachine() -> MachineBox {
        let machine = machine()
        machine.cycled(now: Self.start, recorded: 0, asked: 2, taken: 2, needScript: 2, nextRetry: nil)
        return machine
    }

    @Test("a worker says that it lives before it claims, and claims for its free slots")
    func beginning() {
        let machine = machine()
        #expect(machine.next(now: Self.start, results: 0) == .cycle(claim: 2))
    }

    @Test("while the queue gives what is asked for it claims on, and then it polls")
    func polling() {
        let machine = machine()
        machine.cycled(now: Self.start, recorded: 0, asked: 2, taken: 2, needScript: 1, nextRetry: nil)
        #expect(machine.next(now: Self.start, results: 0) == .cycle(claim: 1))
        machine.cycled(now: Self.start, recorded: 0, asked: 1, taken: 0, needScript: 0, nextRetry: nil)
        #expect(
            machine.next(now: Self.start, results: 0) == .wait(until: Self.start + .milliseconds(500)))
        #expect(
            machine.next(now: Self.start + .milliseconds(500), results: 0) == .cycle(claim: 1))
    }

    @Test("a full worker waits for its scripts, and asks every second whether one is to be cancelled")
    func full() {
        let machine = busyMachine()
        #expect(machine.capacity == 0)
        #expect(machine.next(now: Self.start, results: 0) == .wait(until: Self.start + .seconds(1)))
        #expect(machine.next(now: Self.start + .seconds(1), results: 0) == .pulse)
        machine.pulsed(now: Self.start + .seconds(1))
        #expect(
            machine.next(now: Self.start + .seconds(1), results: 0) == .wait(until: Self.start + .seconds(2)))
    }

    @Test("an idle worker's heartbeat has its own interval")
    func heartbeat() {
        let machine = machine()
        machine.cycled(now: Self.start, recorded: 0, asked: 2, taken: 0, needScript: 0, nextRetry: nil)
        let later = Self.start + .seconds(10)
        #expect(machine.next(now: later - .nanoseconds(1), results: 0) == .cycle(claim: 2))
        #expect(machine.next(now: later, results: 0) == .pulse)
    }

    @Test("a result is recorded at once, and what it frees is claimed in the same transaction")
    func results() {
        let machine = busyMachine()
        machine.scriptEnded(after: .seconds(1))
        #expect(machine.next(now: Self.start, results: 1) == .cycle(claim: 0))
        machine.cycled(now: Self.start, recorded: 1, asked: 0, taken: 0, needScript: 0, nextRetry: nil)
        #expect(machine.next(now: Self.start, results: 0) == .cycle(claim: 1))
    }

    @Test("quick scripts are claimed ahead, as many as run in the prefetch window, up to the batch")
    func prefetch() {
        let machine = machine()
        machine.scriptEnded(after: .milliseconds(25))
        #expect(machine.capacity == 2 + 2 * 2)
        for _ in 0..<200 { machine.scriptEnded(after: .microseconds(1)) }
        #expect(machine.capacity == 10)
        for _ in 0..<200 { machine.scriptEnded(after: .seconds(60)) }
        #expect(machine.capacity == 2)
    }

    @Test("a retry of its own is claimed when it is due, not at the next poll")
    func ownRetry() {
        let machine = busyMachine()
        let due = Self.start + .milliseconds(120)
        machine.cycled(now: Self.start, recorded: 2, asked: 2, taken: 0, needScript: 0, nextRetry: due)
        #expect(machine.next(now: Self.start, results: 0) == .wait(until: due))
        #expect(machine.next(now: due, results: 0) == .cycle(claim: 2))
        machine.cycled(now: due, recorded: 0, asked: 2, taken: 1, needScript: 1, nextRetry: nil)
        #expect(machine.next(now: due, results: 0) == .wait(until: due + .milliseconds(500)))
    }

    @Test("a worker that stops when idle asks for retries first, and stops if there is none")
    func stopsWhenIdle() {
        let machine = machine(once: true)
        machine.cycled(now: Self.start, recorded: 0, asked: 2, taken: 1, needScript: 1, nextRetry: nil)
        #expect(machine.next(now: Self.start, results: 0) != .lookForRetries)
        machine.cycled(now: Self.start, recorded: 1, asked: 2, taken: 0, needScript: 0, nextRetry: nil)
        #expect(machine.next(now: Self.start, results: 0) == .lookForRetries)
        let due = Self.start + .milliseconds(300)
        machine.foundRetry(at: due)
        #expect(machine.next(now: Self.start, results: 0) == .wait(until: due))
        #expect(machine.next(now: due, results: 0) == .cycle(claim: 2))
        machine.cycled(now: due, recorded: 0, asked: 2, taken: 0, needScript: 0, nextRetry: nil)
        #expect(machine.next(now: due, results: 0) == .lookForRetries)
        machine.foundRetry(at: nil)
        #expect(machine.next(now: due, results: 0) == .stop)
    }

    @Test("a drained worker claims nothing, records what still ends, and stops")
    func drain() {
        let machine = busyMachine()
        #expect(machine.drain(now: Self.start))
        #expect(!machine.drain(now: Self.start))
        #expect(machine.capacity == 0)
        #expect(machine.next(now: Self.start, results: 0) == .wait(until: Self.start + .seconds(1)))
        #expect(machine.next(now: Self.start, results: 2) == .cycle(claim: 0))
        machine.cycled(now: Self.start, recorded: 2, asked: 0, taken: 0, needScript: 0, nextRetry: nil)
        #expect(machine.next(now: Self.start, results: 0) == .stop)
    }

    @Test("an idle worker that is drained stops at once")
    func drainIdle() {
        let machine = machine()
        #expect(machine.drain(now: Self.start))
        #expect(machine.next(now: Self.start, results: 0) == .stop)
    }

    @Test("when the grace period is over what runs is interrupted once, and its return is awaited")
    func gracePeriod() {
        let machine = busyMachine()
        _ = machine.drain(now: Self.start)
        let over = Self.start + .seconds(20)
        machine.pulsed(now: over - .milliseconds(10))
        #expect(machine.next(now: over - .nanoseconds(1), results: 0) == .wait(until: over))
        #expect(machine.next(now: over, results: 0) == .interrupt)
        #expect(machine.next(now: over, results: 0) == .wait(until: over + .milliseconds(990)))
        #expect(machine.next(now: over, results: 2) == .cycle(claim: 0))
        machine.cycled(now: over, recorded: 2, asked: 0, taken: 0, needScript: 0, nextRetry: nil)
        #expect(machine.next(now: over, results: 0) == .stop)
    }

    @Test("who is in a hurry waits for no grace period", arguments: [true, false])
    func hurry(isDraining: Bool) {
        let machine = busyMachine()
        if isDraining { _ = machine.drain(now: Self.start) }
        machine.hurry(now: Self.start)
        #expect(machine.next(now: Self.start, results: 0) == .interrupt)
        machine.hurry(now: Self.start)
        #expect(machine.next(now: Self.start, results: 0) == .wait(until: Self.start + .seconds(1)))
    }

    @Test("a failing database is tried again after pauses that grow up to a limit")
    func databaseFailures() {
        let machine = busyMachine()
        var pauses: [Duration] = []
        for _ in 0..<9 {
            machine.databaseFailed(now: Self.start, jitter: 0)
            guard case .wait(let end) = machine.next(now: Self.start, results: 2) else { break }
            pauses.append(end - Self.start)
        }
        // The heartbeat is tried in its own time.
        #expect(
            pauses == [50, 100, 200, 400, 800, 1000, 1000, 1000, 1000].map { .milliseconds($0) })
        #expect(machine.next(now: Self.start + .seconds(1), results: 2) == .pulse)
        machine.pulsed(now: Self.start + .seconds(1))
        #expect(
            machine.next(now: Self.start + .seconds(1), results: 2) == .wait(until: Self.start + .seconds(2)))
        machine.pulsed(now: Self.start + .milliseconds(2500))
        #expect(machine.next(now: Self.start + .milliseconds(2500), results: 2) == .cycle(claim: 0))
        machine.cycled(
            now: Self.start + .milliseconds(2500), recorded: 2, asked: 0, taken: 0, needScript: 0,
            nextRetry: nil)
        machine.databaseFailed(now: Self.start + .seconds(3), jitter: 0)
        #expect(
            machine.next(now: Self.start + .seconds(3), results: 1)
                == .wait(until: Self.start + .milliseconds(3050)))
    }

    @Test("jitter spreads the pause over its second half")
    func jitter() {
        let machine = busyMachine()
        machine.databaseFailed(now: Self.start, jitter: 0.5)
        #expect(
            machine.next(now: Self.start, results: 1) == .wait(until: Self.start + .milliseconds(75)))
    }

    @Test("the end of the grace period is not slept through while the database fails")
    func gracePeriodDuringFailure() {
        let machine = busyMachine()
        _ = machine.drain(now: Self.start)
        let over = Self.start + .seconds(20)
        for _ in 0..<10 { machine.databaseFailed(now: over - .milliseconds(100), jitter: 0.9) }
        #expect(machine.next(now: over - .milliseconds(100), results: 1) == .wait(until: over))
        #expect(machine.next(now: over, results: 1) == .interrupt)
    }

    @Test("an ending worker waits no longer for answers than its leases last")
    func unanswered() {
        let machine = busyMachine()
        machine.hurry(now: Self.start)
        #expect(machine.next(now: Self.start, results: 0) == .interrupt)
        // Asked before, and answered.
        #expect(machine.next(now: Self.start + .seconds(20), results: 0) == .pulse)
        machine.pulsed(now: Self.start + .seconds(20))
        let last = Self.start + .seconds(40)
        #expect(machine.next(now: last, results: 0) == .pulse)
        #expect(machine.next(now: last + .seconds(30), results: 0, busy: [.pulse]) != .stop)
        #expect(
            machine.next(now: last + .seconds(30) + .nanoseconds(1), results: 0, busy: [.pulse]) == .stop)
    }

    @Test("an ending worker gives up recording when its leases have expired, and not before")
    func leasesExpired() {
        let machine = busyMachine()
        machine.hurry(now: Self.start)
        #expect(machine.next(now: Self.start, results: 0) == .interrupt)
        machine.databaseFailed(now: Self.start, jitter: 0)
        #expect(machine.next(now: Self.start + .seconds(30), results: 2) != .stop)
        #expect(machine.next(now: Self.start + .seconds(30) + .nanoseconds(1), results: 2) == .stop)
    }
}
