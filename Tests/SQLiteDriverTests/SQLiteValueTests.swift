import Database
import Effects
import SQL
import Testing

@Suite("Values in SQLite")
struct SQLiteValueTests {
    /// Stores a value in a column of that type and reads it again, by way of the file.
    private static func roundTrip(_ value: SQLValue, type: String = "") async throws -> Row {
        var row: Row?
        try await TestDatabaseFile.with { file in
            let writer = try file.connect()
            try writer.run("CREATE TABLE t (v \(type))")
            #expect(try writer.run("INSERT INTO t VALUES (?)", value).affectedRows == 1)
            writer.close()
            let reader = try file.connect(for: .reading)
            row = try reader.run("SELECT v FROM t").first
            reader.close()
        }
        return try #require(row)
    }

    @Test("integers come back exactly", arguments: [Int64.min, .min + 1, -1, 0, 1, 1 << 53 + 1, .max])
    func integers(number: Int64) async throws {
        #expect(try await Self.roundTrip(.integer(number), type: "INTEGER")[0] == .integer(number))
    }

    @Test(
        "doubles come back exactly",
        arguments: [
            0.1, -1.5, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, 0x1p60,
            -0.0, 0.1 + 0.2,
        ])
    func doubles(number: Double) async throws {
        let row = try await Self.roundTrip(.double(number))
        #expect(try row.double(0).bitPattern == number.bitPattern)
        let real = try await Self.roundTrip(.double(number), type: "REAL")
        #expect(try real.double(0) == number)
    }

    @Test("SQLite has no NaN: it comes back as NULL")
    func notANumber() async throws {
        #expect(try await Self.roundTrip(.double(.nan))[0] == .null)
    }

    @Test(
        "text comes back exactly",
        arguments: [
            "", " ", "a\0b", "\0", "👩‍👩‍👧‍👦 Ünïcode e\u{301}", "'; DROP TABLE t; --", "line\r\nline\n",
            "12", "1e5",
            "\u{FEFF}bom",
            String(repeating: "long ", count: 50_000),
        ])
    func text(text: String) async throws {
        let found = try await Self.roundTrip(.text(text), type: "TEXT").text(0)
        #expect(Array(found.utf8) == Array(text.utf8))
    }

    @Test(
        "bytes come back exactly",
        arguments: [
            [], [0], [0, 255, 10, 0], Array(repeating: 7, count: 300_000),
        ] as [[UInt8]])
    func blobs(bytes: [UInt8]) async throws {
        #expect(try await Self.roundTrip(.blob(bytes), type: "BLOB")[0] == .blob(bytes))
    }

    @Test("booleans, UUIDs, instants and documents come back through the getters")
    func others() async throws {
        for flag in [true, false] {
            #expect(try await Self.roundTrip(.bool(flag), type: "INTEGER").bool(0) == flag)
        }
        let id = UniqueID(high: .max, low: 1)
        #expect(try await Self.roundTrip(.uuid(id), type: "TEXT").uuid(0) == id)
        for instant in [Timestamp.earliest, .latest, Timestamp(microseconds: -1), Timestamp(microseconds: 0)]
        {
            #expect(try await Self.roundTrip(.timestamp(instant), type: "TEXT").timestamp(0) == instant)
        }
        let document = #"{"n": 12345678901234567890, "s": "\u0000"}"#
        #expect(try await Self.roundTrip(.json(document), type: "TEXT").text(0) == document)
    }

    @Test("NULL comes back as nil, and a getter that needs a value names the column")
    func null() async throws {
        let row = try await Self.roundTrip(.null)
        #expect(row[0] == .null)
        #expect(try row.optionalInt(0) == nil && row.optionalText(0) == nil && row.optionalBlob(0) == nil)
        let error = #expect(throws: DatabaseError.self) { try row.int("v") }
        #expect(error?.code == .unexpectedValue)
        #expect(error?.message == "Column 'v' holds NULL where an integer was expected")
        let missing = #expect(throws: DatabaseError.self) { try row.int("w") }
        #expect(missing?.code == .unknownObject)
    }

    @Test("a value of another kind than was asked for is refused without being shown")
    func mismatch() async throws {
        let row = try await Self.roundTrip(.text("secret"))
        let reads: [() throws -> Void] = [
            { _ = try row.int(0) }, { _ = try row.timestamp(0) }, { _ = try row.uuid(0) },
            { _ = try row.blob(0) },
        ]
        for read in reads {
            let error = #expect(throws: DatabaseError.self) { try read() }
            #expect(error?.code == .unexpectedValue)
            #expect(error?.message.contains("secret") == false)
        }
        let number = try await Self.roundTrip(.integer(2))
        #expect(throws: DatabaseError.self) { try number.bool(0) }
        #expect(try number.double(0) == 2)
    }

    @Test("many values of all kinds are bound together without touching each other")
    func together() async throws {
        let values: [SQLValue] = (0..<900).map { number in
            switch number % 5 {
            case 0: .text(String(repeating: "é", count: number))
            case 1: .blob(Array(repeating: UInt8(truncatingIfNeeded: number), count: number))
            case 2: .integer(Int64(number))
            case 3: .null
            default: .text("")
            }
        }
        try await TestDatabaseFile.withConnection { connection in
            let marks = Array(repeating: "?", count: values.count).joined(separator: ", ")
            // Twice, because the second finds the memory of the first, grown or shrunk.
            for _ in 1...2 {
                let row = try #require(try connection.execute(Statement("SELECT \(marks)", values)).first)
                #expect((0..<row.count).map { row[$0] } == values)
                #expect(try connection.value("SELECT ?", .text("short")) == .text("short"))
            }
        }
    }

    @Test("rows come in order, with the names of their columns")
    func rows() async throws {
        try await TestDatabaseFile.withConnection { connection in
            let result = try connection.run("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'")
            #expect(result.columns == ["a", "b"])
            #expect(try result.rows.map { try $0.int("a") } == [1, 2])
            #expect(try result.rows.map { try $0.text("b") } == ["x", "y"])
            #expect(result.affectedRows == 0)
        }
    }
}
