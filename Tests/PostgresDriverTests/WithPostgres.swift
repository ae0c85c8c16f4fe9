import Database
import PostgresDriver
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where no server is reachable, and says so.
    static var postgres: Self {
        .enabled(
            if: ReachableDatabase.all.contains(.postgresql),
            Comment(rawValue: ReachableDatabase.postgresql.howToReach))
    }
}

/// Runs the body with a connection to an empty schema of the test server.
func withPostgres(
    isolation: isolated (any Actor)? = #isolation, statementCacheSize: Int = 100,
    configure: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (any DatabaseConnection, PostgresServer) async throws -> Void
) async throws {
    try await PostgresServer.withSchema { configuration, server in
        var configuration = configuration
        configuration.statementCacheSize = statementCacheSize
        configure(&configuration)
        let connection = try PostgresDriver(configuration).connect(for: .writing)
        defer { connection.close() }
        try await body(connection, server)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where no PgBouncer stands before the server, and says so.
    static var pooler: Self {
        .enabled(
            if: PostgresServer.pooler != nil,
            "no PgBouncer: install it and run the tests by scripts/with-postgres")
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where the server has no TLS, or not the certificates of these tests, and says so.
    static var tls: Self {
        .enabled(
            if: PostgresServer.fromEnvironment?.certificates != nil,
            "no TLS: run the tests by scripts/with-postgres, with a server and an openssl that have it")
    }
}
