import HypConfig

/// Where the history of the schema is kept and where migrations are found.
struct MigrationHistorySettings: Sendable, Hashable {
    /// How versions are written.
    enum VersionFormat: String, Sendable, CaseIterable {
        /// Fourteen digits: year, month, day, hour, minute, second.
        case timestamp
    }

    /// The table with one row for each migration that was applied.
    var tableName: String
    var versionColumn: String
    var appliedAtColumn: String
    var checksumColumn: String
    /// The directory with the migrations, relative to the configuration directory.
    var directory: String
    /// How versions are written.
    var versionFormat: VersionFormat
    /// What stands between version and name in a file's name.
    var versionSeparator: String

    init(reading reader: inout ConfigReader) {
        reader.notYet("templates", help: "write the statements of a migration out; remove the block")
        self = reader.block("settings", "Where the history of the schema is kept.") {
            MigrationHistorySettings(readingSettings: &$0)
        }
    }

    private init(readingSettings reader: inout ConfigReader) {
        tableName = reader.value(
            "table_name", .sqlName.written, default: "schema_migrations",
            "The table of the migrations that were applied.")
        versionColumn = reader.value("version_column", .sqlName.written, default: "version", "Its key.")
        appliedAtColumn = reader.value(
            "applied_at_column", .sqlName.written, default: "applied_at", "When a migration was applied.")
        checksumColumn = reader.value(
            "checksum_column", .sqlName.written, default: "checksum",
            "What tells a migration that was changed since."
        )
        directory = reader.value(
            "directory", .relativePath, default: "migrations",
            "Where migrations lie, relative to the configuration directory.")
        versionFormat = reader.value(
            "version_format", .choice(.timestamp), default: .timestamp, "How versions are written.")
        versionSeparator = reader.value(
            "version_separator", .separator, default: "_",
            "What stands between version and name in a file's name.")
        let columns = ["version_column", "applied_at_column", "checksum_column"]
        let names = [versionColumn, appliedAtColumn, checksumColumn].map { $0.lowercased() }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            reader.refuse(
                columns[index], ConfigMeaningCode.duplicateName, "another column is called '\(name)' already",
                help: "the three columns need three names")
        }
    }
}

extension ConfigKind where Value == String {
    /// A path that stays below the directory it is relative to.
    fileprivate static var relativePath: ConfigKind {
        matching(
            "a path inside the configuration directory",
            help: "write it without a leading '/' and without '..'"
        ) {
            path in
            !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
        }
    }

    /// What can stand between digits and a name in the name of a file.
    fileprivate static var separator: ConfigKind {
        matching("one or more of '_', '-', '.', '+', '='", help: nil) {
            $0.allSatisfy { "_-.+=".contains($0) }
        }
    }
}
