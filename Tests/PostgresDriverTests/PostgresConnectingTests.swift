import Database
import Effects
import PostgresDriver
import SQL
import TestSupport
import Testing

/// Reaching a server, and what is said when it cannot be reached.
@Suite("Connecting to PostgreSQL", .postgres, .timeLimit(.minutes(2)))
struct PostgresConnectingTests {
    private let server: PostgresServer

    init() throws {
        server = try #require(PostgresServer.fromEnvironment)
    }

    /// The error of a connection that cannot be made.
    private func failure(_ change: (inout PostgresConfiguration) -> Void) throws -> DatabaseError {
        var configuration = server.configuration
        change(&configuration)
        let error = #expect(throws: DatabaseError.self) {
            try PostgresDriver(configuration).connect(for: .writing).close()
        }
        #expect(error?.code == .cannotConnect)
        return try #require(error)
    }

    private func makeRole(_ name: String, _ options: String = "") throws {
        try server.administer("DROP ROLE IF EXISTS \(name)")
        try server.administer("CREATE ROLE \(name) LOGIN \(options)")
    }

    private func port(_ change: (inout PostgresConfiguration) -> Void) throws -> Int? {
        var configuration = server.configuration
        change(&configuration)
        let connection = try PostgresDriver(configuration).connect(for: .writing)
        defer { connection.close() }
        return try connection.execute(Statement("SELECT inet_server_port()")).first?.int(0)
    }

    @Test("a wrong password says so, without the password")
    func wrongPassword() throws {
        try makeRole("guarded", "PASSWORD 'right'")
        let wrong = PostgresPassword("hush-hush")
        let error = try failure {
            $0.username = "guarded"
            $0.password = wrong
        }
        #expect(error.driverCode == "28P01")
        #expect(error.message.hasSuffix("(check username and password)"))
        #expect(error.message.contains("password authentication failed for user \"guarded\""))
        #expect(!"\(error)".contains("hush"))
        var configuration = server.configuration
        configuration.password = wrong
        #expect(!"\(configuration)".contains("hush"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hush"))
        let right = try port {
            $0.username = "guarded"
            $0.password = PostgresPassword("right")
        }
        #expect(right == server.port)
    }

    @Test("each way not to be let in has a message that says what to do")
    func refusals() throws {
        let missing = try failure { $0.database = "nowhere" }
        #expect(missing.driverCode == "3D000")
        #expect(
            missing.message.hasSuffix(
                "database \"nowhere\" does not exist (check the name, or create it: createdb nowhere)"))
        let shut = try failure { $0.username = "shut" }
        #expect(shut.driverCode == "28000")
        #expect(shut.message.contains("(the server's pg_hba.conf must allow this user"))
        let unreachable = try failure { $0.hosts = [PostgresConfiguration.Host("127.0.0.1", port: 1)] }
        #expect(unreachable.message.hasPrefix("Cannot connect to 127.0.0.1:1/postgres: "))
        #expect(unreachable.message.contains("(check host and port; is the server running"))
        let unknown = try failure { $0.hosts = [PostgresConfiguration.Host("no-such-host.invalid")] }
        #expect(unknown.message.hasSuffix("(check the host's name)"))
        let socket = try failure { $0.hosts = [PostgresConfiguration.Host("/nowhere/at/all")] }
        #expect(socket.message.hasSuffix("(check host and port; is the server running?)"))
    }

    @Test("a user without the privilege to connect, or to touch a table, is told which one is missing")
    func privileges() throws {
        try makeRole("modest")
        try server.administer("DROP DATABASE IF EXISTS locked")
        try server.administer("CREATE DATABASE locked")
        try server.administer("REVOKE CONNECT ON DATABASE locked FROM PUBLIC")
        let error = try failure {
            $0.username = "modest"
            $0.database = "locked"
        }
        #expect(error.driverCode == "42501")
        #expect(error.message.hasSuffix("(let the database's owner GRANT CONNECT to user 'modest')"))
        var configuration = server.configuration
        configuration.username = "modest"
        let connection = try PostgresDriver(configuration).connect(for: .writing)
        defer { connection.close() }
        let denied = #expect(throws: DatabaseError.self) {
            try connection.execute(Statement("SELECT * FROM pg_authid"))
        }
        #expect(denied?.code == .accessDenied)
    }

    @Test("the whole attempt ends in its time, also when a host takes connections and then stays silent")
    func deadline() throws {
        let mute = try MutePeer()
        let error = try failure {
            $0.hosts = [PostgresConfiguration.Host("127.0.0.1", port: mute.port)]
            $0.connectionTimeout = .milliseconds(300)
        }
        #expect(error.message.hasSuffix(": no answer within 300 ms (check host, port and firewall)"))
    }

    @Test("the next host is tried when one refuses, is silent or is not what is asked for")
    func severalHosts() throws {
        let mute = try MutePeer()
        let real = try #require(server.configuration.hosts.first)
        let others = [
            PostgresConfiguration.Host("127.0.0.1", port: 1),
            PostgresConfiguration.Host("127.0.0.1", port: mute.port), real,
        ]
        let port = try port {
            $0.hosts = others
            $0.connectionTimeout = .seconds(6)
            $0.target = .readWrite
        }
        #expect(port == server.port)
        #expect(try self.port { $0.target = .preferStandby } == server.port)
        let standby = try failure { $0.target = .standby }
        #expect(standby.message.contains("is not in hot standby mode"))
        try makeRole("bystander")
        try server.administer("ALTER ROLE bystander SET default_transaction_read_only = on")
        let reader = try failure {
            $0.username = "bystander"
            $0.target = .readWrite
        }
        #expect(
            reader.message.hasSuffix(
                "session is read-only (no host takes writes; is the primary among them?)"))
    }

    @Test("TLS as asked for: none, any, with the right authority, with the right name", .tls)
    func encryption() throws {
        let folder = try #require(server.certificates)
        func isEncrypted(_ mode: PostgresConfiguration.TLSMode, _ authority: String? = nil) throws -> Bool? {
            var configuration = server.configuration
            configuration.tlsMode = mode
            configuration.hosts = [PostgresConfiguration.Host("localhost", port: server.port)]
            configuration.tlsRootCertificate = authority.map { "\(folder)/\($0).crt" }
            let connection = try PostgresDriver(configuration).connect(for: .writing)
            defer { connection.close() }
            let text = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return try connection.execute(Statement(text)).first?.bool(0)
        }
        #expect(try isEncrypted(.disable) == false)
        #expect(try isEncrypted(.require) == true)
        #expect(try isEncrypted(.verifyFull, "authority") == true)
        let stranger = try failure {
            $0.tlsMode = .verifyCA
            $0.tlsRootCertificate = "\(folder)/stranger.crt"
        }
        #expect(
            stranger.message.hasSuffix("(the server's certificate is not signed by the given authority)"))
        let name = try failure {
            $0.tlsMode = .verifyFull
            $0.tlsRootCertificate = "\(folder)/authority.crt"
        }
        #expect(name.message.contains("(use the host name that is in the server's certificate"))
        let none = try failure {
            $0.tlsMode = .verifyFull
            $0.tlsRootCertificate = "\(folder)/missing.crt"
        }
        #expect(none.message.contains("needs the file of the authority's certificate)"))
    }

    @Test("a server without TLS is not taken where TLS is asked for")
    func noEncryption() throws {
        let plain = try MutePeer(reply: "N")
        let error = try failure {
            $0.hosts = [PostgresConfiguration.Host("127.0.0.1", port: plain.port)]
            $0.tlsMode = .require
        }
        #expect(error.message.hasSuffix("(set ssl=on on the server, or another ssl_mode than 'require')"))
    }

    @Test("the session has the name, the schema, the time zone and the limits that it was given")
    func settings() throws {
        var configuration = server.configuration
        configuration.applicationName = "a name"
        configuration.schema = "we\"ird \\ one"
        configuration.statementTimeout = .milliseconds(1500)
        configuration.networkTimeout = .seconds(8)
        let connection = try PostgresDriver(configuration).connect(for: .reading)
        defer { connection.close() }
        let expected = [
            "application_name": "a name", "search_path": "\"we\"\"ird \\ one\"", "TimeZone": "UTC",
            "statement_timeout": "1500ms", "default_transaction_read_only": "on",
            "idle_in_transaction_session_timeout": "8s", "tcp_keepalives_idle": "2",
            "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3", "tcp_user_timeout": "8000",
        ]
        for (name, value) in expected {
            #expect(try connection.execute(Statement("SHOW \(name)")).first?.text(0) == value)
        }
    }
}
