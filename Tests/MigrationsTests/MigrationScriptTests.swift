import Database
import Migrations
import TestSupport
import Testing

@Suite("Statements of a migration", .timeLimit(.minutes(1)))
struct MigrationScriptTests {
    /// The error with which a migration is refused, after which nothing of it is there.
    private static func failure(up: [String]) async throws -> MigrationError {
        var failure: MigrationError?
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(database, .table("1", "one"), .test("2", up: up))
            failure = await #expect(throws: MigrationError.self) { try await migrator.up() }
            #expect(try await database.objects().filter { $0 != "one" }.isEmpty)
            #expect(try await migrator.status().last?.state == .pending)
        }
        return try #require(failure)
    }

    @Test("a failing statement undoes its migration as a whole and is named with the reason")
    func failing() async throws {
        let error = try await Self.failure(up: [
            "CREATE TABLE two (id INTEGER); INSERT INTO two VALUES (1)",
            "-- Twice.\nCREATE TABLE two\n  (id TEXT)",
        ])
        #expect(error.code == .statementFailed)
        #expect(error.version == "2")
        #expect(
            error.message
                == "Migration 2 (test), statement 3 of 3, 'CREATE TABLE two': Table two already exists "
                + "(line 1, column 14)")
        #expect(error.cause?.driverCode == "SQLITE_ERROR (1)")
    }

    @Test("the migrations before a failing one stay applied")
    func before() async throws {
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(database, .table("1", "one"), .test("2", up: ["DROP TABLE nowhere"]))
            await #expect(throws: MigrationError.self) { try await migrator.up() }
            #expect(try await database.objects() == ["one"])
            #expect(try await migrator.status().map { $0.state == .pending } == [false, true])
        }
    }

    @Test("the message is one line, whatever ends the file's lines")
    func lineEnds() async throws {
        let error = try await Self.failure(up: ["INSERT INTO nowhere\r\nVALUES (1)"])
        #expect(
            error.message
                == "Migration 2 (test), statement 1 of 1, 'INSERT INTO nowhere': No such table: nowhere")
    }

    @Test(
        "a migration that ends its transaction is refused and undone",
        arguments: [
            "COMMIT", "BEGIN", "END", "ROLLBACK", "SAVEPOINT s",
        ])
    func control(statement: String) async throws {
        let error = try await Self.failure(up: ["CREATE TABLE two (a)", statement, "CREATE TABLE three (a)"])
        #expect(error.code == .statementFailed)
        #expect(
            error.message == "Migration 2 (test), statement 2 of 3, '\(statement)': "
                + "A statement inside a transaction may not be \(statement.prefix { $0 != " " })")
    }

    @Test("a statement that the database lacks is found before anything runs, also in what takes it back")
    func notPortable() async throws {
        let wrong = "CREATE TABLE two (a INTEGER);\nTRUNCATE two"
        for migration in [Migration.test("2", up: [wrong]), .test("2", up: ["SELECT 1"], down: [wrong])] {
            try await withTemporaryDatabase { database in
                let migrator = try Migrator(database, .table("1", "one"), migration)
                let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
                #expect(error?.code == .notPortable)
                #expect(error?.version == "2")
                #expect(
                    error?.message.hasPrefix("Migration 2 (test), statement 2, ") == true
                        && error?.message.hasSuffix("SQLite has no TRUNCATE; use DELETE FROM") == true)
                #expect(try await database.objects().isEmpty)
            }
        }
    }

    @Test("a trigger's semicolons do not separate statements, those between statements do")
    func triggers() async throws {
        try await withTemporaryDatabase { database in
            let script = """
                CREATE TABLE a (n INTEGER); CREATE TABLE log (text TEXT);
                CREATE TRIGGER after_a AFTER INSERT ON a BEGIN
                    INSERT INTO log VALUES ('one; two');
                    INSERT INTO log SELECT CASE WHEN NEW.n > 0 THEN 'more' ELSE 'less' END;
                END;
                -- A comment; with a semicolon.
                INSERT INTO a VALUES (5);
                """
            let migration = Migration.test(
                "1", up: [script], down: ["DROP TRIGGER after_a; DROP TABLE log; DROP TABLE a;"])
            let migrator = try Migrator(database, migration)
            try await migrator.up()
            #expect(try await database.objects() == ["a", "after_a", "log"])
            let lines = try await database.read {
                try $0.execute("SELECT text FROM log").rows.map { try $0.text(0) }
            }
            #expect(lines == ["one; two", "more"])
            try await migrator.down()
            #expect(try await database.objects().isEmpty)
        }
    }

    @Test("a failure while a migration is taken back leaves it applied")
    func failingDown() async throws {
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(
                database,
                .test("1", up: ["CREATE TABLE a (n)"], down: ["DROP TABLE a", "DROP TABLE nowhere"]))
            try await migrator.up()
            let error = await #expect(throws: MigrationError.self) { try await migrator.down() }
            #expect(error?.code == .statementFailed)
            #expect(try await database.objects() == ["a"])
            #expect(try await migrator.status().first?.state != .pending)
        }
    }
}
