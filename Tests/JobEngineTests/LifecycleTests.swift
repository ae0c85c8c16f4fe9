import Effects
import Testing

@testable import JobEngine

/// Every state that small numbers can make, with every event.
private struct Situation: CustomStringConvertible {
    let before: ExecutionLifecycle
    let event: ExecutionLifecycle.Event

    var description: String { "\(event) in \(before)" }

    static let events: [ExecutionLifecycle.Event] = [
        .claim, .succeed, .fail(isRetryable: true), .fail(isRetryable: false), .requestCancel,
        .acknowledgeCancel,
        .release, .rescue(limit: 1), .rescue(limit: 2), .rescue(limit: 3), .retry,
    ]

    static let all: [Situation] = {
        var all: [Situation] = []
        for status in ExecutionStatus.allCases {
            for attempt in 0...4 {
                for releases in 0...attempt {
                    for rescues in 0...3 {
                        for maxAttempts in 1...4 {
                            for isCancelRequested in [false, true] {
                                let before = ExecutionLifecycle(
                                    status: status, attempt: attempt, releases: releases, rescues: rescues,
                                    maxAttempts: maxAttempts, isCancelRequested: isCancelRequested)
                                all += events.map { Situation(before: before, event: $0) }
                            }
                        }
                    }
                }
            }
        }
        return all
    }()

    /// What the event makes of the state; nil if the state refuses it.
    func outcome() -> (after: ExecutionLifecycle, transition: ExecutionLifecycle.Transition)? {
        var after = before
        do throws(ExecutionLifecycle.Refusal) {
            let transition = try after.apply(event)
            return (after, transition)
        } catch {
            return nil
        }
    }
}

@Suite("The states of an execution")
struct LifecycleTests {
    /// The ways of the diagram: where each event leads to from where it is known.
    private static func ways(
        from status: ExecutionStatus, by event: ExecutionLifecycle.Event
    ) -> Set<ExecutionStatus> {
        switch (status, event) {
        case (.queued, .claim): [.running]
        case (.queued, .requestCancel): [.cancelled]
        case (.running, .succeed): [.completed]
        case (.running, .fail): [.queued, .failed, .cancelled]
        case (.running, .requestCancel): [.running]
        case (.running, .acknowledgeCancel): [.cancelled]
        case (.running, .release): [.queued, .cancelled]
        case (.running, .rescue): [.queued, .failed, .cancelled]
        case (.completed, .retry), (.failed, .retry), (.cancelled, .retry): [.queued]
        case (.queued, _), (.running, _), (.completed, _), (.failed, _), (.cancelled, _): []
        }
    }

    @Test("only the ways of the diagram exist, and each of them does")
    func ways() {
        var seen: [String: Set<ExecutionStatus>] = [:]
        for situation in Situation.all {
            let allowed = Self.ways(from: situation.before.status, by: situation.event)
            guard let outcome = situation.outcome() else {
                #expect(allowed.isEmpty, "\(situation) was refused")
                continue
            }
            #expect(allowed.contains(outcome.after.status), "\(situation)")
            seen["\(situation.before.status) \(situation.event)", default: []].insert(outcome.after.status)
        }
        for status in ExecutionStatus.allCases {
            for event in Situation.events where event != .fail(isRetryable: false) {
                guard !Self.ways(from: status, by: event).isEmpty else { continue }
                let expected =
                    event == .rescue(limit: 1)
                    ? [.failed, .cancelled] : Self.ways(from: status, by: event)
                #expect(seen["\(status) \(event)"] == expected, "\(event) in \(status)")
            }
        }
    }

