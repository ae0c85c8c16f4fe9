import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Queues")
struct QueueTests {
    @Test("nothing is claimed from a paused queue until it is resumed, and others go on")
    func pause() async throws {
        try await withEngine { engine in
            try await engine.enqueue(queue: "mail", uniqueKey: "held")
            try await engine.enqueue(uniqueKey: "free")
            try await engine.store.pause("mail", reason: "the relay is down", by: engine.initiator)
            let both = ["default", "mail"]
            #expect(try await engine.claim(queues: both).keys == ["free"])
            #expect(try await engine.claim(queues: ["mail"]).taken == 0)
            #expect(try await engine.store.resume("mail", by: engine.initiator))
            #expect(try await engine.claim(queues: both).keys == ["held"])
        }
    }

    @Test("a pause keeps who wanted it, when and why, in the queue and in the audit trail")
    func pauseRecord() async throws {
        try await withEngine { engine in
            let now = engine.time.now()
            try await engine.store.pause("mail", reason: "first", by: engine.initiator)
            try await engine.store.pause("mail", reason: "second", by: engine.initiator)
            let queue = try await engine.store.queues().first
            #expect(queue?.name == "mail")
            #expect(queue?.pause == QueueRecord.Pause(at: now, by: "the test", reason: "second"))
            #expect(try await engine.store.resume("mail", by: engine.initiator))
            #expect(try await engine.store.resume("mail", by: engine.initiator) == false)
            #expect(
                try await engine.rows(
                    "SELECT action, old_values, new_values, user_agent FROM audit_logs "
                        + "WHERE table_name = 'execution_queues' ORDER BY id") == [
                        #"queue.paused|{"queue":"mail"}|{"queue":"mail","reason":"first"}|the test"#,
                        #"queue.paused|{"queue":"mail","reason":"first"}|{"queue":"mail","reason":"second"}"#
                            + "|the test",
                        #"queue.resumed|{"queue":"mail","reason":"second"}|{"queue":"mail"}|the test"#,
                    ])
        }
    }

    @Test("limits are set one by one, each change is audited, and what changes nothing is not")
    func limits() async throws {
        try await withEngine { engine in
            let changes = [
                try await engine.limit("mail") { $0.maxRunning = 4 },
                try await engine.limit("mail") { $0.rate = QueueLimits.Rate(perSecond: 2.5, burst: nil) },
                try await engine.limit("mail") { $0.maxRunning = 4 },
            ]
            #expect(changes == [true, true, false])
            let limits = QueueLimits(maxRunning: 4, rate: QueueLimits.Rate(perSecond: 2.5, burst: 3))
            #expect(try await engine.store.queues().map(\.limits) == [limits])
            #expect(
                try await engine.rows(
                    "SELECT COUNT(*) FROM audit_logs WHERE action = 'queue.limited'") == ["2"])
        }
    }

    @Test("a list shows waiting, due and running work of each queue beside what it was told")
    func states() async throws {
        try await withEngine { engine in
            let now = engine.time.now()
            try await engine.enqueue(queue: "slow", runAt: now - .seconds(5))
            try await engine.enqueue(queue: "slow", runAt: now + .seconds(5))
            try await engine.enqueue()
            _ = try await engine.claim()
            try await engine.store.pause("mail", reason: "why not", by: engine.initiator)
            let queues = try await engine.store.queues()
            #expect(queues.map(\.name) == ["default", "mail", "slow"])
            #expect(queues.map(\.waiting) == [0, 0, 2])
            #expect(queues.map(\.due) == [0, 0, 1])
            #expect(queues.map(\.running) == [1, 0, 0])
            #expect(queues.map(\.oldestDueAt) == [nil, nil, now - .seconds(5)])
        }
    }

    @Test("what is no name of a queue cannot be told anything")
    func names() async throws {
        try await withEngine { engine in
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.store.pause("no queue", reason: "x", by: engine.initiator)
            }
            #expect(error?.message == "'no queue' is no name of a queue")
            let names = try await engine.rows("SELECT name FROM execution_queues")
            #expect(names.isEmpty)
        }
    }

    @Test("a worker that ends when it is idle does not wait for a paused queue's retries")
    func idleBesidePause() async throws {
        try await withEngine(isEager: true) { engine in
            try await engine.enqueue("failing", maxAttempts: 2)
            let attempt = try await engine.claimOne()
            try await engine.record(attempt, .failed(.passing))
            try await engine.store.unregister(epoch: engine.epoch)
            try await engine.store.pause("default", reason: "x", by: engine.initiator)
            let summary = try await engine.worker(once: true).run()
            #expect(summary == WorkerSummary())
            #expect(try await engine.rows("SELECT COUNT(*) FROM execution_queue") == ["1"])
        }
    }
}

extension CycleResult {
    /// The unique keys of what was claimed, in its order.
    var keys: [String?] { needScript.map(\.claimed.uniqueKey) }
}

extension EngineFixture {
    /// Sets limits of a queue; whether they were others.
    @discardableResult
    func limit(
        _ queue: String, _ change: @escaping @Sendable (inout QueueLimits) -> Void
    ) async throws -> Bool {
        try await store.setLimits(of: queue, by: initiator, change)
    }
}
