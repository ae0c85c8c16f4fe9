package import Effects

/// A value that goes into a statement or comes out of a row.
///
/// A driver stores `timestamp`, `uuid`, `json` and `bool` in its database's own form; rows come back in the
/// form the storage gives them, and the getters of a row convert.
package enum SQLValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    /// A decimal number of any precision, as its text: what PostgreSQL's NUMERIC is. A database that has no
    /// such type gets a number.
    case decimal(String)
    case text(String)
    case blob([UInt8])
    case timestamp(Timestamp)
    case uuid(UniqueID)
    /// A JSON document as text.
    case json(String)
    /// Values of one kind, or arrays of them, for statements about many rows at once. PostgreSQL has such a
    /// type: `unnest(?::UUID[])`. SQLite gets the JSON text for `json_each(?)` and gives back text.
    case array([SQLValue])
}

/// A Swift value that can be bound to a parameter of a statement.
package protocol SQLBindable {
    /// The value that is bound.
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLBindable {
    package var sqlValue: SQLValue { self }
}

extension String: SQLBindable {
    package var sqlValue: SQLValue { .text(self) }
}

extension Int: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Int64: SQLBindable {
    package var sqlValue: SQLValue { .integer(self) }
}

extension Bool: SQLBindable {
    package var sqlValue: SQLValue { .bool(self) }
}

extension Double: SQLBindable {
    package var sqlValue: SQLValue { .double(self) }
}

extension Timestamp: SQLBindable {
    package var sqlValue: SQLValue { .timestamp(self) }
}

extension UniqueID: SQLBindable {
    package var sqlValue: SQLValue { .uuid(self) }
}

extension Array: SQLBindable where Element: SQLBindable {
    package var sqlValue: SQLValue { .array(map(\.sqlValue)) }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    /// Null for nil.
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
