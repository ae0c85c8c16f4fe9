/// What a database refused or could not do. Catch it by `code`; the text is for people.
package struct DatabaseError: Error, Sendable, Hashable {
    /// The same causes for every database.
    package enum Code: Int, Sendable, CaseIterable {
        case connectionLost = 3001
        case cannotConnect = 3002
        case uniqueViolation = 3003
        case foreignKeyViolation = 3004
        case checkViolation = 3005
        case notNullViolation = 3006
        /// Another transaction changed what this one had read; run again it may succeed.
        case serializationFailure = 3007
        case deadlock = 3008
        /// Another connection holds the lock for longer than we wait.
        case busy = 3009
        case timeout = 3010
        case cancelled = 3011
        case readOnly = 3012
        case diskFull = 3013
        case corrupt = 3014
        case syntax = 3015
        case unknownObject = 3016
        /// No connection of the pool came free in time.
        case poolTimeout = 3017
        /// Used after it was closed.
        case closed = 3018
        /// The connection broke while it committed: the transaction may or may not have happened.
        case unknownCommit = 3019
        /// A row does not hold what the caller asked for.
        case unexpectedValue = 3020
        /// The user of the connection lacks a privilege.
        case accessDenied = 3021
        /// The rows are more than the caller has room for.
        case resultTooLarge = 3022
        case other = 3099
    }

    package var code: Code
    /// One sentence that begins with a capital letter; never holds a binding.
    package var message: String
    /// The database's own name and number of the error, empty when it did not come from one.
    package var driverCode: String
    /// The text of the statement that failed, never its bindings.
    package var statement: String?

    package init(_ code: Code, _ message: String, driverCode: String = "", statement: String? = nil) {
        self.code = code
        self.message = message
        self.driverCode = driverCode
        self.statement = statement
    }

    /// Whether the whole transaction, run again from its beginning, may succeed.
    package var isRetryable: Bool {
        switch code {
        case .connectionLost, .serializationFailure, .deadlock, .busy: true
        case .cannotConnect, .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation,
            .timeout,
            .cancelled, .readOnly, .diskFull, .corrupt, .syntax, .unknownObject, .poolTimeout, .closed,
            .unknownCommit, .unexpectedValue, .accessDenied, .resultTooLarge,
            .other:
            false
        }
    }
}

extension DatabaseError: CustomStringConvertible {
    /// The message with the database's own code behind it.
    package var description: String {
        driverCode.isEmpty ? message : "\(message) [\(driverCode)]"
    }
}
