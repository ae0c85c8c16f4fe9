import Database
import Effects
import PostgresDriver
import SQL
import TestSupport
import Testing

/// COPY, beside statements.
@Suite("Many rows into PostgreSQL", .postgres)
struct PostgresCopyTests {
    @Test("arrays and documents are copied as they are, and statements go on before and after")
    func values() async throws {
        try await withPostgres { connection, _ in
            let loading = try #require(connection as? any BulkLoadingConnection)
            try connection.execute(Statement("CREATE TABLE t (a TEXT[], d JSONB)"))
            try connection.execute(Statement("BEGIN"))
            let array = SQLValue.array([.text("a\\\"\n"), .null, .text("\\N")])
            let count = try loading.load(
                [[array, .json("{\"k\": \"a\\nb\"}")], [.null, .null]], into: "t", columns: ["a", "d"])
            #expect(count == 2)
            let row = try connection.execute(Statement("SELECT a, d ->> 'k' FROM t WHERE d IS NOT NULL"))
                .first
            #expect(row?[0] == array)
            #expect(row?[1] == .text("a\nb"))
            try connection.execute(Statement("COMMIT"))
            #expect(connection.isUsable)
        }
    }

    @Test("what fails on the way leaves the connection sound", arguments: [false, true])
    func failures(isRefusedHere: Bool) async throws {
        try await withPostgres { connection, _ in
            let loading = try #require(connection as? any BulkLoadingConnection)
            try connection.execute(Statement("CREATE TABLE t (a TEXT, n INT)"))
            let wrong: SQLValue = isRefusedHere ? .text("a\0b") : .text("fine")
            let number: SQLValue = isRefusedHere ? .integer(1) : .text("no secret number")
            let error = #expect(throws: DatabaseError.self) {
                try loading.load(
                    [[.text("a"), .integer(1)], [wrong, number]], into: "t", columns: ["a", "n"])
            }
            #expect(error?.code == .unexpectedValue)
            #expect(error.map { "\($0)".contains("secret") } == false)
            #expect(connection.isUsable)
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 0)
            let missing = #expect(throws: DatabaseError.self) {
                try loading.load([[.null]], into: "nowhere", columns: ["a"])
            }
            #expect(missing?.code == .unknownObject)
            #expect(try connection.execute(.probe).first?.int(0) == 1)
        }
    }

    @Test("rows beyond what any buffer holds arrive, and an interrupt stops them")
    func large() async throws {
        try await withPostgres { connection, _ in
            let loading = try #require(connection as? any BulkLoadingConnection)
            try connection.execute(Statement("CREATE TABLE t (a BIGINT, b TEXT)"))
            let padding = SQLValue.text(String(repeating: "x", count: 1000))
            let rows = (0..<20_000).lazy.map { [SQLValue.integer(Int64($0)), padding] }
            #expect(try loading.load(rows, into: "t", columns: ["a", "b"]) == 20_000)
            let interrupt = connection.interrupt
            let interrupting = (0..<20_000).lazy.map { number in
                if number == 10_000 { interrupt() }
                return [SQLValue.integer(Int64(number)), padding]
            }
            let error = #expect(throws: DatabaseError.self) {
                try loading.load(interrupting, into: "t", columns: ["a", "b"])
            }
            #expect(error?.code == .cancelled)
            #expect(connection.isUsable)
            #expect(try connection.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 20_000)
        }
    }
}
