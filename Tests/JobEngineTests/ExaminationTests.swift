import Database
import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite("Examinations")
struct ExaminationTests {
    private static let facts = ExaminationFacts(heartbeatTimeout: .seconds(30), connectionsPerWorker: 5)

    private func findings(_ engine: EngineFixture, of check: String) async -> [Finding] {
        let all = await engine.store.examine(Self.facts, machineNow: engine.time.now())
        return all.filter { $0.check == check }
    }

    @Test("a sound installation has no finding that needs help")
    func sound() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.register()
            let all = await engine.store.examine(Self.facts, machineNow: SystemTime().now())
            #expect(all.allSatisfy { $0.level == .ok && $0.help == nil }, "\(all)")
            let checks: Set =
                engine.store.worksInSets
                ? ["server", "connections", "clock", "horizon", "vacuum"] : ["journal", "integrity"]
            #expect(Set(all.map(\.check)) == checks.union(["workers", "executions", "queues"]))
        }
    }

    @Test("a silent worker, what belongs to no worker, and what has no place in the queue are found")
    func executions() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            _ = try await engine.claimOne()
            engine.time.advance(by: .seconds(31))
            let silent = await findings(engine, of: "workers")
            #expect(silent.map(\.level) == [.warning])
            #expect(silent.first?.message == "Worker 7 on here has not reported for 31 s")
            try await engine.store.unregister(epoch: engine.epoch)
            let orphans = await findings(engine, of: "executions")
            #expect(orphans.map(\.message) == ["1 marked as running belong to no worker"])
            #expect(orphans.map(\.level) == [.problem])
            try await engine.enqueue(queue: "mail")
            try await engine.change("DELETE FROM execution_queue")
            let lost = await findings(engine, of: "executions").last
            #expect(lost?.message == "1 marked as queued have no place in the queue")
            #expect(lost?.level == .problem)
        }
    }

    @Test("due work in a paused queue, and in one that nobody serves, is found")
    func queues() async throws {
        try await withEngine { engine in
            try await engine.register()
            try await engine.enqueue(queue: "mail")
            try await engine.enqueue()
            try await engine.enqueue(queue: "later", runAt: engine.time.now() + .seconds(60))
            let idle = await findings(engine, of: "queues")
            #expect(idle.map(\.message) == ["1 due in 'mail', which no living worker serves"])
            #expect(idle.map(\.help) == ["hypjobs worker --queues mail"])
            try await engine.store.pause("default", reason: "a test", by: engine.initiator)
            let paused = await findings(engine, of: "queues").first
            #expect(paused?.message == "1 due in 'default', which is paused by the test: a test")
            #expect(paused?.help == "hypjobs queues resume default")
        }
    }

    @Test("clocks that differ and connections that do not suffice are found on a server")
    func server() async throws {
        try await withEngine { engine in
            guard engine.store.worksInSets else { return }
            let now = SystemTime().now()
            let far = ExaminationFacts(heartbeatTimeout: .seconds(30), connectionsPerWorker: 5000)
            let all = await engine.store.examine(far, machineNow: now + .seconds(60))
            #expect(all.first { $0.check == "clock" }?.level == .warning)
            #expect(all.first { $0.check == "connections" }?.level == .problem)
        }
    }

    @Test("a transaction that holds the vacuum horizon is named, with its process and its age")
    func horizon() async throws {
        try await withEngine { engine in
            guard engine.store.worksInSets else { return }
            let facts = ExaminationFacts(
                heartbeatTimeout: .seconds(30), connectionsPerWorker: 5, oldTransaction: .zero)
            async let held: Void = engine.store.database.transaction(.repeatableRead) { transaction in
                _ = try transaction.execute("SELECT count(*), pg_sleep(3) FROM scripts")
            }
            var found: Finding?
            for _ in 0..<10_000 where found == nil {
                let all = await engine.store.examine(facts, machineNow: engine.time.now())
                found = all.first { $0.check == "horizon" && $0.message.contains("has held") }
            }
            #expect(found?.message.hasPrefix("Process ") == true)
            #expect(found?.help?.contains("SELECT pg_terminate_backend(") == true)
            try await held
        }
    }
}
