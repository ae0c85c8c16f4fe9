package import Database

/// Why the schema is not brought to where it should be. Nothing is ever half applied.
package struct MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds, numbered as their diagnostics are.
    package enum Code: Int, Sendable, CaseIterable {
        /// An applied migration's file was changed afterwards.
        case changed = 3101
        /// An applied migration has no file.
        case missing = 3102
        /// A migration that is not applied is older than one that is.
        case outOfOrder = 3103
        case duplicateVersion = 3104
        case statementFailed = 3105
        case notPortable = 3106
        /// Another process migrates, or holds the database's lock.
        case locked = 3107
        case unknownVersion = 3108
        /// There are no statements that take it back.
        case irreversible = 3109
        case invalidSettings = 3110
    }

    package let code: Code
    package let message: String
    /// The migration it is about.
    package let version: String?
    /// What the database said.
    package let cause: DatabaseError?

    init(_ code: Code, _ message: String, version: String? = nil, cause: DatabaseError? = nil) {
        self.code = code
        self.message = message
        self.version = version
        self.cause = cause
    }

    package var description: String { message }
}

extension MigrationError.Code {
    /// A few words that name the error in a list of all errors.
    package var title: String {
        switch self {
        case .changed: "applied migration was edited"
        case .missing: "applied migration has no file"
        case .outOfOrder: "migration comes too late"
        case .duplicateVersion: "version used twice"
        case .statementFailed: "statement of a migration failed"
        case .notPortable: "statement the database lacks"
        case .locked: "another migration is running"
        case .unknownVersion: "no such version"
        case .irreversible: "migration cannot be taken back"
        case .invalidSettings: "migration settings collide"
        }
    }

    /// What it means and what to do about it.
    package var explanation: String {
        switch self {
        case .changed:
            "A migration is history once it is applied. Restore its file and put the change into a new "
                + "migration."
        case .missing:
            "The database is ahead of these files. Use the version of the files that it was migrated with, "
                + "or a later."
        case .outOfOrder:
            "A later migration was applied already, and may rely on the absence of this one. Give it a new "
                + "version."
        case .duplicateVersion:
            "Two files claim the same version. Give one of them another."
        case .statementFailed:
            "The migration was rolled back as a whole; the database is as it was before it. Correct the "
                + "statement."
        case .notPortable:
            "The statement uses something that this database cannot do. Give the statement for it separately."
        case .locked:
            "Another process holds the database's lock, probably to migrate it too. Run the command again."
        case .unknownVersion:
            "No migration has that version."
        case .irreversible:
            "The migration has no 'down' statements, or they are not known any more."
        case .invalidSettings:
            "The names in migrations.settings must differ from each other and from the history's own columns."
        }
    }
}
