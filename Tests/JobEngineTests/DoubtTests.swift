import Database
import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite(
    "Commits whose answer got lost", .timeLimit(.minutes(1)),
    .enabled(if: ReachableDatabase.all.contains(.postgresql), "needs a PostgreSQL server"))
struct DoubtTests {
    fileprivate func withDeafEngine(
        templates: [TransactionTemplate] = [], _ body: (EngineFixture, DeafDriver) async throws -> Void
    ) async throws {
        var driver: DeafDriver?
        try await withEngine(
            templates: templates, isEager: true, on: [.postgresql],
            through: {
                let deaf = DeafDriver($0)
                driver = deaf
                return deaf
            },
            { engine in try await body(engine, #require(driver)) })
    }

    fileprivate static let attempts =
        "SELECT attempt, outcome FROM execution_attempts ORDER BY execution_id, 1"

    @Test("what a claim took that nobody answered is given back, uncounted, and runs once")
    func claim() async throws {
        try await withDeafEngine { engine, driver in
            let id = try await engine.enqueue(maxAttempts: 1)
            driver.loseCommit { $0.contains("INSERT INTO execution_attempts") }
            let summary = try await engine.worker(once: true).run()
            #expect(driver.pending == 0)
            #expect(summary.completed == 1)
            #expect(summary.released == 1)
            #expect(try await engine.rows(Self.attempts) == ["1|released", "2|completed"])
            #expect(try await engine.store.execution(id).summary.status == .completed)
            #expect(try await engine.store.workers().isEmpty)
        }
    }

    @Test("a claim that is still under way on the server is waited for; what the worker holds stays with it")
    func claimUnderWay() async throws {
        try await withDeafEngine { engine, driver in
            let known = try await engine.enqueue()
            let first = try await engine.claimOne()
            let lost = try await engine.enqueue()
            _ = try await engine.claimOne()
            let schema = try #require(try await engine.rows("SELECT current_schema()").first)
            let other = try driver.connect(for: .writing)
            defer { other.close() }
            let lock = "pg_advisory_lock(hashtext('hypjobs \(schema)'), 3)"
            try other.execute(Statement("SELECT \(lock)"))
            let held: Set = [first.claimed.lease]
            let waiting = try await engine.store.settleClaims(
                of: engine.epoch, lanes: [2, 3, 4], held: held)
            #expect(waiting.lanes == [2, 4])
            #expect(waiting.released.isEmpty)
            other.close()
            var settled = try await engine.store.settleClaims(of: engine.epoch, lanes: [3], held: held)
            while settled.lanes.isEmpty {
                settled = try await engine.store.settleClaims(of: engine.epoch, lanes: [3], held: held)
            }
            #expect(settled.released.map(\.execution) == [lost])
            #expect(settled.released.map(\.status) == [.queued])
            #expect(try await engine.store.status(of: known) == .running)
            #expect(try await engine.record(first, .succeeded(result: nil)).status == .completed)
        }
    }

    @Test("a result that was recorded by a commit that nobody answered counts, and is nobody else's")
    func record() async throws {
        try await withDeafEngine { engine, driver in
            try await engine.enqueue()
            try await engine.enqueue("failing", maxAttempts: 2)
            for _ in 0..<2 { driver.loseCommit { $0.contains("), ended AS (") } }
            let summary = try await engine.worker(once: true).run()
            #expect(driver.pending == 0)
            #expect(summary.stale == 0)
            #expect(summary.completed == 1)
            #expect(summary.retried == 1)
            #expect(summary.failed == 1)
            #expect(
                try await engine.rows(Self.attempts) == ["1|completed", "1|failed", "2|failed"])
            #expect(try await engine.rows("SELECT COUNT(*) FROM execution_logs") == ["3"])
        }
    }

    @Test("steps between two scripts are done once, although the answer to their commit got lost")
    func journal() async throws {
        let template = try TransactionTemplate(
            name: "twice", isolation: .readCommitted, timeout: .seconds(60), retry: .never,
            steps: [
                TemplateStep(name: "run", operation: .runScript, rollbackOnFailure: true),
                TemplateStep(name: "tell", operation: .insertAuditLog, rollbackOnFailure: true),
                TemplateStep(name: "again", operation: .runScript, rollbackOnFailure: true),
                TemplateStep(name: "record", operation: .updateExecution, rollbackOnFailure: true),
            ])
        try await withDeafEngine(templates: [template]) { engine, driver in
            try await engine.enqueue(template: "twice")
            driver.loseCommit { $0.contains("INSERT INTO execution_steps") }
            let summary = try await engine.worker(once: true).run()
            #expect(driver.pending == 0)
            #expect(summary.completed == 1)
            #expect(
                try await engine.rows("SELECT COUNT(*) FROM audit_logs WHERE action = 'template.step'")
                    == ["1"])
            #expect(try await engine.rows("SELECT result FROM script_executions") == [#""Ada""#])
        }
    }

    @Test("an enqueue whose commit nobody answered is told as it happened, and happens once")
    func enqueue() async throws {
        try await withDeafEngine { engine, driver in
            driver.loseCommit { $0.contains("INSERT INTO script_executions") }
            let id = try await engine.enqueue(uniqueKey: "k")
            #expect(driver.pending == 0)
            #expect(try await engine.rows("SELECT id FROM script_executions") == [id.description])
            // This time it does not happen.
            driver.loseCommit(instead: true) { $0.contains("INSERT INTO script_executions") }
            let other = try await engine.enqueue()
            #expect(driver.pending == 0)
            #expect(
                try await engine.rows("SELECT id FROM script_executions ORDER BY id")
                    == [id.description, other.description])
            #expect(try await engine.rows("SELECT COUNT(*) FROM execution_queue") == ["2"])
            #expect(
                try await engine.rows(
                    "SELECT COUNT(*) FROM audit_logs WHERE action = 'execution.enqueued'") == ["2"])
        }
    }
}

extension DoubtTests {
    @Test(
        "what a script wrote is there once, whether its commit happened or got lost on its way",
        arguments: [false, true])
    func scriptTransaction(isLost: Bool) async throws {
        try await withDeafEngine { engine, driver in
            try await engine.change("CREATE TABLE effects (label VARCHAR(50) NOT NULL)")
            try await engine.add(
                "effect", "Focus { DatabaseExecute(\"INSERT INTO effects (label) VALUES ('x')\"); } Relax")
            var rules = BoxRules()
            rules.database = true
            _ = try await engine.store.setBox(of: "effect", rules, by: engine.initiator)
            try await engine.enqueue("effect", arguments: "{}", maxAttempts: 1)
            driver.loseCommit(instead: isLost) { $0.contains("INSERT INTO effects") }
            let summary = try await engine.worker(slots: 1, once: true).run()
            #expect(driver.pending == 0)
            #expect(summary.completed == 1)
            #expect(summary.stale == 0)
            #expect(try await engine.rows("SELECT label FROM effects") == ["x"])
            #expect(try await engine.rows(Self.attempts) == ["1|completed"])
        }
    }
}
