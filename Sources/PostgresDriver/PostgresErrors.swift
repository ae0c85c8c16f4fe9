internal import CPostgres
internal import Database

/// SQLSTATEs in the terms of `DatabaseError`.
enum PostgresErrors {
    /// The error that a result reports. A result without SQLSTATE came from libpq and not from the server.
    static func error(_ result: OpaquePointer, isBroken: Bool, statement: String?) -> DatabaseError {
        let state = field(result, "C")
        // A backend's death gives a result that has no SQLSTATE: the state of the connection says more.
        guard let state, !isBroken || state.hasPrefix("57P") == false else {
            return DatabaseError(
                .connectionLost, "The connection to the server broke: \(libraryText(result))",
                driverCode: state ?? "", statement: statement)
        }
        var message = sentence(field(result, "M") ?? "The server reported an error without a text")
        if let constraint = field(result, "n"), !message.contains(constraint) {
            message += " (constraint '\(constraint)')"
        }
        if let text = field(result, "P"), let offset = Int(text), let statement {
            let position = place(ofCharacter: offset, in: statement)
            message += " (line \(position.line), column \(position.column))"
        }
        return DatabaseError(
            isBroken ? .connectionLost : code(state), message, driverCode: state, statement: statement)
    }

    /// What libpq says about a connection that could not be made or is broken.
    static func connectionText(_ handle: OpaquePointer?) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map(trimmed).filter { !$0.isEmpty }
        return lines.isEmpty ? "no reason given" : lines.joined(separator: "; ")
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
        // Too many predicate locks: as a serialization failure, it goes away when run again.
        case "53200": .serializationFailure
        case "55P03": .busy
        case "57014": .cancelled
        case "25006": .readOnly
        case "53100": .diskFull
        case "XX001", "XX002": .corrupt
        case "42P01", "42703", "42883", "42704", "3F000", "3D000": .unknownObject
        case "57P01", "57P02", "57P03", "25P03", "57P05": .connectionLost
        case "53300": .cannotConnect
        default:
            switch state.prefix(2) {
            case "08": .connectionLost
            case "28": .cannotConnect
            case "42": .syntax
            case "22": .unexpectedValue
            case "53": .busy
            default: .other
            }
        }
    }

    private static func libraryText(_ result: OpaquePointer) -> String {
        let text = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").map(trimmed).first { !$0.isEmpty }
        return line ?? "no reason given"
    }

    private static func field(_ result: OpaquePointer, _ code: Character) -> String? {
        guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else {
            return nil
        }
        return String(cString: text)
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" })
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
