import Effects
import SourceText
import TestSupport
import Testing

@testable import JobEngine

@Suite("Enqueueing")
struct EnqueueTests {
    @Test("an enqueued execution waits with everything that was asked for")
    func everythingIsKept() async throws {
        try await withEngine { engine in
            let later = engine.time.now() + .seconds(90)
            let id = try await engine.enqueue(
                arguments: #"{"name":"Ada","id":12345678901234567890}"#, queue: "mail", priority: -3,
                runAt: later, uniqueKey: "ada", maxAttempts: 2)
            #expect(
                try await engine.rows(
                    """
                    SELECT id, status, script_version, template, arguments, queue, priority, queued_at, \
                    run_at, unique_key, attempt, max_attempts, started_at, worker_epoch \
                    FROM script_executions
                    """) == [
                        """
                        \(id)|queued|1|executeScript|{"id":12345678901234567890,"name":"Ada"}|mail|-3|\
                        \(engine.time.now().sqlText)|\(later.sqlText)|ada|0|2|NULL|NULL
                        """
                    ])
            #expect(
                try await engine.rows("SELECT queue, priority, run_at, execution_id FROM execution_queue")
                    == [
                        "mail|-3|\(later.sqlText)|\(id)"
                    ])
            #expect(try await engine.rows("SELECT * FROM execution_unique_keys") == ["ada|\(id)"])
        }
    }

    @Test("an enqueue and its audit entry are one transaction")
    func audit() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            #expect(
                try await engine.rows(
                    """
                    SELECT record_id, action, table_name, user_id, user_agent, old_values, new_values, \
                    created_at FROM audit_logs WHERE action = 'execution.enqueued'
                    """) == [
                        """
                        \(id)|execution.enqueued|script_executions|\(UniqueID.systemUser)|the test|NULL|\
                        {"queue":"default","script":"greeting","status":"queued","version":1,"priority":0}|\
                        \(engine.time.now().sqlText)
                        """
                    ])
            let before = try await engine.everything()
            try await engine.refuse("INSERT", on: "audit_logs")
            await #expect(throws: (any Error).self) { try await engine.enqueue() }
            #expect(try await engine.everything() == before)
        }
    }

    @Test("of many requests all are enqueued or none, and the wrong one is named")
    func allOrNone() async throws {
        try await withEngine { engine in
            let good = EnqueueRequest(script: "greeting", uniqueKey: "a")
            let bad = EnqueueRequest(script: "greting")
            let before = try await engine.everything()
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.store.enqueue(
                    [good, EnqueueRequest(script: "failing"), bad], by: engine.initiator)
            }
            #expect(error?.code == .unknownScript)
            #expect(error?.message == "Request 3: Unknown script 'greting'")
            #expect(error?.help == "did you mean 'greeting'?")
            #expect(try await engine.everything() == before)
            let results = try await engine.store.enqueue(
                [good, EnqueueRequest(script: "failing")], by: engine.initiator)
            #expect(results.count == 2)
            #expect(try await engine.rows("SELECT COUNT(*) FROM execution_queue") == ["2"])
        }
    }

    @Test("a unique key in force refuses another, and is free once its execution has ended")
    func uniqueKey() async throws {
        try await withEngine { engine in
            let request = EnqueueRequest(script: "greeting", arguments: #"{"name":"Ada"}"#, uniqueKey: "k")
            let first = try await engine.store.enqueue([request, request], by: engine.initiator)
            guard case .enqueued(let id)? = first.first else { throw Unexpected("\(first)") }
            #expect(first == [.enqueued(id), .duplicate(of: id)])
            let attempt = try await engine.claimOne()
            #expect(
                try await engine.store.enqueue([request], by: engine.initiator) == [.duplicate(of: id)])
            #expect(try await engine.rows("SELECT COUNT(*) FROM script_executions") == ["1"])
            try await engine.record(attempt, .succeeded(result: nil))
            let again = try await engine.store.enqueue([request], by: engine.initiator)
            #expect(again != [.duplicate(of: id)])
        }
    }

    @Test("an execution keeps the version that it was enqueued with")
    func pinnedVersion() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            let added = try await engine.add("greeting", "Focus { observe 2; } Relax")
            guard case .newVersion(_, version: 2) = added else { throw Unexpected("\(added)") }
            try await engine.enqueue()
            _ = try await engine.store.enqueue(
                [EnqueueRequest(script: "greeting", version: 1)], by: engine.initiator)
            let result = try await engine.claim()
            #expect(result.needScript.map(\.claimed.script.version) == [1, 2, 1])
            let sources = result.needScript.map { result.sources[$0.claimed.script]?.content }
            #expect(
                sources == [
                    EngineFixture.greeting, "Focus { observe 2; } Relax", EngineFixture.greeting,
                ])
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.store.enqueue(
                    [EnqueueRequest(script: "greeting", version: 3)], by: engine.initiator)
            }
            #expect(error?.message == "Script 'greeting' has no version 3")
            #expect(error?.help == "its newest version is 2")
        }
    }

    @Test("an archived script takes no more, runs what it has, and comes back when it is added again")
    func archived() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.store.archiveScript("greeting", by: engine.initiator)
            let error = await #expect(throws: JobEngineError.self) { try await engine.enqueue() }
            #expect(error?.code == .scriptArchived)
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            try await engine.add("greeting", EngineFixture.greeting)
            try await engine.enqueue()
            #expect(
                try await engine.rows("SELECT status, COUNT(*) FROM script_executions GROUP BY 1 ORDER BY 1")
                    == [
                        "completed|1", "queued|1",
                    ])
        }
    }

    @Test("a script that came by plain SQL becomes a version when it is first enqueued, if it parses")
    func plainScript() async throws {
        try await withEngine { engine in
            for (name, source) in [("plain", "Focus { observe 1; } Relax"), ("broken", "Focus { observe ;")] {
                try await engine.change(
                    """
                    INSERT INTO scripts (id, name, content, version, created_by, status, created_at, \
                    updated_at) VALUES ('00000000-0000-4000-8000-\(name == "plain" ? 1 : 2)00000000000', \
                    '\(name)', '\(source)', 5, '\(UniqueID.systemUser)', 'active', \
                    '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000')
                    """)
            }
            try await engine.enqueue("plain")
            #expect(
                try await engine.rows("SELECT version, content FROM script_versions WHERE version = 5") == [
                    "5|Focus { observe 1; } Relax"
                ])
            let error = await #expect(throws: JobEngineError.self) { try await engine.enqueue("broken") }
            #expect(error?.code == .invalidScript)
            #expect(error?.diagnostic?.position?.column == 17)
        }
    }

    @Test(
        "a request outside its ranges is refused in these words",
        arguments: [
            ("'' is no name of a queue", EnqueueRequest(script: "greeting", queue: "")),
            ("'a,b' is no name of a queue", EnqueueRequest(script: "greeting", queue: "a,b")),
            (
                "A priority is a number from -1000 to 1000, found 1001",
                EnqueueRequest(script: "greeting", priority: 1001)
            ),
            (
                "A unique key has 1 to 255 bytes, found 0", EnqueueRequest(script: "greeting", uniqueKey: "")
            ),
            (
                "A unique key has 1 to 255 bytes, found 256",
                EnqueueRequest(script: "greeting", uniqueKey: String(repeating: "ä", count: 128))
            ),
            (
                "The number of attempts is from 1 to 101, found 0",
                EnqueueRequest(script: "greeting", maxAttempts: 0)
            ),
            (
                "Unknown template 'executeScripts'",
                EnqueueRequest(script: "greeting", template: "executeScripts")
            ),
            (
                "Template 'createScript' is for script creation, not for executions",
                EnqueueRequest(script: "greeting", template: "createScript")
            ),
        ])
    func ranges(message: String, request: EnqueueRequest) async throws {
        try await withEngine { engine in
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.store.enqueue([request], by: engine.initiator)
            }
            #expect(error?.message == message)
        }
    }

    @Test("adding the same text again changes nothing, and a source that does not parse is not added")
    func addingScripts() async throws {
        try await withEngine { engine in
            guard case .unchanged(_, version: 1) = try await engine.add("greeting", EngineFixture.greeting)
            else { throw Unexpected("The text was the same") }
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.add("broken", "Focus {\n  observe 1\n} Relax")
            }
            #expect(error?.code == .invalidScript)
            #expect(error?.diagnostic?.position?.line == 3)
            #expect(
                try await engine.rows("SELECT name, version FROM scripts ORDER BY 1") == [
                    "failing|1", "greeting|1",
                ])
            #expect(
                try await engine.rows(
                    "SELECT new_values FROM audit_logs WHERE action = 'script.added' ORDER BY created_at, id"
                ).map { $0.prefix(34) } == [
                    #"{"name":"greeting","version":1,"ch"#, #"{"name":"failing","version":1,"che"#,
                ])
        }
    }
}
