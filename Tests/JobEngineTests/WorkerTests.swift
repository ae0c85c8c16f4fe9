import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("A worker from its first claim to its end", .timeLimit(.minutes(3)))
struct WorkerTests {
    @Test("real programs run with their arguments, and everything is recorded")
    func endToEnd() async throws {
        // Waiting moves this clock itself: no retry takes real time.
        try await withEngine(isEager: true) { engine in
            try await engine.add(
                "sum",
                """
                Focus {
                    induce total = 0;
                    loop (induce i = 0; i < ArrayLength(numbers); i = i + 1) { total = total + numbers[i]; }
                    observe owner.name + ": " + total;
                    induce result = total;
                } Relax
                """)
            let sum = try await engine.enqueue(
                "sum", arguments: #"{"numbers":[1,2.5,39],"owner":{"name":"Ada"}}"#)
            let failing = try await engine.enqueue("failing", maxAttempts: 3)
            let summary = try await engine.worker(once: true).run()
            #expect(summary.completed == 1)
            #expect(summary.failed == 1)
            #expect(summary.retried == 2)
            let details = try await engine.store.execution(sum)
            #expect(details.summary.status == .completed)
            #expect(details.result == "42.5")
            #expect(try await engine.store.logs(sum).map(\.content) == ["Ada: 42.5\n"])
            let failure = try await engine.store.execution(failing)
            #expect(failure.attempts.map(\.outcome) == [.failed, .failed, .failed])
            #expect(failure.attempts.last?.line == 3)
            #expect(failure.attempts.last?.errorKind == "script")
            #expect(failure.summary.error == "Variable 'missing' not found")
            #expect(
                try await engine.store.logs(failing).map(\.content) == ["before\n", "before\n", "before\n"])
            #expect(try await engine.store.workers().isEmpty)
        }
    }

