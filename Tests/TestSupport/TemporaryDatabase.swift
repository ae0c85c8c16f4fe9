package import Database
package import Effects
package import Logging
package import SQLiteDriver

extension Logger {
    /// A logger that says nothing.
    package static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A database in a SQLite file of its own, which goes when the body ends.
package func withTemporaryDatabase<Result>(
    isolation: isolated (any Actor)? = #isolation,
    pool: PoolConfiguration = .standard, retry: RetryPolicy = .never, effects: Effects = .test(),
    configure: (inout SQLiteConfiguration) -> Void = { _ in },
    _ body: (Database) async throws -> Result
) async throws -> Result {
    try await withTemporaryDirectory { directory in
        var configuration = SQLiteConfiguration(path: "\(directory)/test.db", durability: .normal)
        configure(&configuration)
        let database = Database(
            driver: SQLiteDriver(configuration), pool: pool, transactionRetry: retry, effects: effects,
            logger: .silent)
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
