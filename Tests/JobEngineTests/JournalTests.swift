import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite("The journal of a template")
struct JournalTests {
    private static func template() throws -> TransactionTemplate {
        try TransactionTemplate(
            name: "journaled", isolation: .serializable, timeout: .seconds(60),
            retry: RetryPolicy(maxRetries: 3, delay: .seconds(1), backoff: .fixed, cap: .seconds(1)),
            steps: [
                TemplateStep(name: "open", operation: .insertExecution, rollbackOnFailure: true),
                TemplateStep(name: "announce", operation: .insertAuditLog, rollbackOnFailure: true),
                TemplateStep(name: "run", operation: .runScript, rollbackOnFailure: true),
                TemplateStep(name: "tell", operation: .insertAuditLog, rollbackOnFailure: true),
                TemplateStep(name: "record", operation: .updateExecution, rollbackOnFailure: true),
            ])
    }

    @Test("a step that committed before the script is journaled with it and not done again by a retry")
    func resume() async throws {
        try await withEngine(templates: [try Self.template()]) { engine in
            let id = try await engine.enqueue("failing", template: "journaled")
            let first = try await engine.claimOne()
            let now = engine.time.now().sqlText
            #expect(
                try await engine.rows("SELECT * FROM execution_steps") == ["\(id)|1|announce|1|\(now)"])
            let audit = "SELECT new_values FROM audit_logs WHERE action = 'template.step' ORDER BY id"
            #expect(try await engine.rows(audit) == [#"{"step":"announce","attempt":1}"#])
            try await engine.record(first, .failed(.passing))
            engine.time.advance(by: .seconds(1))
            try await engine.record(engine.claimOne(), .succeeded(result: "2"))
            #expect(
                try await engine.rows(audit) == [
                    #"{"step":"announce","attempt":1}"#, #"{"step":"tell","attempt":2}"#,
                ])
            #expect(
                try await engine.rows("SELECT steps FROM execution_attempts WHERE attempt = 2") == [
                    """
                    [{"us":0,"name":"open","result":"succeeded"},\
                    {"us":0,"name":"announce","result":"skipped"},\
                    {"us":4321,"name":"run","result":"succeeded"},\
                    {"us":0,"name":"tell","result":"succeeded"},{"us":0,"name":"record","result":"succeeded"}]
                    """
                ])
            #expect(try await engine.rows("SELECT result FROM script_executions") == ["2"])
        }
    }

    @Test("a step that fails undoes its segment, and the committed one before it stays")
    func failedStep() async throws {
        try await withEngine(templates: [try Self.template()]) { engine in
            try await engine.change(
                "CREATE UNIQUE INDEX one_tell ON audit_logs (new_values) WHERE action = 'template.step'")
            var ids: [UniqueID] = []
            for _ in 0..<2 { ids.append(try await engine.enqueue(template: "journaled", maxAttempts: 1)) }
            let ended = try await engine.claim().ended
            // The announcement of the second is the same as the first's: it fails in the claim already.
            #expect(ended.map(\.execution) == [ids[1]])
            #expect(ended.map(\.status) == [.failed])
            #expect(
                try await engine.rows("SELECT execution_id, step FROM execution_steps") == ["\(ids[0])|1"])
            #expect(
                try await engine.rows(
                    "SELECT status, error_message IS NULL FROM script_executions ORDER BY id")
                    == ["running|1", "failed|0"])
        }
    }
}
