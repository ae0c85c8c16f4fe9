/// A statement ready for a driver: text with `?` for each value, and the values in order.
package struct Statement: Sendable, Hashable {
    package var text: String
    package var bindings: [SQLValue]
    /// About how many bytes its rows may take; nil for any number. A driver that reads row by row stops there
    /// with `resultTooLarge`.
    package var room: Int?

    package init(_ text: String, _ bindings: [SQLValue] = []) {
        self.text = text
        self.bindings = bindings
    }

    package init(_ sql: SQL) {
        self.init(sql.text, sql.bindings)
    }

    /// What any database that is there answers at once.
    package static let probe = Statement("SELECT 1")
}
