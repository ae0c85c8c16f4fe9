import Database
import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

/// What a client without this program may do on the server, and what it may not.
@Suite(
    "Plain SQL on PostgreSQL",
    .enabled(if: PostgresServer.fromEnvironment != nil, "\(ReachableDatabase.postgresql.howToReach)"))
struct PlainSQLTests {
    /// Runs the body on PostgreSQL alone.
    private func withServer(_ body: (EngineFixture) async throws -> Void) async throws {
        try await withEngine { engine in
            if engine.store.worksInSets { try await body(engine) }
        }
    }

    /// What the server says to a statement; nil if it does it.
    private func refusal(_ engine: EngineFixture, _ text: String) async -> DatabaseError? {
        do {
            try await engine.store.transaction(.readCommitted) { transaction in
                _ = try transaction.execute(text)
            }
            return nil
        } catch {
            return error as? DatabaseError
        }
    }

    /// What calls of the function return.
    private func call(_ engine: EngineFixture, _ text: String) async throws -> [String] {
        try await engine.store.transaction(.readCommitted) { transaction in
            try transaction.execute(text).rows.map { try $0.text(0) }
        }
    }

    // MARK: References

    @Test("a row that refers to no user or script is refused, and what is referred to stays")
    func references() async throws {
        try await withServer { engine in
            try await engine.enqueue()
            let before = try await engine.everything()
            let nobody = "gen_random_uuid()"
            let user = "(SELECT user_id FROM script_executions LIMIT 1)"
            let script = "(SELECT script_id FROM script_executions LIMIT 1)"
            for (text, named) in [
                ("INSERT INTO script_executions (script_id, user_id) VALUES (\(nobody), \(user))", "script"),
                ("INSERT INTO script_executions (script_id, user_id) VALUES (\(script), \(nobody))", "user"),
                ("UPDATE script_executions SET script_id = \(nobody)", "script"),
                ("UPDATE script_executions SET user_id = \(nobody)", "user"),
                ("INSERT INTO audit_logs (user_id, action, table_name) VALUES (\(nobody), 'x', 'y')", "user"),
                ("UPDATE audit_logs SET user_id = \(nobody)", "user"),
                ("DELETE FROM users", "referred to"), ("DELETE FROM scripts", "referred to"),
                ("UPDATE users SET id = \(nobody)", "referred to"),
            ] {
                let error = await refusal(engine, text)
                #expect(error?.code == .foreignKeyViolation, "\(text)")
                #expect(error?.message.contains(named) == true, "\(text): \(error?.message ?? "")")
            }
            #expect(try await engine.everything() == before)
            let someone = "INSERT INTO users (email, username, password_hash) VALUES ('e', 'n', '!')"
            #expect(await refusal(engine, someone) == nil)
            #expect(await refusal(engine, "UPDATE users SET username = 'm' WHERE email = 'e'") == nil)
            #expect(await refusal(engine, "DELETE FROM users WHERE email = 'e'") == nil)
            await #expect(throws: DatabaseError.self) {
                try await engine.store.transaction(.serializable) { transaction in
                    try transaction.execute("DELETE FROM users WHERE email <> 'system@hypjobs.invalid'")
                    try transaction.execute(
                        someone.replacing("'e'", with: "'f'").replacing("'n'", with: "'f'"))
                    _ = try transaction.execute("DELETE FROM users WHERE email = 'f'")
                }
            }
            let unowned = "INSERT INTO audit_logs (user_id, action, table_name) VALUES (NULL, 'x', 'y')"
            #expect(await refusal(engine, unowned) == nil)
        }
    }

    // MARK: The fence

    @Test("a stale worker's hand-written UPDATE is refused, and the right one passes")
    func fence() async throws {
        try await withServer { engine in
            let id = try await engine.enqueue()
            _ = try await engine.claimOne()
            let before = try await engine.everything()
            let end =
                "UPDATE script_executions SET status = 'completed', worker_epoch = NULL WHERE id = '\(id)'"
            let nobody = await refusal(engine, end)
            #expect(nobody?.driverCode == "HJ001")
            let other = UniqueID(high: 0xE, low: 9)
            let stranger = await refusal(
                engine, "DO $$ BEGIN PERFORM set_config('hypjobs.epoch', '\(other)', true); \(end); END $$")
            #expect(stranger?.driverCode == "HJ001")
            #expect(stranger?.message.contains("is held by another worker") == true)
            #expect(try await engine.everything() == before)
            let owner = await refusal(
                engine,
                "DO $$ BEGIN PERFORM set_config('hypjobs.epoch', '\(engine.epoch)', true); \(end); END $$")
            #expect(owner == nil)
            #expect(try await engine.rows("SELECT status FROM script_executions") == ["completed"])
        }
    }

    @Test(
        "only a claim or a cancellation changes what is queued",
        arguments: [
            "status = 'completed'", "status = 'running', attempt = 1", "attempt = 7",
            "status = 'running', attempt = 2, worker_epoch = gen_random_uuid()",
            "status = 'cancelled', attempt = 1",
        ])
    func queued(_ change: String) async throws {
        try await withServer { engine in
            let id = try await engine.enqueue()
            let refused = await refusal(engine, "UPDATE script_executions SET \(change) WHERE id = '\(id)'")
            #expect(refused?.driverCode == "HJ001")
        }
    }

    @Test("what has ended is changed by nothing but a retry")
    func ended() async throws {
        try await withServer { engine in
            let id = try await engine.enqueue()
            try await engine.record(engine.claimOne(), .succeeded(result: "1"))
            for change in ["status = 'failed'", "result = '2'", "attempt = 2", "status = 'running'"] {
                let refused = await refusal(
                    engine, "UPDATE script_executions SET \(change) WHERE id = '\(id)'")
                #expect(refused?.driverCode == "HJ001", "\(change)")
            }
            let note = await refusal(
                engine, "UPDATE script_executions SET error_message = 'seen' WHERE id = '\(id)'")
            #expect(note == nil)
            try await engine.store.retry(id, by: engine.initiator)
        }
    }

    // MARK: hypjobs_enqueue

    @Test("what the function enqueues is claimed like any other, with everything it was given")
    func enqueue() async throws {
        try await withServer { engine in
            // The function lives by the server's clock.
            let id = try await call(
                engine,
                """
                SELECT hypjobs_enqueue('greeting', '{"name": "Ada"}', queue => 'mail', priority => -2, \
                run_at => '2001-01-01 01:00+01', unique_key => 'k', max_attempts => 3, concurrency_key => 'c')
                """)
            #expect(
                try await engine.rows(
                    "SELECT id, status, queue, priority, run_at, unique_key, max_attempts, concurrency_key, "
                        + "script_version, template FROM script_executions") == [
                        "\(id[0])|queued|mail|-2|2001-01-01 00:00:00.000000|k|3|c|1|executeScript"
                    ])
            let lane = try #require(UniqueID(id[0]).map(Lane.of))
            #expect(
                try await engine.rows("SELECT execution_id, lane, concurrency_key FROM execution_queue")
                    == ["\(id[0])|\(lane)|c"])
            #expect(
                try await engine.rows(
                    "SELECT action, new_values, record_id FROM audit_logs WHERE user_agent LIKE 'SQL %'") == [
                        #"execution.enqueued|{"queue":"mail","script":"greeting","status":"queued","#
                            + #""version":1,"priority":-2}|\#(id[0])"#
                    ])
            let claimed = try await engine.claim(queues: ["mail"])
            #expect(claimed.needScript.first?.claimed.arguments == #"{"name": "Ada"}"#)
            #expect(claimed.keys == ["k"])
        }
    }

    @Test("its defaults are those of the command line, and every call has its own identifier")
    func defaults() async throws {
        try await withServer { engine in
            let ids = try await call(
                engine, "SELECT hypjobs_enqueue('greeting') FROM generate_series(1, 50)")
            #expect(Set(ids).count == 50)
            #expect(ids.allSatisfy { Array($0)[14] == "7" })
            #expect(
                try await engine.rows(
                    "SELECT DISTINCT arguments, queue, priority, max_attempts FROM script_executions")
                    == ["{}|default|0|4"])
        }
    }

    @Test("a unique key in use gives its holder, and is free again when that has ended")
    func uniqueKey() async throws {
        try await withServer { engine in
            let text = "SELECT hypjobs_enqueue('greeting', unique_key => 'k', run_at => '2001-01-01Z')"
            let first = try await call(engine, text)
            #expect(try await call(engine, text) == first)
            #expect(try await engine.rows("SELECT COUNT(*) FROM script_executions") == ["1"])
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            #expect(try await call(engine, text) != first)
        }
    }

    @Test("what a transaction that is rolled back enqueued was never there")
    func transactional() async throws {
        try await withServer { engine in
            let error = await #expect(throws: Unexpected.self) {
                try await engine.store.transaction(.readCommitted) { transaction in
                    _ = try transaction.execute("SELECT hypjobs_enqueue('greeting', unique_key => 'k')")
                    throw Unexpected("the client changed its mind")
                }
            }
            #expect(error?.message == "the client changed its mind")
            for table in ["script_executions", "execution_queue", "execution_unique_keys"] {
                let count = try await engine.rows("SELECT COUNT(*) FROM \(table)")
                #expect(count == ["0"], "\(table)")
            }
        }
    }

    @Test(
        "what cannot run is refused, and leaves nothing",
        arguments: [
            ("'nothing'", "P0002", "There is no script \"nothing\""),
            ("'greeting', '[1]'", "22023", "The arguments are a JSON object, found array"),
            ("'greeting', NULL", "22023", "The arguments are a JSON object, found NULL"),
            ("'greeting', queue => 'no queue'", "22023", "is no name of a queue"),
            (
                "'greeting', priority => 1001", "22023",
                "A priority is a number from -1000 to 1000, found 1001"
            ),
            ("'greeting', max_attempts => 0", "22023", "The number of attempts is from 1 to 101, found 0"),
            ("'greeting', unique_key => ''", "22023", "A key has at least one character"),
            ("'archived'", "55000", "Script \"archived\" is archived"),
        ])
    func refusals(_ arguments: String, _ state: String, _ message: String) async throws {
        try await withServer { engine in
            try await engine.add("archived", EngineFixture.greeting)
            try await engine.change("UPDATE scripts SET status = 'archived' WHERE name = 'archived'")
            let error = await refusal(engine, "SELECT hypjobs_enqueue(\(arguments))")
            #expect(error?.driverCode == state)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
            #expect(try await engine.rows("SELECT COUNT(*) FROM script_executions") == ["0"])
        }
    }
}
