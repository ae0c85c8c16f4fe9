import Database
import Effects
import PostgresDriver
import SQL
import TestSupport
import Testing

/// A value of one of the server's types, written in SQL, and what it comes back as.
struct TypedValue: Sendable, CustomStringConvertible {
    let type: String
    let text: String
    let value: SQLValue

    init(_ type: String, _ text: String, _ value: SQLValue) {
        self.type = type
        self.text = text
        self.value = value
    }

    var description: String { "\(type): \(text.prefix(40))" }

    private static let id = UniqueID(high: 0x0123_4567_89ab_cdef, low: 0x8123_4567_89ab_cdef)

    static let all: [TypedValue] = [
        TypedValue("bigint", "-9223372036854775808", .integer(.min)),
        TypedValue("bigint", "9223372036854775807", .integer(.max)),
        TypedValue("smallint", "-32768", .integer(-32768)),
        TypedValue("oid", "4294967295", .integer(4_294_967_295)),
        TypedValue("numeric", "12345678901234567890.000100", .decimal("12345678901234567890.000100")),
        TypedValue("numeric", "NaN", .decimal("NaN")),
        TypedValue("float8", "0.1", .double(0.1)),
        TypedValue("float8", "5e-324", .double(.leastNonzeroMagnitude)),
        TypedValue("float8", "-Infinity", .double(-.infinity)),
        TypedValue("float8", "-0", .double(-0.0)),
        TypedValue("real", "0.1", .double(0.1)),
        TypedValue("uuid", id.description, .uuid(id)),
        TypedValue("json", "{\"n\": 12345678901234567890.10}", .json("{\"n\": 12345678901234567890.10}")),
        TypedValue("jsonb", "[12345678901234567890, 1.10]", .json("[12345678901234567890, 1.10]")),
        TypedValue("jsonb", "null", .json("null")),
        TypedValue("timestamp", "2026-11-24 01:02:03.123456", instant(1_795_482_123_123_456)),
        TypedValue("timestamp", "1969-12-31 23:59:59.999999", instant(-1)),
        TypedValue("timestamp", "infinity", .text("infinity")),
        TypedValue("timestamp", "12345-01-01 00:00:00", .text("12345-01-01 00:00:00")),
        TypedValue("timestamptz", "2026-11-24 03:02:03.123456+02:00", instant(1_795_482_123_123_456)),
        TypedValue("timestamptz", "-infinity", .text("-infinity")),
        TypedValue("date", "2026-11-24", .text("2026-11-24")),
        TypedValue("time", "01:02:03.5", .text("01:02:03.5")),
        TypedValue("interval", "1 year 2 days 00:00:03.5", .text("P1Y2DT3.5S")),
        TypedValue("inet", "192.168.0.1/24", .text("192.168.0.1/24")),
        TypedValue("inet", "2001:db8::1", .text("2001:db8::1")),
        TypedValue("bytea", "\\x0027ff5c", .blob([0, 0x27, 0xff, 0x5c])),
        TypedValue("bytea", "\\x", .blob([])),
        TypedValue("boolean", "true", .bool(true)),
        TypedValue("char(4)", "ab", .text("ab  ")),
        TypedValue("int[]", "{}", .array([])),
        TypedValue("int[]", "{1,NULL,-3}", .array([.integer(1), .null, .integer(-3)])),
        TypedValue("int[]", "[0:1]={7,8}", .array([.integer(7), .integer(8)])),
        TypedValue("bigint[]", "{{1,2},{3,4}}", .array([pair(1, 2), pair(3, 4)])),
        TypedValue("bool[]", "{t,f}", .array([.bool(true), .bool(false)])),
        TypedValue("float8[]", "{0.1,NaN}", .array([.double(0.1), .double(.nan)])),
        TypedValue("uuid[]", "{\(id)}", .array([.uuid(id)])),
        TypedValue("numeric[]", "{1.10}", .array([.decimal("1.10")])),
        TypedValue("timestamp[]", "{\"1970-01-01 00:00:01\"}", .array([instant(1_000_000)])),
        TypedValue("bytea[]", "{\"\\\\x00ff\"}", .array([.blob([0, 255])])),
    ]

