import Database
import SQL
import SQLiteDriver

/// A database file in the hands of somebody who knows SQL.
struct SQLFile: Sendable {
    let path: String

    func execute(_ text: String) throws {
        let connection = try SQLiteDriver(SQLiteConfiguration(path: path)).connect(for: .writing)
        defer { connection.close() }
        try connection.execute(Statement(text))
    }
}
