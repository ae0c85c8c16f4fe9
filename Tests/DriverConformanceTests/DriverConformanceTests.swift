import Database
import Effects
import SQL
import TestSupport
import Testing

/// What a driver is: every test runs over every database that is reachable.
@Suite("What every driver does")
struct DriverConformanceTests {
    @Test(
        "PostgreSQL is among the databases of these tests",
        .enabled(
            if: ReachableDatabase.all.contains(.postgresql),
            Comment(rawValue: ReachableDatabase.postgresql.howToReach)))
    func reachability() throws {
        let version = try PostgresServer.fromEnvironment?.administer("SHOW server_version").first?.text(0)
        #expect(version?.isEmpty == false)
    }

    @Test("values come back as they went in", arguments: ReachableDatabase.all)
    func values(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            try connection.execute(Sample.table(driver.dialect))
            for sample in Sample.all { try connection.execute(sample.insertion) }
            let rows = try connection.execute(Statement("SELECT * FROM samples ORDER BY number")).rows
            #expect(rows.count == Sample.all.count)
            for (row, sample) in zip(rows, Sample.all) { #expect(try Sample(row) == sample) }
        }
    }

    @Test("changes are counted, reads change nothing", arguments: ReachableDatabase.all)
    func affectedRows(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            #expect(try connection.execute(Statement("CREATE TABLE t (a BIGINT)")).affectedRows == 0)
            let insertion = Statement("INSERT INTO t VALUES (?), (?), (?)", [1, 2, 3].map { .integer($0) })
            #expect(try connection.execute(insertion).affectedRows == 3)
            let update = Statement("UPDATE t SET a = a + 10 WHERE a > ?", [.integer(1)])
            #expect(try connection.execute(update).affectedRows == 2)
            #expect(try connection.execute(Statement("SELECT a FROM t")).affectedRows == 0)
            #expect(try connection.execute(Statement("DELETE FROM t WHERE a = 7")).affectedRows == 0)
            let deleted = try connection.execute(
                Statement("DELETE FROM t WHERE a > ? RETURNING a", [.integer(5)]))
            #expect(deleted.affectedRows == 2)
            #expect(Set(try deleted.rows.map { try $0.int(0) }) == [12, 13])
            #expect(deleted.columns == ["a"])
        }
    }

    @Test("an error has its cause, and a rollback makes the connection sound again", arguments: Refusal.all)
    func errors(refusal: Refusal) async throws {
        try await refusal.database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            for statement in Refusal.schema { try connection.execute(Statement(statement)) }
            try connection.execute(Statement(driver.dialect.begin(.serializable, readOnly: false)))
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement(refusal.statement))
            }
            #expect(error?.code == refusal.code, "\(String(describing: error))")
            #expect(error?.statement == refusal.statement)
            try connection.execute(Statement(driver.dialect.rollback))
            #expect(connection.isUsable)
            #expect(try connection.execute(.probe).first?.int(0) == 1)
        }
    }

    @Test("a rollback undoes, a commit keeps, a savepoint undoes a part", arguments: ReachableDatabase.all)
    func transactions(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let dialect = driver.dialect
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            func run(_ text: String) throws { try connection.execute(Statement(text)) }
            try run("CREATE TABLE t (a BIGINT)")
            try run(dialect.begin(.serializable, readOnly: false))
            #expect(!connection.isUsable)
            try run("INSERT INTO t VALUES (1)")
            try run(dialect.rollback)
            #expect(connection.isUsable)
            try run(dialect.begin(.readCommitted, readOnly: false))
            try run("INSERT INTO t VALUES (2)")
            try run(dialect.savepoint("s"))
            try run("INSERT INTO t VALUES (3)")
            try run(dialect.rollbackTo("s"))
            try run(dialect.release("s"))
            try run(dialect.commit)
            let rows = try connection.execute(Statement("SELECT a FROM t")).rows
            #expect(try rows.map { try $0.int(0) } == [2])
        }
    }

    @Test(
        "an interrupt stops what runs, or what runs next, and nothing after that",
        arguments: ReachableDatabase.all)
    func interrupts(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            let interrupt = connection.interrupt
            interrupt()
            let early = #expect(throws: DatabaseError.self) { try connection.execute(.probe) }
            #expect(early?.code == .cancelled)
            #expect(try connection.execute(.probe).first?.int(0) == 1)
            interrupt()
            connection.absorbInterrupt()
            #expect(try connection.execute(.probe).first?.int(0) == 1)

            let thread = SystemThread(name: "interrupter", stackSizeBytes: 256 << 10) {
                SystemTime().block(for: .milliseconds(50))
                interrupt()
            }
            let late = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement(Self.endless))
            }
            thread.join()
            #expect(late?.code == .cancelled)
            #expect(connection.isUsable)
            #expect(try connection.execute(.probe).first?.int(0) == 1)
        }
    }

    @Test(
        "a transaction ends with its timeout or its task, and the next one runs",
        arguments: ReachableDatabase.all)
    func timeouts(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let database = Database(
                driver: driver, pool: .standard, transactionRetry: .never, effects: .live, logger: .silent)
            _ = try await database.transaction { try $0.execute("CREATE TABLE t (a BIGINT)") }
            var error: DatabaseError?
            // On a machine that is busy with other tests the time may be over before it has begun.
            repeat {
                error = await #expect(throws: DatabaseError.self) {
                    try await database.transaction(timeout: .milliseconds(500)) { transaction in
                        try transaction.execute("INSERT INTO t VALUES (1)")
                        try transaction.execute(Statement(Self.endless))
                    }
                }
            } while error?.code == .poolTimeout
            #expect(error?.code == .timeout)
            let hasBegun = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (2)")
                    hasBegun.continuation.finish()
                    try transaction.execute(Statement(Self.endless))
                }
            }
            for await _ in hasBegun.stream {}
            task.cancel()
            let second = await #expect(throws: DatabaseError.self) { try await task.value }
            #expect(second?.code == .cancelled)
            let count = try await database.read { try $0.execute("SELECT COUNT(*) FROM t").first?.int(0) }
            #expect(count == 0)
            await database.close()
        }
    }

    /// Counts to more than anybody waits for.
    private static let endless = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)
        SELECT COUNT(*) FROM n
        """

    @Test("a connection for reading refuses to write", arguments: ReachableDatabase.all)
    func readers(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let writer = try driver.connect(for: .writing)
            defer { writer.close() }
            try writer.execute(Statement("CREATE TABLE t (a BIGINT)"))
            let reader = try driver.connect(for: .reading)
            defer { reader.close() }
            let error = #expect(throws: DatabaseError.self) {
                try reader.execute(Statement("INSERT INTO t VALUES (1)"))
            }
            #expect(error?.code == .readOnly)
            #expect(try reader.execute(Statement("SELECT COUNT(*) FROM t")).first?.int(0) == 0)
        }
    }

    @Test("what is no single statement with its values is refused", arguments: ReachableDatabase.all)
    func shapes(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            try connection.execute(Statement("CREATE TABLE t (a BIGINT)"))
            let wrong = [
                Statement("SELECT ?"), Statement("SELECT 1", [.integer(1)]),
                Statement("SELECT 1; DROP TABLE t"), Statement("CREATE TABLE u (a INT); DROP TABLE t"),
            ]
            for statement in wrong {
                let error = #expect(throws: DatabaseError.self) { try connection.execute(statement) }
                #expect(error?.code == .syntax, "\(statement.text): \(String(describing: error))")
            }
            #expect(try connection.execute(Statement("SELECT '?' FROM t")).isEmpty)
        }
    }

    @Test(
        "prepared statements survive a change of the schema and a full cache",
        arguments: ReachableDatabase.all)
    func statementCache(database: ReachableDatabase) async throws {
        try await database.withDriver(statementCacheSize: 2) { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            try connection.execute(Statement("CREATE TABLE t (a BIGINT)"))
            try connection.execute(Statement("INSERT INTO t VALUES (1)"))
            #expect(try connection.execute(Statement("SELECT * FROM t")).columns == ["a"])
            try connection.execute(Statement("ALTER TABLE t ADD COLUMN b BIGINT"))
            #expect(try connection.execute(Statement("SELECT * FROM t")).columns == ["a", "b"])
            for _ in 0..<2 {
                for number in 0..<5 {
                    let row = try connection.execute(
                        Statement("SELECT a + \(number) FROM t WHERE a = ?", [.integer(1)])
                    ).first
                    #expect(try row?.int(0) == 1 + number)
                }
            }
        }
    }

    @Test("an array is as many rows", arguments: ReachableDatabase.all)
    func arrays(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            defer { connection.close() }
            func rows(_ array: [SQLValue], _ type: String) throws -> ResultSet {
                let text =
                    database == .sqlite
                    ? "SELECT value FROM json_each(?)" : "SELECT * FROM unnest(?::\(type)[]) AS e(value)"
                return try connection.execute(Statement(text, [.array(array)]))
            }
            let texts = ["", "a\"b\\c", "NULL", "{,}", "é\u{1}\n"]
            #expect(try rows(texts.map { .text($0) }, "text").rows.map { try $0.text(0) } == texts)
            let numbers: [Int64] = [.min, -1, 0, .max]
            #expect(
                try rows(numbers.map { .integer($0) }, "bigint").rows.map { Int64(try $0.int(0)) } == numbers)
            let ids = [UniqueID(high: 0, low: 1), UniqueID(high: .max, low: 2)]
            #expect(try rows(ids.map { .uuid($0) }, "uuid").rows.map { try $0.uuid(0) } == ids)
            let reals = [0.1, 1e300, -.infinity]
            #expect(try rows(reals.map { .double($0) }, "float8").rows.map { try $0.double(0) } == reals)
            #expect(
                try rows([.bool(true), .null], "bool").rows.map { try $0.optionalBool(0) } == [true, nil])
            let instant = Timestamp(microseconds: 1_795_489_323_123_456)
            #expect(try rows([.timestamp(instant)], "timestamp").first?.timestamp(0) == instant)
            #expect(try rows([], "text").isEmpty)
        }
    }

    @Test("several statements at once are several statements", arguments: ReachableDatabase.all)
    func manyStatements(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let database = Database(
                driver: driver, pool: .standard, transactionRetry: .never, effects: .test(), logger: .silent)
            let results = try await database.transaction { transaction in
                try transaction.execute("CREATE TABLE t (a BIGINT PRIMARY KEY)")
                try transaction.enqueue(Statement("INSERT INTO t VALUES (1)"))
                let results = try transaction.execute(all: [
                    Statement("INSERT INTO t VALUES (?), (?)", [.integer(2), .integer(3)]),
                    Statement("SELECT COUNT(*) FROM t"),
                ])
                try transaction.enqueue(Statement("INSERT INTO t VALUES (4)"))
                return results
            }
            #expect(results.map(\.affectedRows) == [2, 0])
            #expect(try results[1].first?.int(0) == 3)
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (5)")
                    try transaction.enqueue(Statement("INSERT INTO t VALUES (4)"))
                }
            }
            #expect(error?.code == .uniqueViolation)
            let count = try await database.read { try $0.execute("SELECT COUNT(*) FROM t").first?.int(0) }
            #expect(count == 4)
            await database.close()
        }
    }

    @Test("many rows go in at once, whatever is in them", arguments: ReachableDatabase.all)
    func bulk(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let database = Database(
                driver: driver, pool: .standard, transactionRetry: .never, effects: .test(), logger: .silent)
            let texts = ["", "\\N", "\\.", "a\tb\nc\\d\re", "\"q\"", "é😀", ",{}"]
            let rows: [[SQLValue]] = (0..<1234).map { number in
                [
                    .integer(Int64(number)), number % 11 == 0 ? .null : .text(texts[number % texts.count]),
                    .blob([0, 92, UInt8(number % 256)]), .timestamp(Timestamp(microseconds: Int64(number))),
                ]
            }
            let count = try await database.transaction { transaction in
                let types = ["BIGINT PRIMARY KEY", "TEXT", "BLOB", "TIMESTAMP"]
                let columns = zip(["a", "b", "c", "odd \"name"], types).map { name, type in
                    transaction.dialect.quote(identifier: name) + " " + type
                }
                try transaction.execute(
                    try transaction.dialect.rewrite("CREATE TABLE t (\(columns.joined(separator: ", ")))"))
                return try transaction.load(rows, into: "t", columns: ["a", "b", "c", "odd \"name"])
            }
            #expect(count == 1234)
            let found = try await database.read { try $0.execute("SELECT * FROM t ORDER BY a") }
            #expect(found.rows.count == 1234)
            for (row, wanted) in zip(found.rows, rows) {
                let timestamp = SQLValue.timestamp(try row.timestamp(3))
                #expect([row[0], row[1], row[2], timestamp] == wanted)
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { transaction in
                    try transaction.load([[.integer(-1)], [.integer(5)]], into: "t", columns: ["a"])
                }
            }
            #expect(error?.code == .uniqueViolation)
            let rest = try await database.read { try $0.execute("SELECT MIN(a) FROM t").first?.int(0) }
            #expect(rest == 0)
            await database.close()
        }
    }

    @Test("a closed connection says so", arguments: ReachableDatabase.all)
    func closed(database: ReachableDatabase) async throws {
        try await database.withDriver { driver in
            let connection = try driver.connect(for: .writing)
            let interrupt = connection.interrupt
            connection.close()
            connection.close()
            interrupt()
            let error = #expect(throws: DatabaseError.self) { try connection.execute(.probe) }
            #expect(error?.code == .closed)
            #expect(!connection.isUsable)
        }
    }
}

/// A row with a column of each kind.
private struct Sample: Equatable {
    var number: Int64
    var real: Double?
    var text: String?
    var flag: Bool?
    var instant: Timestamp?
    var id: UniqueID?
    var document: String?
    var bytes: [UInt8]?

    static let all = [
        Sample(number: .min),
        Sample(
            number: -1, real: -0.1, text: "", flag: false, instant: Timestamp(microseconds: -1),
            id: UniqueID(high: 0, low: 0), document: "[]", bytes: []),
        Sample(
            number: 0, real: .leastNonzeroMagnitude, text: "a'b\"c\\d?$1\n\t", flag: true,
            instant: Timestamp(microseconds: 1_795_489_323_123_456),
            id: UniqueID(high: .max, low: .max), document: "{\"n\": 12345678901234567890}",
            bytes: [0, 1, 39, 92, 255]),
        Sample(
            number: .max, real: 1.7976931348623157e308, text: "é日😀e\u{301}", flag: true,
            instant: Timestamp(microseconds: 253_402_300_799_999_999),
            id: UniqueID(high: 0x0123_4567_89ab_cdef, low: 0x8123_4567_89ab_cdef), document: "null",
            bytes: Array(0...255)),
    ]

    static func table(_ dialect: any Dialect) throws -> Statement {
        Statement(
            try dialect.rewrite(
                """
                CREATE TABLE samples (number BIGINT, amount DOUBLE, label TEXT, flag BOOLEAN, \
                moment TIMESTAMP, id UUID, document JSONB, bytes BLOB)
                """))
    }

    var insertion: Statement {
        Statement(
            "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                number.sqlValue, real.sqlValue, text.sqlValue, flag.sqlValue, instant.sqlValue, id.sqlValue,
                document.map(SQLValue.json) ?? .null, bytes.map(SQLValue.blob) ?? .null,
            ])
    }
}

extension Sample {
    init(_ row: Row) throws {
        number = Int64(try row.int(0))
        real = try row.optionalDouble(1)
        text = try row.optionalText(2)
        flag = try row.optionalBool(3)
        instant = try row.optionalTimestamp(4)
        id = try row.optionalUUID(5)
        document = try row.optionalText(6)
        bytes = try row.optionalBlob(7)
    }
}

/// A statement that every database refuses, and why.
struct Refusal: Sendable, CustomStringConvertible {
    let database: ReachableDatabase
    let statement: String
    let code: DatabaseError.Code

    var description: String { "\(database): \(statement)" }

    static let schema = [
        "CREATE TABLE parent (id BIGINT PRIMARY KEY)",
        """
        CREATE TABLE child (id BIGINT UNIQUE, parent BIGINT NOT NULL REFERENCES parent(id), \
        size BIGINT CHECK (size > 0))
        """,
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1, 1, 1)",
    ]

    static var all: [Refusal] {
        let statements: [(String, DatabaseError.Code)] = [
            ("INSERT INTO parent VALUES (1)", .uniqueViolation),
            ("INSERT INTO child VALUES (1, 1, 1)", .uniqueViolation),
            ("INSERT INTO child VALUES (2, 9, 1)", .foreignKeyViolation),
            ("INSERT INTO child VALUES (2, 1, 0)", .checkViolation),
            ("INSERT INTO child VALUES (2, NULL, 1)", .notNullViolation),
            ("SELECT * FROM missing", .unknownObject),
            ("SELECT missing FROM parent", .unknownObject),
            ("SELEC 1", .syntax),
            ("SELECT FROM WHERE", .syntax),
        ]
        return ReachableDatabase.all.flatMap { database in
            statements.map { Refusal(database: database, statement: $0.0, code: $0.1) }
        }
    }
}
