import SQL
import Testing

@Suite("Portable SQL on SQLite")
struct SQLiteRewriterTests {
    private static let now = "(strftime('%Y-%m-%d %H:%M:%f','now')||'000')"
    private static let uuid =
        "(lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)),2)||'-'"
        + "||substr('89AB',1+(random()&3),1)||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6))))"

    @Test(
        "a query is put into SQLite's words",
        arguments: [
            ("SELECT * FROM scripts WHERE id = ?", "SELECT * FROM scripts WHERE id = ?"),
            ("SELECT NOW()", "SELECT \(now)"),
            ("SELECT now ( ), CURRENT_TIMESTAMP", "SELECT \(now), \(now)"),
            ("SELECT 'now()', \"now\", t.now, now", "SELECT 'now()', \"now\", t.now, now"),
            ("SELECT a -- now()\nFROM t;", "SELECT a  \nFROM t"),
            ("UPDATE s SET a = TRUE, b = false", "UPDATE s SET a = 1, b = 0"),
            ("SELECT x FROM t WHERE y IS NOT TRUE", "SELECT x FROM t WHERE y IS NOT 1"),
            ("INSERT INTO t (id) VALUES (gen_random_uuid())", "INSERT INTO t (id) VALUES (\(uuid))"),
            (
                "SELECT a FROM t WHERE name ILIKE ? OR b NOT ILIKE ?",
                "SELECT a FROM t WHERE name LIKE ? ESCAPE '\\' OR b NOT LIKE ? ESCAPE '\\'"
            ),
            ("a LIKE '%' || ? || '%' AND c", "a LIKE '%' || ? || '%' ESCAPE '\\' AND c"),
            ("a LIKE lower(t.b) AND c", "a LIKE lower(t.b) ESCAPE '\\' AND c"),
            ("a LIKE ? ESCAPE '!'", "a LIKE ? ESCAPE '!'"),
            ("CAST(a AS UUID)", "CAST(a AS TEXT)"),
            ("CAST(CAST(NOW() AS TIMESTAMP) AS VARCHAR(20))", "CAST(CAST(\(now) AS TEXT) AS TEXT)"),
            ("COUNT(CASE WHEN a = 'x' THEN 1 END)", "COUNT(CASE WHEN a = 'x' THEN 1 END)"),
            ("a ->> 'b' || \"c\"", "a ->> 'b' || \"c\""),
            ("SELECT 1 LIMIT 10 OFFSET ?", "SELECT 1 LIMIT 10 OFFSET ?"),
        ])
    func queries(portable: String, expected: String) throws {
        #expect(try SQLiteDialect().rewrite(portable) == expected)
    }

    @Test(
        "intervals and truncation work on the text of instants",
        arguments: [
            (
                "a >= NOW() - INTERVAL '30 days'",
                "a >= (strftime('%Y-%m-%d %H:%M:%f','now','-30 days')||'000')"
            ),
            (
                "t.run_at + interval '1 hour 30 minutes' > ?",
                "(strftime('%Y-%m-%d %H:%M:%f',t.run_at,'+1 hours','+30 minutes')||'000') > ?"
            ),
            (
                "? - INTERVAL '2 weeks'",
                "(strftime('%Y-%m-%d %H:%M:%f',?,'-14 days')||'000')"
            ),
            (
                "COALESCE(a, b) - INTERVAL '1 second'",
                "(strftime('%Y-%m-%d %H:%M:%f',COALESCE(a, b),'-1 seconds')||'000')"
            ),
            ("DATE_TRUNC('hour', started_at)", "(substr(started_at,1,13)||':00:00.000000')"),
            ("date_trunc('month', t.a) AS m", "(substr(t.a,1,7)||'-01 00:00:00.000000') AS m"),
            (
                "DATE_TRUNC('day', NOW() - INTERVAL '1 day')",
                "(substr((strftime('%Y-%m-%d %H:%M:%f','now','-1 days')||'000'),1,10)||' 00:00:00.000000')"
            ),
        ])
    func instants(portable: String, expected: String) throws {
        #expect(try SQLiteDialect().rewrite(portable) == expected)
    }

