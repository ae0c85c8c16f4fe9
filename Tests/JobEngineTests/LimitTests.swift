import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Limits of queues")
struct LimitTests {
    private static let mail = ["mail"]

    private func fill(
        _ engine: EngineFixture, _ count: Int, queue: String = "mail", key: String? = nil,
        maxAttempts: Int? = nil
    ) async throws {
        let requests = (0..<count).map { number in
            EnqueueRequest(
                script: "greeting", arguments: #"{"name":"Ada"}"#, queue: queue,
                uniqueKey: "\(key ?? queue) \(number)", concurrencyKey: key, maxAttempts: maxAttempts)
        }
        _ = try await engine.store.enqueue(requests, by: engine.initiator)
    }

    @Test("no more executions run at one time than the queue allows, whoever claims them")
    func maxRunning() async throws {
        try await withEngine { engine in
            try await fill(engine, 10)
            try await engine.limit("mail") { $0.maxRunning = 3 }
            let other = UniqueID(high: 0xE, low: 2)
            let first = try await engine.claim(2, queues: Self.mail)
            #expect(first.keys == ["mail 0", "mail 1"])
            let second = try await engine.claim(queues: Self.mail, epoch: other)
            #expect(second.keys == ["mail 2"])
            #expect(second.isHeldBack)
            #expect(try await engine.claim(queues: Self.mail).keys == [])
            // What ends makes room, also what fails and waits again behind the others.
            try await engine.record(first.needScript[0], .succeeded(result: nil))
            try await engine.record(first.needScript[1], .failed(.passing))
            #expect(try await engine.claim(queues: Self.mail).keys == ["mail 3", "mail 4"])
        }
    }

    @Test("a dead worker's executions count until they are rescued, and then no more")
    func rescue() async throws {
        try await withEngine { engine in
            try await fill(engine, 2, maxAttempts: 3)
            try await engine.limit("mail") { $0.maxRunning = 1 }
            let other = UniqueID(high: 0xE, low: 2)
            #expect(try await engine.claim(queues: Self.mail, epoch: other).keys == ["mail 0"])
            try await engine.register()
            engine.time.advance(by: .seconds(31))
            #expect(try await engine.claim(queues: Self.mail).keys == [])
            #expect(try await engine.pulse().rescued.count == 1)
            // Rescued now, it is due later than the one that never ran.
            #expect(try await engine.claim(queues: Self.mail).keys == ["mail 1"])
        }
    }

    @Test("executions of one key take turns, and those of others and without a key do not wait for them")
    func perKey() async throws {
        try await withEngine { engine in
            try await fill(engine, 200, key: "ada")
            try await fill(engine, 3, key: "bob")
            try await fill(engine, 2)
            try await engine.limit("mail") { $0.maxRunningPerKey = 2 }
            let claimed = try await engine.claim(queues: Self.mail)
            #expect(claimed.keys == ["ada 0", "ada 1", "bob 0", "bob 1", "mail 0", "mail 1"])
            #expect(claimed.isHeldBack)
            #expect(try await engine.claim(queues: Self.mail).keys == [])
            try await engine.record(claimed.needScript[1], .succeeded(result: nil))
            try await engine.record(claimed.needScript[4], .succeeded(result: nil))
            #expect(try await engine.claim(queues: Self.mail).keys == ["ada 2"])
        }
    }

