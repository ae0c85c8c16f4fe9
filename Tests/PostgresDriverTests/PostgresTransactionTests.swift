import Database
import Effects
import PostgresDriver
import SQL
import TestSupport
import Testing

/// What waits, what is sent together, and what a failure in the middle leaves behind.
@Suite("Statements in one round trip on PostgreSQL", .postgres)
struct PostgresTransactionTests {
    @Test("a transaction without statements sends nothing")
    func emptyTransaction() async throws {
        try await withPostgres { connection, server in
            let process = try connection.execute(Statement("SELECT pg_backend_pid()")).first?.int(0)
            try server.administer("SELECT pg_terminate_backend(\(process ?? 0))")
            // The session is gone, which nobody notices who has nothing to say.
            try connection.execute(Statement("BEGIN"))
            try connection.execute(Statement("SAVEPOINT \"s\""))
            try connection.execute(Statement("RELEASE SAVEPOINT \"s\""))
            try connection.execute(Statement("COMMIT"))
        }
    }

    @Test("what is enqueued runs before the next statement and before COMMIT")
    func enqueued() async throws {
        try await withPostgres { connection, _ in
            let connection = try #require(connection as? any PipeliningConnection)
            try connection.execute(Statement("CREATE TABLE t (a BIGINT)"))
            try connection.execute(Statement("BEGIN"))
            try connection.enqueue(Statement("INSERT INTO t VALUES (?)", [.integer(1)]))
            try connection.enqueue(Statement("INSERT INTO t VALUES (?)", [.integer(2)]))
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 2)
            try connection.enqueue(Statement("INSERT INTO t VALUES (?)", [.integer(3)]))
            try connection.execute(Statement("COMMIT"))
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 3)
        }
    }

    @Test("an enqueued statement that fails keeps COMMIT from happening")
    func enqueuedFailure() async throws {
        try await withPostgres { connection, _ in
            let connection = try #require(connection as? any PipeliningConnection)
            try connection.execute(Statement("CREATE TABLE t (a BIGINT PRIMARY KEY)"))
            try connection.execute(Statement("BEGIN"))
            for _ in 0..<2 { try connection.enqueue(Statement("INSERT INTO t VALUES (?)", [.integer(1)])) }
            let error = #expect(throws: DatabaseError.self) { try connection.execute(Statement("COMMIT")) }
            #expect(error?.code == .uniqueViolation)
            try connection.execute(Statement("ROLLBACK"))
            #expect(connection.isUsable)
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 0)
        }
    }

    @Test("a rollback to a savepoint drops what waits behind it, and nothing before it")
    func savepointOfEnqueued() async throws {
        try await withPostgres { connection, _ in
            let connection = try #require(connection as? any PipeliningConnection)
            try connection.execute(Statement("CREATE TABLE t (a BIGINT PRIMARY KEY)"))
            try connection.execute(Statement("BEGIN"))
            try connection.enqueue(Statement("INSERT INTO t VALUES (1)"))
            try connection.execute(Statement("SAVEPOINT \"s\""))
            try connection.enqueue(Statement("INSERT INTO t VALUES (1)"))
            try connection.execute(Statement("ROLLBACK TO SAVEPOINT \"s\""))
            try connection.execute(Statement("RELEASE SAVEPOINT \"s\""))
            try connection.execute(Statement("COMMIT"))
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 1)
        }
    }

    @Test("the first error of several statements ends them, and each statement keeps its own text")
    func failureInTheMiddle() async throws {
        try await withPostgres { connection, _ in
            let connection = try #require(connection as? any PipeliningConnection)
            try connection.execute(Statement("CREATE TABLE t (a BIGINT)"))
            try connection.execute(Statement("BEGIN"))
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute([
                    Statement("INSERT INTO t VALUES (1)"), Statement("SELECT 1 / ?::int", [.integer(0)]),
                    Statement("INSERT INTO t VALUES (2)"),
                ])
            }
            #expect(error?.statement == "SELECT 1 / ?::int")
            #expect(error?.driverCode == "22012")
            try connection.execute(Statement("ROLLBACK"))
            let results = try connection.execute([
                Statement("INSERT INTO t VALUES (1), (2)"), Statement("SELECT a FROM t ORDER BY a"),
                Statement("SELECT a FROM t ORDER BY a"),
            ])
            #expect(results.map(\.affectedRows) == [2, 0, 0])
            #expect(try results[2].rows.map { try $0.int(0) } == [1, 2])
        }
    }

    @Test("what the client refuses leaves the transaction as it was")
    func refusedBySelf() async throws {
        try await withPostgres { connection, _ in
            try connection.execute(Statement("CREATE TABLE t (a TEXT)"))
            try connection.execute(Statement("BEGIN"))
            try connection.execute(Statement("SAVEPOINT \"s\""))
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement("INSERT INTO t VALUES (?)", [.text("a\0b")]))
            }
            #expect(error?.code == .unexpectedValue)
            try connection.execute(Statement("ROLLBACK TO SAVEPOINT \"s\""))
            try connection.execute(Statement("INSERT INTO t VALUES (?)", [.text("ab")]))
            try connection.execute(Statement("COMMIT"))
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 1)
        }
    }

    @Test("COMMIT of a transaction that has failed is an error, not a rollback that nobody sees")
    func commitOfFailed() async throws {
        try await withPostgres { connection, _ in
            try connection.execute(Statement("BEGIN"))
            #expect(throws: DatabaseError.self) { try connection.execute(Statement("SELECT 1/0")) }
            let error = #expect(throws: DatabaseError.self) { try connection.execute(Statement("COMMIT")) }
            #expect(error?.message == "The transaction had failed before, so that COMMIT rolled it back")
            #expect(connection.isUsable)
        }
    }

    @Test("a change of the schema inside a transaction is an error that a second run does not meet")
    func staleInsideTransaction() async throws {
        try await withPostgres { connection, _ in
            try connection.execute(Statement("CREATE TABLE t (a BIGINT)"))
            try connection.execute(Statement("SELECT * FROM t"))
            try connection.execute(Statement("ALTER TABLE t ADD COLUMN b BIGINT"))
            try connection.execute(Statement("BEGIN"))
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement("SELECT * FROM t"))
            }
            #expect(error?.isRetryable == true)
            try connection.execute(Statement("ROLLBACK"))
            try connection.execute(Statement("BEGIN"))
            #expect(try connection.execute(Statement("SELECT * FROM t")).columns == ["a", "b"])
            try connection.execute(Statement("COMMIT"))
        }
    }

    @Test("statements that the server has lost are prepared anew, or there is advice")
    func lostStatements() async throws {
        try await withPostgres { connection, _ in
            let text = "SELECT 1 + ?"
            #expect(try connection.execute(Statement(text, [.integer(1)])).first?.int(0) == 2)
            try connection.execute(Statement("DEALLOCATE ALL"))
            #expect(try connection.execute(Statement(text, [.integer(2)])).first?.int(0) == 3)
            try connection.execute(Statement("DEALLOCATE ALL"))
            try connection.execute(Statement("BEGIN"))
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement(text, [.integer(2)]))
            }
            #expect(error?.isRetryable == true)
            #expect(
                error?.message.hasSuffix("(behind a pooler write prepared_statements { enabled: false })")
                    == true)
            try connection.execute(Statement("ROLLBACK"))
            #expect(try connection.execute(Statement(text, [.integer(3)])).first?.int(0) == 4)
        }
    }

    @Test("outside of a transaction an enqueued statement runs at once")
    func enqueuedAlone() async throws {
        try await withPostgres { connection, _ in
            let pipelining = try #require(connection as? any PipeliningConnection)
            try connection.execute(Statement("CREATE TABLE t (a BIGINT)"))
            try pipelining.enqueue(Statement("INSERT INTO t VALUES (1)"))
            #expect(connection.isUsable)
            try connection.execute(Statement("BEGIN"))
            try connection.execute(Statement("ROLLBACK"))
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 1)
        }
    }

    @Test("the server keeps as many prepared statements as the cache and no more")
    func serverSideStatements() async throws {
        try await withPostgres(statementCacheSize: 3) { connection, _ in
            for number in 0..<20 { try connection.execute(Statement("SELECT \(number)")) }
            // One that was pushed out by this very statement is still there.
            let count = "SELECT COUNT(*) FROM pg_prepared_statements"
            try connection.execute(Statement(count))
            #expect(try connection.execute(Statement(count)).first?.int(0) == 3)
        }
    }

    @Test("thousands of statements in one batch neither block nor mix their results")
    func longBatch() async throws {
        try await withPostgres { connection, _ in
            let connection = try #require(connection as? any PipeliningConnection)
            let padding = String(repeating: "x", count: 2000)
            let results = try connection.execute(
                (0..<5000).map { Statement("SELECT ?::int, ?", [.integer(Int64($0)), .text(padding)]) })
            #expect(try results.map { try $0.first?.int(0) } == Array(0..<5000))
        }
    }
}
