/// Where a PostgreSQL server is and how it is reached.
package struct PostgresConfiguration: Sendable, Hashable {
    /// How much of TLS is asked for; the raw values are libpq's.
    package enum TLSMode: String, Sendable, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// What a server must be to be taken, when several hosts are given; the raw values are libpq's.
    package enum TargetServer: String, Sendable, CaseIterable {
        case any
        case readWrite = "read-write"
        case readOnly = "read-only"
        case primary, standby
        case preferStandby = "prefer-standby"
    }

    /// One place where the server may be.
    package struct Host: Sendable, Hashable {
        /// A name, an address, or a directory of sockets.
        package var name: String
        package var port: Int

        package init(name: String, port: Int) {
            self.name = name
            self.port = port
        }
    }

    /// In the order in which they are tried.
    package var hosts: [Host]
    package var database: String
    package var username: String
    /// Nil where the server wants none, or where libpq finds one in its password file.
    package var password: String?
    package var tlsMode: TLSMode
    /// The file of the certificates that a server's must be signed by; nil for libpq's default place.
    package var tlsRootCertificate: String?
    package var target: TargetServer
    /// How long reaching one of the hosts may take.
    package var connectTimeout: Duration
    /// After this the server stops a statement itself; nil for no limit.
    package var statementTimeout: Duration?
    package var applicationName: String
    /// How many prepared statements each connection keeps.
    package var statementCacheSize: Int
    /// The schema that unqualified names belong to; nil for the server's default.
    package var schema: String?
    package var isReadOnly: Bool

    package init(
        hosts: [String], port: Int = 5432, database: String, username: String, password: String? = nil,
        tlsMode: TLSMode = .prefer, target: TargetServer = .any, connectTimeout: Duration = .seconds(10),
        statementTimeout: Duration? = nil, applicationName: String = "hypjobs",
        statementCacheSize: Int = 100, schema: String? = nil, isReadOnly: Bool = false
    ) {
        self.init(
            places: hosts.map { Host(name: $0, port: port) }, database: database, username: username,
            password: password, tlsMode: tlsMode, target: target, connectTimeout: connectTimeout,
            statementTimeout: statementTimeout, applicationName: applicationName,
            statementCacheSize: statementCacheSize, schema: schema, isReadOnly: isReadOnly)
    }

    /// - Parameter places: each host with a port of its own; at least one.
    package init(
        places: [Host], database: String, username: String, password: String? = nil,
        tlsMode: TLSMode = .prefer, target: TargetServer = .any, connectTimeout: Duration = .seconds(10),
        statementTimeout: Duration? = nil, applicationName: String = "hypjobs",
        statementCacheSize: Int = 100, schema: String? = nil, isReadOnly: Bool = false
    ) {
        precondition(!places.isEmpty, "A server is somewhere")
        precondition(statementCacheSize >= 1, "The running statement is in the cache")
        hosts = places
        self.database = database
        self.username = username
        self.password = password
        self.tlsMode = tlsMode
        self.target = target
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.applicationName = applicationName
        self.statementCacheSize = statementCacheSize
        self.schema = schema
        self.isReadOnly = isReadOnly
    }

    /// The server in an error message: no password, no user.
    package var place: String {
        let ports = Set(hosts.map(\.port))
        if ports.count == 1 {
            return "\(hosts.map(\.shown).joined(separator: ",")):\(hosts[0].port)/\(database)"
        }
        return "\(hosts.map { "\($0.shown):\($0.port)" }.joined(separator: ","))/\(database)"
    }
}

extension PostgresConfiguration.Host {
    /// The name, with the colons of an address of IPv6 between brackets.
    fileprivate var shown: String {
        name.contains(":") ? "[\(name)]" : name
    }
}