    @Test("many executions in many versions all end, with a memory for few scripts")
    func manyScripts() async throws {
        try await withEngine(isEager: true) { engine in
            var requests: [EnqueueRequest] = []
            for number in 0..<270 {
                try await engine.add("s\(number)", "Focus { induce result = \(number); } Relax")
                requests.append(EnqueueRequest(script: "s\(number)"))
            }
            // The first again behind all others: by then the worker has forgotten some of them.
            requests += (0..<30).map { EnqueueRequest(script: "s\($0)") }
            _ = try await engine.store.enqueue(requests, by: engine.initiator)
            let summary = try await engine.worker(slots: 4, once: true) { $0.claimBatch = 40 }.run()
            #expect(summary.completed == 300)
            #expect(
                try await engine.rows(
                    """
                    SELECT COUNT(*) FROM script_executions e JOIN scripts s ON s.id = e.script_id \
                    WHERE s.name = 's' || CAST(e.result AS VARCHAR(9))
                    """) == ["300"])
        }
    }

    @Test("what does not parse, asks for too much or for what it may not have fails for good")
    func permanentFailures() async throws {
        try await withEngine(isEager: true) { engine in
            let programs = [
                ("endless", EngineFixture.endless),
                ("forbidden", #"Focus { ReadFile("/etc/passwd"); } Relax"#),
                // The process is the worker's, not the program's.
                ("leaving", "Focus { Exit(0); } Relax"),
            ]
            for (name, source) in programs {
                try await engine.add(name, source)
                try await engine.enqueue(name)
            }
            try await engine.enqueue("greeting")
            try await engine.change(
                """
                UPDATE script_versions SET content = 'Focus { observe ;' WHERE script_id = \
                (SELECT id FROM scripts WHERE name = 'greeting')
                """)
            let worker = engine.worker(once: true) { $0.boxes.base.instructions.value = 100_000 }
            let summary = try await worker.run()
            #expect(summary.failed == 4)
            #expect(
                try await engine.rows(
                    """
                    SELECT s.name, e.attempt, a.error_kind FROM script_executions e \
                    JOIN scripts s ON s.id = e.script_id \
                    JOIN execution_attempts a ON a.execution_id = e.id ORDER BY 1
                    """) == [
                        "endless|1|limit", "forbidden|1|capability", "greeting|1|syntax",
                        "leaving|1|capability",
                    ])
        }
    }

    @Test("a script's time is bounded by its template, and the next attempt may be quicker")
    func timeout() async throws {
        try await withEngine(isEager: true) { engine in
            try await engine.add("endless", EngineFixture.endless)
            let id = try await engine.enqueue("endless", maxAttempts: 1)
            let worker = engine.worker(once: true) { $0.boxes.base.time.value = .milliseconds(20) }
            #expect(try await worker.run().failed == 1)
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            #expect(attempt.errorKind == "timeout")
            #expect(try await engine.store.logs(id).map(\.content) == ["on\n"])
        }
    }

    @Test("a drained worker lets its script end, records it and leaves the rest in the queue")
    func drain() async throws {
        try await withEngine { engine in
            try await engine.add("patient", EngineFixture.endless)
            try await engine.enqueue()
            let observer = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: observer)
            async let summary = worker.run()
            await observer.wait { if case .ended = $0 { true } else { false } }
            worker.drain()
            #expect(try await summary.completed == 1)
            let left = try await engine.enqueue()
            #expect(try await engine.store.status(of: left) == .queued)
            #expect(observer.events.contains { if case .draining = $0 { true } else { false } })
            #expect(!observer.events.contains { if case .interrupting = $0 { true } else { false } })
        }
    }

    @Test("after the grace period scripts are interrupted and given back, and the attempt does not count")
    func gracePeriod() async throws {
        try await withEngine { engine in
            try await engine.add("endless", EngineFixture.endless)
            let id = try await engine.enqueue("endless", maxAttempts: 1)
            let observer = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: observer) {
                $0.gracePeriod = .seconds(3)
                // The pump below does not wait for the database.
                $0.heartbeatTimeout = .seconds(36_000)
            }
            async let summary = worker.run()
            await observer.wait { if case .claimed = $0 { true } else { false } }
            worker.drain()
            await observer.wait { if case .draining = $0 { true } else { false } }
            let pump = Task { [time = engine.time] in
                while !Task.isCancelled {
                    await time.sleepers(1)
                    time.advance(by: .milliseconds(500))
                }
            }
            #expect(try await summary.released == 1)
            await stop(pump, engine.time)
            #expect(
                try await engine.rows("SELECT id, status, attempt, releases FROM script_executions") == [
                    "\(id)|queued|1|1"
                ])
            #expect(
                observer.events.contains { if case .interrupting(running: 1) = $0 { true } else { false } })
        }
    }

    /// Ends a task that waits for sleepers, by sleeping.
    private func stop(_ pump: Task<Void, Never>, _ time: ManualTime) async {
        pump.cancel()
        do { try await time.sleep(for: .milliseconds(1)) } catch {
            // Nobody cancels this test's own task.
        }
        await pump.value
    }

    @Test("who hurries a worker, or cancels its task, waits for no grace period", arguments: [true, false])
    func hurry(byCancelling: Bool) async throws {
        try await withEngine { engine in
            try await engine.add("endless", EngineFixture.endless)
            for _ in 0..<5 { try await engine.enqueue("endless") }
            let observer = RecordingObserver()
            let worker = engine.worker(slots: 2, observer: observer)
            let run = Task { try await worker.run() }
            await observer.wait { if case .claimed = $0 { true } else { false } }
            if byCancelling { run.cancel() } else { worker.hurry() }
            #expect(try await run.value.released == 2)
            #expect(
                try await engine.rows(
                    """
                    SELECT status, COUNT(*), SUM(attempt), SUM(releases) FROM script_executions \
                    GROUP BY 1
                    """) == ["queued|5|2|2"])
            #expect(try await engine.rows("SELECT COUNT(*) FROM execution_queue") == ["5"])
            #expect(try await engine.store.workers().isEmpty)
        }
    }

    @Test("a running script stops when somebody cancels its execution")
    func cancel() async throws {
        try await withEngine { engine in
            try await engine.add("endless", EngineFixture.endless)
            let id = try await engine.enqueue("endless")
            let observer = RecordingObserver()
            let worker = engine.worker(observer: observer)
            async let summary = worker.run()
            await observer.wait { if case .claimed = $0 { true } else { false } }
            #expect(try await engine.store.cancel(id, by: engine.initiator) == .requested)
            // With something in its hands the worker asks every second.
            await engine.time.sleepers(1)
            engine.time.advance(by: .seconds(1))
            await observer.wait { if case .ended = $0 { true } else { false } }
            worker.drain()
            #expect(try await summary.cancelled == 1)
            #expect(try await engine.store.status(of: id) == .cancelled)
        }
    }

    @Test("a worker that others took for dead stops what it ran and goes on under a new name")
    func presumedDead() async throws {
        try await withEngine { engine in
            try await engine.add("endless", EngineFixture.endless)
            let id = try await engine.enqueue("endless", maxAttempts: 5)
            let observer = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: observer)
            async let summary = worker.run()
            await observer.wait { if case .claimed = $0 { true } else { false } }
            await engine.time.sleepers(1)
            // Another worker's look at a clock that is ahead; its pulse takes the execution away.
            let now = engine.time.now()
            engine.time.set(now + .seconds(31))
            let other = UniqueID(high: 0xE, low: 2)
            try await engine.register(other)
            #expect(try await engine.pulse(other).rescued.map(\.execution) == [id])
            engine.time.advance(by: .seconds(1))
            await observer.wait { if case .presumedDead = $0 { true } else { false } }
            // Its old attempt comes back and is refused; the execution itself may be claimed by it again.
            await observer.wait {
                if case .ended(let attempt) = $0 { attempt.status == nil } else { false }
            }
            worker.hurry()
            #expect(try await summary.stale == 1)
            #expect(
                try await engine.rows(
                    "SELECT attempt, outcome FROM execution_attempts ORDER BY 1"
                ).first == "1|rescued")
            #expect(try await engine.store.status(of: id) == .queued)
        }
    }

    @Test("a worker goes on when the database comes back, and loses no result")
    func databaseTrouble() async throws {
        try await withEngine(isEager: true) { engine in
            let id = try await engine.enqueue()
            try await engine.refuse("UPDATE OF completed_at", on: "script_executions")
            let observer = RecordingObserver()
            async let summary = engine.worker(once: true, observer: observer).run()
            await observer.wait { if case .databaseFailed = $0 { true } else { false } }
            try await engine.allow(on: "script_executions")
            #expect(try await summary.completed == 1)
            #expect(try await engine.store.logs(id).map(\.content) == ["Hello, Ada\n"])
        }
    }
}

