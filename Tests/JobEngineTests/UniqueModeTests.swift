import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Unique keys in use")
struct UniqueModeTests {
    private static let state =
        "SELECT arguments, queue, priority, run_at, max_attempts, concurrency_key FROM script_executions"
    private static let place =
        "SELECT queue, priority, run_at, concurrency_key FROM execution_queue"

    private func request(_ mode: UniqueMode, _ change: (inout EnqueueRequest) -> Void = { _ in })
        -> EnqueueRequest
    {
        var request = EnqueueRequest(
            script: "greeting", arguments: #"{"name":"Bob"}"#, queue: "mail", priority: -3, uniqueKey: "k",
            uniqueMode: mode, concurrencyKey: "bob", maxAttempts: 7)
        change(&request)
        return request
    }

    @Test("replace makes of the one that waits what the request asks for")
    func replace() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(runAt: engine.time.now() + .seconds(60), uniqueKey: "k")
            try await engine.add("other", EngineFixture.greeting)
            engine.time.advance(by: .seconds(1))
            let now = engine.time.now().sqlText
            let wish = request(.replace) { $0.script = "other" }
            #expect(try await engine.store.enqueue([wish], by: engine.initiator) == [.changed(id)])
            #expect(try await engine.rows(Self.state) == [#"{"name":"Bob"}|mail|-3|\#(now)|7|bob"#])
            #expect(try await engine.rows(Self.place) == ["mail|-3|\(now)|bob"])
            let claimed = try await engine.claim(queues: ["mail"])
            #expect(claimed.needScript.map(\.claimed.lease.execution) == [id])
            #expect(claimed.sources.values.map(\.name) == ["other"])
            let audit = try await engine.rows(
                "SELECT old_values, new_values, user_agent FROM audit_logs "
                    + "WHERE action = 'execution.replaced'")
            #expect(audit.count == 1)
            #expect(audit.first?.contains(#""script":"greeting""#) == true)
            #expect(audit.first?.contains(#""script":"other""#) == true)
        }
    }

    @Test("reschedule gives the one that waits another time and nothing else")
    func reschedule() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(priority: 2, uniqueKey: "k", key: "ada", maxAttempts: 5)
            let later = engine.time.now() + .seconds(30)
            let wish = request(.reschedule) { $0.runAt = later }
            #expect(try await engine.store.enqueue([wish], by: engine.initiator) == [.changed(id)])
            #expect(
                try await engine.rows(Self.state)
                    == [#"{"name":"Ada"}|default|2|\#(later.sqlText)|5|ada"#])
            #expect(try await engine.rows(Self.place) == ["default|2|\(later.sqlText)|ada"])
            #expect(
                try await engine.rows(
                    "SELECT COUNT(*) FROM audit_logs WHERE action = 'execution.rescheduled'") == ["1"])
        }
    }

    @Test("one that runs is left alone in every mode", arguments: UniqueMode.allCases)
    func running(_ mode: UniqueMode) async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(uniqueKey: "k")
            _ = try await engine.claimOne()
            let before = try await engine.everything()
            let result = try await engine.store.enqueue([request(mode)], by: engine.initiator)
            #expect(result == [.duplicate(of: id)])
            #expect(try await engine.everything() == before)
        }
    }

    @Test("skip leaves one that waits alone")
    func skip() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(uniqueKey: "k")
            let before = try await engine.everything()
            let result = try await engine.store.enqueue([request(.skip)], by: engine.initiator)
            #expect(result == [.duplicate(of: id)])
            #expect(try await engine.everything() == before)
        }
    }

    @Test("what waits for its next attempt is replaced, unless steps of it have committed")
    func betweenAttempts() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(uniqueKey: "k", maxAttempts: 3)
            try await engine.record(engine.claimOne(), .failed(.passing))
            try await engine.change(
                "INSERT INTO execution_steps (execution_id, step, name, attempt, finished_at) "
                    + "VALUES ('\(id)', 0, 'first', 1, '\(engine.time.now().sqlText)')")
            let wish = request(.replace)
            #expect(try await engine.store.enqueue([wish], by: engine.initiator) == [.duplicate(of: id)])
            let later = request(.reschedule)
            #expect(try await engine.store.enqueue([later], by: engine.initiator) == [.changed(id)])
            try await engine.change("DELETE FROM execution_steps")
            #expect(try await engine.store.enqueue([wish], by: engine.initiator) == [.changed(id)])
        }
    }

    @Test("of several requests with one key in one set the last one holds")
    func oneSet() async throws {
        try await withEngine { engine in
            let wishes = (1...3).map { number in request(.replace) { $0.priority = number } }
            let results = try await engine.store.enqueue(wishes, by: engine.initiator)
            guard case .enqueued(let id)? = results.first else { throw Unexpected("\(results)") }
            #expect(results == [.enqueued(id), .changed(id), .changed(id)])
            #expect(try await engine.rows("SELECT priority FROM execution_queue") == ["3"])
            #expect(try await engine.rows("SELECT COUNT(*) FROM script_executions") == ["1"])
        }
    }

    @Test("a mode without a key is refused")
    func keyNeeded() async throws {
        try await withEngine { engine in
            let wish = request(.replace) { $0.uniqueKey = nil }
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.store.enqueue([wish], by: engine.initiator)
            }
            #expect(error?.message == "The unique mode 'replace' needs a unique key")
        }
    }

    @Test("one that is replaced while workers claim runs once, with the arguments of one of the two")
    func race() async throws {
        try await withEngine { engine in
            for round in 0..<20 {
                let id = try await engine.enqueue(queue: "mail", uniqueKey: "k")
                async let replaced = engine.store.enqueue([request(.replace)], by: engine.initiator)
                async let claim = engine.claim(queues: ["mail"])
                let (results, claimed) = try await (replaced, claim)
                let attempt = claimed.needScript.first
                switch results.first {
                case .changed(id): break
                case .duplicate(of: id): #expect(attempt?.claimed.arguments.contains("Ada") == true)
                default: Issue.record("\(results) in round \(round)")
                }
                let running: Attempt
                if let attempt {
                    running = attempt
                } else {
                    running = try #require(try await engine.claim(queues: ["mail"]).needScript.first)
                    #expect(running.claimed.arguments.contains("Bob"))
                }
                try await engine.record(running, .succeeded(result: nil))
                #expect(try await engine.rows("SELECT COUNT(*) FROM execution_queue") == ["0"])
            }
        }
    }
}
