import HypConfig
import SourceText

/// Which database the runner lives in.
enum DatabaseSettings: Sendable, Hashable {
    case sqlite(SQLiteSettings)
    case postgresql(PostgresSettings)

    /// The shortest way to have a database.
    static let example = "database { \(sqliteExample) }"
    private static let sqliteExample = "sqlite { primary { file: \"hypjobs.sqlite\" } }"

    init(reading reader: inout ConfigReader, project: ProjectDirectory) {
        let sqlite = reader.optionalBlock("sqlite", "A SQLite file.") { driver in
            driver.notYet("replica", help: "a SQLite file is one database, 'primary'; remove the block")
            return driver.requiredBlock("primary", "The one connection.", example: Self.sqliteExample) {
                SQLiteSettings(reading: &$0, project: project)
            }
        }
        let postgresql = reader.optionalBlock("postgresql", "A PostgreSQL database.") {
            PostgresSettings(reading: &$0, project: project)
        }
        let others = ["mysql", "sqlserver", "oracle"]
        for driver in others {
            reader.notYet(driver, help: "write \(Self.sqliteExample), or a block 'postgresql', instead")
        }
        if sqlite != nil, postgresql != nil {
            reader.refuse(
                "postgresql", SettingsCode.databaseDriver,
                "'database' names two drivers, 'sqlite' and 'postgresql'",
                help: "keep one of the blocks; 'sqlite: null' in a later file removes the earlier one")
        }
        if sqlite == nil, postgresql == nil, !others.contains(where: { reader.has($0) }) {
            reader.refuse(
                SettingsCode.databaseDriver, "'database' names no driver",
                help: "write \(Self.example)")
        }
        if let postgresql {
            self = .postgresql(postgresql)
        } else {
            self = .sqlite(sqlite ?? SQLiteSettings())
        }
    }
}

/// A SQLite file and how to open it.
struct SQLiteSettings: Sendable, Hashable {
    /// What a commit waits for.
    enum Synchronous: String, Sendable, CaseIterable {
        /// The disk: a commit survives a power cut.
        case full
        /// The operating system: a power cut may take the last commits, never the file's integrity.
        case normal
    }

    /// The file; relative to the working directory or absolute.
    var file = "hypjobs.sqlite"
    /// What a commit waits for.
    var synchronous = Synchronous.full
    /// How long a statement waits for another process's lock.
    var busyTimeout = Duration.seconds(5)
    /// Whether a missing file is created.
    var createsFile = true

    init() {}

    init(reading reader: inout ConfigReader, project: ProjectDirectory) {
        let written = reader.value(
            "file", .text, default: file,
            "The database file, relative to the directory that the configuration directory lies in.")
        file = project.path(of: written)
        synchronous = reader.value(
            "synchronous", .choice(.full), default: synchronous,
            "What a commit waits for: the disk (full) or the operating system (normal).")
        busyTimeout = reader.value(
            "busy_timeout", .seconds(0...3600), default: busyTimeout,
            "How long a statement waits while another process writes.")
        createsFile = reader.value(
            "create", .boolean, default: createsFile, "Whether a missing file is created.")
        if written.hasPrefix(":memory:") || written.hasPrefix("file:") {
            reader.refuse(
                "file", SettingsCode.databaseDriver, "'file' must be the path of a file on a local disk",
                help: "a database in memory would be another one for every connection")
        }
    }
}
