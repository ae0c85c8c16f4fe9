import Database
import Effects
import Migrations
import SQL
import TestSupport

extension Migration {
    /// A migration that makes a table and drops it.
    static func table(_ version: String, _ name: String) -> Migration {
        Migration(
            version: version, name: name, description: "Makes \(name)",
            up: ["CREATE TABLE \(name) (id INTEGER)"], down: ["DROP TABLE \(name)"],
            source: "\(version)_\(name).hyp")
    }

    /// A migration with these statements.
    static func test(_ version: String, up: [String], down: [String] = []) -> Migration {
        Migration(version: version, name: "test", description: "", up: up, down: down)
    }
}

extension Migrator {
    /// A migrator with the usual settings.
    init(_ database: Database, _ migrations: Migration..., by person: String = "ada") throws(MigrationError) {
        try self.init(
            database: database, migrations: migrations, settings: MigrationSettings(), effects: .test(),
            by: person)
    }
}

extension Database {
    /// The names of the tables and triggers that were made, without the history's.
    func objects() async throws -> [String] {
        try await read { transaction in
            try transaction.execute(
                """
                SELECT name FROM sqlite_master
                WHERE type IN ('table', 'trigger') AND name <> 'schema_migrations' ORDER BY name
                """
            ).rows.map { try $0.text(0) }
        }
    }

    /// Runs one statement.
    func run(_ statement: String) async throws {
        _ = try await transaction { try $0.execute(statement) }
    }
}
