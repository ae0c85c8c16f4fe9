internal import CPostgres
internal import Database

/// Why a server was not reached, and what to do about it.
extension PostgresErrors {
    /// What libpq says about a connection that is broken.
    static func connectionText(_ handle: OpaquePointer?) -> String {
        lines(of: handle).joined(separator: "; ")
    }

    private static func lines(of handle: OpaquePointer?) -> [String] {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map { String($0.drop { $0 == " " || $0 == "\t" }) }
        let telling = lines.filter { !$0.isEmpty && !$0.hasPrefix("LOCATION:") }
        return telling.isEmpty ? ["no reason given"] : telling
    }

    /// Why libpq's attempt failed. It may have made two, with and without TLS, that failed alike.
    static func connectFailure(_ handle: OpaquePointer?) -> PostgresConnecting.Failure {
        var texts: [String] = []
        var state = ""
        for failure in reasons(in: lines(of: handle)).map(failure) {
            if !texts.contains(failure.text) { texts.append(failure.text) }
            if state.isEmpty { state = failure.state }
        }
        return PostgresConnecting.Failure(text: texts.joined(separator: "; "), state: state)
    }

    /// The lines without libpq's own hint, `Is the server running on that host …?`: ours comes behind them.
    static func reasons(in lines: [String]) -> [String] {
        let reasons = lines.filter { !$0.hasPrefix("Is the server running ") }
        return reasons.isEmpty ? lines : reasons
    }

    /// Takes the SQLSTATE out of a line like `… failed: FATAL:  28P01: password authentication failed …`.
    static func failure(inLine line: String) -> PostgresConnecting.Failure {
        let marker = ":  "
        var rest = line[...]
        while let found = rest.firstRange(of: marker) {
            rest = rest[found.upperBound...]
            let state = rest.prefix(5)
            let isState =
                state.count == 5 && state.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            guard isState, rest.dropFirst(5).hasPrefix(": ") else { continue }
            let head = line[..<rest.startIndex].dropLast(marker.count)
            return PostgresConnecting.Failure(text: "\(head): \(rest.dropFirst(7))", state: String(state))
        }
        return PostgresConnecting.Failure(text: line)
    }

    /// The one error for all hosts that were tried, with what to do about the first one's.
    static func connectError(
        _ failures: [PostgresConnecting.Failure], _ configuration: PostgresConfiguration
    ) -> DatabaseError {
        let reasons = failures.map(\.text).reduce(into: [String]()) { reasons, reason in
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        var message = "Cannot connect to \(configuration.place): \(reasons.joined(separator: "; "))"
        if let advice = failures.lazy.compactMap({ advice(for: $0, configuration) }).first {
            message += " (\(advice))"
        }
        let state = failures.lazy.map(\.state).first { !$0.isEmpty } ?? ""
        return DatabaseError(.cannotConnect, message, driverCode: state)
    }

    private static func advice(
        for failure: PostgresConnecting.Failure, _ configuration: PostgresConfiguration
    ) -> String? {
        switch failure.state {
        case "28P01": "check username and password"
        case "28000":
            "the server's pg_hba.conf must allow this user, database, address and ssl_mode "
                + "'\(configuration.tlsMode.rawValue)'"
        case "3D000": "check the name, or create it: createdb \(configuration.database)"
        case "42501": "let the database's owner GRANT CONNECT to user '\(configuration.username)'"
        case "53300": "lower max_connections here or raise the server's"
        case "57P03": "wait until the server has started"
        default: advice(forText: failure.text, configuration)
        }
    }

    /// What a pooler needs that has no sessions for us.
    static let poolerAdvice = "behind a pooler write prepared_statements { enabled: false }"

    /// libpq's own words, which are English as long as nobody calls setlocale(3).
    private static func advice(forText text: String, _ configuration: PostgresConfiguration) -> String? {
        let words: [(String, String)] = [
            (
                "server does not support SSL",
                "set ssl=on on the server, or another ssl_mode than "
                    + "'\(configuration.tlsMode.rawValue)'"
            ),
            (
                "root certificate file",
                "ssl_mode '\(configuration.tlsMode.rawValue)' needs the file of the "
                    + "authority's certificate"
            ),
            ("certificate verify failed", "the server's certificate is not signed by the given authority"),
            (
                "does not match host name",
                "use the host name that is in the server's certificate, or "
                    + "ssl_mode 'verify-ca'"
            ),
            ("Connection refused", "check host and port; is the server running and listening there?"),
            ("No such file or directory", "check host and port; is the server running?"),
            ("could not translate host name", "check the host's name"),
            ("no answer within", "check host, port and firewall"),
            ("unsupported startup parameter", poolerAdvice),
            ("session is read-only", "no host takes writes; is the primary among them?"),
            ("server is in hot standby mode", "no host is a primary"),
        ]
        return words.first { text.contains($0.0) }?.1
    }
}