    @Test("a key stays with its execution through retry, release, rescue and an operator's retry")
    func keyStays() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(queue: "mail", key: "ada", maxAttempts: 9)
            let waiting = "SELECT concurrency_key FROM execution_queue"
            let ends: [ScriptReport.End] = [.failed(.passing), .released]
            for end in ends {
                let attempt = try #require(try await engine.claim(queues: Self.mail).needScript.first)
                try await engine.record(attempt, end)
                #expect(try await engine.rows(waiting) == ["ada"], "\(end)")
                engine.time.advance(by: .seconds(3600))
                try await engine.store.unregister(epoch: engine.epoch)
            }
            let lost = UniqueID(high: 0xE, low: 9)
            #expect(try await engine.claim(queues: Self.mail, epoch: lost).claimed == 1)
            try await engine.register()
            engine.time.advance(by: .seconds(31))
            #expect(try await engine.pulse().rescued.count == 1)
            #expect(try await engine.rows(waiting) == ["ada"])
            #expect(try await engine.store.cancel(id, by: engine.initiator) == .cancelled)
            try await engine.store.retry(id, by: engine.initiator)
            #expect(try await engine.rows(waiting) == ["ada"])
        }
    }

    @Test("a burst begins at once, then as many as flow in, and the claim says when the next may")
    func rate() async throws {
        try await withEngine { engine in
            try await fill(engine, 20)
            try await engine.limit("mail") { $0.rate = QueueLimits.Rate(perSecond: 4, burst: 5) }
            #expect(try await engine.claim(2, queues: Self.mail).claimed == 2)
            let rest = try await engine.claim(queues: Self.mail)
            #expect(rest.claimed == 3)
            #expect(rest.isHeldBack)
            let at = try #require(rest.roomAt)
            #expect(at - engine.time.now() == .milliseconds(250) + .microseconds(1))
            engine.time.advance(by: .milliseconds(249))
            #expect(try await engine.claim(queues: Self.mail).claimed == 0)
            engine.time.advance(by: .milliseconds(2))
            #expect(try await engine.claim(queues: Self.mail).claimed == 1)
            // However long nothing was taken, no more than a burst is saved.
            engine.time.advance(by: .seconds(60))
            #expect(try await engine.claim(queues: Self.mail).claimed == 5)
        }
    }

    @Test("a queue without limits is served beside one with, by priority and time over both")
    func mixture() async throws {
        try await withEngine { engine in
            let now = engine.time.now()
            try await engine.limit("mail") { $0.maxRunning = 2 }
            for (key, queue, priority, age) in [
                ("d", "default", 1, 9), ("m1", "mail", 0, 1), ("a", "default", 0, 3), ("m2", "mail", 0, 2),
                ("m3", "mail", -5, 0), ("e", "default", 2, 0),
            ] {
                try await engine.enqueue(
                    queue: queue, priority: priority, runAt: now - .seconds(age), uniqueKey: key)
            }
            let claimed = try await engine.claim(3, queues: ["default", "mail"])
            #expect(claimed.keys == ["m3", "a", "m2"])
            let rest = try await engine.claim(queues: ["default", "mail"])
            #expect(rest.keys == ["d", "e"])
            #expect(rest.isHeldBack)
        }
    }

    @Test("waiting earns priority, so that what matters little does not wait for ever")
    func aging() async throws {
        try await withEngine { engine in
            let start = engine.time.now()
            try await engine.limit("mail") { $0.agingSeconds = 60 }
            try await engine.enqueue(queue: "mail", priority: 3, runAt: start, uniqueKey: "old")
            // A stream of more urgent work, one each minute, never stops.
            var order: [String?] = []
            for minute in 0..<6 {
                try await engine.enqueue(queue: "mail", priority: 0, uniqueKey: "new \(minute)")
                order += try await engine.claim(1, queues: Self.mail).keys
                engine.time.advance(by: .seconds(60))
            }
            #expect(order == ["new 0", "new 1", "new 2", "old", "new 3", "new 4"])
        }
    }

    @Test("nothing is overtaken by more than what came within its steps of priority")
    func agingBound() async throws {
        try await withEngine { engine in
            let seed: UInt64 = 20_261_125
            let random = SeededRandom(seed: seed)
            let now = engine.time.now()
            let requests = (0..<150).map { number in
                EnqueueRequest(
                    script: "greeting", queue: "mail", priority: Int(random.next() % 7),
                    runAt: now - .seconds(Int(random.next() % 600)), uniqueKey: "\(number)")
            }
            _ = try await engine.store.enqueue(requests, by: engine.initiator)
            try await engine.limit("mail") { $0.agingSeconds = 100 }
            var ranks: [Int] = []
            while ranks.count < requests.count {
                let claimed = try await engine.claim(40, queues: Self.mail)
                for key in claimed.keys {
                    let request = requests[Int(key ?? "") ?? 0]
                    let waited = Int((now - (request.runAt ?? now)) / .seconds(1))
                    ranks.append(request.priority - waited / 100)
                }
                try #require(claimed.claimed > 0)
            }
            #expect(ranks == ranks.sorted(), "seed \(seed)")
        }
    }

    @Test("a worker that ends when idle works off what a rate holds back, at that rate")
    func workerUnderRate() async throws {
        try await withEngine(isEager: true) { engine in
            try await fill(engine, 10)
            try await engine.limit("mail") { $0.rate = QueueLimits.Rate(perSecond: 1, burst: 2) }
            let start = engine.time.now()
            let summary = try await engine.worker(once: true) { $0.queues = ["mail"] }.run()
            #expect(summary.completed == 10)
            #expect(engine.time.now() - start >= .seconds(8))
        }
    }

    @Test("a worker takes the next as soon as one of its own has ended")
    func workerUnderCount() async throws {
        try await withEngine(isEager: true) { engine in
            try await fill(engine, 10)
            try await engine.limit("mail") { $0.maxRunning = 1 }
            let summary = try await engine.worker(once: true) { $0.queues = ["mail"] }.run()
            #expect(summary.completed == 10)
        }
    }

    @Test("claims of several workers at one time never exceed a limit")
    func concurrency() async throws {
        try await withEngine(databaseEffects: .live) { engine in
            try await fill(engine, 40)
            try await engine.limit("mail") {
                $0.maxRunning = 7
                $0.rate = QueueLimits.Rate(perSecond: 0.001, burst: 100)
            }
            let epochs = (1...6).map { UniqueID(high: 0xF, low: UInt64($0)) }
            for epoch in epochs { try await engine.register(epoch) }
            let claimed = try await withThrowingTaskGroup(of: Int.self) { group in
                for epoch in epochs {
                    group.addTask {
                        // A claim that got no lane comes again, as a worker's does.
                        var result = try await engine.claim(3, queues: Self.mail, epoch: epoch)
                        while engine.store.worksInSets, result.lanes.isEmpty {
                            result = try await engine.claim(3, queues: Self.mail, epoch: epoch)
                        }
                        return result.claimed
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(claimed == 7)
            #expect(
                try await engine.rows("SELECT COUNT(*) FROM script_executions WHERE status = 'running'")
                    == ["7"])
            #expect(try await engine.rows("SELECT rate_tokens FROM execution_queues") == ["93.0"])
        }
    }
}

@Suite("Token buckets")
struct TokenBucketTests {
    private let start = Timestamp(microseconds: 1_000_000_000)
    private let rate = QueueLimits.Rate(perSecond: 0.1, burst: 3)

    @Test("fractions of a token add up exactly, and a clock that goes back takes none away")
    func fractions() {
        var bucket = TokenBucket(rate, tokens: nil, refilledAt: nil, now: start)
        #expect(bucket.whole == 3)
        bucket.take(3)
        #expect(bucket.nextAt - start == .seconds(10) + .microseconds(1))
        var now = start
        for step in 1...1000 {
            now = now + .milliseconds(100)
            bucket = TokenBucket(rate, tokens: bucket.tokens, refilledAt: bucket.now, now: now)
            #expect(bucket.whole == min(3, step / 100), "\(step)")
        }
        let earlier = TokenBucket(rate, tokens: 1.5, refilledAt: now, now: start)
        #expect(earlier.tokens == 1.5)
        #expect(earlier.nextAt == start)
    }
}
