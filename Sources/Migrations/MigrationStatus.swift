package import Effects

/// A row of the history table.
package struct AppliedMigration: Sendable, Hashable {
    package let version: String
    package let name: String
    package let checksum: String
    package let appliedAt: Timestamp
    package let appliedBy: String

    package init(version: String, name: String, checksum: String, appliedAt: Timestamp, appliedBy: String) {
        self.version = version
        self.name = name
        self.checksum = checksum
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
    }
}

/// How a migration's file and the history agree.
package struct MigrationStatus: Sendable, Hashable {
    /// The ways in which they can.
    package enum State: Sendable, Hashable {
        case applied(at: Timestamp, by: String)
        case pending
        /// Applied, but the file says something else now.
        case changed(at: Timestamp, stored: String, present: String)
        /// Applied, but there is no file.
        case missing(at: Timestamp)
    }

    package let version: String
    package let name: String
    package let state: State

    package init(version: String, name: String, state: State) {
        self.version = version
        self.name = name
        self.state = state
    }
}
