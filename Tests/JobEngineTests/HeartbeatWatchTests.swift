import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Which silence is a death", .timeLimit(.minutes(2)))
struct HeartbeatWatchTests {
    private let observer = UniqueID(high: 0xE, low: 2)

    /// What an observer remembers between its pulses.
    private final class Memory {
        var watch = HeartbeatWatch(interval: .seconds(10))

        /// One pulse of the observer; the executions that it rescued.
        func pulse(_ engine: EngineFixture, as observer: UniqueID) async throws -> [UniqueID] {
            let pulse = try await engine.pulse(observer, watch: watch)
            watch = pulse.watch
            return pulse.rescued.map(\.execution)
        }
    }

    @Test("a clock that jumps, a machine's or the server's, makes nobody rescue a living worker")
    func clockJumps() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.register()
            try await engine.register(observer)
            let attempt = try await engine.claimOne()
            let memory = Memory()
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            for hours in [1, -1, 24, 1000] {
                engine.time.set(engine.time.now() + .seconds(hours * 3600))
                #expect(try await memory.pulse(engine, as: observer).isEmpty)
                engine.time.advance(by: .seconds(9))
                #expect(try await memory.pulse(engine, as: observer).isEmpty)
                engine.time.advance(by: .seconds(1))
                #expect(try await engine.pulse().isKnown)
                #expect(try await memory.pulse(engine, as: observer).isEmpty)
            }
            #expect(try await engine.record(attempt, .succeeded(result: "1")).status == .completed)
        }
    }

    @Test("a heartbeat is old once it was seen unchanged for two intervals")
    func unchanged() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.register()
            try await engine.register(observer)
            _ = try await engine.claimOne()
            // Dead for long, by everybody's clock, when the observer looks for the first time.
            engine.time.advance(by: .seconds(100))
            let memory = Memory()
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            engine.time.advance(by: .seconds(10))
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            engine.time.advance(by: .seconds(10) - .microseconds(1))
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            engine.time.advance(by: .microseconds(1))
            #expect(try await memory.pulse(engine, as: observer) == [id])
        }
    }

    @Test("an observer that was cut off itself begins anew")
    func cutOff() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.register()
            try await engine.register(observer)
            _ = try await engine.claimOne()
            let memory = Memory()
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            // The database was frozen for both.
            engine.time.advance(by: .seconds(60))
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            #expect(try await engine.pulse().isKnown)
            engine.time.advance(by: .seconds(10))
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            engine.time.advance(by: .seconds(20))
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            engine.time.advance(by: .microseconds(1))
            #expect(try await memory.pulse(engine, as: observer) == [id])
        }
    }

    @Test("a clock that was set back hides nobody's death")
    func clockGoesBack() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.register()
            try await engine.register(observer)
            _ = try await engine.claimOne()
            let memory = Memory()
            #expect(try await memory.pulse(engine, as: observer).isEmpty)
            engine.time.set(engine.time.now() - .seconds(3600))
            for _ in 0..<3 {
                engine.time.advance(by: .seconds(10))
                #expect(try await memory.pulse(engine, as: observer).isEmpty)
            }
            engine.time.advance(by: .microseconds(1))
            #expect(try await memory.pulse(engine, as: observer) == [id])
        }
    }

    @Test("an execution of an hour is never rescued while its worker lives")
    func longExecution() async throws {
        try await withEngine { engine in
            try await engine.add("endless", EngineFixture.endless)
            let id = try await engine.enqueue("endless")
            let story = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: story)
            async let summary = worker.run()
            await story.wait { if case .claimed = $0 { true } else { false } }
            try await engine.register(observer)
            let memory = Memory()
            for _ in 0..<180 {
                // With something in its hands it looks every second.
                await engine.time.sleeper(until: engine.time.uptime() + .seconds(1))
                engine.time.advance(by: .seconds(20))
                try await engine.heartbeat(of: 7, besides: observer)
                #expect(try await memory.pulse(engine, as: observer).isEmpty)
            }
            worker.hurry()
            #expect(try await summary.released == 1)
            #expect(try await engine.store.execution(id).attempts.map(\.outcome) == [.released])
        }
    }

    @Test("a dead worker's work is resumed within its lease and one poll")
    func resumption() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.register()
            _ = try await engine.claimOne()
            let death = engine.time.uptime()
            engine.time.advance(by: .seconds(5))
            let story = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: story) { $0.pollInterval = .seconds(3600) }
            async let summary = worker.run()
            // An idle worker, which looks every ten seconds, and when the other's lease ends.
            let margin = WorkerMachine.deathMargin
            for next in [Duration.seconds(15), .seconds(25), .seconds(30) + margin] {
                await engine.time.sleeper(until: death + next)
                engine.time.advance(by: death + next - engine.time.uptime())
            }
            await story.wait { if case .ended = $0 { true } else { false } }
            #expect(engine.time.uptime() - death == .seconds(30) + margin)
            worker.drain()
            #expect(try await summary.completed == 1)
            #expect(
                try await engine.rows("SELECT attempt, outcome FROM execution_attempts ORDER BY 1")
                    == ["1|rescued", "2|completed"])
        }
    }
}

extension EngineFixture {
    /// Returns once the worker that is not this one has written a heartbeat at this very time.
    fileprivate func heartbeat(of pid: Int, besides other: UniqueID) async throws {
        let query = """
            SELECT 1 FROM workers WHERE pid = \(pid) AND epoch <> '\(other)' \
            AND heartbeat_at = '\(time.now().sqlText)'
            """
        while try await rows(query).isEmpty { await Task.yield() }
    }
}
