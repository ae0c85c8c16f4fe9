import CSQLite
import Database
import SQL
import Testing

@testable import SQLiteDriver

@Suite("Statements in SQLite")
struct SQLiteStatementTests {
    @Test("a wrong number of values is refused before anything runs")
    func parameters() async throws {
        try await TestDatabaseFile.withConnection { connection in
            try connection.run("CREATE TABLE t (a, b)")
            let few = connection.error("INSERT INTO t VALUES (?, ?)", .integer(1))
            #expect(few?.code == .syntax)
            #expect(few?.message == "The statement has 2 parameters and was given 1")
            #expect(connection.error("SELECT 1", .integer(1))?.code == .syntax)
            #expect(try connection.value("SELECT COUNT(*) FROM t") == .integer(0))
        }
    }

    @Test(
        "a value that is larger than SQLite takes is refused, not stored as NULL",
        arguments: [
            SQLValue.text(String(repeating: "a", count: 1001)), .blob(Array(repeating: 1, count: 1001)),
        ])
    func tooLarge(value: SQLValue) async throws {
        try await TestDatabaseFile.with { file in
            let handle = try SQLiteHandle(SQLiteConfiguration(path: file.path))
            defer { handle.close() }
            sqlite3_limit(handle.pointer, SQLITE_LIMIT_LENGTH, 1000)
            let prepared = try PreparedStatement("SELECT ?, ?", handle)
            let bindings = BindingArena()
            #expect(bindings.bind([.integer(1), value], to: prepared.pointer) == SQLITE_TOOBIG)
            #expect(bindings.bind([.integer(1), .text("short")], to: prepared.pointer) == SQLITE_OK)
        }
    }

    @Test(
        "more than one statement at once is refused, and so is none",
        arguments: [
            "SELECT 1; SELECT 2", "SELECT 1; nonsense", "SELECT 1;; SELECT 2", "", "  -- nothing\n", ";",
        ])
    func oneStatement(text: String) async throws {
        try await TestDatabaseFile.withConnection { connection in
            #expect(connection.error(text)?.code == .syntax)
            #expect(connection.error(text)?.statement == text)
        }
    }

    @Test("a statement with a NUL in it is refused: SQLite would not read what is behind it")
    func nul() async throws {
        try await TestDatabaseFile.withConnection { connection in
            for text in ["SELECT 1\0; DROP TABLE t", "SELECT 1;\0 DROP TABLE t"] {
                #expect(connection.error(text)?.code == .syntax)
            }
        }
    }

    @Test(
        "a semicolon and comments may stand behind a statement",
        arguments: [
            "SELECT 1;", "SELECT 1 ; -- end", "/* begin */ SELECT 1 /* end */;\n",
        ])
    func tail(text: String) async throws {
        try await TestDatabaseFile.withConnection { connection in
            let value = try connection.value(text)
            #expect(value == .integer(1))
        }
    }

