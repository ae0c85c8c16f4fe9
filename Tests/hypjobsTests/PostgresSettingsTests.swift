import Database
import HypConfig
import PostgresDriver
import SourceText
import Testing

@testable import hypjobs

@Suite("Settings of a PostgreSQL database")
struct PostgresSettingsTests {
    private func primary(
        _ text: String, environment: [String: String] = [:]
    ) throws -> PostgresServerSettings {
        let settings = try SettingsFixture.load(["a.hyp": text], environment: environment)
        guard case .postgresql(let postgresql) = settings.database else {
            throw WrongDriver()
        }
        return postgresql.primary
    }

    private struct WrongDriver: Error {}

    @Test("every key says what the driver is told")
    func everyKey() throws {
        let configuration = PostgresConfiguration(try primary(SettingsFixture.postgresql))
        #expect(
            configuration.hosts == [
                .init("db-1.example.com", port: 6432), .init("db-2.example.com", port: 5433),
                .init("::1", port: 5434), .init("/run/postgresql", port: 6432),
            ])
        #expect(configuration.database == "hypnoscript_prod")
        #expect(configuration.username == "ada")
        #expect(configuration.password == PostgresPassword("secret"))
        #expect(configuration.tlsMode == .verifyFull)
        #expect(configuration.tlsRootCertificate == "certificates/root.pem")
        #expect(configuration.connectionTimeout == .seconds(30))
        #expect(configuration.applicationName == "nightly")
        #expect(configuration.schema == "jobs")
        #expect(configuration.target == .primary)
        #expect(!configuration.isReadOnly)
        #expect(configuration.networkTimeout == .seconds(20))
    }

    @Test("what is not said has a default, and the server must take writes")
    func defaults() throws {
        let server = try primary(
            "database { postgresql { primary { database: env.D, username: env.U, password: env.P } } }",
            environment: ["D": "jobs", "U": "ada", "P": "hunter2"])
        let configuration = PostgresConfiguration(server)
        #expect(configuration.place == "localhost:5432/jobs")
        #expect(configuration.username == "ada")
        #expect(configuration.password == PostgresPassword("hunter2"))
        #expect(configuration.tlsMode == .prefer)
        #expect(configuration.target == .readWrite)
        #expect(configuration.connectionTimeout == .seconds(10))
        #expect(configuration.applicationName == "hypjobs")
        #expect(configuration.schema == nil)
        #expect(!String(describing: server).contains("hunter2"))
    }

    @Test(
        "the smaller of the pool's and the server's limits holds, less one for heartbeats",
        arguments: [(3, 2), (50, 9)])
    func maxConnections(own: Int, expected: Int) throws {
        let settings = try SettingsFixture.load([
            "a.hyp": """
            database { postgresql { primary { database: "d", username: "u", max_connections: \(own) } } }
            connection_pooling { general { min_connections: 5, max_connections: 10 } }
            """
        ])
        #expect(settings.poolConfiguration.maxConnections == expected)
        #expect(settings.poolConfiguration.minConnections == min(5, expected))
    }

    @Test("what is not said of a replica is as with the primary")
    func replica() throws {
        let settings = try SettingsFixture.load(["a.hyp": SettingsFixture.postgresql])
        guard case .postgresql(let postgresql) = settings.database else { throw WrongDriver() }
        let server = try #require(postgresql.replicas.first)
        let configuration = PostgresConfiguration(server)
        #expect(configuration.place == "db-replica.example.com:6432/hypnoscript_prod")
        #expect(configuration.password == PostgresPassword("secret"))
        #expect(configuration.tlsMode == .verifyFull)
        #expect(configuration.schema == "jobs")
        #expect(configuration.target == .standby)
        #expect(configuration.connectionTimeout == .seconds(3))
        let replicas = try #require(settings.replicas)
        #expect(replicas.servers.map(\.name) == ["db-replica.example.com:6432/hypnoscript_prod"])
        #expect(replicas.servers.map(\.pool.maxConnections) == [10])
        #expect(replicas.checkInterval == .seconds(5))
        #expect(replicas.maxStaleness == .milliseconds(2500))
        #expect(!replicas.failsOver)
        #expect(settings.poolConfiguration.maxLease == .seconds(300))
        #expect(!settings.poolConfiguration.takesBackOverdue)
    }

    @Test("several replicas are a list, and another user's password is not the primary's")
    func replicas() throws {
        let text = """
            database { postgresql {
                primary { database: "d", username: "ada", password: "secret", port: 6000 }
                replica: [{ host: "a" }, { host: "b:1", username: "eve", schema: "s" }]
            } }
            """
        let settings = try SettingsFixture.load(["a.hyp": text])
        guard case .postgresql(let postgresql) = settings.database else { throw WrongDriver() }
        let configurations = postgresql.replicas.map { PostgresConfiguration($0) }
        #expect(configurations.map(\.place) == ["a:6000/d", "b:1/d"])
        #expect(configurations.map(\.password) == [PostgresPassword("secret"), nil])
        #expect(configurations.map(\.schema) == [nil, "s"])
        #expect(settings.replicas?.failsOver == true)
    }

    @Test("a pool of one connection is refused, since one is kept for heartbeats")
    func loneConnection() {
        let diagnostics = SettingsFixture.diagnostics([
            "a.hyp": """
            database { postgresql { primary { database: "d", username: "u" } } }
            connection_pooling { general { max_connections: 1 } }
            """
        ])
        #expect(
            diagnostics.map(\.oneLine)
                == ["a.hyp:2:49: 'max_connections' must be at least 2 on PostgreSQL"])
    }

    @Test("a secret that is written in the file is not shown with another mistake in its line")
    func writtenSecret() throws {
        let text = "database { postgresql { primary { password: \"hunter2\", portt: 1 } } }"
        let diagnostics = SettingsFixture.diagnostics(["a.hyp": text])
        #expect(diagnostics.contains { $0.message == "unknown key 'portt'" })
        let renderer = DiagnosticRenderer(colour: false)
        #expect(diagnostics.allSatisfy { !renderer.render($0).contains("hunter2") })
    }
}

