import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("What operators do to executions")
struct OperatorTests {
    @Test("what waits is cancelled at once and never runs")
    func cancelQueued() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(uniqueKey: "k")
            engine.time.advance(by: .seconds(1))
            let now = engine.time.now().sqlText
            #expect(try await engine.store.cancel(id, by: engine.initiator) == .cancelled)
            #expect(
                try await engine.rows(
                    "SELECT status, completed_at, cancel_requested_at, attempt FROM script_executions") == [
                        "cancelled|\(now)|\(now)|0"
                    ])
            #expect(try await engine.rows("SELECT execution_id FROM execution_queue").isEmpty)
            #expect(try await engine.rows("SELECT unique_key FROM execution_unique_keys").isEmpty)
            #expect(
                try await engine.rows(
                    """
                    SELECT old_values, new_values, user_agent FROM audit_logs \
                    WHERE action = 'execution.cancelled'
                    """) == [#"{"status":"queued"}|{"status":"cancelled"}|the test"#])
            #expect(try await engine.claim().claimed == 0)
        }
    }

    @Test("a retry that waits can be cancelled, too")
    func cancelRetry() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue("failing")
            try await engine.record(engine.claimOne(), .failed(.passing))
            #expect(try await engine.store.cancel(id, by: engine.initiator) == .cancelled)
            #expect(try await engine.rows("SELECT execution_id FROM execution_queue").isEmpty)
        }
    }

    @Test("what runs is cancelled by its worker, with what it printed, and is not retried")
    func cancelRunning() async throws {
        let ends: [ScriptReport.End] = [.cancelled, .failed(.passing), .released]
        for end in ends {
            try await withEngine { engine in
                let id = try await engine.enqueue()
                try await engine.register()
                let attempt = try await engine.claimOne()
                #expect(try await engine.pulse().cancelRequests == [])
                #expect(try await engine.store.cancel(id, by: engine.initiator) == .requested)
                #expect(try await engine.pulse().cancelRequests == [id])
                #expect(try await engine.pulse(UniqueID(high: 9, low: 9)).cancelRequests == [])
                #expect(try await engine.record(attempt, end, output: "half").status == .cancelled)
                #expect(
                    try await engine.rows("SELECT action FROM audit_logs WHERE record_id = '\(id)'") == [
                        "execution.enqueued", "execution.cancel_requested", "execution.cancelled",
                    ], "\(end)")
                let isReleased = end == .released
                #expect(try await engine.store.logs(id).map(\.content) == (isReleased ? [] : ["half"]))
                #expect(try await engine.claim().claimed == 0)
            }
        }
    }

    @Test("what completes before its worker hears of the wish stays completed")
    func cancelTooLate() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            let attempt = try await engine.claimOne()
            _ = try await engine.store.cancel(id, by: engine.initiator)
            #expect(try await engine.record(attempt, .succeeded(result: "1")).status == .completed)
        }
    }

    @Test("what has ended cannot be cancelled, and what has not cannot be retried")
    func notPossible() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            var error = await #expect(throws: JobEngineError.self) {
                try await engine.store.retry(id, by: engine.initiator)
            }
            #expect(error?.message == "Execution \(id) is queued and cannot be retried")
            let attempt = try await engine.claimOne()
            error = await #expect(throws: JobEngineError.self) {
                try await engine.store.retry(id, by: engine.initiator)
            }
            #expect(error?.code == .notPossible)
            try await engine.record(attempt, .succeeded(result: nil))
            let before = try await engine.everything()
            error = await #expect(throws: JobEngineError.self) {
                try await engine.store.cancel(id, by: engine.initiator)
            }
            #expect(error?.message == "Execution \(id) is completed and cannot be cancelled")
            #expect(try await engine.everything() == before)
        }
    }

    @Test("an execution that does not exist is named")
    func unknown() async throws {
        try await withEngine { engine in
            let id = UniqueID(high: 1, low: 2)
            let cancel = await #expect(throws: JobEngineError.self) {
                _ = try await engine.store.cancel(id, by: engine.initiator)
            }
            let retry = await #expect(throws: JobEngineError.self) {
                try await engine.store.retry(id, by: engine.initiator)
            }
            for error in [cancel, retry] {
                #expect(error?.code == .unknownExecution)
                #expect(error?.message == "There is no execution '\(id)'")
            }
        }
    }

    @Test("a retry gives what has ended one attempt more, and the history stays")
    func retry() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue("failing", uniqueKey: "k", maxAttempts: 1)
            try await engine.record(engine.claimOne(), .failed(.passing), output: "first")
            engine.time.advance(by: .seconds(5))
            try await engine.store.retry(id, by: engine.initiator)
            #expect(
                try await engine.rows(
                    """
                    SELECT status, attempt, max_attempts, error_message, completed_at, duration_ms, run_at, \
                    started_at FROM script_executions
                    """) == ["queued|1|2|NULL|NULL|NULL|\(engine.time.now().sqlText)|NULL"])
            #expect(try await engine.rows("SELECT * FROM execution_unique_keys") == ["k|\(id)"])
            #expect(
                try await engine.rows(
                    "SELECT old_values, new_values FROM audit_logs WHERE action = 'execution.retried'") == [
                        #"{"status":"failed"}|{"status":"queued"}"#
                    ])
            let ended = try await engine.record(engine.claimOne(), .succeeded(result: "7"), output: "second")
            #expect(ended.status == .completed)
            #expect(try await engine.store.logs(id).map(\.content) == ["first", "second"])
            #expect(
                try await engine.rows("SELECT attempt, outcome FROM execution_attempts ORDER BY 1") == [
                    "1|failed", "2|completed",
                ])
        }
    }

    @Test("a retry waits for the unique key that another execution has by now")
    func retryAgainstKey() async throws {
        try await withEngine { engine in
            let first = try await engine.enqueue(uniqueKey: "k")
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            let second = try await engine.enqueue(uniqueKey: "k")
            let error = await #expect(throws: JobEngineError.self) {
                try await engine.store.retry(first, by: engine.initiator)
            }
            #expect(error?.code == .uniqueKeyInUse)
            #expect(error?.message == "Its unique key 'k' belongs to execution \(second) by now")
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            try await engine.store.retry(first, by: engine.initiator)
            #expect(try await engine.claimOne().claimed.lease.execution == first)
        }
    }

    @Test("the first characters of an identifier are enough where they are clear")
    func prefixes() async throws {
        try await withEngine { engine in
            let first = try await engine.enqueue()
            #expect(try await engine.store.execution(matching: "\(first)") == first)
            #expect(try await engine.store.execution(matching: "\(first)".uppercased()) == first)
            #expect(try await engine.store.execution(matching: String("\(first)".prefix(14))) == first)
            _ = try await engine.enqueue()
            let several = await #expect(throws: JobEngineError.self) {
                _ = try await engine.store.execution(matching: String("\(first)".prefix(8)))
            }
            #expect(several?.message == "Several executions begin with '\("\(first)".prefix(8))'")
            for wrong in ["zzzz", "01a", "", "01a2%", "ffffffff"] {
                let error = await #expect(throws: JobEngineError.self) {
                    _ = try await engine.store.execution(matching: wrong)
                }
                #expect(error?.code == .unknownExecution, "\(wrong)")
            }
        }
    }
}
