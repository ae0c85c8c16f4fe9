internal import CSQLite
internal import Database
internal import SQL

/// A compiled statement and what is known about it, finalized with this object.
final class PreparedStatement {
    let pointer: OpaquePointer
    let parameterCount: Int
    /// Whether `sqlite3_changes` speaks of this statement; after others it still holds an earlier one's
    /// number.
    let changesRows: Bool
    private(set) var columns: [String]
    /// What the columns hold, as their declarations tell; `plain` for expressions.
    private var kinds: [ColumnKind]
    private var compilations: Int32 = 0

    init(_ text: String, _ handle: SQLiteHandle) throws(DatabaseError) {
        pointer = try Self.compile(text, handle)
        parameterCount = Int(sqlite3_bind_parameter_count(pointer))
        changesRows =
            sqlite3_stmt_readonly(pointer) == 0
            && ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].contains(Statement(text).firstWord)
        columns = Self.columnNames(pointer)
        kinds = Self.columnKinds(pointer)
    }

    deinit {
        sqlite3_finalize(pointer)
    }

    /// After a change of the schema SQLite compiles a statement anew at its first step; `SELECT *` may then
    /// have other columns.
    func refreshColumns() {
        let count = sqlite3_stmt_status(pointer, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard count != compilations else { return }
        compilations = count
        columns = Self.columnNames(pointer)
        kinds = Self.columnKinds(pointer)
    }

    /// The current row's values.
    func appendRow(to values: inout [SQLValue]) {
        if values.isEmpty { values.reserveCapacity(columns.count) }
        for column in 0..<Int32(truncatingIfNeeded: columns.count) {
            values.append(value(column))
        }
    }

    /// About how many bytes the current row's values take.
    var rowBytes: Int {
        (0..<Int32(truncatingIfNeeded: columns.count)).reduce(64) { size, column in
            let isNumber = [SQLITE_INTEGER, SQLITE_FLOAT].contains(sqlite3_column_type(pointer, column))
            return size + 64 + (isNumber ? 0 : Int(sqlite3_column_bytes(pointer, column)))
        }
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(pointer, column) {
        case SQLITE_INTEGER:
            let number = sqlite3_column_int64(pointer, column)
            if kinds[Int(column)] == .boolean, number == 0 || number == 1 { return .bool(number == 1) }
            return .integer(number)
        case SQLITE_FLOAT:
            return .double(sqlite3_column_double(pointer, column))
        case SQLITE_TEXT:
            guard let text = sqlite3_column_text(pointer, column) else { return .text("") }
            let count = Int(sqlite3_column_bytes(pointer, column))
            return kinds[Int(column)].value(of: UnsafeBufferPointer(start: text, count: count))
        case SQLITE_BLOB:
            guard let bytes = sqlite3_column_blob(pointer, column) else { return .blob([]) }
            let count = Int(sqlite3_column_bytes(pointer, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
        default:
            return .null
        }
    }

    private static func columnNames(_ pointer: OpaquePointer) -> [String] {
        (0..<sqlite3_column_count(pointer)).map { column in
            sqlite3_column_name(pointer, column).map { String(cString: $0) } ?? ""
        }
    }

    private static func columnKinds(_ pointer: OpaquePointer) -> [ColumnKind] {
        (0..<sqlite3_column_count(pointer)).map { column in
            ColumnKind(declaration: sqlite3_column_decltype(pointer, column).map { String(cString: $0) })
        }
    }

    /// Compiles exactly one statement: text behind it or behind a NUL would be ignored by SQLite, and is how
    /// an injection looks.
    private static func compile(_ text: String, _ handle: SQLiteHandle) throws(DatabaseError) -> OpaquePointer
    {
        guard !text.utf8.contains(0) else {
            throw DatabaseError(.syntax, "The statement holds a NUL character", statement: text)
        }
        var text = text
        var statement: OpaquePointer?
        var second: OpaquePointer?
        let status = text.withUTF8 { bytes -> Int32 in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
                var tail: UnsafePointer<CChar>?
                let status = sqlite3_prepare_v3(
                    handle.pointer, characters.baseAddress, Int32(characters.count), flags, &statement, &tail)
                guard status == SQLITE_OK, let start = characters.baseAddress, let tail else { return status }
                let rest = Int32(characters.count - (tail - start))
                if rest > 0, sqlite3_prepare_v3(handle.pointer, tail, rest, 0, &second, nil) != SQLITE_OK {
                    return SQLITE_MISUSE
                }
                return SQLITE_OK
            }
        }
        defer { sqlite3_finalize(second) }
        if status == SQLITE_OK, let statement, second == nil { return statement }
        sqlite3_finalize(statement)
        if status == SQLITE_MISUSE || second != nil {
            throw DatabaseError(.syntax, "More than one statement was given at once", statement: text)
        }
        guard status != SQLITE_OK else {
            throw DatabaseError(.syntax, "There is no statement in the text", statement: text)
        }
        throw SQLiteErrors.error(status, handle.pointer, statement: text)
    }
}
