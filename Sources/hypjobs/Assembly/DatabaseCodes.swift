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

}

extension DatabaseError {
    /// The first thing to try.
    var help: String? {
        switch code {
        case .busy:
            isFromServer
                ? "the server has no room for this now; pg_stat_activity shows who works there"
                : "another process is writing for long; try again, or raise 'busy_timeout'"
        case .cannotConnect: "look at the block 'database' of the configuration, or at HYPJOBS_DATABASE"
        case .readOnly:
            isFromServer
                ? "the server is a standby, or its user may only read: 'primary' takes all writes"
                : "give this user the right to write the file and its folder"
        case .diskFull: "make room on the disk; nothing that was committed is lost"
        case .corrupt:
            isFromServer
                ? "the server has found damage in its files: stop it, and look at its log"
                : "the file is no sound SQLite database: restore a backup, or name another file"
        case .unknownObject: "'hypjobs migrate status' tells whether the schema is up to date"
        case .accessDenied: "let the owner of what is named GRANT the privilege to this program's user"
        case .connectionLost, .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation,
            .serializationFailure, .deadlock, .timeout, .cancelled, .syntax, .poolTimeout, .closed,
            .unknownCommit,
            .unexpectedValue, .resultTooLarge, .other:
            nil
        }
    }

    /// Whether its code is a SQLSTATE, which only a server has.
    private var isFromServer: Bool {
        driverCode.utf8.count == 5
            && driverCode.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    }
}