    @Test(
        "a definition gets the types, defaults and keys that SQLite needs",
        arguments: [
            (
                "CREATE TABLE t (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), at TIMESTAMP DEFAULT NOW());",
                "CREATE TABLE t (id UUID TEXT PRIMARY KEY NOT NULL DEFAULT \(uuid), "
                    + "at TIMESTAMP TEXT DEFAULT \(now))"
            ),
            (
                "CREATE TABLE t (a VARCHAR(255) UNIQUE NOT NULL, b BOOLEAN DEFAULT true, c BIGINT, d JSONB, "
                    + "e INET)",
                "CREATE TABLE t (a TEXT UNIQUE NOT NULL, b BOOLEAN INTEGER DEFAULT 1, c INTEGER, "
                    + "d JSON TEXT, e TEXT)"
            ),
            (
                "CREATE TABLE t (uuid UUID, timestamp TIMESTAMP WITH TIME ZONE, n NUMERIC(10, 2), d DOUBLE "
                    + "PRECISION)",
                "CREATE TABLE t (uuid UUID TEXT, timestamp TIMESTAMP TEXT, n NUMERIC, d REAL)"
            ),
            (
                "CREATE TABLE t (a INTEGER, PRIMARY KEY (a, b), CHECK (a IN (1, 2) AND b = TRUE)) WITHOUT "
                    + "ROWID",
                "CREATE TABLE t (a INTEGER, PRIMARY KEY (a, b), CHECK (a IN (1, 2) AND b = 1)) WITHOUT ROWID"
            ),
            (
                "CREATE TABLE t (a TEXT DEFAULT upper('x') NOT NULL, b INTEGER DEFAULT -1)",
                "CREATE TABLE t (a TEXT DEFAULT (upper('x')) NOT NULL, b INTEGER DEFAULT -1)"
            ),
            (
                "CREATE TABLE t (a UUID NOT NULL PRIMARY KEY, b INTEGER REFERENCES u(id) ON DELETE CASCADE)",
                "CREATE TABLE t (a UUID TEXT NOT NULL PRIMARY KEY, "
                    + "b INTEGER REFERENCES u(id) ON DELETE CASCADE)"
            ),
            (
                "ALTER TABLE e ADD COLUMN batch_id UUID REFERENCES b(id);",
                "ALTER TABLE e ADD COLUMN batch_id UUID TEXT REFERENCES b(id)"
            ),
            (
                "ALTER TABLE e ADD flag BOOLEAN DEFAULT false",
                "ALTER TABLE e ADD flag BOOLEAN INTEGER DEFAULT 0"
            ),
            ("ALTER TABLE e DROP COLUMN run_at", "ALTER TABLE e DROP COLUMN run_at"),
            ("DROP INDEX IF EXISTS idx_a;", "DROP INDEX IF EXISTS idx_a"),
            ("CREATE INDEX i ON t(a) WHERE b = TRUE", "CREATE INDEX i ON t(a) WHERE b = 1"),
            ("CREATE TABLE t AS SELECT NOW()", "CREATE TABLE t AS SELECT \(now)"),
        ])
    func definitions(portable: String, expected: String) throws {
        #expect(try SQLiteDialect().rewrite(portable) == expected)
    }

    @Test(
        "what SQLite lacks is refused with its position",
        arguments: [
            ("SELECT a::text", "1:9: A cast is written as CAST(value AS type), not with ::"),
            (
                "SELECT *\nFROM t\nFOR UPDATE",
                "3:1: SQLite has no row locks: a writing transaction has the whole database"
            ),
            ("SELECT $1", "1:8: A value is written as ?, not as $1"),
            ("a = ANY(?)", "1:5: SQLite has no arrays; use IN (…)"),
            (
                "a + INTERVAL '1 month'",
                "1:14: SQLite counts month differently at the end of a month; count days instead"
            ),
            ("a + INTERVAL 'a day'", "1:14: 'a' is no number of an interval"),
            ("(INTERVAL '1 day')", "1:2: INTERVAL is understood behind + or -, to be added to an instant"),
            ("DATE_TRUNC('quarter', a)", "1:12: SQLite cannot truncate an instant to 'quarter'"),
            ("CREATE TABLE t (a MONEY)", "1:19: 'MONEY' is no column type that every database has"),
            ("CREATE TABLE t (a TEXT[])", "1:23: SQLite has no arrays; use JSONB"),
            (
                "ALTER TABLE t ADD CONSTRAINT c CHECK (a)",
                "1:15: SQLite cannot add a constraint to a table that exists"
            ),
            (
                "ALTER TABLE t ADD COLUMN a TEXT, ADD COLUMN b TEXT",
                "1:32: SQLite makes one change to a table at a time"
            ),
            (
                "ALTER TABLE t ADD COLUMN a TIMESTAMP DEFAULT NOW()",
                "1:46: SQLite cannot add a column whose default is not a constant"
            ),
            (
                "ALTER TABLE t ALTER COLUMN a TYPE TEXT",
                "1:15: SQLite cannot change a column or constraint that exists"
            ),
            ("TRUNCATE t", "1:1: SQLite has no TRUNCATE; use DELETE FROM"),
            ("CREATE EXTENSION x", "1:1: SQLite has no extensions to create"),
            ("SELECT E'a\\n'", "1:8: SQLite has only strings in single quotes"),
            ("CREATE INDEX i ON t USING gin (a)", "1:21: SQLite has one kind of index; leave out USING"),
            ("SELECT 1; SELECT 2", "1:9: One statement is rewritten at a time"),
            ("SELECT (1", "1:8: This parenthesis is not closed"),
            ("SELECT 1)", "1:9: This parenthesis was not opened"),
        ])
    func refusals(portable: String, message: String) {
        #expect {
            try SQLiteDialect().rewrite(portable)
        } throws: { error in
            "\(error)" == message && (error as? PortabilityError)?.dialect == "sqlite"
        }
    }
}
