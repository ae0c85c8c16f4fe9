import HypConfig
import SourceText

/// A PostgreSQL database: its servers and how they are reached.
struct PostgresSettings: Sendable, Hashable {
    /// The server that takes writes; several hosts are the places where it may be.
    var primary: PostgresServerSettings
    /// The servers with copies, which only answer people who look.
    var replicas: [PostgresServerSettings] = []

    /// The shortest way to name one.
    static let example = """
        postgresql { primary { host: "db.example.com", database: "hypjobs", username: env.DB_USERNAME, \
        password: env.DB_PASSWORD } }
        """

    init(primary: PostgresServerSettings) {
        self.primary = primary
    }

    init(reading reader: inout ConfigReader, project: ProjectDirectory) {
        let primary = reader.requiredBlock(
            "primary", "The server that takes writes.", example: Self.example
        ) {
            PostgresServerSettings(readingPrimary: &$0, project: project)
        }
        self.primary = primary
        replicas = reader.blockOrBlocks("replica", "A server with a copy, for people who look.") { _, block in
            PostgresServerSettings(readingReplica: &block, of: primary, project: project)
        }
    }
}

/// One PostgreSQL server and the session that is wanted on it.
struct PostgresServerSettings: Sendable, Hashable {
    /// How much of TLS is asked for; the names are libpq's.
    enum TLSMode: String, Sendable, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// What a host must be to be taken; the names are libpq's.
    enum Target: String, Sendable, CaseIterable {
        case any
        case readWrite = "read-write"
        case readOnly = "read-only"
        case primary, standby
        case preferStandby = "prefer-standby"

        /// Whether a server that refuses writes would be taken on purpose.
        var wantsReading: Bool {
            switch self {
            case .any, .readWrite, .primary: false
            case .readOnly, .standby, .preferStandby: true
            }
        }

        /// Whether only a server that takes writes would be taken.
        var wantsWriting: Bool { self == .readWrite || self == .primary }
    }

    /// One place where the server may be.
    struct Host: Sendable, Hashable {
        /// A name, an address, or a directory of sockets.
        var name: String
        /// Nil for the port of the whole block.
        var port: Int?
    }

    /// Tried in this order; at least one.
    var hosts = [Host(name: "localhost", port: nil)]
    /// The port of the hosts that name none.
    var port = 5432
    /// The database's name on the server.
    var database: String
    /// Who logs in.
    var username: String
    /// Nil where the server wants none or libpq's password file has it.
    var password: Secret?
    /// How much of TLS is asked for.
    var tlsMode = TLSMode.prefer
    /// The certificates that the server's must be signed by; nil for libpq's default place.
    var tlsRootCertificate: String?
    /// Connections to this server at most; nil for what the pool allows.
    var maxConnections: Int?
    /// How long reaching the server may take, however many hosts there are.
    var connectionTimeout = Duration.seconds(10)
    /// How long the network may be silent about sent data before the connection counts as lost.
    var networkTimeout = Duration.seconds(30)
    /// What the sessions are called on the server.
    var applicationName = "hypjobs"
    /// Where unqualified names are looked for; nil for the server's own way.
    var schema: String?
    /// What a host must be to be taken.
    var target = Target.readWrite

    init(database: String, username: String) {
        self.database = database
        self.username = username
    }

    /// The server that takes writes.
    init(readingPrimary reader: inout ConfigReader, project: ProjectDirectory) {
        hosts = reader.value(
            "host", .hosts, default: hosts,
            "Where the server is; of several places the first one that answers and fits is taken.")
        database = reader.value("database", .plainText, "The database's name on the server.")
        username = reader.value("username", .plainText, "Who logs in.")
        maxConnections = reader.optional(
            "max_connections", .integer(2...1000),
            "Connections to this server at most, one of them for heartbeats; null for the pool's number.")
        readSession(&reader, project)
        target = reader.value(
            "target_session_attrs", .choice(.any), default: target, "What a host must be to be taken.")
        if reader.value("read_only", .boolean, default: false, "Whether its sessions refuse writes.") {
            reader.refuse(
                "read_only", ConfigMeaningCode.contradiction,
                "'primary' takes all writes, so it cannot be read-only", help: "remove the key")
        }
        if target.wantsReading {
            reader.refuse(
                "target_session_attrs", ConfigMeaningCode.contradiction,
                "'primary' takes all writes, and \"\(target.rawValue)\" asks for a server that refuses them",
                help: "write \"read-write\", or leave the key out")
        }
    }

