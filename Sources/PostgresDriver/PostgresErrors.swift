internal import CPostgres
internal import Database
internal import SQL

/// SQLSTATEs in the terms of `DatabaseError`.
enum PostgresErrors {
    /// The error that a result reports. A result without SQLSTATE came from libpq and not from the server.
    static func error(_ result: OpaquePointer, isBroken: Bool, statement: String?) -> DatabaseError {
        // A backend's death gives a result that has no SQLSTATE: the state of the connection says more.
        guard let state = field(result, .sqlState) else {
            return DatabaseError(
                isBroken ? .connectionLost : .other,
                (isBroken ? "The connection to the server broke: " : "The client library reports: ")
                    + libraryText(result), statement: statement)
        }
        var message = sentence(
            field(result, .message) ?? "The server reported an error without a text")
        if state.hasPrefix("22") { message = withoutValue(message) }
        if let constraint = field(result, .constraint), !message.contains(constraint) {
            message += " (constraint '\(constraint)')"
        }
        if let text = field(result, .position), let offset = Int(text), let statement {
            let character = ParameterMarkers.character(ofNumbered: offset, in: statement)
            let position = place(ofCharacter: character, in: statement)
            message += " (line \(position.line), column \(position.column))"
        }
        let cause = refusesWrites(result, statement) ? .readOnly : code(state)
        return DatabaseError(
            isBroken ? .connectionLost : cause, message, driverCode: state, statement: statement)
    }

    /// Whether a transaction could not begin because it may write and the server is a standby. The SQLSTATE
    /// has other causes, but not for such a statement.
    private static func refusesWrites(_ result: OpaquePointer, _ statement: String?) -> Bool {
        field(result, .sqlState) == "0A000" && statement?.hasPrefix("BEGIN") == true
    }

    /// Whether a prepared statement's plan no longer fits the schema. The SQLSTATE has other causes and the
    /// text may be in any language; the name of the server's function is neither.
    static func isStalePlan(_ result: OpaquePointer) -> Bool {
        field(result, .sqlState) == "0A000"
            && field(result, .function) == "RevalidateCachedQuery"
    }

    /// The cause that a SQLSTATE stands for: the exact ones first, then their classes.
    static func code(_ state: String) -> DatabaseError.Code {
        switch state {
        case "23505", "23P01": .uniqueViolation
        case "23503", "23001": .foreignKeyViolation
        case "23514": .checkViolation
        case "23502": .notNullViolation
        case "40001": .serializationFailure
        case "40P01": .deadlock
        // Out of shared memory, that is, too many predicate locks: it goes away when the others are done.
        case "53200": .serializationFailure
        case "55P03": .busy
        case "57014": .cancelled
        case "25006": .readOnly
        case "42501": .accessDenied
        case "53100": .diskFull
        case "XX001", "XX002": .corrupt
        case "42P01", "42703", "42883", "42704", "3F000", "3D000": .unknownObject
        case "57P01", "57P02", "57P03", "25P03", "57P05": .connectionLost
        case "53300": .cannotConnect
        case "40003": .unknownCommit
        default: classCode(state)
        }
    }

    private static func classCode(_ state: String) -> DatabaseError.Code {
        switch state.prefix(2) {
        case "08": .connectionLost
        case "28": .cannotConnect
        case "42": .syntax
        case "22": .unexpectedValue
        case "53": .busy
        default: .other
        }
    }

    private static func libraryText(_ result: OpaquePointer) -> String {
        let text = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").first { $0.contains { $0 != " " } }
        return line.map { String($0.drop { $0 == " " }) } ?? "no reason given"
    }

    /// The parts of the server's report, by the letters of `PG_DIAG_…`, which Swift does not import.
    private enum Field: UInt8 {
        case sqlState = 0x43  // C
        case message = 0x4D  // M
        case constraint = 0x6E  // n
        case position = 0x50  // P
        case function = 0x52  // R
    }

    private static func field(_ result: OpaquePointer, _ field: Field) -> String? {
        PQresultErrorField(result, Int32(field.rawValue)).map { String(cString: $0) }
    }

    /// A value that does not fit is quoted in the server's message; it may be a secret.
    static func withoutValue(_ message: String) -> String {
        guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last
        else { return message }
        return message[..<first] + "\"…" + message[last...]
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    /// Line and column, both from 1, of a character counted from 1, as the server counts.
    private static func place(ofCharacter number: Int, in text: String) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for scalar in text.unicodeScalars.prefix(max(0, number - 1)) {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}