    @Test("the changed rows are counted for statements that change rows, and for no others")
    func affectedRows() async throws {
        try await TestDatabaseFile.withConnection { connection in
            try connection.run("CREATE TABLE t (a)")
            #expect(try connection.run("INSERT INTO t VALUES (1), (2), (3)").affectedRows == 3)
            #expect(try connection.run("CREATE INDEX i ON t (a)").affectedRows == 0)
            #expect(try connection.run("SELECT a FROM t").affectedRows == 0)
            #expect(try connection.run("WITH x AS (SELECT 2 AS a) SELECT a FROM x").affectedRows == 0)
            #expect(try connection.run("UPDATE t SET a = 5 WHERE a > 1").affectedRows == 2)
            #expect(try connection.run("UPDATE t SET a = 5 WHERE a > 9").affectedRows == 0)
            #expect(try connection.run("-- why\n/* how */ UPDATE t SET a = 6").affectedRows == 3)
            #expect(
                try connection.run("WITH x AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT 6)").affectedRows
                    == 3)
            let returned = try connection.run("INSERT INTO t VALUES (7), (8) RETURNING a")
            #expect(returned.affectedRows == 2)
            #expect(try returned.rows.map { try $0.int(0) } == [7, 8])
        }
    }

    @Test("a statement in the cache sees a change of the schema, with rows and without")
    func schemaChange() async throws {
        try await TestDatabaseFile.with { file in
            let connection = try file.connect()
            let other = try file.connect()
            defer {
                connection.close()
                other.close()
            }
            try connection.run("CREATE TABLE t (a)")
            #expect(try connection.run("SELECT * FROM t").columns == ["a"])
            try other.run("ALTER TABLE t ADD COLUMN b DEFAULT 5")
            #expect(try connection.run("SELECT * FROM t").columns == ["a", "b"])
            try connection.run("INSERT INTO t (a) VALUES (1)")
            try other.run("ALTER TABLE t ADD COLUMN c DEFAULT 6")
            let row = try #require(try connection.run("SELECT * FROM t").first)
            #expect(row.columns == ["a", "b", "c"])
            #expect(try row.int("c") == 6)
            try other.run("DROP TABLE t")
            #expect(connection.error("SELECT * FROM t")?.code == .unknownObject)
            try other.run("CREATE TABLE t (z)")
            #expect(try connection.run("SELECT * FROM t").columns == ["z"])
        }
    }

    @Test("a statement that failed can be run again")
    func failedAgain() async throws {
        try await TestDatabaseFile.withConnection { connection in
            try connection.run("CREATE TABLE t (a PRIMARY KEY)")
            try connection.run("INSERT INTO t VALUES (?)", .integer(1))
            #expect(connection.error("INSERT INTO t VALUES (?)", .integer(1))?.code == .uniqueViolation)
            #expect(try connection.run("INSERT INTO t VALUES (?)", .integer(2)).affectedRows == 1)
        }
    }

    @Test("a cache of one statement is enough for any number of them")
    func smallCache() async throws {
        try await TestDatabaseFile.withConnection({ $0.statementCacheSize = 1 }) { connection in
            for number in [1, 2, 1, 2, 2, 3] as [Int64] {
                let value = try connection.value("SELECT \(number)")
                #expect(value == .integer(number))
            }
        }
    }
}

@Suite("Statement cache")
struct StatementCacheTests {
    /// Fills a cache of two with statements named by numbers and says which of the given are in it.
    private static func kept(of texts: [String], _ fill: (StatementCache, SQLiteHandle) throws -> Void)
        async throws -> [String]
    {
        var kept: [String] = []
        try await TestDatabaseFile.with { file in
            let handle = try SQLiteHandle(SQLiteConfiguration(path: file.path))
            defer { handle.close() }
            let cache = StatementCache(size: 2)
            try fill(cache, handle)
            kept = texts.filter { cache.statement(for: $0) != nil }
            cache.removeAll()
            #expect(texts.allSatisfy { cache.statement(for: $0) == nil })
        }
        return kept
    }

    @Test("the statement unused for longest makes room")
    func leastRecentlyUsed() async throws {
        let kept = try await Self.kept(of: ["SELECT 1", "SELECT 2", "SELECT 3"]) { cache, handle in
            for text in ["SELECT 1", "SELECT 2"] {
                cache.insert(try PreparedStatement(text, handle), for: text)
            }
            #expect(cache.statement(for: "SELECT 1") != nil)
            cache.insert(try PreparedStatement("SELECT 3", handle), for: "SELECT 3")
        }
        #expect(kept == ["SELECT 1", "SELECT 3"])
    }

    @Test("a statement that is not in the cache is not found")
    func miss() async throws {
        let kept = try await Self.kept(of: ["SELECT 1", "select 1"]) { cache, handle in
            cache.insert(try PreparedStatement("SELECT 1", handle), for: "SELECT 1")
        }
        #expect(kept == ["SELECT 1"])
    }
}
