extension DatabaseError.Code {
    /// A few words that name the error in a list of all errors.
    package var title: String {
        switch self {
        case .connectionLost: "connection lost"
        case .cannotConnect: "cannot connect"
        case .uniqueViolation: "value already exists"
        case .foreignKeyViolation: "row refers to nothing"
        case .checkViolation: "value not allowed"
        case .notNullViolation: "value missing"
        case .serializationFailure: "transactions collided"
        case .deadlock: "transactions waited for each other"
        case .busy: "database locked"
        case .timeout: "statement took too long"
        case .cancelled: "statement cancelled"
        case .readOnly: "database is read-only"
        case .diskFull: "disk full"
        case .corrupt: "not a sound database"
        case .syntax: "statement not understood"
        case .unknownObject: "no such table or column"
        case .poolTimeout: "no connection free"
        case .closed: "database closed"
        case .unknownCommit: "commit outcome unknown"
        case .unexpectedValue: "unexpected value in a row"
        case .resultTooLarge: "more rows than there is room for"
        case .accessDenied: "privilege missing"
        case .other: "database error"
        }
    }

    /// What it means and what to do about it.
    package var explanation: String {
        switch self {
        case .connectionLost:
            "The connection to the database broke. The transaction was rolled back and is tried again."
        case .cannotConnect:
            "The database could not be opened or reached. Check the path or address, the permissions and the "
                + "network."
        case .uniqueViolation:
            "Another row already has this value in a column, or columns, where each value may occur once."
        case .foreignKeyViolation:
            "A row refers to a row that does not exist, or a row that others refer to was to be removed."
        case .checkViolation:
            "A value does not satisfy a condition that the schema puts on it."
        case .notNullViolation:
            "A column that needs a value got none."
        case .serializationFailure:
            "A transaction read what another changed meanwhile. It was tried again as often as the policy "
                + "allows."
        case .deadlock:
            "Two transactions waited for each other and this one was chosen to give way."
        case .busy:
            "Another process holds the database's lock. Look for a long transaction, a backup or an open "
                + "shell."
        case .timeout:
            "The transaction was interrupted and rolled back because its time was over."
        case .cancelled:
            "The transaction was interrupted and rolled back because the work it belongs to was cancelled."
        case .readOnly:
            "The file, its directory or the connection does not allow writing."
        case .diskFull:
            "There is no room for what was to be written. The transaction was rolled back; free some space."
        case .corrupt:
            "The file is not a database, or it is damaged. Restore it from a backup; do not write to it."
        case .syntax:
            "The database does not understand the statement at the named position."
        case .unknownObject:
            "The statement names a table, column or function that does not exist. Are all migrations applied?"
        case .poolTimeout:
            "All connections were busy for longer than a caller waits. Look for long transactions or allow "
                + "more."
        case .closed:
            "The database was used after the program had begun to shut down."
        case .unknownCommit:
            "The connection broke during COMMIT. Whether the transaction happened must be looked up, not "
                + "guessed."
        case .resultTooLarge:
            "A statement gave more rows than its caller has memory for. Ask for fewer, or for fewer columns."
        case .unexpectedValue:
            "A value is too large for the database, or of another type than the program expects. Was the "
                + "schema changed by hand?"
        case .accessDenied:
            "The database user lacks a privilege that the statement needs. Let the owner of what it names "
                + "GRANT it, or own it with this user."
        case .other:
            "The database reported an error that has no meaning common to all databases; its own code is "
                + "named."
        }
    }
}