@Suite("A worker's memory of scripts")
struct ScriptCacheTests {
    private func version(_ number: Int) -> ScriptVersion {
        ScriptVersion(script: UniqueID(high: 1, low: UInt64(number)), version: 1)
    }

    private func sources(_ numbers: Range<Int>) -> [ScriptVersion: ScriptSource] {
        var sources: [ScriptVersion: ScriptSource] = [:]
        for number in numbers {
            sources[version(number)] = ScriptSource(name: "s\(number)", content: "Focus { } Relax")
        }
        return sources
    }

    @Test("what was not used for longest is forgotten first")
    func eviction() {
        var cache = ScriptCache(limit: 2)
        for number in 0..<2 { _ = cache.scripts([version(number)], from: sources(0..<2)) }
        _ = cache.scripts([version(0)], from: [:])
        _ = cache.scripts([version(2)], from: sources(2..<3))
        #expect(cache.versions == [version(0), version(2)])
    }

    @Test("a claim gets all its scripts, also when the new ones displace the known ones")
    func oneClaim() {
        var cache = ScriptCache(limit: 2)
        _ = cache.scripts([version(0), version(1)], from: sources(0..<2))
        let wanted = Set((0..<5).map(version))
        #expect(Set(cache.scripts(wanted, from: sources(2..<5)).keys) == wanted)
        #expect(cache.versions.count == 2)
    }

    @Test("a script is compiled once, and an error in it is remembered, too")
    func compiling() throws {
        let script = CachedScript(ScriptSource(name: "broken", content: "Focus {\n observe ;"))
        for _ in 0..<2 {
            guard case .failure(let error) = script.program(modules: nil, nil) else {
                throw Unexpected("It does not parse")
            }
            #expect(ExecutionError(error).line == 2)
            #expect(ExecutionError(error).kind == .syntax)
        }
    }
}
