internal import Database
internal import Effects
internal import SQL

/// The statements on the history table.
struct MigrationHistory: Sendable {
    let settings: MigrationSettings

    /// Makes the table unless it is there.
    func create(_ transaction: Transaction) throws {
        let definition: SQL = """
            CREATE TABLE IF NOT EXISTS \(name: settings.tableName) (
                \(name: settings.versionColumn) VARCHAR(255) PRIMARY KEY,
                \(name: MigrationSettings.nameColumn) VARCHAR(255) NOT NULL,
                \(name: MigrationSettings.descriptionColumn) TEXT NOT NULL,
                \(name: settings.checksumColumn) VARCHAR(64) NOT NULL,
                \(name: settings.appliedAtColumn) TIMESTAMP NOT NULL,
                \(name: MigrationSettings.appliedByColumn) VARCHAR(255) NOT NULL,
                \(name: MigrationSettings.durationColumn) BIGINT NOT NULL
            )
            """
        try transaction.execute(transaction.dialect.rewrite(definition.text))
    }

    /// Whether the table is there; a database without it was never migrated. A table without one of the
    /// columns is there: it is somebody else's, or the settings' names are wrong.
    func exists(_ transaction: Transaction) throws -> Bool {
        do {
            try transaction.savepoint {
                _ = try transaction.execute("SELECT COUNT(*) FROM \(name: settings.tableName)" as SQL)
            }
            return true
        } catch let error as DatabaseError where error.code == .unknownObject {
            return false
        }
    }

    /// All rows.
    func load(_ transaction: Transaction) throws(DatabaseError) -> [AppliedMigration] {
        let query: SQL = """
            SELECT \(name: settings.versionColumn), \(name: MigrationSettings.nameColumn),
                \(name: settings.checksumColumn), \(name: settings.appliedAtColumn),
                \(name: MigrationSettings.appliedByColumn)
            FROM \(name: settings.tableName)
            """
        var rows: [AppliedMigration] = []
        for row in try transaction.execute(query).rows {
            rows.append(
                AppliedMigration(
                    version: try row.text(0), name: try row.text(1), checksum: try row.text(2),
                    appliedAt: try row.timestamp(3), appliedBy: try row.text(4)))
        }
        return rows
    }

    /// Records that a migration was applied.
    func insert(
        _ migration: Migration, at instant: Timestamp, by person: String, duration: Duration,
        _ transaction: Transaction
    ) throws(DatabaseError) {
        let microseconds = Int64(duration.attoseconds / 1_000_000_000_000)
        try transaction.execute(
            """
            INSERT INTO \(name: settings.tableName) (
                \(name: settings.versionColumn), \(name: MigrationSettings.nameColumn),
                \(name: MigrationSettings.descriptionColumn), \(name: settings.checksumColumn),
                \(name: settings.appliedAtColumn), \(name: MigrationSettings.appliedByColumn),
                \(name: MigrationSettings.durationColumn)
            ) VALUES (
                \(migration.version), \(migration.name), \(migration.description), \(migration.checksum), \
                \(instant),
                \(person), \(microseconds)
            )
            """ as SQL)
    }

    /// Forgets that a migration was applied.
    func delete(_ migration: Migration, _ transaction: Transaction) throws(DatabaseError) {
        try transaction.execute(
            """
            DELETE FROM \(name: settings.tableName) WHERE \(name: settings.versionColumn) = \
            \(migration.version)
            """ as SQL)
    }
}
