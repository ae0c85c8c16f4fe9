package import Database
package import SQL

/// SQLite through libsqlite3: one file, many readers, one writer at a time.
package struct SQLiteDriver: DatabaseDriver {
    package let dialect: any Dialect = SQLiteDialect()
    private let configuration: SQLiteConfiguration

    package init(_ configuration: SQLiteConfiguration) {
        self.configuration = configuration
    }

    package func connect(for purpose: ConnectionPurpose) throws(DatabaseError) -> any DatabaseConnection {
        try SQLiteConnection(configuration, purpose: purpose)
    }
}

/// Where a SQLite database lies and how it is opened.
package struct SQLiteConfiguration: Sendable, Hashable {
    /// When a commit counts as done.
    package enum Durability: String, Sendable {
        /// Once the disk has it: a commit survives a loss of power.
        case full
        /// Once the system has it: a commit survives the end of the process, not always a loss of power.
        case normal
    }

    package var path: String
    /// Whether a missing file is made; its directory never is.
    package var createsFile: Bool
    package var isReadOnly: Bool
    package var durability: Durability
    /// How long a statement waits for a lock that another connection holds.
    package var busyTimeout: Duration
    /// How long a statement may run, waits for locks included; nil for as long as it likes.
    package var statementTimeout: Duration?
    /// How many prepared statements each connection keeps.
    package var statementCacheSize: Int
    /// The file's greatest size in pages of 4096 bytes; nil for as large as the disk.
    package var maxPageCount: Int?

    package init(
        path: String, createsFile: Bool = true, isReadOnly: Bool = false, durability: Durability = .full,
        busyTimeout: Duration = .seconds(5), statementTimeout: Duration? = nil,
        statementCacheSize: Int = 100, maxPageCount: Int? = nil
    ) {
        precondition(statementCacheSize >= 1, "The running statement is in the cache")
        self.path = path
        self.createsFile = createsFile
        self.isReadOnly = isReadOnly
        self.durability = durability
        self.busyTimeout = busyTimeout
        self.statementTimeout = statementTimeout
        self.statementCacheSize = statementCacheSize
        self.maxPageCount = maxPageCount
    }
}
