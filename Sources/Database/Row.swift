package import SQL

/// One row of a result: a view into the result's values.
///
/// A typed getter converts what the storage holds, for no database has a type for each of ours, and throws a
/// `DatabaseError` that names the column when that cannot be done.
package struct Row: Sendable {
    /// The names of the columns.
    package let columns: [String]
    private let values: [SQLValue]
    private let offset: Int

    init(columns: [String], values: [SQLValue], offset: Int) {
        self.columns = columns
        self.values = values
        self.offset = offset
    }

    package var count: Int { columns.count }

    /// The value in a column, as the storage gave it.
    package subscript(column: Int) -> SQLValue {
        precondition(column >= 0 && column < columns.count, "There is no column \(column)")
        return values[offset + column]
    }

    /// The value in the column of that name; nil when the result has no such column.
    package subscript(name: String) -> SQLValue? {
        columns.firstIndex(of: name).map { self[$0] }
    }

    /// The position of a column; throws when the result has none of that name.
    package func index(of name: String) throws(DatabaseError) -> Int {
        if let index = columns.firstIndex(of: name) { return index }
        throw DatabaseError(.unknownObject, "The result has no column '\(name)'")
    }

    func mismatch(_ column: Int, expected: String) -> DatabaseError {
        let found = self[column].storageName
        return DatabaseError(
            .unexpectedValue, "Column '\(columns[column])' holds \(found) where \(expected) was expected")
    }
}

extension SQLValue {
    /// The kind of value in words; the value itself may be a secret.
    fileprivate var storageName: String {
        switch self {
        case .null: "NULL"
        case .decimal: "a decimal number"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .double: "a number"
        case .text, .json: "text"
        case .blob: "bytes"
        case .timestamp: "a timestamp"
        case .uuid: "a UUID"
        case .array: "an array"
        }
    }
}
