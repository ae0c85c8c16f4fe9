internal import CSQLite
internal import Database
internal import Glibc
internal import SQL

/// SQLite's result codes in the terms of `DatabaseError`.
enum SQLiteErrors {
    /// The error that the handle reports for a statement.
    static func error(_ status: Int32, _ handle: OpaquePointer?, statement: String?) -> DatabaseError {
        let text = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
        if hitsLimit(status, handle) {
            return DatabaseError(
                .diskFull, sentence(SQLITE_FULL, text),
                driverCode: name(sqlite3_extended_errcode(handle)), statement: statement)
        }
        var message = sentence(status, text)
        let offset = sqlite3_error_offset(handle)
        if offset >= 0, let statement {
            let position = PortabilityError.position(of: Int(offset), in: statement)
            message += " (line \(position.line), column \(position.column))"
        }
        return DatabaseError(
            code(status, text), message, driverCode: name(sqlite3_extended_errcode(handle)),
            statement: statement)
    }

    /// Whether a write failed because the disk, a quota or the largest allowed file is full: SQLite calls
    /// only the first of these by its name.
    private static func hitsLimit(_ status: Int32, _ handle: OpaquePointer?) -> Bool {
        status & 0xFF == SQLITE_IOERR && [ENOSPC, EDQUOT, EFBIG].contains(sqlite3_system_errno(handle))
    }

    /// Why a file cannot be opened, in the system's words where it has some.
    static func openError(_ status: Int32, _ handle: OpaquePointer?, path: String) -> DatabaseError {
        let number = sqlite3_system_errno(handle)
        let reason: String
        switch number {
        case ENOENT:
            reason =
                directoryExists(path)
                ? "the file does not exist" : "the directory '\(directory(path))' does not exist"
        case EISDIR: reason = "it is a directory"
        case EACCES, EPERM: reason = "permission denied"
        case 0: reason = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
        default: reason = String(cString: strerror(number))
        }
        return DatabaseError(.cannotConnect, "Cannot open '\(path)': \(reason)", driverCode: name(status))
    }

    private static func directoryExists(_ path: String) -> Bool {
        access(directory(path), F_OK) == 0
    }

    private static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The cause that a result code stands for. Only `SQLITE_ERROR`, which stands for many, needs a look at
    /// the text.
    static func code(_ status: Int32, _ message: String) -> DatabaseError.Code {
        switch status {
        case SQLITE_CONSTRAINT | 8 << 8, SQLITE_CONSTRAINT | 6 << 8, SQLITE_CONSTRAINT | 10 << 8:
            .uniqueViolation
        case SQLITE_CONSTRAINT | 3 << 8: .foreignKeyViolation
        case SQLITE_CONSTRAINT | 1 << 8, SQLITE_CONSTRAINT | 7 << 8: .checkViolation
        case SQLITE_CONSTRAINT | 5 << 8: .notNullViolation
        case SQLITE_BUSY | 2 << 8: .serializationFailure
        default: primaryCode(status & 0xFF, message)
        }
    }

    private static func primaryCode(_ status: Int32, _ message: String) -> DatabaseError.Code {
        switch status {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy
        case SQLITE_INTERRUPT: .cancelled
        case SQLITE_READONLY: .readOnly
        case SQLITE_FULL: .diskFull
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_CANTOPEN: .cannotConnect
        case SQLITE_TOOBIG, SQLITE_MISMATCH: .unexpectedValue
        case SQLITE_ERROR: namesNothing(message) ? .unknownObject : .syntax
        default: .other
        }
    }

    private static func namesNothing(_ message: String) -> Bool {
        message.hasPrefix("no such ") || message.contains(" has no column named ")
            || message.hasPrefix("unknown column ")
    }

