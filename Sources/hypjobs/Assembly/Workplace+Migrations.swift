import Database
import Effects
import Migrations
import SQL

extension Workplace {
    /// The schema's history against the configuration's migrations, in the words of this database.
    func migrator() throws -> Migrator {
        let dialect = database.dialect.name
        let history = settings.migrationHistory
        let migrations = settings.migrations.map { source in
            Migration(
                version: source.version, name: source.name, description: source.description,
                up: source.up.compactMap { $0.text(for: dialect) },
                down: source.down.compactMap { $0.text(for: dialect) }, source: source.file)
        }
        return try Migrator(
            database: database, migrations: migrations,
            settings: MigrationSettings(
                tableName: history.tableName, versionColumn: history.versionColumn,
                appliedAtColumn: history.appliedAtColumn, checksumColumn: history.checksumColumn),
            effects: effects, by: ProcessFacts.person)
    }
}

extension Workplace {
    /// Refuses a schema that a newer version has made.
    func requireKnownSchema() async throws {
        guard let newest = settings.migrations.last?.version else { return }
        guard
            let newer = try await migrator().status().first(where: { $0.isMissing && $0.version > newest })
        else { return }
        throw Failure(
            .environment, CommandCode.newerSchema,
            "The database has a newer schema than this configuration: migration \(newer.version) "
                + "\(newer.name) was applied, the newest known is \(newest)",
            help: "use the program and the configuration that have migrated it"
        ).thrown
    }
}

extension MigrationStatus {
    var isPending: Bool { state == .pending }

    var isMissing: Bool {
        if case .missing = state { true } else { false }
    }

    var appliedAt: Timestamp? {
        switch state {
        case .applied(let time, _), .changed(let time, _, _), .missing(let time): time
        case .pending: nil
        }
    }

    var appliedBy: String? {
        guard case .applied(_, let person) = state else { return nil }
        return person
    }

    var stateName: String {
        switch state {
        case .applied: "applied"
        case .pending: "pending"
        case .changed: "changed"
        case .missing: "missing"
        }
    }
}
