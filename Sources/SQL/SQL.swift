/// SQL written as a string literal into which nothing can be injected.
///
///     let query: SQL = "SELECT \(name: column) FROM scripts WHERE id = \(id) AND \(sql: condition)"
///
/// `\(value)` becomes a `?` and a binding, `\(name:)` a quoted identifier, `\(sql:)` a splice of other SQL.
/// There is no way to make one from a `String` that is not a literal.
package struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The text with a `?` for each binding.
    package private(set) var text: String
    package private(set) var bindings: [SQLValue]

    package init(stringLiteral literal: String) {
        text = literal
        bindings = []
    }

    package init(stringInterpolation interpolation: StringInterpolation) {
        text = interpolation.text
        bindings = interpolation.bindings
    }

    /// The parts with a separator between them, for lists of values and conditions.
    package static func joined(_ parts: some Sequence<SQL>, separator: SQL) -> SQL {
        var whole: SQL = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { whole.append(separator) }
            whole.append(part)
        }
        return whole
    }

    private mutating func append(_ other: SQL) {
        text += other.text
        bindings += other.bindings
    }

    /// Collects the literal's pieces.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var bindings: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 2)
            bindings.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: some SQLBindable) {
            text += "?"
            bindings.append(value.sqlValue)
        }

        package mutating func appendInterpolation(name: String) {
            text += Identifier.quoted(name, with: "\"")
        }

        package mutating func appendInterpolation(sql: SQL) {
            text += sql.text
            bindings += sql.bindings
        }
    }
}

/// The quoting of names.
enum Identifier {
    /// The name between quotes, with the quotes in it doubled.
    static func quoted(_ name: String, with quote: Character) -> String {
        precondition(
            !name.isEmpty && !name.utf8.contains(0), "No database has a name that is empty or holds a NUL")
        var text = String(quote)
        for character in name.unicodeScalars {
            if Character(character) == quote { text.append(quote) }
            text.unicodeScalars.append(character)
        }
        text.append(quote)
        return text
    }
}
