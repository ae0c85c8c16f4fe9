import Database
import FoundationEssentials
import SQL
import SQLiteDriver
import Testing

@Suite("Errors of SQLite")
struct SQLiteErrorTests {
    @Test(
        "what breaks a rule of the schema is told apart",
        arguments: [
            (
                "INSERT INTO t (id, k) VALUES (1, 9)", DatabaseError.Code.uniqueViolation,
                "SQLITE_CONSTRAINT_PRIMARYKEY (1555)"
            ),
            (
                "INSERT INTO t (id, u, k) VALUES (2, 'u', 9)", .uniqueViolation,
                "SQLITE_CONSTRAINT_UNIQUE (2067)"
            ),
            ("INSERT INTO w (rowid) VALUES (1)", .uniqueViolation, "SQLITE_CONSTRAINT_ROWID (2579)"),
            (
                "INSERT INTO t (id, p, k) VALUES (3, 77, 9)", .foreignKeyViolation,
                "SQLITE_CONSTRAINT_FOREIGNKEY (787)"
            ),
            ("DELETE FROM p", .foreignKeyViolation, "SQLITE_CONSTRAINT_FOREIGNKEY (787)"),
            ("INSERT INTO t (id, k) VALUES (4, -1)", .checkViolation, "SQLITE_CONSTRAINT_CHECK (275)"),
            ("INSERT INTO t (id) VALUES (5)", .notNullViolation, "SQLITE_CONSTRAINT_NOTNULL (1299)"),
            ("INSERT INTO g VALUES (1)", .checkViolation, "SQLITE_CONSTRAINT_TRIGGER (1811)"),
            ("SELECT * FROM missing", .unknownObject, "SQLITE_ERROR (1)"),
            ("SELECT missing FROM t", .unknownObject, "SQLITE_ERROR (1)"),
            ("INSERT INTO t (missing) VALUES (1)", .unknownObject, "SQLITE_ERROR (1)"),
            ("SELECT missing(1)", .unknownObject, "SQLITE_ERROR (1)"),
            ("SELEKT 1", .syntax, "SQLITE_ERROR (1)"),
        ])
    func classification(statement: String, code: DatabaseError.Code, driverCode: String) async throws {
        try await TestDatabaseFile.withConnection { connection in
            try connection.run("CREATE TABLE p (id INTEGER PRIMARY KEY)")
            try connection.run(
                "CREATE TABLE t (id PRIMARY KEY, u UNIQUE, k NOT NULL CHECK (k > 0), p REFERENCES p (id))"
            )
            try connection.run("CREATE TABLE w (a)")
            try connection.run("CREATE TABLE g (a)")
            try connection.run(
                "CREATE TRIGGER no BEFORE INSERT ON g BEGIN SELECT RAISE(ABORT, 'not here'); END")
            try connection.run("INSERT INTO p VALUES (1)")
            try connection.run("INSERT INTO w (rowid) VALUES (1)")
            try connection.run("INSERT INTO t (id, u, k, p) VALUES (1, 'u', 9, 1)")
            let error = try #require(connection.error(statement))
            #expect(error.code == code)
            #expect(error.driverCode == driverCode)
            #expect(error.statement == statement)
        }
    }

    @Test("an error of syntax names the position, and no error shows a value")
    func messages() async throws {
        try await TestDatabaseFile.withConnection { connection in
            let error = connection.error("SELECT 1,\n  é FRMO t")
            #expect(error?.message == #"Near "t": syntax error (line 2, column 10)"#)
            try connection.run("CREATE TABLE t (a UNIQUE)")
            try connection.run("INSERT INTO t VALUES (?)", .text("secret"))
            let twice = try #require(connection.error("INSERT INTO t VALUES (?)", .text("secret")))
            #expect(twice.message == "UNIQUE constraint failed: t.a")
            #expect(!"\(twice)".contains("secret"))
        }
    }

    @Test("a connection for reading, and one to a file for reading, refuse to write")
    func readOnly() async throws {
        try await TestDatabaseFile.with { file in
            let writer = try file.connect()
            defer { writer.close() }
            try writer.run("CREATE TABLE t (a)")
            let readers = [
                try file.connect(for: .reading), try file.connect { $0.isReadOnly = true },
            ]
            for reader in readers {
                #expect(try reader.run("SELECT * FROM t").isEmpty)
                let error = reader.error("INSERT INTO t VALUES (1)")
                #expect(error?.code == .readOnly)
                #expect(error?.message == "The database may only be read")
                reader.close()
            }
        }
    }

