/// Where the history is kept; the names are the configuration's.
package struct MigrationSettings: Sendable, Hashable {
    package var tableName: String
    package var versionColumn: String
    package var appliedAtColumn: String
    package var checksumColumn: String

    package init(
        tableName: String = "schema_migrations", versionColumn: String = "version",
        appliedAtColumn: String = "applied_at", checksumColumn: String = "checksum"
    ) {
        self.tableName = tableName
        self.versionColumn = versionColumn
        self.appliedAtColumn = appliedAtColumn
        self.checksumColumn = checksumColumn
    }

    /// The columns whose names are ours.
    static let nameColumn = "name"
    static let descriptionColumn = "description"
    static let appliedByColumn = "applied_by"
    static let durationColumn = "duration_us"

    /// Refuses names that collide.
    func check() throws(MigrationError) {
        let names = [
            versionColumn, appliedAtColumn, checksumColumn, Self.nameColumn, Self.descriptionColumn,
            Self.appliedByColumn, Self.durationColumn,
        ]
        var seen: Set<String> = []
        for name in names where !seen.insert(name.lowercased()).inserted {
            throw MigrationError(.invalidSettings, "The history table would have two columns named '\(name)'")
        }
        if names.contains("") || tableName.isEmpty {
            throw MigrationError(.invalidSettings, "The history table and its columns need names")
        }
    }
}
