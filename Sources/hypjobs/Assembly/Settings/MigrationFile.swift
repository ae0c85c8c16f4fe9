import HypConfig

/// The rules for a file in the migrations directory: one migration, and a name that says which.
struct MigrationFile {
    let history: MigrationHistorySettings
    /// The file as messages name it.
    let path: String

    func read(_ reader: inout ConfigReader) -> [MigrationSource] {
        var count = 0
        let sources = reader.rows("A migration.") { name, block in
            let source = MigrationSource(name: name, reading: &block)
            count += 1
            check(source, isFirst: count == 1, &block)
            return source
        }
        if sources.isEmpty {
            reader.refuse(
                SettingsCode.migrationFile, "the file holds no migration", help: "remove it, or write one")
        }
        return sources
    }

    private func check(_ source: MigrationSource, isFirst: Bool, _ block: inout ConfigReader) {
        guard isFirst else {
            return block.refuse(
                SettingsCode.migrationFile, "a second migration in one file",
                help: "move '\(source.name)' into a file of its own")
        }
        let expected = "\(source.version)\(history.versionSeparator)\(source.name).hyp"
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if name != expected, !source.version.isEmpty {
            block.refuse(
                SettingsCode.migrationFile, "the migration belongs into a file named '\(expected)'",
                help: "rename the file, or correct version and name here")
        }
    }
}