    @Test("a full database says so, is rolled back, and can be written again when there is room")
    func diskFull() async throws {
        try await TestDatabaseFile.withConnection({ $0.maxPageCount = 10 }) { connection in
            try connection.run("CREATE TABLE t (a)")
            try connection.run("BEGIN IMMEDIATE")
            try connection.run("INSERT INTO t VALUES ('small')")
            let error = connection.error("INSERT INTO t VALUES (zeroblob(100000))")
            #expect(error?.code == .diskFull)
            #expect(error?.message == "There is no room left for the database")
            #expect(error?.driverCode == "SQLITE_FULL (13)")
            if !connection.isUsable { try connection.run("ROLLBACK") }
            #expect(try connection.value("SELECT COUNT(*) FROM t") == .integer(0))
            #expect(try connection.run("INSERT INTO t VALUES ('small')").affectedRows == 1)
        }
    }
}

// MARK: - Opening

extension SQLiteErrorTests {
    /// The error with which a file cannot be opened.
    private static func openError(
        _ file: TestDatabaseFile, _ configure: (inout SQLiteConfiguration) -> Void = { _ in }
    ) -> DatabaseError? {
        do {
            try file.connect(configure).close()
            return nil
        } catch {
            return error
        }
    }

    @Test("a file that is no database is told as such and left as it was")
    func notADatabase() async throws {
        try await TestDatabaseFile.with { file in
            let text = String(repeating: "This is a letter, not a database. ", count: 100)
            try Data(text.utf8).write(to: URL(filePath: file.path))
            let error = Self.openError(file)
            #expect(error?.code == .corrupt)
            #expect(error?.message == "Cannot open '\(file.path)': The file is not a database")
            #expect(error?.driverCode == "SQLITE_NOTADB (26)")
            #expect(try Data(contentsOf: URL(filePath: file.path)) == Data(text.utf8))
        }
    }

    @Test("a damaged database is told as such")
    func corrupt() async throws {
        try await TestDatabaseFile.with { file in
            let writer = try file.connect()
            try writer.run("CREATE TABLE t (a)")
            for number in 0..<50 {
                try writer.run("INSERT INTO t VALUES (?)", .text(String(repeating: "\(number)", count: 900)))
            }
            writer.close()
            var bytes = try Data(contentsOf: URL(filePath: file.path))
            for index in 4096..<bytes.count { bytes[index] = 0xA5 }
            try bytes.write(to: URL(filePath: file.path))
            let reader = try file.connect(for: .reading)
            defer { reader.close() }
            let error = reader.error("SELECT COUNT(a) FROM t WHERE a > ''")
            #expect(error?.code == .corrupt)
            #expect(error?.message == "The database is damaged: database disk image is malformed")
        }
    }

    @Test("a directory or a file that is missing is named, and a directory is not made")
    func missing() async throws {
        try await TestDatabaseFile.with { file in
            let deep = TestDatabaseFile(path: file.path + ".d/test.db")
            #expect(
                Self.openError(deep)
                    == DatabaseError(
                        .cannotConnect,
                        "Cannot open '\(deep.path)': the directory '\(file.path).d' does not exist",
                        driverCode: "SQLITE_CANTOPEN (14)"))
            for isReadOnly in [true, false] {
                let error = Self.openError(file) {
                    $0.createsFile = false
                    $0.isReadOnly = isReadOnly
                }
                #expect(error?.code == .cannotConnect)
                #expect(error?.message == "Cannot open '\(file.path)': the file does not exist")
            }
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test("a directory is no database, for writing or for reading", arguments: [true, false])
    func directory(isReadOnly: Bool) async throws {
        try await TestDatabaseFile.with { file in
            try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
            let error = Self.openError(file) { $0.isReadOnly = isReadOnly }
            #expect(error?.code == .cannotConnect)
            #expect(error?.message.hasPrefix("Cannot open '\(file.path)': ") == true)
        }
    }
}
