import Database
import Migrations
import SourceText

extension MigrationError.Code {
    /// The same cause as `hypjobs explain` knows it.
    var diagnosticCode: DiagnosticCode { DiagnosticCode(rawValue, title, explanation) }

    static var allCodes: [DiagnosticCode] { allCases.map(\.diagnosticCode) }
}

extension DatabaseError.Code {
    /// The same cause as `hypjobs explain` knows it: the database layer itself has no words for people's
    /// eyes.
    var diagnosticCode: DiagnosticCode { DiagnosticCode(rawValue, title, explanation) }

    static var allCodes: [DiagnosticCode] { allCases.map(\.diagnosticCode) }

    /// The first thing to try.
    var help: String? {
        switch self {
        case .busy: "another process is writing for long; try again, or raise 'busy_timeout'"
        case .cannotConnect: "look at 'database { sqlite { primary { file } } }', or at HYPJOBS_DATABASE"
        case .readOnly: "give this user the right to write the file and its folder"
        case .diskFull: "make room on the disk; nothing that was committed is lost"
        case .corrupt: "the file is no sound SQLite database: restore a backup, or name another file"
        case .unknownObject: "'hypjobs migrate status' tells whether the schema is up to date"
        case .accessDenied: "let the owner of what is named GRANT the privilege to this program's user"
        case .connectionLost, .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation,
            .serializationFailure, .deadlock, .timeout, .cancelled, .syntax, .poolTimeout, .closed,
            .unknownCommit,
            .unexpectedValue, .other:
            nil
        }
    }
}