@Suite("The URL of a database in the environment")
struct PostgresURLTests {
    private func applied(
        _ url: String, to settings: DatabaseSettings = .sqlite(SQLiteSettings())
    ) throws(PostgresURL.Flaw) -> PostgresServerSettings {
        try PostgresURL(url).applied(to: settings).primary
    }

    @Test("a URL is enough to name a database")
    func alone() throws {
        let server = try applied(
            "postgresql://ada:s%40e%3Acret@db-1,[::1]:5433/jo%20bs?ssl_mode=require&schema=mine"
                + "&connection_timeout=7&application_name=me&sslrootcert=/a&target_session_attrs=primary")
        let configuration = PostgresConfiguration(server)
        #expect(configuration.place == "db-1:5432,[::1]:5433/jo bs")
        #expect(configuration.username == "ada")
        #expect(configuration.password == PostgresPassword("s@e:cret"))
        #expect(configuration.tlsMode == .require)
        #expect(configuration.schema == "mine")
        #expect(configuration.connectionTimeout == .seconds(7))
        #expect(configuration.applicationName == "me")
        #expect(configuration.tlsRootCertificate == "/a")
        #expect(configuration.target == .primary)
    }

    @Test("what it does not say stays as it is configured, but a password belongs to its user")
    func overConfiguration() throws {
        let settings = try SettingsFixture.load(["a.hyp": SettingsFixture.postgresql]).database
        let other = try applied("postgres://other:9999", to: settings)
        #expect(PostgresConfiguration(other).place == "other:9999/hypnoscript_prod")
        #expect(other.password == Secret("secret"))
        #expect(other.schema == "jobs")
        #expect(try PostgresURL("postgres://other").applied(to: settings).replicas.isEmpty)
        #expect(try PostgresURL("postgres://eve@/").applied(to: settings).replicas.count == 1)
        let eve = try applied("postgres://eve@/", to: settings)
        #expect(eve.username == "eve")
        #expect(eve.password == nil)
        #expect(eve.hosts.count == 4)
    }

    @Test(
        "a wrong one is refused without being shown",
        arguments: [
            ("postgresql://hunter2@h", "needs a user and a database, since the configuration has none"),
            ("postgresql://h/hunter2", "needs a user and a database, since the configuration has none"),
            ("postgresql://a:hunter2%zz@h/d", "has a '%' in the password without two hexadecimal digits"),
            ("postgresql://a:hunter2@h:0/d", "names a host in no form that is known"),
            ("postgresql://a@h/d?sslmode=hunter2", "says in 'sslmode' what it cannot"),
            ("postgresql://a@h/d?schema=hunter2-", "has no name for SQL in 'schema'"),
            ("postgresql://a@h/d?connect_timeout=0", "has no number of seconds from 1 to 3600 in"),
            ("postgresql://a@h/d?options=hunter2", "has a parameter that is not known, 'options'"),
            ("postgresql://a@h/d?schema", "has a parameter 'schema' without a value"),
            ("postgresql://a@h/d?target_session_attrs=standby", "asks for a server that refuses writes"),
            ("postgresql://a@h/d%ff", "has the database in no UTF-8"),
        ])
    func refused(url: String, message: String) {
        #expect {
            _ = try applied(url)
        } throws: { error in
            guard let flaw = error as? PostgresURL.Flaw else { return false }
            return flaw.message.hasPrefix(message) && !(flaw.message + flaw.help).contains("hunter2")
        }
    }
}
