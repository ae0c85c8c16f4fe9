import HypConfig

/// The conditions of kinds that are not only read from the configuration.
enum SettingsKinds {
    /// Whether a text needs no quotes as a name in any database.
    static func isSQLName(_ name: String) -> Bool {
        name.utf8.count <= 63 && name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } ?? false
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    /// Whether PostgreSQL keeps all of a session's name.
    static func isApplicationName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count) && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }
}

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

    /// What executions of one queue have in common that shall not run at one time.
    static var concurrencyKey: ConfigKind {
        matching("a text of at most 255 bytes", help: "a customer's name, for instance") { key in
            key.utf8.count <= 255
        }
    }

    /// The name of a variable of the environment.
    static var variable: ConfigKind {
        matching("the name of a variable", help: "a text without '='") { !$0.isEmpty && !$0.contains("=") }
    }

    /// The name of a table or a column that needs no quotes in any database.
    static var sqlName: ConfigKind {
        matching(
            "a name for SQL", help: "a letter or '_', then letters, digits and '_'; at most 63 characters",
            SettingsKinds.isSQLName)
    }

    /// What the server keeps of a session's name.
    static var applicationName: ConfigKind {
        matching(
            "a name of at most 63 printable ASCII characters", help: "the server keeps no more of it",
            SettingsKinds.isApplicationName)
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