    private static func instant(_ microseconds: Int64) -> SQLValue {
        .timestamp(Timestamp(microseconds: microseconds))
    }
    private static func pair(_ first: Int64, _ second: Int64) -> SQLValue {
        .array([.integer(first), .integer(second)])
    }
}

/// Nothing is lost on the way to the server and back.
@Suite("Values in PostgreSQL", .postgres)
struct PostgresValueTests {
    @Test("a value of the server's comes as what it is, and goes back as the same", arguments: TypedValue.all)
    func reading(value: TypedValue) async throws {
        try await withPostgres { connection, _ in
            let literal = "'\(value.text)'::\(value.type)"
            let found = try connection.execute(Statement("SELECT \(literal)")).first?[0]
            #expect(found.map(Self.comparable) == Self.comparable(value.value))
            let isSame = try connection.execute(
                Statement("SELECT ?::\(value.type)::text = (\(literal))::text", [value.value]))
            // The bounds of an array are no part of its values.
            if !value.text.hasPrefix("[") { #expect(try isSame.first?.bool(0) == true) }
        }
    }

    /// NaN is not equal to itself.
    private static func comparable(_ value: SQLValue) -> String { "\(value)" }

    @Test("an array of any texts comes back as it went in")
    func arrays() async throws {
        let texts = ["", "NULL", "null", "a,b", "{x}", "\"", "\\", "\\\"", " a ", "é日😀", "a\nb", "'"]
        let array = SQLValue.array(texts.map { .text($0) } + [.null])
        try await withPostgres { connection, _ in
            let row = try connection.execute(Statement("SELECT ?::text[]", [array])).first
            #expect(row?[0] == array)
            let rows = try connection.execute(
                Statement("SELECT * FROM unnest(?::text[]) WITH ORDINALITY AS e(t, n) ORDER BY n", [array]))
            #expect(try rows.rows.map { try $0.optionalText(0) } == texts + [nil])
        }
    }

    @Test("many rows of several columns go in as one statement of arrays")
    func setBased() async throws {
        try await withPostgres { connection, _ in
            try connection.execute(Statement("CREATE TABLE t (id UUID PRIMARY KEY, n BIGINT, d JSONB)"))
            let ids = (1...1000).map { UniqueID(high: 1, low: UInt64($0)) }
            let insertion = Statement(
                "INSERT INTO t SELECT * FROM unnest(?::uuid[], ?::bigint[], ?::jsonb[])",
                [
                    ids.sqlValue, (1...1000).map { Int64($0) }.sqlValue,
                    .array((1...1000).map { .json("{\"a\": [\"\($0)\"]}") }),
                ])
            #expect(try connection.execute(insertion).affectedRows == 1000)
            let found = try connection.execute(
                Statement("SELECT d ->> 'a', n FROM t WHERE id = ANY(?::uuid[])", [[ids[41]].sqlValue]))
            #expect(try found.first?.text(0) == "[\"42\"]")
            #expect(try found.first?.int(1) == 42)
        }
    }

    @Test("sums and averages, which are decimal numbers, can be read as numbers")
    func aggregates() async throws {
        try await withPostgres { connection, _ in
            let row = try connection.execute(
                Statement("SELECT SUM(n), AVG(n) FROM (VALUES (1::bigint), (2), (6)) AS t(n)")
            ).first
            #expect(try row?.int(0) == 9)
            #expect(try row?.double(1) == 3)
        }
    }

    @Test("a value that does not fit is not in the error's message")
    func secrecy() async throws {
        try await withPostgres { connection, _ in
            for type in ["int", "uuid", "timestamp", "inet", "jsonb", "smallint"] {
                let secret = type == "smallint" ? "987654321" : "hush \"987654321\""
                let error = #expect(throws: DatabaseError.self) {
                    try connection.execute(Statement("SELECT ?::\(type)", [.text(secret)]))
                }
                #expect(error?.code == .unexpectedValue)
                #expect(error.map { "\($0)".contains("987654321") } == false, "\(String(describing: error))")
            }
        }
    }

    @Test("an error's position is that in the text with question marks")
    func positions() async throws {
        try await withPostgres { connection, _ in
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(
                    Statement("SELECT ?::int, ?::int,\n ?::int, nothing", [1, 2, 3].map { .integer($0) }))
            }
            #expect(error?.message == "Column \"nothing\" does not exist (line 2, column 10)")
        }
    }
}
