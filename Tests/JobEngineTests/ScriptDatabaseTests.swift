import Database
import Effects
import HypnoScript
import SQL
import SourceText
import TestSupport
import Testing

@testable import JobEngine

@Suite("Scripts that use the database")
struct ScriptDatabaseTests {
    /// An engine with a table for effects, and a script that may use it.
    private func withScript(
        _ body: String, maxAttempts: Int = 1, isEager: Bool = true, timeout: Duration = .seconds(864_000),
        templates: [TransactionTemplate] = [],
        on databases: [ReachableDatabase] = ReachableDatabase.all,
        _ check: (EngineFixture, UniqueID) async throws -> Void
    ) async throws {
        try await withEngine(
            templates: templates, isEager: isEager, timeout: timeout, on: databases
        ) { engine in
            try await engine.change(
                "CREATE TABLE effects (id INTEGER PRIMARY KEY, label VARCHAR(50) NOT NULL)")
            try await engine.add("effect", "Focus {\n\(body)\n} Relax")
            var rules = BoxRules()
            (rules.database, rules.sleep) = (true, true)
            _ = try await engine.store.setBox(of: "effect", rules, by: engine.initiator)
            try await check(
                engine, try await engine.enqueue("effect", arguments: "{}", maxAttempts: maxAttempts))
        }
    }

    private func run(_ engine: EngineFixture) async throws -> WorkerSummary {
        try await engine.worker(slots: 1, once: true).run()
    }

