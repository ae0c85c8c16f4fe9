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

    /// Host names or addresses, in the order in which they are tried; a path is a directory of sockets.
    package var hosts: [String]
    package var port: Int
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
        precondition(!hosts.isEmpty, "A server is somewhere")
        precondition(statementCacheSize >= 1, "The running statement is in the cache")
        self.hosts = hosts
        self.port = port
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
        "\(hosts.joined(separator: ",")):\(port)/\(database)"
    }
}
