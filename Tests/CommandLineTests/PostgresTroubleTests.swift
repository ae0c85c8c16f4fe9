import TestSupport
import Testing

@Suite(
    "A PostgreSQL server that cannot be used",
    .enabled(
        if: PostgresServer.fromEnvironment != nil, "\(ReachableDatabase.postgresql.howToReach)"))
struct PostgresTroubleTests {
    /// Runs a command with some keys of 'primary' in place of the working ones.
    private func errors(
        _ keys: String, in here: Installation, command: String = "status", status: Int32 = 4
    ) async throws -> String {
        try here.write("database { postgresql { primary { \(keys) } } }", to: "config/zz.hyp")
        let result = try await here.run(command)
        #expect(result.status == status, "\(result.errors)")
        #expect(result.output == "")
        return result.errors
    }

    @Test("a host where nobody listens is named, and what to look at")
    func refused() async throws {
        try await withPostgresInstallation { here, _ in
            let errors = try await errors("port: 1", in: here)
            #expect(errors.hasPrefix("error[HJ-3002]: Cannot connect to 127.0.0.1:1/postgres: "), "\(errors)")
            #expect(errors.contains("Connection refused (check host and port; "), "\(errors)")
            #expect(errors.contains("help: look at the block 'database' of the configuration"))
        }
    }

    @Test("a host that does not answer is given up when the connection's time is over")
    func silent() async throws {
        try await withPostgresInstallation { here, _ in
            // An address for documentation, where nobody is; some networks refuse it at once.
            let errors = try await errors("host: \"192.0.2.1\", connection_timeout: 1", in: here)
            #expect(errors.hasPrefix("error[HJ-3002]: Cannot connect to 192.0.2.1:"), "\(errors)")
        }
    }

    @Test("a missing database and a missing certificate are named")
    func settings() async throws {
        try await withPostgresInstallation { here, _ in
            let missing = try await errors("database: \"nowhere\"", in: here)
            #expect(missing.contains("database \"nowhere\" does not exist"), "\(missing)")
            #expect(missing.contains("[3D000]"))
            let certificate = try await errors(
                "ssl_mode: \"verify-full\", ssl_root_certificate: \"no.pem\"", in: here)
            #expect(certificate.contains("root certificate file"), "\(certificate)")
        }
    }

    @Test("a schema that is not there is named by the command that would fill it")
    func schema() async throws {
        try await withPostgresInstallation { here, _ in
            let errors = try await errors("schema: \"nowhere\"", in: here, command: "migrate up")
            #expect(errors.contains("error[HJ-"), "\(errors)")
            #expect(errors.contains("schema"), "\(errors)")
        }
    }

    @Test("a user who may not do it is told so")
    func privileges() async throws {
        let server = try #require(PostgresServer.fromEnvironment)
        try await withPostgresInstallation { here, schema in
            #expect(try await here.run("migrate up").status == 0)
            let user = "guest_\(schema)"
            try server.administer("CREATE ROLE \(user) LOGIN")
            let hidden = try await errors("username: \"\(user)\"", in: here, command: "status")
            #expect(hidden.contains("error[HJ-"), "\(hidden)")
            try server.administer("GRANT USAGE ON SCHEMA \(schema) TO \(user)")
            let denied = try await errors("username: \"\(user)\"", in: here, status: 8)
            #expect(denied.hasPrefix("error[HJ-3021]: Permission denied for table "), "\(denied)")
            try server.administer("DROP OWNED BY \(user)")
            try server.administer("DROP ROLE \(user)")
        }
    }

    @Test("an enqueue on a server that has no room for another session says so at once")
    func tooMany() async throws {
        let server = try #require(PostgresServer.fromEnvironment)
        try await withPostgresInstallation { here, schema in
            #expect(try await here.run("migrate up").status == 0)
            let user = "crowd_\(schema)"
            try server.administer("CREATE ROLE \(user) LOGIN CONNECTION LIMIT 0")
            let full = try await errors("username: \"\(user)\"", in: here)
            #expect(full.hasPrefix("error[HJ-3002]: Cannot connect to "), "\(full)")
            #expect(full.contains("too many connections"), "\(full)")
            try server.administer("DROP ROLE \(user)")
        }
    }
}
