import Database
import HypConfig
import JobEngine
import SQL
import SourceText

/// A method of a repository: a statement under a name.
struct RepositoryMethodSettings: Sendable, Hashable {
    /// `ScriptRepository.findByName`.
    var name: String
    /// What it runs, in portable words or in those of single databases.
    var statement: MigrationSource.Statement
    /// What each `?` is bound to: the name of an argument, or `%name%`.
    var parameters: [String]
    /// `boolean`, the name of what a row is, or that with `[]`.
    var returnType: String
    /// What the repository is about.
    var entity: String

    /// Reads the block `repositories`: each with `entity` and `methods`.
    static func all(in reader: inout ConfigReader, dialect: any Dialect) -> [RepositoryMethodSettings] {
        reader.table("repositories", "A repository: statements about one kind of thing.") {
            name, repository in
            let entity = repository.value("entity", .text, "What it is about: lists show it.")
            return repository.table("methods", "A statement under a name.") { method, reader in
                RepositoryMethodSettings(
                    name: "\(name).\(method)", of: entity, reading: &reader, dialect: dialect)
            }
        }.flatMap { $0 }
    }

    private init(
        name: String, of entity: String, reading reader: inout ConfigReader, dialect: any Dialect
    ) {
        self.name = name
        self.entity = entity
        statement = reader.value("sql", .statement, "The statement, `?` for each parameter.")
        parameters = reader.value(
            "parameters", .list(of: .text), default: [],
            "What each `?` is bound to: the name of an argument, or `%name%` to search for it in a text.")
        returnType = reader.value(
            "return_type", .text, "boolean, what a row is, or that with [] for all rows.")
        check(&reader, dialect)
    }

    /// Refuses what the database would refuse, as far as the text tells.
    private func check(_ reader: inout ConfigReader, _ dialect: any Dialect) {
        guard let text = statement.text(for: dialect.name), !text.isEmpty else {
            if reader.has("sql"), !statement.byDialect.isEmpty {
                reader.refuse(
                    "sql", ConfigMeaningCode.contradiction, "there is no statement for \(dialect.name)",
                    help: "write one, or a 'default'")
            }
            return
        }
        let statement = Statement(text)
        guard statement.isAboutRows else {
            return reader.refuse(
                "sql", ConfigMeaningCode.contradiction,
                "a method reads or changes rows, found '\(statement.firstWord)'",
                help: "the schema is changed by migrations")
        }
        do {
            _ = try RepositoryMethod(
                name: name, statement: text, parameters: parameters, returns: returnType, entity: entity,
                dialect: dialect)
            let count = try SQLTokenizer.tokens(of: text).count { $0.kind == .marker }
            if count != parameters.count {
                reader.refuse(
                    "parameters", ConfigMeaningCode.contradiction,
                    "the statement has \(count) '?' and \(parameters.count) parameters",
                    help: "name one for each '?', in their order")
            }
        } catch {
            reader.refuse(
                "sql", ConfigMeaningCode.contradiction,
                "line \(error.line), column \(error.column) of the statement: \(error.message)",
                help: "write it for the database: sql: { default: …, \(dialect.name): … }")
        }
    }
}

extension DatabaseSettings {
    /// How the database speaks.
    var dialect: any Dialect {
        switch self {
        case .sqlite: SQLiteDialect()
        case .postgresql: PostgreSQLDialect()
        }
    }
}