    /// A server with a copy; what is not said of it is as with the primary.
    init(
        readingReplica reader: inout ConfigReader, of primary: PostgresServerSettings,
        project: ProjectDirectory
    ) {
        self = primary
        hosts = reader.value(
            "host", .hosts, "Where the server is; of several places the first one that fits is taken.")
        database = reader.value(
            "database", .plainText, default: database, "The database's name on the server.")
        username = reader.value("username", .plainText, default: username, "Who logs in.")
        if reader.has("username") { password = nil }
        maxConnections = reader.optional(
            "max_connections", .integer(1...1000),
            "Connections to this server at most; null for the pool's number.")
        connectionTimeout = min(connectionTimeout, Self.replicaPatience)
        readSession(&reader, project)
        target = reader.value(
            "target_session_attrs", .choice(.any), default: .standby, "What a host must be to be taken.")
        if !reader.value("read_only", .boolean, default: true, "Whether its sessions refuse writes.") {
            reader.refuse(
                "read_only", ConfigMeaningCode.contradiction, "a replica is for reading only",
                help: "write true, or leave the key out")
        }
        if target.wantsWriting {
            reader.refuse(
                "target_session_attrs", ConfigMeaningCode.contradiction,
                "a replica is a standby, and \"\(target.rawValue)\" asks for a server that takes writes",
                help: "write \"standby\", or leave the key out")
        }
    }

    /// A command waits for a replica that is silent when it closes it; one that works answers at once.
    private static let replicaPatience = Duration.seconds(3)

    /// What every server has; what stands in this value already holds where nothing is said.
    private mutating func readSession(_ reader: inout ConfigReader, _ project: ProjectDirectory) {
        port = reader.value(
            "port", .integer(1...65_535), default: port, "The port of the hosts that name none.")
        password =
            reader.optional("password", .secret, "The password; it belongs in the environment.") ?? password
        tlsMode = reader.value(
            "ssl_mode", .choice(.verifyFull), default: tlsMode, "How much of TLS is asked for.")
        let certificate = reader.optional(
            "ssl_root_certificate", .plainText,
            "The file of the certificates that the server's must chain to.")
        tlsRootCertificate = certificate.map(project.path(of:)) ?? tlsRootCertificate
        connectionTimeout = reader.value(
            "connection_timeout", .seconds(1...3600), default: connectionTimeout,
            "How long reaching the server may take, however many hosts there are.")
        networkTimeout = reader.value(
            "network_timeout", .seconds(1...3600), default: networkTimeout,
            "How long sent data may stay without an answer before the connection counts as lost.")
        applicationName = reader.value(
            "application_name", .applicationName, default: applicationName,
            "What the sessions are called in pg_stat_activity.")
        schema = reader.optional("schema", .sqlName, "The schema that holds the tables.") ?? schema
    }
}

extension ConfigKind where Value == [PostgresServerSettings.Host] {
    /// A host, or a list of hosts.
    static var hosts: ConfigKind {
        let expectation = "a host, or a list of hosts"
        let help = "a name, an address, \"name:port\", or a directory of sockets: \"/var/run/postgresql\""
        return ConfigKind(expectation, placeholder: [], spell: { "\"\($0.map(\.name).joined())\"" }) {
            node throws(ConfigMismatch) in
            var nodes = [node]
            if case .array(let elements) = node.value { nodes = elements }
            guard !nodes.isEmpty else {
                throw ConfigMismatch(
                    code: ConfigMeaningCode.outOfRange, predicate: "must not be empty", node: node)
            }
            var hosts: [PostgresServerSettings.Host] = []
            for node in nodes {
                guard let text = node.textValue, let host = PostgresServerSettings.Host(text) else {
                    throw .expected(expectation, at: node, help: help)
                }
                hosts.append(host)
            }
            return hosts
        }
    }
}

extension ConfigKind where Value == String {
    /// A text that the C library can take: not empty, no NUL.
    static var plainText: ConfigKind {
        let text = ConfigKind.text
        return ConfigKind(text.expectation, placeholder: "", spell: { "\"\($0)\"" }) {
            node throws(ConfigMismatch) in
            let value = try text.convert(node)
            guard !value.utf8.contains(0) else { throw .expected("a text without \\0", at: node) }
            return value
        }
    }
}

extension ConfigKind where Value == Secret {
    /// A text that no message shows, whether it was written or comes from the environment. An empty one from
    /// an empty variable is none.
    static var secret: ConfigKind {
        ConfigKind("a text", placeholder: Secret(""), isSecret: true, spell: { _ in "•••" }) {
            node throws(ConfigMismatch) in
            guard let text = node.textValue, !text.utf8.contains(0) else {
                throw ConfigMismatch(
                    code: ConfigMeaningCode.wrongType, predicate: "must be a text", node: node,
                    help: "write password: env.NAME, and set the variable")
            }
            return Secret(text)
        }
    }
}

extension PostgresServerSettings.Host {
    /// `name`, `name:port`, `address`, `[address]:port` or the path of a directory; nil for anything else.
    init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2C || $0 == 0x7F }) else {
            return nil
        }
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            name = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return }
            guard rest.first == ":", let number = Self.port(rest.dropFirst()) else { return nil }
            port = number
        } else if text.hasPrefix("/") || colons != 1 {
            // More than one colon: an address of IPv6 as it stands.
            name = text
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard !parts[0].isEmpty, let number = Self.port(parts[1]) else { return nil }
            name = String(parts[0])
            port = number
        }
    }

    private static func port(_ text: Substring) -> Int? {
        Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
    }
}
