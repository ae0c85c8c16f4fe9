import HypConfig
import SourceText

/// A migration as the configuration has it: statements for every database, not yet for one.
struct MigrationSource: Sendable, Hashable {
    /// A statement, perhaps in several dialects.
    struct Statement: Sendable, Hashable {
        /// For every dialect that has no text of its own; nil when there is none.
        var portable: String?
        /// By the name of the dialect.
        var byDialect: [String: String]

        /// What to run on a database of this dialect; nil when there is nothing to run there.
        func text(for dialect: String) -> String? { byDialect[dialect] ?? portable }
    }

    /// Fourteen digits; the order in which migrations run.
    var version: String
    /// The name of its block.
    var name: String
    /// What it is for.
    var description: String
    /// What brings it into being.
    var up: [Statement]
    /// What takes it back, in the order to run.
    var down: [Statement]
    /// The file it was read from, as messages name it.
    var file: String
    /// Where its name stands in the file.
    var position: SourcePosition?

    /// The dialects that a statement can be written for.
    static let dialects = ["sqlite", "postgresql", "mysql", "sqlserver", "oracle"]

    /// Reads the migrations that stand in the configuration itself, in the block `migration_examples`.
    static func inline(in reader: inout ConfigReader) -> [MigrationSource] {
        reader.table("migration_examples", "A migration, by name.") { name, migration in
            MigrationSource(name: name, reading: &migration)
        }
    }

    init(name: String, reading reader: inout ConfigReader) {
        self.name = name
        version = reader.value(
            "version", .migrationVersion.written, "Its place in the order: YYYYMMDDhhmmss.")
        description = reader.value("description", .text(allowsEmpty: true), default: "", "What it is for.")
        up = reader.value("up", .list(of: .statement.written), "The statements that apply it.")
        down = reader.value(
            "down", .list(of: .statement.written), default: [], "The statements that take it back.")
        file = reader.file
        position = reader.position
    }
}

extension ConfigKind where Value == MigrationSource.Statement {
    /// A text, or a block with a text for each dialect: `{ default: …, sqlite: … }`.
    static var statement: ConfigKind {
        let expectation = "a statement, or a block with one for each dialect"
        let text = ConfigKind<String>.text
        return ConfigKind(
            expectation, placeholder: Value(portable: nil, byDialect: [:]), spell: { _ in "…" }
        ) { node throws(ConfigMismatch) in
            guard case .object(let object) = node.value else {
                return Value(portable: try text.convert(node), byDialect: [:])
            }
            var statement = Value(portable: nil, byDialect: [:])
            for entry in object.entries {
                guard entry.key == "default" || MigrationSource.dialects.contains(entry.key) else {
                    throw .unknownDialect(entry)
                }
                if case .null = entry.node.value { continue }
                statement.byDialect[entry.key] = try text.convert(entry.node)
            }
            statement.portable = statement.byDialect.removeValue(forKey: "default")
            return statement
        }
    }
}

extension ConfigKind where Value == String {
    /// Fourteen digits that are a point in time.
    fileprivate static var migrationVersion: ConfigKind {
        matching("a version like \"20240131235959\"", help: "write YYYYMMDDhhmmss in quotes, a point in time")
        { version in
            guard version.utf8.count == 14, version.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return false
            }
            let digits = version.utf8.map { Int($0) - 0x30 }
            let fields = stride(from: 4, to: 14, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
            let limits = [1...12, 1...31, 0...23, 0...59, 0...59]
            return zip(limits, fields).allSatisfy { $0.contains($1) }
        }
    }
}

extension ConfigMismatch {
    fileprivate static func unknownDialect(_ entry: ConfigObject.Entry) -> ConfigMismatch {
        let place = ConfigNode(
            value: .text(entry.key), file: entry.node.file, position: entry.keyPosition,
            length: entry.keyLength)
        let names = ["default"] + MigrationSource.dialects
        return ConfigMismatch(
            code: ConfigMeaningCode.unknownName,
            predicate: "has a statement for the unknown dialect '\(entry.key)'",
            node: place, help: .suggestion(for: entry.key, among: names),
            guess: Spelling.guess(entry.key, among: names))
    }
}
