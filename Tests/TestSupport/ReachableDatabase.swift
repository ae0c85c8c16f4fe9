package import Database
package import Effects
internal import Glibc
internal import Logging
package import PostgresDriver
internal import SQL
internal import SQLiteDriver
internal import Synchronization

/// The databases that a test can be run over on this machine.
package enum ReachableDatabase: String, Sendable, CaseIterable {
    case sqlite, postgresql

    /// What to do where it is not reachable.
    package var howToReach: String {
        switch self {
        case .sqlite: "it is always there"
        case .postgresql: "no PostgreSQL server: run the tests by scripts/with-postgres"
        }
    }

    /// Those that are reachable.
    package static var all: [ReachableDatabase] {
        allCases.filter { $0 != .postgresql || PostgresServer.fromEnvironment != nil }
    }

    /// A driver for an empty database, which goes when the body ends.
    package func withDriver<Result>(
        isolation: isolated (any Actor)? = #isolation, statementCacheSize: Int = 100,
        _ body: (any DatabaseDriver) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .sqlite:
            try await withTemporaryDirectory { directory in
                try await body(
                    SQLiteDriver(
                        SQLiteConfiguration(
                            path: "\(directory)/test.db", durability: .normal,
                            statementCacheSize: statementCacheSize)))
            }
        case .postgresql:
            try await PostgresServer.withSchema { configuration, _ in
                var configuration = configuration
                configuration.statementCacheSize = statementCacheSize
                return try await body(PostgresDriver(configuration))
            }
        }
    }
}

extension ReachableDatabase {
    /// An empty database, which goes when the body ends. Its own clock stands still by default: no
    /// statement's time is ever over.
    package func withDatabase<Result>(
        isolation: isolated (any Actor)? = #isolation, pool: PoolConfiguration = .standard,
        retry: RetryPolicy = .never, effects: Effects = .test(),
        through wrap: (any DatabaseDriver) -> any DatabaseDriver = { $0 },
        _ body: (Database) async throws -> Result
    ) async throws -> Result {
        try await withDriver { driver in
            let database = Database(
                driver: wrap(driver), pool: pool, transactionRetry: retry, effects: effects, logger: .silent)
            do {
                let result = try await body(database)
                await database.close()
                return result
            } catch {
                await database.close()
                throw error
            }
        }
    }
}

/// The server that `scripts/with-postgres` started for these tests.
package struct PostgresServer: Sendable {
    package let host: String
    package let port: Int
    package let user: String

    /// What HYPJOBS_TEST_POSTGRES says: host:port:user.
    package static let fromEnvironment = named(by: "HYPJOBS_TEST_POSTGRES")

    /// The same server through a pooler that lends its sessions for single transactions.
    package static let pooler = named(by: "HYPJOBS_TEST_PGBOUNCER")

    private static func named(by variable: String) -> PostgresServer? {
        guard let text = getenv(variable) else { return nil }
        let parts = String(cString: text).split(separator: ":").map(String.init)
        guard parts.count == 3, let port = Int(parts[1]) else { return nil }
        return PostgresServer(host: parts[0], port: port, user: parts[2])
    }

    /// Where its certificates lie: that of its authority, `authority.crt`, and of another, `stranger.crt`.
    /// Nil for a server without TLS.
    package var certificates: String? {
        guard let text = getenv("HYPJOBS_TEST_POSTGRES_FOLDER") else { return nil }
        let folder = String(cString: text)
        return access("\(folder)/server.crt", R_OK) == 0 ? folder : nil
    }

    package var configuration: PostgresConfiguration {
        PostgresConfiguration(
            hosts: [PostgresConfiguration.Host(host, port: port)], database: "postgres", username: user,
            tlsMode: .disable, connectionTimeout: .seconds(30))
    }

    /// Runs the body with a schema of its own.
    package static func withSchema<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConfiguration, PostgresServer) async throws -> Result
    ) async throws -> Result {
        guard let server = fromEnvironment else {
            preconditionFailure("A test asks 'all' before it asks for a database")
        }
        let schema = "test_\(getpid())_\(Numbers.next())"
        try server.administer("CREATE SCHEMA \(schema)")
        var configuration = server.configuration
        configuration.schema = schema
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(configuration, server)) } catch { outcome = .failure(error) }
        try server.administer("DROP SCHEMA \(schema) CASCADE")
        return try outcome.get()
    }

    /// Runs one statement on a connection of its own.
    @discardableResult
    package func administer(_ text: String) throws -> ResultSet {
        let connection = try PostgresDriver(configuration).connect(for: .writing)
        defer { connection.close() }
        return try connection.execute(Statement(text))
    }
}

/// Counts up, over all tests of a process.
private enum Numbers {
    private static let counter = Mutex(0)

    static func next() -> Int {
        counter.withLock { counter in
            counter += 1
            return counter
        }
    }
}