    /// The texts that SQLite words for programmers, worded for people.
    private static func sentence(_ status: Int32, _ text: String) -> String {
        switch status & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: "Another connection holds the database's lock"
        case SQLITE_READONLY: "The database may only be read"
        case SQLITE_FULL: "There is no room left for the database"
        case SQLITE_NOTADB: "The file is not a database"
        case SQLITE_CORRUPT: "The database is damaged: \(text)"
        default: text.prefix(1).uppercased() + text.dropFirst()
        }
    }

    /// `SQLITE_BUSY_SNAPSHOT (517)`: the name in sqlite3.h and the number.
    static func name(_ status: Int32) -> String {
        let primary = primaryNames[status & 0xFF] ?? "SQLITE_UNKNOWN"
        if status <= 0xFF { return "\(primary) (\(status))" }
        return "\(extendedNames[status] ?? primary) (\(status))"
    }

    private static let primaryNames: [Int32: String] = [
        SQLITE_ERROR: "SQLITE_ERROR", SQLITE_INTERNAL: "SQLITE_INTERNAL", SQLITE_PERM: "SQLITE_PERM",
        SQLITE_ABORT: "SQLITE_ABORT", SQLITE_BUSY: "SQLITE_BUSY", SQLITE_LOCKED: "SQLITE_LOCKED",
        SQLITE_NOMEM: "SQLITE_NOMEM", SQLITE_READONLY: "SQLITE_READONLY",
        SQLITE_INTERRUPT: "SQLITE_INTERRUPT",
        SQLITE_IOERR: "SQLITE_IOERR", SQLITE_CORRUPT: "SQLITE_CORRUPT", SQLITE_NOTFOUND: "SQLITE_NOTFOUND",
        SQLITE_FULL: "SQLITE_FULL", SQLITE_CANTOPEN: "SQLITE_CANTOPEN", SQLITE_PROTOCOL: "SQLITE_PROTOCOL",
        SQLITE_SCHEMA: "SQLITE_SCHEMA", SQLITE_TOOBIG: "SQLITE_TOOBIG",
        SQLITE_CONSTRAINT: "SQLITE_CONSTRAINT",
        SQLITE_MISMATCH: "SQLITE_MISMATCH", SQLITE_MISUSE: "SQLITE_MISUSE", SQLITE_AUTH: "SQLITE_AUTH",
        SQLITE_RANGE: "SQLITE_RANGE", SQLITE_NOTADB: "SQLITE_NOTADB",
    ]

    /// The extended codes a job runner meets; Swift does not import their macros, which shift.
    private static let extendedNames: [Int32: String] = [
        261: "SQLITE_BUSY_RECOVERY", 517: "SQLITE_BUSY_SNAPSHOT", 773: "SQLITE_BUSY_TIMEOUT",
        262: "SQLITE_LOCKED_SHAREDCACHE", 264: "SQLITE_READONLY_RECOVERY", 520: "SQLITE_READONLY_CANTLOCK",
        776: "SQLITE_READONLY_ROLLBACK", 1032: "SQLITE_READONLY_DBMOVED", 1288: "SQLITE_READONLY_CANTINIT",
        1544: "SQLITE_READONLY_DIRECTORY", 266: "SQLITE_IOERR_READ", 522: "SQLITE_IOERR_SHORT_READ",
        778: "SQLITE_IOERR_WRITE", 1034: "SQLITE_IOERR_FSYNC", 1546: "SQLITE_IOERR_TRUNCATE",
        267: "SQLITE_CORRUPT_VTAB", 779: "SQLITE_CORRUPT_INDEX", 526: "SQLITE_CANTOPEN_ISDIR",
        275: "SQLITE_CONSTRAINT_CHECK", 787: "SQLITE_CONSTRAINT_FOREIGNKEY",
        1299: "SQLITE_CONSTRAINT_NOTNULL",
        1555: "SQLITE_CONSTRAINT_PRIMARYKEY", 1811: "SQLITE_CONSTRAINT_TRIGGER",
        2067: "SQLITE_CONSTRAINT_UNIQUE",
        2579: "SQLITE_CONSTRAINT_ROWID", 3091: "SQLITE_CONSTRAINT_DATATYPE", 516: "SQLITE_ABORT_ROLLBACK",
    ]
}