    @Test("a refused event changes nothing and says what was refused")
    func refusals() {
        for situation in Situation.all where situation.outcome() == nil {
            var state = situation.before
            #expect(
                throws: ExecutionLifecycle.Refusal(status: situation.before.status, event: situation.event)
            ) { try state.apply(situation.event) }
            #expect(state == situation.before, "\(situation)")
        }
    }

    @Test("what is final stays final, whatever happens, except by a retry")
    func finality() {
        for situation in Situation.all where situation.before.status.isFinal {
            let after = situation.outcome()?.after
            #expect((after == nil) == (situation.event != .retry), "\(situation)")
        }
    }

    @Test("the attempt grows with a claim and never otherwise")
    func attempts() {
        for situation in Situation.all {
            guard let (after, _) = situation.outcome() else { continue }
            let growth = situation.event == .claim ? 1 : 0
            #expect(after.attempt == situation.before.attempt + growth, "\(situation)")
        }
    }

    @Test("an attempt that was given back does not count")
    func releases() {
        for situation in Situation.all where situation.event == .release {
            guard let (after, transition) = situation.outcome() else { continue }
            #expect(after.countedAttempts == situation.before.countedAttempts - 1, "\(situation)")
            #expect(transition.outcome == .released, "\(situation)")
            #expect(after.rescues == situation.before.rescues, "\(situation)")
            #expect(
                after.status == (situation.before.isCancelRequested ? .cancelled : .queued), "\(situation)")
        }
    }

    @Test("an attempt ends when the execution stops running, and it waits when it is queued again")
    func transitions() {
        for situation in Situation.all {
            guard let (after, transition) = situation.outcome() else { continue }
            let stops = situation.before.status == .running && after.status != .running
            #expect((transition.outcome != nil) == stops, "\(situation)")
            #expect((transition.requeue != nil) == (after.status == .queued), "\(situation)")
            #expect(!transition.isQuarantined || after.status == .failed, "\(situation)")
        }
    }

    @Test("a failure is retried after its backoff while attempts are left")
    func retries() throws {
        var state = ExecutionLifecycle(maxAttempts: 3)
        for retry in 1...2 {
            _ = try state.apply(.claim)
            let transition = try state.apply(.fail(isRetryable: true))
            #expect(transition == .init(outcome: .failed, requeue: .afterBackoff(retry: retry)))
        }
        _ = try state.apply(.claim)
        #expect(try state.apply(.fail(isRetryable: true)) == .init(outcome: .failed))
        #expect(state.status == .failed)
        #expect(state.attempt == 3)
    }

    @Test("a permanent failure is final at once")
    func permanentFailure() throws {
        var state = ExecutionLifecycle(status: .running, attempt: 1, maxAttempts: 9)
        #expect(try state.apply(.fail(isRetryable: false)) == .init(outcome: .failed))
        #expect(state.status == .failed)
    }

    @Test("a released attempt leaves the backoff of later failures as it would have been")
    func releaseThenFailure() throws {
        var state = ExecutionLifecycle(maxAttempts: 2)
        for event: ExecutionLifecycle.Event in [.claim, .release, .claim] { _ = try state.apply(event) }
        #expect(try state.apply(.fail(isRetryable: true)).requeue == .afterBackoff(retry: 1))
        _ = try state.apply(.claim)
        #expect(try state.apply(.fail(isRetryable: true)).requeue == nil)
        #expect(state.attempt == 3)
    }

    @Test("after so many rescues an execution is quarantined")
    func quarantine() throws {
        var state = ExecutionLifecycle(maxAttempts: 10)
        for rescue in 1...3 {
            _ = try state.apply(.claim)
            let transition = try state.apply(.rescue(limit: 3))
            #expect(transition.isQuarantined == (rescue == 3))
            #expect(transition.outcome == .rescued)
            #expect(state.status == (rescue == 3 ? .failed : .queued))
        }
        _ = try state.apply(.retry)
        #expect(state.rescues == 0)
    }

    @Test("a rescue counts: without attempts left the execution fails")
    func rescueOfTheLastAttempt() throws {
        var state = ExecutionLifecycle(maxAttempts: 1)
        _ = try state.apply(.claim)
        #expect(try state.apply(.rescue(limit: 3)) == .init(outcome: .rescued))
        #expect(state.status == .failed)
    }

    @Test("somebody's wish to cancel wins over every end but success", arguments: [true, false])
    func cancelWins(isRetryable: Bool) throws {
        for event: ExecutionLifecycle.Event in [.fail(isRetryable: isRetryable), .release, .rescue(limit: 3)]
        {
            var state = ExecutionLifecycle(status: .running, attempt: 1, maxAttempts: 1)
            _ = try state.apply(.requestCancel)
            _ = try state.apply(event)
            #expect(state.status == .cancelled, "\(event)")
        }
        var state = ExecutionLifecycle(status: .running, attempt: 1, maxAttempts: 1, isCancelRequested: true)
        _ = try state.apply(.succeed)
        #expect(state.status == .completed)
    }

    @Test("a retry gives one more attempt, also when all were used up")
    func operatorRetry() throws {
        for attempt in 0...5 {
            var state = ExecutionLifecycle(
                status: .failed, attempt: attempt, rescues: 2, maxAttempts: 3, isCancelRequested: true)
            #expect(try state.apply(.retry) == .init(requeue: .atOnce))
            #expect(state.countedAttempts < state.maxAttempts)
            #expect(state.maxAttempts == max(3, attempt + 1))
            #expect(!state.isCancelRequested)
        }
    }

    @Test("whatever happens in whatever order, the counts stay true", arguments: 0..<200)
    func randomSequences(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        var state = ExecutionLifecycle(maxAttempts: Int(random.uniform(below: 4)) + 1)
        var claims = 0
        var released = 0
        for step in 0..<200 {
            let event = Situation.events[Int(random.uniform(below: UInt64(Situation.events.count)))]
            let before = state
            guard let transition = try? state.apply(event) else {
                // A refusal is an answer, too; that it changes nothing is what is tested here.
                try #require(state == before, "seed \(seed), step \(step): \(event)")
                continue
            }
            claims += event == .claim ? 1 : 0
            released += transition.outcome == .released ? 1 : 0
            let place: Comment = "seed \(seed), step \(step): \(event) in \(before)"
            try #require(state.attempt == claims, place)
            try #require(state.releases == released, place)
            try #require(state.countedAttempts >= 0, place)
            try #require(state.maxAttempts >= before.maxAttempts, place)
            try #require(state.status != .running || state.countedAttempts <= state.maxAttempts, place)
            try #require(state.status != .queued || state.countedAttempts < state.maxAttempts, place)
            try #require(state.isCancelRequested || !before.isCancelRequested || event == .retry, place)
        }
    }
}
