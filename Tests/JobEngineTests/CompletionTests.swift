import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite("Recording what an attempt came to")
struct CompletionTests {
    @Test("a success leaves its result, output, duration, steps, history and audit entry")
    func success() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            let claimedAt = engine.time.now().sqlText
            let attempt = try await engine.claimOne()
            engine.time.advance(by: .seconds(2))
            let now = engine.time.now().sqlText
            let ended = try await engine.record(
                attempt, .succeeded(result: #"{"n":12345678901234567890}"#), output: "Hello, Ada\n")
            #expect(ended.status == .completed)
            #expect(
                try await engine.rows(
                    """
                    SELECT id, status, result, duration_ms, started_at, completed_at, error_message, \
                    worker_epoch, attempt, releases, rescues FROM script_executions
                    """) == [
                        """
                        \(id)|completed|{"n":12345678901234567890}|4|\(claimedAt)|\(now)|NULL|NULL|1|0|0
                        """
                    ])
            #expect(
                try await engine.rows(
                    """
                    SELECT attempt, claimed_at, finished_at, duration_us, outcome, error_kind, retry_at, \
                    steps FROM execution_attempts
                    """) == [
                        """
                        1|\(claimedAt)|\(now)|4321|completed|NULL|NULL|\
                        [{"us":0,"name":"create_execution_record","result":"succeeded"},\
                        {"us":4321,"name":"execute_script","result":"succeeded"},\
                        {"us":0,"name":"update_execution_result","result":"succeeded"},\
                        {"us":0,"name":"log_execution","result":"succeeded"}]
                        """
                    ])
            #expect(
                try await engine.rows("SELECT attempt, sequence, content, created_at FROM execution_logs")
                    == ["1|0|Hello, Ada\n|\(now)"])
            #expect(
                try await engine.rows(
                    """
                    SELECT record_id, old_values, new_values, user_agent, created_at FROM audit_logs \
                    WHERE action = 'execution.completed'
                    """) == [
                        """
                        \(id)|{"status":"running"}|{"status":"completed","attempt":1,"duration_ms":4}|\
                        hypjobs worker|\(now)
                        """
                    ])
        }
    }

    @Test("the end of many attempts is one transaction: all of it is recorded, or nothing")
    func oneTransaction() async throws {
        try await withEngine { engine in
            for _ in 0..<20 { try await engine.enqueue(uniqueKey: nil) }
            try await engine.enqueue(uniqueKey: "last")
            let reports = try await engine.claim().needScript.map { attempt in
                var attempt = attempt
                attempt.report = ScriptReport(end: .succeeded(result: "1"), output: "x")
                return attempt
            }
            #expect(reports.count == 21)
            let before = try await engine.everything()
            try await engine.refuse("DELETE", on: "execution_unique_keys")
            await #expect(throws: (any Error).self) {
                try await engine.store.record(reports, isRepeated: false)
            }
            #expect(try await engine.everything() == before)
            try await engine.allow(on: "execution_unique_keys")
            let result = try await engine.store.record(reports, isRepeated: false)
            #expect(result.ended.allSatisfy { $0.status == .completed })
            #expect(
                try await engine.rows(
                    """
                    SELECT (SELECT COUNT(*) FROM script_executions WHERE status = 'completed'), \
                    (SELECT COUNT(*) FROM execution_logs), \
                    (SELECT COUNT(*) FROM execution_attempts WHERE outcome = 'completed'), \
                    (SELECT COUNT(*) FROM audit_logs WHERE action = 'execution.completed')
                    """) == ["21|21|21|21"])
        }
    }

    @Test("one transaction records and claims")
    func recordAndClaim() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            var attempt = try await engine.claimOne()
            try await engine.enqueue()
            attempt.report = ScriptReport(end: .succeeded(result: nil))
            let request = ClaimRequest(
                epoch: engine.epoch, queues: ["default"], limit: 5, knownScripts: [attempt.claimed.script])
            let result = try await engine.store.cycle(record: [attempt], claim: request)
            #expect(result.ended.map(\.status) == [.completed])
            #expect(result.needScript.count == 1)
        }
    }

    @Test("a stale lease writes nothing, whatever its script came to")
    func staleLease() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            let stale = try await engine.claimOne()
            try await engine.record(stale, .released)
            // The same worker may claim it again: the attempt tells the leases apart.
            _ = try await engine.claimOne()
            let before = try await engine.everything()
            let ends: [ScriptReport.End] = [
                .succeeded(result: "1"), .failed(.passing), .cancelled, .released,
                .failed(ExecutionError(kind: .syntax, message: "x")),
            ]
            for end in ends {
                let ended = try await engine.record(stale, end, output: "too late")
                #expect(ended.status == nil, "\(end)")
                #expect(try await engine.everything() == before, "\(end)")
            }
        }
    }

    @Test("a stale attempt among others leaves the others alone")
    func staleAmongOthers() async throws {
        try await withEngine { engine in
            let first = try await engine.enqueue()
            let second = try await engine.enqueue()
            var attempts = try await engine.claim().needScript
            try await engine.record(attempts[0], .released)
            for index in attempts.indices {
                attempts[index].report = ScriptReport(end: .succeeded(result: "1"), output: "out")
            }
            let result = try await engine.store.record(attempts, isRepeated: false)
            #expect(result.ended.map(\.status) == [nil, .completed])
            #expect(
                try await engine.rows("SELECT id, status FROM script_executions ORDER BY id") == [
                    "\(first)|queued", "\(second)|completed",
                ])
            #expect(
                try await engine.rows("SELECT execution_id FROM execution_logs") == [second.description])
        }
    }

    @Test("a failure is recorded with its place, its kind and what was printed before")
    func failure() async throws {
        try await withEngine { engine in
            try await engine.enqueue("failing", maxAttempts: 1)
            let ended = try await engine.record(
                engine.claimOne(), .failed(.passing), output: "before\n")
            #expect(ended.status == .failed)
            #expect(
                try await engine.rows(
                    """
                    SELECT status, e.error_message, result, outcome, error_kind, a.error_message, \
                    error_line, error_column FROM script_executions e \
                    JOIN execution_attempts a ON a.execution_id = e.id
                    """) == ["failed|No luck|NULL|failed|script|No luck|3|13"])
            #expect(try await engine.rows("SELECT content FROM execution_logs") == ["before\n"])
            #expect(
                try await engine.rows(
                    "SELECT new_values FROM audit_logs WHERE action = 'execution.failed'") == [
                        #"{"error":"No luck","status":"failed","attempt":1,"duration_ms":4}"#
                    ])
        }
    }

    @Test("long output is kept in rows that are never cut inside a character")
    func longOutput() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            let output = "a" + String(repeating: "€", count: 100_000)
            try await engine.record(engine.claimOne(), .succeeded(result: nil), output: output)
            let size = engine.store.worksInSets ? "OCTET_LENGTH(content)" : "LENGTH(CAST(content AS BLOB))"
            #expect(
                try await engine.rows("SELECT sequence, \(size) FROM execution_logs ORDER BY 1") == [
                    "0|262144", "1|37857",
                ])
            #expect(try await engine.store.logs(id).map(\.content) == [output])
        }
    }

    @Test("an end that a broken step undid still leaves what was printed")
    func outputOfRolledBackSegment() async throws {
        let template = try TransactionTemplate(
            name: "audited", isolation: .serializable, timeout: .seconds(60), retry: .never,
            steps: [
                TemplateStep(name: "run", operation: .runScript, rollbackOnFailure: true),
                TemplateStep(name: "log", operation: .insertExecutionLog, rollbackOnFailure: true),
                TemplateStep(name: "audit", operation: .insertAuditLog, rollbackOnFailure: true),
            ])
        try await withEngine(templates: [template]) { engine in
            try await engine.change(
                """
                CREATE UNIQUE INDEX one_entry ON audit_logs (action) WHERE action = 'template.step'
                """)
            for expected in [ExecutionStatus.completed, .failed] {
                let id = try await engine.enqueue(template: "audited")
                let ended = try await engine.record(
                    engine.claimOne(), .succeeded(result: "1"), output: "seen\n")
                #expect(ended.status == expected)
                #expect(try await engine.store.logs(id).map(\.content) == ["seen\n"], "\(expected)")
            }
            #expect(
                try await engine.rows(
                    "SELECT error_kind FROM execution_attempts WHERE outcome = 'failed'") == ["database"])
        }
    }

    @Test("a step that may fail is a warning, and the execution completes")
    func warning() async throws {
        try await withEngine { engine in
            try await engine.change("CREATE UNIQUE INDEX one_output ON execution_logs (content)")
            for _ in 0..<2 { try await engine.enqueue() }
            for attempt in try await engine.claim().needScript {
                let ended = try await engine.record(attempt, .succeeded(result: "1"), output: "same")
                #expect(ended.status == .completed)
            }
            let steps = try await engine.rows(
                "SELECT steps FROM execution_attempts ORDER BY execution_id")
            #expect(steps.count == 2)
            #expect(steps.first?.contains("warned") == false)
            #expect(steps.last?.contains(#""name":"log_execution","result":"warned""#) == true)
            #expect(try await engine.rows("SELECT COUNT(*) FROM execution_logs") == ["1"])
        }
    }
}
