import Effects
import SQL
import Testing

@Suite("SQL interpolation")
struct SQLInterpolationTests {
    @Test("a value becomes a marker and a binding, whatever it holds")
    func values() {
        let name = "x'); DROP TABLE users; --"
        let missing: Int? = nil
        let sql: SQL = "INSERT INTO t VALUES (\(name), \(7), \(2.5), \(true), \(missing as Int?))"
        #expect(sql.text == "INSERT INTO t VALUES (?, ?, ?, ?, ?)")
        #expect(sql.bindings == [.text(name), .integer(7), .double(2.5), .bool(true), .null])
        #expect(Statement(sql) == Statement(sql.text, sql.bindings))
    }

    @Test("a name is quoted, and quotes in it cannot end it")
    func names() {
        let column = "a\" FROM secrets; --"
        let sql: SQL = "SELECT \(name: column) FROM t"
        #expect(sql.text == "SELECT \"a\"\" FROM secrets; --\" FROM t")
        #expect(SQLiteDialect().quote(identifier: "plain") == "\"plain\"")
        // A combining mark must not hide the quote before it.
        #expect(SQLiteDialect().quote(identifier: "a\"\u{301}b") == "\"a\"\"\u{301}b\"")
    }

    @Test("spliced SQL keeps the order of its bindings")
    func splices() {
        let condition: SQL = "b = \(2) AND c = \("three")"
        let sql: SQL = "SELECT * FROM t WHERE a = \(1) AND \(sql: condition) AND d = \(4)"
        #expect(sql.text == "SELECT * FROM t WHERE a = ? AND b = ? AND c = ? AND d = ?")
        #expect(sql.bindings == [.integer(1), .integer(2), .text("three"), .integer(4)])
    }

    @Test("a list is joined with its bindings")
    func lists() {
        let list = SQL.joined([1, 2, 3].map { "\($0)" as SQL }, separator: ", ")
        #expect(
            Statement("id IN (\(sql: list))" as SQL)
                == Statement("id IN (?, ?, ?)", [1, 2, 3].map { .integer($0) }))
    }
}
