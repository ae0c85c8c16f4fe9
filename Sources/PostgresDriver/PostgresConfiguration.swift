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

    /// One server: a host name or address, or a path, which is a directory of sockets.
    package struct Host: Sendable, Hashable {
        package var name: String
        package var port: Int

        package init(_ name: String, port: Int = 5432) {
            self.name = name
            self.port = port
        }
    }

    /// In the order in which they are tried; never empty.
    package var hosts: [Host]
    package var database: String
    package var username: String
    /// Nil where the server wants none, or where libpq finds one in its password file.
    package var password: PostgresPassword?
    package var tlsMode: TLSMode
    /// The file of the certificates that a server's must be signed by; nil for libpq's default place.
    package var tlsRootCertificate: String?
    package var target: TargetServer
    /// How long connecting may take in all, however many hosts there are.
    package var connectionTimeout: Duration
    /// After this the server stops a statement itself; nil for no limit.
    package var statementTimeout: Duration?
    package var applicationName: String
    /// Whether statements are prepared by name and settings are those of a session. Off behind a pooler that
    /// lends a server's session for one transaction only.
    package var usesPreparedStatements: Bool
    /// How many prepared statements each connection keeps.
    package var statementCacheSize: Int
    /// The schema that unqualified names belong to; nil for the server's default.
    package var schema: String?
    package var isReadOnly: Bool
    /// How long sent data may stay without an answer of the peer's kernel before the connection counts as
    /// lost, also for a peer that is silent while nothing is sent.
    package var networkTimeout: Duration
    /// How long a server may stay silent after it was asked to stop a statement, or after the statement's own
    /// limit, before the connection counts as lost.
    package var silenceLimit: Duration
    /// How many connections may be open, for whoever makes the pool: the driver opens what it is told to. Nil
    /// for the pool's own bound.
    package var maxConnections: Int?

    package init(
        hosts: [Host], database: String, username: String, password: PostgresPassword? = nil,
        tlsMode: TLSMode = .prefer, tlsRootCertificate: String? = nil, target: TargetServer = .any,
        connectionTimeout: Duration = .seconds(30), statementTimeout: Duration? = nil,
        applicationName: String = "hypjobs", usesPreparedStatements: Bool = true,
        statementCacheSize: Int = 100, schema: String? = nil, isReadOnly: Bool = false,
        networkTimeout: Duration = .seconds(30), silenceLimit: Duration = .seconds(5),
        maxConnections: Int? = nil
    ) {
        precondition(!hosts.isEmpty, "A server is somewhere")
        precondition(statementCacheSize >= 1, "The running statement is in the cache")
        self.hosts = hosts
        self.database = database
        self.username = username
        self.password = password
        self.tlsMode = tlsMode
        self.tlsRootCertificate = tlsRootCertificate
        self.target = target
        self.connectionTimeout = connectionTimeout
        self.statementTimeout = statementTimeout
        self.applicationName = applicationName
        self.usesPreparedStatements = usesPreparedStatements
        self.statementCacheSize = statementCacheSize
        self.schema = schema
        self.isReadOnly = isReadOnly
        self.networkTimeout = networkTimeout
        self.silenceLimit = silenceLimit
        self.maxConnections = maxConnections
    }

    /// The servers in an error message: no user, no password.
    package var place: String {
        "\(hosts.map { "\($0.shown):\($0.port)" }.joined(separator: ","))/\(database)"
    }
}

extension PostgresConfiguration.Host {
    /// The name, with the colons of an address of IPv6 between brackets.
    fileprivate var shown: String {
        name.contains(":") ? "[\(name)]" : name
    }
}

// MARK: - In libpq's words

extension PostgresConfiguration {
    /// The parameters of a connection to one of the hosts.
    func parameters(for host: Host, target: TargetServer) -> [(name: String, value: String)] {
        var parameters = [
            ("host", host.name), ("port", String(host.port)), ("dbname", database), ("user", username),
            ("sslmode", tlsMode.rawValue), ("target_session_attrs", target.rawValue),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            // No search for Kerberos tickets.
            ("gssencmode", "disable"),
        ]
        // A pooler refuses what it cannot set for one transaction alone.
        if usesPreparedStatements { parameters.append(("options", options)) }
        if let password { parameters.append(("password", password.text)) }
        if let tlsRootCertificate { parameters.append(("sslrootcert", tlsRootCertificate)) }
        // A peer that vanished is noticed by the kernel: while nothing is sent by its probes, of which three
        // may stay without an answer, and else by the limit on sent data.
        parameters += [
            ("keepalives_idle", String(probeInterval)), ("keepalives_interval", String(probeInterval)),
            ("keepalives_count", "3"), ("tcp_user_timeout", String(networkTimeout.wholeMilliseconds)),
        ]
        return parameters.map { (name: $0.0, value: $0.1) }
    }

    /// After so many seconds of silence the kernel asks whether the other side is there.
    private var probeInterval: Int64 { max(1, networkTimeout.wholeMilliseconds / 1000 / 4) }

    /// The settings that values are read under, and the configured ones.
    private var settings: [(name: String, value: String)] {
        var settings = [("TimeZone", "UTC"), ("DateStyle", "ISO"), ("IntervalStyle", "iso_8601")]
        // No transaction here waits for anything but its statements: one that does has lost its client, and
        // would keep its locks for as long as the network takes to say so.
        settings.append(("idle_in_transaction_session_timeout", String(networkTimeout.wholeMilliseconds)))
        if usesPreparedStatements {
            // The server notices as soon as we do that the other side has vanished.
            settings += [
                ("tcp_keepalives_idle", String(probeInterval)),
                ("tcp_keepalives_interval", String(probeInterval)), ("tcp_keepalives_count", "3"),
                ("tcp_user_timeout", String(networkTimeout.wholeMilliseconds)),
            ]
        }
        if let statementTimeout {
            settings.append(("statement_timeout", String(statementTimeout.wholeMilliseconds)))
        }
        if isReadOnly { settings.append(("default_transaction_read_only", "on")) }
        if let schema { settings.append(("search_path", "\"\(schema.replacing("\"", with: "\"\""))\"")) }
        return settings.map { (name: $0.0, value: $0.1) }
    }

    private var options: String {
        settings.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
            return "-c \(name)=\(escaped)"
        }.joined(separator: " ")
    }

    /// The same as statements for the transaction that has just begun; empty where the session has them.
    var settingStatements: [String] {
        guard !usesPreparedStatements else { return [] }
        return settings.filter { $0.name != "default_transaction_read_only" }.map { name, value in
            "SET LOCAL \(name) = \(value.hasPrefix("\"") ? value : "'\(value)'")"
        }
    }
}

extension Duration {
    /// Rounded up, so that a short time is not none.
    var wholeMilliseconds: Int64 {
        let (milliseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return Int64(clamping: milliseconds + (rest > 0 ? 1 : 0))
    }
}
