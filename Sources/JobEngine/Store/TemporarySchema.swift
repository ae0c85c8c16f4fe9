package import Database
import SQL

/// A schema of its own on a server, for work that leaves nothing behind.
package struct TemporarySchema: Sendable {
    package let name: String

    package init(name: String) {
        self.name = name
    }

    package func create(in database: Database) async throws {
        let statement = "CREATE SCHEMA \(database.dialect.quote(identifier: name))"
        try await database.transaction(.readCommitted) { transaction in
            _ = try transaction.execute(statement)
        }
    }

    /// Takes the schema away with everything in it.
    package func drop(from database: Database) async throws {
        let statement = "DROP SCHEMA IF EXISTS \(database.dialect.quote(identifier: name)) CASCADE"
        try await database.transaction(.readCommitted) { transaction in
            _ = try transaction.execute(statement)
        }
    }

    /// What a server says of itself, for a report: its version and the settings that decide what a commit
    /// costs.
    package static func facts(of database: Database) async throws -> [(name: String, value: String)] {
        guard database.dialect.name == "postgresql" else { return [] }
        return try await database.read { transaction in
            try [
                "server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers",
                "max_connections",
            ].map { name in
                let row = try transaction.execute("SELECT current_setting(?)", [.text(name)]).first
                return (name, try row?.text(0) ?? "")
            }
        }
    }
}
