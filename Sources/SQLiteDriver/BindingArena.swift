internal import CSQLite
internal import Effects
internal import SQL

/// Binds values to a statement's parameters.
///
/// Text and bytes are copied once into memory that is reused for every statement, and bound from there
/// without a copy of SQLite's own (`SQLITE_TRANSIENT` would allocate for each value). They stay valid until
/// the next bind.
final class BindingArena {
    private var storage: UnsafeMutableBufferPointer<UInt8>

    private static let usualSizeBytes = 64 << 10

    init() {
        storage = .allocate(capacity: Self.usualSizeBytes)
    }

    deinit {
        storage.deallocate()
    }

    /// Binds all values, as many as the statement has parameters. No statement bound before is run again
    /// without being bound anew.
    ///
    /// - Returns: SQLite's status of the first value that it does not take, which it would store as NULL; a
    ///   value that is too large, for example.
    func bind(_ values: [SQLValue], to statement: OpaquePointer) -> Int32 {
        let size = values.reduce(0) { $0 + Self.size(of: $1) }
        resize(for: size)
        var used = 0
        for (index, value) in values.enumerated() {
            let status = bind(value, to: statement, Int32(truncatingIfNeeded: index + 1), &used)
            guard status == SQLITE_OK else { return status }
        }
        return SQLITE_OK
    }

    private func bind(
        _ value: SQLValue, to statement: OpaquePointer, _ parameter: Int32, _ used: inout Int
    ) -> Int32 {
        switch value {
        case .null:
            return sqlite3_bind_null(statement, parameter)
        case .bool(let flag):
            return sqlite3_bind_int64(statement, parameter, flag ? 1 : 0)
        case .integer(let number):
            return sqlite3_bind_int64(statement, parameter, number)
        case .double(let number):
            // SQLite has no NaN: it stores NULL.
            return sqlite3_bind_double(statement, parameter, number)
        case .decimal(let text):
            // What is no number at all fails where the column's type or the comparison says so.
            if let number = Double(text) { return sqlite3_bind_double(statement, parameter, number) }
            return bindText(statement, parameter, take(text.utf8.count, &used) { Self.copy(text, to: $0) })
        case .text(let text), .json(let text):
            return bindText(statement, parameter, take(text.utf8.count, &used) { Self.copy(text, to: $0) })
        case .timestamp(let instant):
            return bindText(statement, parameter, take(Timestamp.sqlTextLength, &used, instant.writeSQLText))
        case .uuid(let id):
            return bindText(statement, parameter, take(UniqueID.textLength, &used, id.writeText))
        case .array:
            preconditionFailure("An array is replaced by its JSON text before it is bound")
        case .blob(let bytes):
            let copy = take(bytes.count, &used) { _ = $0.update(fromContentsOf: bytes) }
            return sqlite3_bind_blob64(
                statement, parameter, copy.baseAddress, UInt64(copy.count), hypjobs_sqlite_static())
        }
    }

    private func bindText(
        _ statement: OpaquePointer, _ parameter: Int32, _ text: UnsafeMutableBufferPointer<UInt8>
    ) -> Int32 {
        text.withMemoryRebound(to: CChar.self) { characters in
            sqlite3_bind_text64(
                statement, parameter, characters.baseAddress, UInt64(characters.count),
                hypjobs_sqlite_static(),
                UInt8(SQLITE_UTF8))
        }
    }

    /// The next free bytes, filled.
    private func take(
        _ count: Int, _ used: inout Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Void
    ) -> UnsafeMutableBufferPointer<UInt8> {
        let piece = UnsafeMutableBufferPointer(rebasing: storage[used..<used + count])
        used += count
        fill(piece)
        return piece
    }

    /// Grows for large values, and shrinks again after them.
    private func resize(for size: Int) {
        let wanted = max(size, Self.usualSizeBytes)
        guard storage.count < wanted || storage.count > wanted * 4 else { return }
        storage.deallocate()
        storage = .allocate(capacity: wanted)
    }

    private static func size(of value: SQLValue) -> Int {
        switch value {
        case .null, .bool, .integer, .double, .array: 0
        case .text(let text), .json(let text), .decimal(let text): text.utf8.count
        case .timestamp: Timestamp.sqlTextLength
        case .uuid: UniqueID.textLength
        case .blob(let bytes): bytes.count
        }
    }

    private static func copy(_ text: String, to buffer: UnsafeMutableBufferPointer<UInt8>) {
        var text = text
        text.withUTF8 { _ = buffer.update(fromContentsOf: $0) }
    }
}
