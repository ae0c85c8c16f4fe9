/// A step of the schema's history: how to take it and how to take it back.
package struct Migration: Sendable, Hashable {
    /// Unique; the order of versions is the order in which migrations are applied.
    package let version: String
    /// Short, as in the file's name.
    package let name: String
    package let description: String
    /// Portable SQL as written; an entry may hold several statements.
    package let up: [String]
    package let down: [String]
    /// The file it was read from, for messages.
    package let source: String?

    package init(
        version: String, name: String, description: String, up: [String], down: [String],
        source: String? = nil
    ) {
        self.version = version
        self.name = name
        self.description = description
        self.up = up
        self.down = down
        self.source = source
    }

    /// Whether one version comes before another: numbers first, by their value, then anything else by its
    /// text. (Numbers among texts by their text would be no order: 9 < 10 < 1b < 9.)
    package static func isVersion(_ left: String, before right: String) -> Bool {
        guard isNumber(left), isNumber(right) else {
            return isNumber(left) == isNumber(right) ? left < right : isNumber(left)
        }
        let (left, right) = (left.drop { $0 == "0" }, right.drop { $0 == "0" })
        return left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
    }

    private static func isNumber(_ version: String) -> Bool {
        !version.isEmpty && version.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
