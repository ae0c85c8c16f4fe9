package import Effects
internal import SQL

extension Row {
    /// The text in a column, nil for NULL.
    package func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        switch self[column] {
        case .null: nil
        case .text(let text), .json(let text), .decimal(let text): text
        case .uuid(let id): id.description
        case .timestamp(let instant): instant.sqlText
        case .bool, .integer, .double, .blob, .array: throw mismatch(column, expected: "text")
        }
    }

    /// The integer in a column, nil for NULL; its text counts as one, which is how PostgreSQL's sums come.
    package func optionalInt(_ column: Int) throws(DatabaseError) -> Int? {
        switch self[column] {
        case .null: return nil
        case .integer(let number): return Int(number)
        case .text(let text), .decimal(let text):
            guard let number = Int(text) else { throw mismatch(column, expected: "an integer") }
            return number
        case .bool, .double, .json, .blob, .timestamp, .uuid, .array:
            throw mismatch(column, expected: "an integer")
        }
    }

    /// The number in a column, nil for NULL; an integer and a decimal number's text count as one.
    package func optionalDouble(_ column: Int) throws(DatabaseError) -> Double? {
        switch self[column] {
        case .null: return nil
        case .double(let number): return number
        case .integer(let number): return Double(number)
        case .text(let text), .decimal(let text):
            guard let number = Double(text) else { throw mismatch(column, expected: "a number") }
            return number
        case .bool, .json, .blob, .timestamp, .uuid, .array: throw mismatch(column, expected: "a number")
        }
    }

    /// The boolean in a column, nil for NULL; 0 and 1 count as one.
    package func optionalBool(_ column: Int) throws(DatabaseError) -> Bool? {
        switch self[column] {
        case .null: nil
        case .bool(let flag): flag
        case .integer(0): false
        case .integer(1): true
        case .integer, .double, .decimal, .text, .json, .blob, .timestamp, .uuid, .array:
            throw mismatch(column, expected: "a boolean")
        }
    }

    /// The instant in a column, nil for NULL; its SQL text counts as one.
    package func optionalTimestamp(_ column: Int) throws(DatabaseError) -> Timestamp? {
        switch self[column] {
        case .null: return nil
        case .timestamp(let instant): return instant
        case .text(let text):
            guard let instant = Timestamp(sqlText: text) else {
                throw mismatch(column, expected: "a timestamp")
            }
            return instant
        case .bool, .integer, .double, .decimal, .json, .blob, .uuid, .array:
            throw mismatch(column, expected: "a timestamp")
        }
    }

    /// The UUID in a column, nil for NULL; its text counts as one.
    package func optionalUUID(_ column: Int) throws(DatabaseError) -> UniqueID? {
        switch self[column] {
        case .null: return nil
        case .uuid(let id): return id
        case .text(let text):
            guard let id = UniqueID(text) else { throw mismatch(column, expected: "a UUID") }
            return id
        case .bool, .integer, .double, .decimal, .json, .blob, .timestamp, .array:
            throw mismatch(column, expected: "a UUID")
        }
    }

    /// The bytes in a column, nil for NULL.
    package func optionalBlob(_ column: Int) throws(DatabaseError) -> [UInt8]? {
        switch self[column] {
        case .null: nil
        case .blob(let bytes): bytes
        case .bool, .integer, .double, .decimal, .text, .json, .timestamp, .uuid, .array:
            throw mismatch(column, expected: "bytes")
        }
    }

    package func text(_ column: Int) throws(DatabaseError) -> String {
        if let value = try optionalText(column) { return value }
        throw mismatch(column, expected: "text")
    }

    package func int(_ column: Int) throws(DatabaseError) -> Int {
        if let value = try optionalInt(column) { return value }
        throw mismatch(column, expected: "an integer")
    }

    package func double(_ column: Int) throws(DatabaseError) -> Double {
        if let value = try optionalDouble(column) { return value }
        throw mismatch(column, expected: "a number")
    }

    package func bool(_ column: Int) throws(DatabaseError) -> Bool {
        if let value = try optionalBool(column) { return value }
        throw mismatch(column, expected: "a boolean")
    }

    package func timestamp(_ column: Int) throws(DatabaseError) -> Timestamp {
        if let value = try optionalTimestamp(column) { return value }
        throw mismatch(column, expected: "a timestamp")
    }

    package func uuid(_ column: Int) throws(DatabaseError) -> UniqueID {
        if let value = try optionalUUID(column) { return value }
        throw mismatch(column, expected: "a UUID")
    }

    package func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
        if let value = try optionalBlob(column) { return value }
        throw mismatch(column, expected: "bytes")
    }
}

extension Row {
    // The same by name, for statements whose columns somebody else chose; by position is faster.
    package func text(_ name: String) throws(DatabaseError) -> String { try text(index(of: name)) }
    package func int(_ name: String) throws(DatabaseError) -> Int { try int(index(of: name)) }
    package func double(_ name: String) throws(DatabaseError) -> Double { try double(index(of: name)) }
    package func bool(_ name: String) throws(DatabaseError) -> Bool { try bool(index(of: name)) }
    package func timestamp(_ name: String) throws(DatabaseError) -> Timestamp {
        try timestamp(index(of: name))
    }
    package func uuid(_ name: String) throws(DatabaseError) -> UniqueID { try uuid(index(of: name)) }
    package func optionalText(_ name: String) throws(DatabaseError) -> String? {
        try optionalText(index(of: name))
    }
    package func optionalInt(_ name: String) throws(DatabaseError) -> Int? {
        try optionalInt(index(of: name))
    }
    package func optionalTimestamp(_ name: String) throws(DatabaseError) -> Timestamp? {
        try optionalTimestamp(index(of: name))
    }
    package func optionalUUID(_ name: String) throws(DatabaseError) -> UniqueID? {
        try optionalUUID(index(of: name))
    }
}
