import Database
import SQL
import SQLiteDriver
import TestSupport
import Testing

/// A SQLite file of a test, and the connections to it.
struct TestDatabaseFile {
    let path: String

    /// Opens the file as the configuration says. The test closes what it opens.
    func connect(
        for purpose: ConnectionPurpose = .writing, _ configure: (inout SQLiteConfiguration) -> Void = { _ in }
    ) throws(DatabaseError) -> any DatabaseConnection {
        var configuration = SQLiteConfiguration(path: path, durability: .normal, busyTimeout: .zero)
        configure(&configuration)
        return try SQLiteDriver(configuration).connect(for: purpose)
    }

    /// Runs the body with the path of a file that does not exist yet, in a directory of its own.
    static func with(_ body: (TestDatabaseFile) throws -> Void) async throws {
        try await withTemporaryDirectory { try body(TestDatabaseFile(path: "\($0)/test.db")) }
    }

    /// Runs the body with a connection to a new file.
    static func withConnection(
        _ configure: (inout SQLiteConfiguration) -> Void = { _ in },
        _ body: (any DatabaseConnection) throws -> Void
    ) async throws {
        try await with { file in
            let connection = try file.connect(configure)
            defer { connection.close() }
            try body(connection)
        }
    }
}

extension DatabaseConnection {
    /// Runs one statement given as text.
    @discardableResult
    func run(_ text: String, _ bindings: SQLValue...) throws(DatabaseError) -> ResultSet {
        try execute(Statement(text, bindings))
    }

    /// The one value that a statement gives back.
    func value(_ text: String, _ bindings: SQLValue...) throws -> SQLValue {
        try #require(try execute(Statement(text, bindings)).first)[0]
    }

    /// The error that a statement ends with.
    func error(_ text: String, _ bindings: SQLValue...) -> DatabaseError? {
        do {
            try execute(Statement(text, bindings))
            return nil
        } catch {
            return error
        }
    }
}
