import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite("Retries of what failed")
struct RetryTests {
    @Test("a failed attempt waits exactly as long as the policy and the generator say")
    func backoff() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue("failing")
            // The shipped template: three retries, one second that doubles, and full jitter, of which the
            // generator always takes the middle.
            for (retry, seconds) in [(1, 0.5), (2, 1), (3, 2)] {
                let ended = try await engine.record(engine.claimOne(), .failed(.passing), output: "o")
                let due = engine.time.now() + .seconds(seconds)
                #expect(ended.status == .queued)
                #expect(ended.retryAt == due)
                #expect(
                    try await engine.rows(
                        """
                        SELECT e.status, e.attempt, e.run_at, q.run_at, e.started_at, e.worker_epoch, \
                        e.error_message, a.outcome, a.retry_at FROM script_executions e \
                        JOIN execution_queue q ON q.execution_id = e.id \
                        JOIN execution_attempts a ON a.execution_id = e.id AND a.attempt = e.attempt
                        """) == [
                            """
                            queued|\(retry)|\(due.sqlText)|\(due.sqlText)|NULL|NULL|No luck|failed|\
                            \(due.sqlText)
                            """
                        ])
                #expect(try await engine.store.nextRetry(queues: ["default"]) == due)
                engine.time.advance(by: .seconds(seconds) - .microseconds(1))
                #expect(try await engine.claim().claimed == 0)
                engine.time.advance(by: .microseconds(1))
            }
            let last = try await engine.record(engine.claimOne(), .failed(.passing), output: "o")
            #expect(last.status == .failed)
            #expect(last.retryAt == nil)
            #expect(
                try await engine.rows("SELECT attempt, outcome FROM execution_attempts ORDER BY 1") == [
                    "1|failed", "2|failed", "3|failed", "4|failed",
                ])
            #expect(try await engine.store.logs(id).map(\.attempt) == [1, 2, 3, 4])
            #expect(
                try await engine.rows("SELECT COUNT(*) FROM audit_logs WHERE action LIKE 'execution.f%'") == [
                    "1"
                ])
            #expect(try await engine.store.nextRetry(queues: ["default"]) == nil)
        }
    }

    @Test(
        "what would fail again in the same way is not tried again",
        arguments: [
            ExecutionError.Kind.syntax, .limit, .capability, .configuration,
        ])
    func permanent(kind: ExecutionError.Kind) async throws {
        try await withEngine { engine in
            try await engine.enqueue("failing")
            let error = ExecutionError(kind: kind, message: "For good")
            let ended = try await engine.record(engine.claimOne(), .failed(error))
            #expect(ended.status == .failed)
            #expect(try await engine.rows("SELECT * FROM execution_queue").isEmpty)
        }
    }

    @Test(
        "what may go better is tried again",
        arguments: [ExecutionError.Kind.script, .timeout, .database, .workerLost])
    func passing(kind: ExecutionError.Kind) async throws {
        try await withEngine { engine in
            try await engine.enqueue("failing")
            let error = ExecutionError(kind: kind, message: "This time")
            #expect(try await engine.record(engine.claimOne(), .failed(error)).status == .queued)
        }
    }

    @Test("the request's number of attempts wins over the template's", arguments: 1...3)
    func maxAttempts(count: Int) async throws {
        try await withEngine { engine in
            try await engine.enqueue("failing", maxAttempts: count)
            for attempt in 1...count {
                let ended = try await engine.record(engine.claimOne(), .failed(.passing))
                #expect(ended.status == (attempt == count ? .failed : .queued))
                engine.time.advance(by: .seconds(60))
            }
            #expect(try await engine.claim().claimed == 0)
        }
    }

    @Test(
        "the template's own policy decides how the delays grow",
        arguments: [
            (RetryPolicy.Backoff.fixed, [4.0, 4, 4]), (.linear, [4, 8, 12]), (.exponential, [4, 8, 15]),
        ])
    func policies(backoff: RetryPolicy.Backoff, seconds: [Double]) async throws {
        let template = try TransactionTemplate(
            name: "own", isolation: .serializable, timeout: .seconds(60),
            retry: RetryPolicy(
                maxRetries: 3, delay: .seconds(8), backoff: backoff, cap: .seconds(30)),
            steps: [TemplateStep(name: "run", operation: .runScript, rollbackOnFailure: true)])
        try await withEngine(templates: [template]) { engine in
            try await engine.enqueue("failing", template: "own")
            for seconds in seconds {
                let now = engine.time.now()
                let ended = try await engine.record(engine.claimOne(), .failed(.passing))
                #expect(ended.retryAt.map { $0 - now } == .seconds(seconds))
                engine.time.advance(by: .seconds(20))
            }
        }
    }

    @Test("an attempt that a shutdown gave back does not count, and waits no longer")
    func release() async throws {
        try await withEngine { engine in
            try await engine.enqueue(maxAttempts: 1)
            for attempt in 1...3 {
                let ended = try await engine.record(engine.claimOne(), .released, output: "half")
                #expect(ended.status == .queued)
                #expect(
                    try await engine.rows("SELECT status, attempt, releases, run_at FROM script_executions")
                        == ["queued|\(attempt)|\(attempt)|\(engine.time.now().sqlText)"])
            }
            let last = try await engine.record(engine.claimOne(), .failed(.passing))
            #expect(last.status == .failed)
            #expect(
                try await engine.rows("SELECT attempt, outcome, retry_at FROM execution_attempts") == [
                    "1|released|NULL", "2|released|NULL", "3|released|NULL", "4|failed|NULL",
                ])
        }
    }
}