    @Test("it reads and writes with parameters, and its writes commit with the record")
    func statements() async throws {
        let body = """
            observe DatabaseExecute("INSERT INTO effects VALUES (?, ?), (?, ?)", [1, "a'b", 2, "?"]);
            observe DatabaseExecute("UPDATE effects SET label = ? WHERE id = ?", ["two", 2]);
            induce rows = DatabaseQuery("SELECT id, label, NULL AS none FROM effects ORDER BY id");
            observe rows;
            observe rows[0].label;
            observe DatabaseQuery("SELECT COUNT(*) AS n FROM effects WHERE label = ?", ["none"])[0].n + 1;
            observe DatabaseQuery("DELETE FROM effects WHERE id = ? RETURNING id", [2]);
            induce result = Length(rows);
            """
        try await withScript(body) { engine, id in
            #expect(try await run(engine).completed == 1)
            let execution = try await engine.store.execution(id)
            #expect(execution.attempts.first?.error == nil)
            #expect(execution.result == "2")
            #expect(
                try await engine.store.logs(id).map(\.content) == [
                    """
                    2
                    1
                    [{id: 1, label: a'b, none: null}, {id: 2, label: two, none: null}]
                    a'b
                    1
                    [{id: 2}]

                    """
                ])
            #expect(try await engine.rows("SELECT id, label FROM effects") == ["1|a'b"])
            #expect(
                try await engine.rows("SELECT COUNT(*) FROM execution_attempts WHERE finished_at IS NOT NULL")
                    == ["1"])
        }
    }

    @Test("a failing script leaves nothing behind but its record; what it catches does not hurt it")
    func failure() async throws {
        let body = """
            DatabaseExecute("INSERT INTO effects (id, label) VALUES (1, 'x')");
            try { DatabaseExecute("INSERT INTO effects (id, label) VALUES (1, 'again')"); }
            catch (error) { observe "caught"; }
            try { DatabaseQuery("SELECT * FROM no_such_table"); } catch (error) { observe "caught"; }
            observe DatabaseQuery("SELECT COUNT(*) AS n FROM effects")[0].n;
            DatabaseExecute("INSERT INTO effects (id, label) VALUES (2, NULL)");
            """
        try await withScript(body) { engine, id in
            #expect(try await run(engine).failed == 1)
            #expect(try await engine.rows("SELECT * FROM effects") == [])
            #expect(try await engine.store.logs(id).map(\.content) == ["caught\ncaught\n1\n"])
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            #expect(attempt.line == 7)
            #expect(attempt.errorKind == "script")
        }
    }

    @Test(
        "only one statement at a time, and only such as read or change rows",
        arguments: [
            ("COMMIT", "found 'COMMIT'"), ("BEGIN", "found 'BEGIN'"), ("DROP TABLE effects", "found 'DROP'"),
            ("SELECT 1; SELECT 2", "one statement at a time, found 2"),
            ("", "one statement at a time, found 0"),
            ("/* */ SAVEPOINT a", "found 'SAVEPOINT'"), ("PRAGMA journal_mode", "found 'PRAGMA'"),
            ("SET search_path = ''", "found 'SET'"), ("SELECT 1 INTO t", "A script makes no tables"),
            ("SELECT set_config('a.b', 'c', false)", "The session is not a script's"),
            ("SELECT 'open", "The statement is no SQL"),
        ])
    func refused(statement: String, message: String) async throws {
        try await withScript("DatabaseQuery(\"\(statement)\");", on: [.sqlite]) { engine, id in
            #expect(try await run(engine).failed == 1)
            let error = try await engine.store.execution(id).attempts.first?.error ?? ""
            #expect(error.contains(message), "\(error)")
        }
    }

    @Test("what it enqueues exists if it completes, and only then")
    func enqueue() async throws {
        let body = """
            induce options = { queue: "mail", priority: -5, delay_seconds: 60 };
            induce id = EnqueueScript("greeting", { name: "Eve" }, options);
            induce found = DatabaseQuery("SELECT status FROM script_executions WHERE id = ?", [id]);
            observe found[0].status;
            try { EnqueueScript("greting"); } catch (error) { observe error; }
            try { EnqueueScript("greeting", {}, { prority: 1 }); } catch (error) { observe error; }
            if (fails) { Throw("no"); }
            """
        try await withScript(body) { engine, id in
            #expect(try await run(engine).failed == 1)
            #expect(try await engine.rows("SELECT 1 FROM script_executions WHERE queue = 'mail'") == [])
            try await engine.enqueue("effect", arguments: #"{"fails":false}"#, maxAttempts: 1)
            #expect(try await run(engine).completed == 1)
            #expect(
                try await engine.rows(
                    "SELECT status, priority, arguments FROM script_executions WHERE queue = 'mail'"
                ).map { $0.filter { $0 != " " } } == [#"queued|-5|{"name":"Eve"}"#])
            let log = try await engine.store.logs(id).map(\.content).joined()
            #expect(log.hasPrefix("queued\nUnknown script 'greting'"))
            #expect(log.contains("EnqueueScript has no option 'prority'; did you mean 'priority'?"))
            #expect(
                try await engine.rows(
                    "SELECT user_agent FROM audit_logs WHERE new_values LIKE '%\"mail\"%'"
                        .replacing("new_values", with: "CAST(new_values AS TEXT)"))
                    == ["hypjobs worker, script effect"])
        }
    }

    @Test("two scripts that meet run one after the other, and both count")
    func conflicts() async throws {
        let body = """
            induce text = DatabaseQuery("SELECT label FROM effects WHERE id = 1")[0].label;
            DatabaseExecute("UPDATE effects SET label = ? WHERE id = 1", [text + "x"]);
            """
        let serializable = try TransactionTemplate(
            name: TransactionTemplate.executeScriptName, isolation: .serializable,
            timeout: .seconds(864_000),
            retry: .never, steps: TransactionTemplate.defaultSteps["executeScript"] ?? [])
        try await withScript(body, templates: [serializable]) { engine, _ in
            try await engine.change("INSERT INTO effects (id, label) VALUES (1, '')")
            for _ in 1..<12 { try await engine.enqueue("effect", arguments: "{}", maxAttempts: 1) }
            let summary = try await engine.worker(slots: 4, once: true).run()
            #expect(summary.completed == 12)
            let errors = try await engine.rows(
                "SELECT error_message FROM execution_attempts WHERE error_message IS NOT NULL")
            #expect(errors == [])
            #expect(try await engine.rows("SELECT label FROM effects") == ["xxxxxxxxxxxx"])
        }
    }

    @Test("what a lost lease wrote is undone")
    func lostLease() async throws {
        let body = """
            DatabaseExecute("INSERT INTO effects (id, label) VALUES (1, 'x')");
            DatabaseExecute("UPDATE script_executions SET attempt = attempt + 1 WHERE status = 'running'");
            """
        try await withScript(body, on: [.sqlite]) { engine, id in
            #expect(try await run(engine).completed == 0)
            #expect(try await engine.rows("SELECT * FROM effects") == [])
            let status = try await engine.store.status(of: id)
            #expect(status != .completed)
        }
    }

    @Test("a script that is cancelled gives its transaction back")
    func cancelled() async throws {
        let body = """
            DatabaseExecute("INSERT INTO effects (id, label) VALUES (1, 'x')");
            while (true) { DatabaseQuery("SELECT 1 AS one"); }
            """
        try await withScript(body, isEager: false) { engine, id in
            let story = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: story)
            async let summary = worker.run()
            await story.wait { if case .claimed = $0 { true } else { false } }
            worker.hurry()
            #expect(try await summary.released == 1)
            #expect(try await engine.rows("SELECT * FROM effects") == [])
            let status = try await engine.store.status(of: id)
            #expect(status == .queued)
        }
    }

    @Test("a transaction that is kept open for too long ends, also while its script sleeps")
    func overdue() async throws {
        let body = """
            DatabaseExecute("INSERT INTO effects (id, label) VALUES (1, 'x')");
            Sleep(100000);
            """
        try await withScript(body, timeout: .seconds(10)) { engine, id in
            #expect(try await run(engine).failed == 1)
            #expect(try await engine.rows("SELECT * FROM effects") == [])
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            #expect(attempt.errorKind == "database")
            #expect(attempt.error == "The script kept its transaction open for more than 10 s")
        }
    }

    @Test("a blob is measured by what it unfolds to")
    func blob() async throws {
        try await withScript("DatabaseQuery(\"SELECT zeroblob(2000000) AS b\");", on: [.sqlite]) {
            engine, id in
            var rules = BoxRules()
            rules.memoryBytes = 10_000_000
            _ = try await engine.store.setBox(of: "effect", rules, by: engine.initiator)
            #expect(try await run(engine).failed == 1)
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            #expect(attempt.errorKind == "limit")
        }
    }

    @Test("more rows than its memory holds end the script, not the worker")
    func tooManyRows() async throws {
        let body = """
            induce numbers = "SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000";
            induce rows = DatabaseQuery("WITH RECURSIVE n(i) AS (" + numbers + ") SELECT i FROM n");
            observe Length(rows);
            """
        try await withScript(body) { engine, id in
            var rules = BoxRules()
            rules.memoryBytes = 1_000_000
            _ = try await engine.store.setBox(of: "effect", rules, by: engine.initiator)
            #expect(try await run(engine).failed == 1)
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            #expect(attempt.errorKind == "limit")
        }
    }
}

