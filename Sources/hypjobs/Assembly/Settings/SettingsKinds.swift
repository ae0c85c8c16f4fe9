import HypConfig

extension ConfigKind where Value == String {
    /// A short name of letters, digits, `_`, `-` and `.` that begins with a letter.
    static func identifier(_ thing: String) -> ConfigKind {
        matching(
            "the name of \(thing)",
            help: "a letter, then letters, digits, '_', '-' and '.'; at most 63 characters"
        ) { name in
            name.utf8.count <= 63 && name.first.map { $0.isASCII && $0.isLetter } ?? false
                && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        }
    }

    /// The name of a table or a column that needs no quotes in any database.
    static var sqlName: ConfigKind {
        matching(
            "a name for SQL", help: "a letter or '_', then letters, digits and '_'; at most 63 characters"
        ) { name in
            name.utf8.count <= 63 && name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } ?? false
                && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        }
    }

    /// A text that satisfies a condition.
    static func matching(
        _ expectation: String, help: String?, _ condition: @escaping @Sendable (String) -> Bool
    ) -> ConfigKind {
        ConfigKind(expectation, placeholder: "", spell: { "\"\($0)\"" }) { node throws(ConfigMismatch) in
            guard let text = node.textValue, !text.isEmpty, condition(text) else {
                throw .expected(expectation, at: node, help: help)
            }
            return text
        }
    }
}
