import HypConfig
import SourceText

/// `postgresql://user:password@host:port,host:port/database?name=value`, as the environment may give it.
///
/// What it says takes the place of what the configuration says of the server; the rest stays. No message
/// shows any part of it but the names of parameters: it may hold the password.
struct PostgresURL {
    /// Why a text is no such URL.
    struct Flaw: Error {
        let message: String
        var help = "postgresql://user@host:port/database?ssl_mode=verify-full"
    }

    private let user: String?
    private let password: String?
    private let hosts: [PostgresServerSettings.Host]
    private let database: String?
    private var parameters: [(name: String, value: String)] = []

    /// Whether the text means a server and not a file.
    static func isOne(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    init(_ text: String) throws(Flaw) {
        guard let start = text.firstRange(of: "://")?.upperBound else {
            throw Flaw(message: "is no URL of a PostgreSQL server")
        }
        var rest = text[start...]
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[slash...].dropFirst()
        database = path.isEmpty ? nil : try Self.decoded(path, "the database")
        var places = rest[..<slash]
        if let at = places.lastIndex(of: "@") {
            let person = places[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = person[0].isEmpty ? nil : try Self.decoded(person[0], "the user")
            password = person.count > 1 ? try Self.decoded(person[1], "the password") : nil
            places = places[places.index(after: at)...]
        } else {
            user = nil
            password = nil
        }
        hosts = try Self.hosts(places)
        for parameter in query.split(separator: "&") {
            let sides = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(sides[0], "the name of a parameter")
            guard sides.count == 2 else { throw Flaw(message: "has a parameter '\(name)' without a value") }
            parameters.append((name, try Self.decoded(sides[1], "the parameter '\(name)'")))
        }
    }

    private static func hosts(_ text: Substring) throws(Flaw) -> [PostgresServerSettings.Host] {
        var hosts: [PostgresServerSettings.Host] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            guard let host = PostgresServerSettings.Host(try decoded(part, "a host")) else {
                throw Flaw(message: "names a host in no form that is known")
            }
            hosts.append(host)
        }
        return hosts
    }

    /// A part without its percent signs.
    private static func decoded(_ text: Substring, _ part: String) throws(Flaw) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16), value != 0 else {
                throw Flaw(
                    message: "has a '%' in \(part) without two hexadecimal digits behind it",
                    help: "a '%' that is meant is written %25")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Flaw(message: "has \(part) in no UTF-8")
        }
        return decoded
    }
}

// MARK: - Taking effect

extension PostgresURL {
    /// The database with what the URL says in place of what was configured.
    func applied(to settings: DatabaseSettings) throws(Flaw) -> PostgresSettings {
        var result: PostgresSettings
        if case .postgresql(let configured) = settings {
            result = configured
        } else {
            guard let user, let database else {
                throw Flaw(message: "needs a user and a database, since the configuration has none")
            }
            result = PostgresSettings(primary: PostgresServerSettings(database: database, username: user))
        }
        if let user {
            // A password belongs to its user.
            result.primary.username = user
            result.primary.password = nil
        }
        if let password { result.primary.password = Secret(password) }
        if let database { result.primary.database = database }
        // The copies of another database show something else.
        if database != nil || !hosts.isEmpty { result.replicas = [] }
        if !hosts.isEmpty {
            result.primary.hosts = hosts
            result.primary.port = 5432
        }
        for (name, value) in parameters { try apply(name, value, to: &result.primary) }
        return result
    }

    private func apply(
        _ name: String, _ value: String, to server: inout PostgresServerSettings
    ) throws(Flaw) {
        switch name {
        case "ssl_mode", "sslmode": server.tlsMode = try choice(value, name)
        case "target_session_attrs":
            server.target = try choice(value, name)
            guard !server.target.wantsReading else {
                throw Flaw(message: "asks for a server that refuses writes in 'target_session_attrs'")
            }
        case "ssl_root_certificate", "sslrootcert": server.tlsRootCertificate = value
        case "application_name":
            guard SettingsKinds.isApplicationName(value) else {
                throw Flaw(message: "has no name of at most 63 printable characters in '\(name)'")
            }
            server.applicationName = value
        case "schema":
            guard SettingsKinds.isSQLName(value) else {
                throw Flaw(message: "has no name for SQL in 'schema'")
            }
            server.schema = value
        case "connection_timeout", "connect_timeout":
            guard let seconds = Int(value), (1...3600).contains(seconds) else {
                throw Flaw(message: "has no number of seconds from 1 to 3600 in '\(name)'")
            }
            server.connectionTimeout = .seconds(seconds)
        default:
            throw Flaw(
                message: "has a parameter that is not known, '\(name)'",
                help: "known: " + Self.known.joined(separator: ", "))
        }
    }

    private static let known = [
        "ssl_mode", "ssl_root_certificate", "target_session_attrs", "application_name", "schema",
        "connection_timeout",
    ]

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: String, _ name: String
    ) throws(Flaw) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: value) else {
            throw Flaw(
                message: "says in '\(name)' what it cannot",
                help: "known: " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }
}
