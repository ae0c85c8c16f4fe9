import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite("Scripts that an enqueue remembers")
struct ScriptMemoryTests {
    private static let pinned = "SELECT script_version FROM script_executions ORDER BY id"

    @Test("the newest version is enqueued, although an older one is remembered")
    func newVersion() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.add("greeting", EngineFixture.greeting + "\n")
            try await engine.enqueue()
            try await engine.enqueue()
            #expect(try await engine.rows(Self.pinned) == ["1", "2", "2"])
        }
    }

    @Test("what is archived or gone since is refused as if nobody remembered it")
    func archived() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.store.archiveScript("greeting", by: engine.initiator)
            let error = await #expect(throws: JobEngineError.self) { try await engine.enqueue() }
            #expect(error?.code == .scriptArchived)
            #expect(try await engine.rows(Self.pinned) == ["1"])
            try await engine.add("greeting", EngineFixture.greeting)
            try await engine.enqueue()
            #expect(try await engine.rows(Self.pinned) == ["1", "1"])
        }
    }

    @Test("a version that a request names stays what it is when there are newer ones")
    func namedVersion() async throws {
        try await withEngine { engine in
            let request = EnqueueRequest(script: "greeting", version: 1)
            _ = try await engine.store.enqueue([request], by: engine.initiator)
            try await engine.add("greeting", EngineFixture.greeting + "\n")
            let both = [request, EnqueueRequest(script: "greeting")]
            _ = try await engine.store.enqueue(both, by: engine.initiator)
            _ = try await engine.store.enqueue(both, by: engine.initiator)
            #expect(try await engine.rows(Self.pinned) == ["1", "1", "2", "1", "2"])
        }
    }

    @Test("a request that replaces one with its unique key takes the newest version, too")
    func uniqueKey() async throws {
        try await withEngine { engine in
            try await engine.enqueue(uniqueKey: "k")
            try await engine.enqueue()
            try await engine.add("greeting", EngineFixture.greeting + "\n")
            let request = EnqueueRequest(script: "greeting", uniqueKey: "k", uniqueMode: .replace)
            _ = try await engine.store.enqueue([request], by: engine.initiator)
            #expect(try await engine.rows(Self.pinned) == ["2", "1"])
        }
    }

    @Test("what a transaction found that was rolled back is not remembered")
    func rolledBack() async throws {
        try await withEngine { engine in
            try await engine.refuse("INSERT", on: "audit_logs")
            await #expect(throws: (any Error).self) { try await engine.enqueue() }
            #expect(engine.store.scriptMemory.known(to: [EnqueueRequest(script: "greeting")]).isEmpty)
            try await engine.allow(on: "audit_logs")
            try await engine.enqueue()
            #expect(try await engine.rows(Self.pinned) == ["1"])
        }
    }
}