@Suite("Recordings of runs")
struct RecordingTests {
    private func withRecorded(
        _ body: String, _ mode: String = "all", arguments: String = "{}",
        _ check: (EngineFixture, UniqueID) async throws -> Void
    ) async throws {
        // The clock runs ahead wherever somebody sleeps: no time is a limit here.
        try await withEngine(isEager: true, timeout: .seconds(864_000)) { engine in
            try await engine.add("recorded", "Focus {\n\(body)\n} Relax")
            let rules = try BoxRules(
                try JSON(
                    parsing: #"{"database":true,"sleep":true,"environment":["HOME"],"record":"\#(mode)"}"#))
            _ = try await engine.store.setBox(of: "recorded", rules, by: engine.initiator)
            let id = try await engine.enqueue("recorded", arguments: arguments, maxAttempts: 1)
            _ = try await engine.worker(slots: 1, once: true).run()
            try await check(engine, id)
        }
    }

    private func replay(_ engine: EngineFixture, _ id: UniqueID, source: String? = nil) async throws -> Replay
    {
        let details = try await engine.store.execution(id)
        let found = try #require(try await engine.store.recording(of: id, attempt: nil))
        return try Replay(
            found.recording, script: details.summary.script, source: source ?? details.source ?? "",
            arguments: details.arguments ?? "{}", modules: nil, time: .seconds(60))
    }

    private let world = """
        observe Random(); observe GenerateUUID(); observe CurrentTimestamp(); observe GetEnv("HOME");
        Sleep(5);
        induce rows = DatabaseQuery("SELECT id FROM script_executions ORDER BY id");
        observe rows;
        DatabaseExecute("UPDATE scripts SET status = status WHERE name = ?", ["greeting"]);
        observe EnqueueScript("greeting", { name: "Eve" });
        induce result = Length(rows);
        """

    @Test("a replay prints the same and asks for the same, whatever has changed since")
    func same() async throws {
        try await withRecorded(world) { engine, id in
            let errors = try await engine.store.execution(id).attempts.map(\.error)
            #expect(errors == [nil])
            #expect(try await engine.store.status(of: id) == .completed)
            let before = try await engine.rows("SELECT COUNT(*) FROM script_executions")
            engine.time.advance(by: .seconds(86_400))
            let replay = try await replay(engine, id)
            guard case .same = replay.verdict else {
                Issue.record("\(replay.verdict)")
                return
            }
            #expect(replay.output == (try await engine.store.logs(id).map(\.content).joined()))
            #expect(replay.questions == 5)
            #expect(try await engine.rows("SELECT COUNT(*) FROM script_executions") == before)
        }
    }

    @Test("a changed program is caught at the line where it goes another way")
    func diverged() async throws {
        try await withRecorded(world) { engine, id in
            let other = "Focus {\n" + world.replacing("ORDER BY id", with: "ORDER BY 1") + "\n} Relax"
            guard case .diverged(let failure) = try await replay(engine, id, source: other).verdict else {
                Issue.record("it must diverge")
                return
            }
            #expect(failure.position?.line == 4)
            #expect(
                failure.message
                    == "'DatabaseQuery' had other arguments in the recorded run, where line 4 asked for it")
            let shorter = "Focus { observe Random(); } Relax"
            guard case .endedBefore("clock", 2) = try await replay(engine, id, source: shorter).verdict else {
                Issue.record("it must end before")
                return
            }
            let louder = "Focus {\nobserve 1;" + world + "\n} Relax"
            guard case .other = try await replay(engine, id, source: louder).verdict else {
                Issue.record("it must print something else")
                return
            }
        }
    }

    @Test("failures replay too, and are all that is kept where the box says so")
    func failures() async throws {
        let body = #"observe Random(); if (fails) { induce a = [1]; observe a[CurrentTimestamp()]; }"#
        try await withRecorded(body, "failed", arguments: #"{"fails":true}"#) { engine, id in
            guard case .same = try await replay(engine, id).verdict else {
                Issue.record("it must fail in the same way")
                return
            }
            let good = try await engine.enqueue("recorded", arguments: #"{"fails":false}"#)
            _ = try await engine.worker(slots: 1, once: true).run()
            #expect(try await engine.store.recording(of: good, attempt: nil) == nil)
            #expect(try await engine.store.recording(of: id, attempt: 2) == nil)
        }
    }
}
