import SQL
import Testing

/// What is the same in PostgreSQL's words, and what is not.
@Suite("PostgreSQL's dialect")
struct PostgreSQLDialectTests {
    private let dialect = PostgreSQLDialect()

    @Test(
        "portable statements are its own, except for two types",
        arguments: [
            ("SELECT a FROM t WHERE b ILIKE ? ;", "SELECT a FROM t WHERE b ILIKE ?"),
            ("CREATE TABLE t (a BLOB, b DOUBLE)", "CREATE TABLE t (a BYTEA, b DOUBLE PRECISION)"),
            ("CREATE TABLE t (b DOUBLE PRECISION)", "CREATE TABLE t (b DOUBLE PRECISION)"),
            ("SELECT blob, 'BLOB' FROM t", "SELECT blob, 'BLOB' FROM t"),
            ("ALTER TABLE t ADD COLUMN x blob -- y", "ALTER TABLE t ADD COLUMN x BYTEA"),
            ("SELECT NOW() - INTERVAL '1 day'", "SELECT NOW() - INTERVAL '1 day'"),
        ])
    func rewriting(portable: String, rewritten: String) throws {
        #expect(try dialect.rewrite(portable) == rewritten)
    }

    @Test("a transaction begins at the level that is asked for")
    func begin() {
        #expect(
            dialect.begin(.serializable, readOnly: false) == "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")
        #expect(
            dialect.begin(.repeatableRead, readOnly: true)
                == "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        #expect(
            dialect.begin(.readCommitted, readOnly: false)
                == "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    }

    @Test("an insertion has a marker for each value of each row")
    func insertion() {
        #expect(
            dialect.insertion(into: "a\"b", columns: ["x", "y"], rowCount: 2)
                == "INSERT INTO \"a\"\"b\" (\"x\", \"y\") VALUES (?, ?), (?, ?)")
    }
}

/// `?` as `$1`, and positions back again.
@Suite("Numbered parameters")
struct ParameterMarkersTests {
    @Test("markers are numbered, and what only looks like one is left alone")
    func numbering() {
        let text = "SELECT ?, '?', \"?\" -- ?\n, ? /* ? */, $$?$$ WHERE a ->> ? = E'\\'?'"
        let numbered = ParameterMarkers.numbered(text)
        #expect(numbered.text == "SELECT $1, '?', \"?\" -- ?\n, $2 /* ? */, $$?$$ WHERE a ->> $3 = E'\\'?'")
        #expect(numbered.count == 3)
        #expect(ParameterMarkers.numbered("SELECT 1") == ("SELECT 1", 0))
        #expect(ParameterMarkers.numbered("SELECT '?") == ("SELECT '?", 0))
    }

    @Test("a character of the numbered text is found again in the original")
    func positions() {
        let text = "SELECT 'é', " + repeatElement("?", count: 12).joined(separator: ",") + ", x"
        let numbered = Array(ParameterMarkers.numbered(text).text.unicodeScalars)
        let original = Array(text.unicodeScalars)
        for (index, scalar) in numbered.enumerated() {
            let place = ParameterMarkers.character(ofNumbered: index + 1, in: text)
            let found = original[place - 1]
            #expect(found == scalar || found == "?", "\(index)")
        }
        #expect(ParameterMarkers.character(ofNumbered: numbered.count, in: text) == original.count)
    }
}
