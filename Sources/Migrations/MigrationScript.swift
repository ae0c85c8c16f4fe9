internal import Database
internal import SQL

/// The statements of one direction of a migration, in a database's words.
struct MigrationScript: Sendable {
    private let migration: Migration
    private let statements: [String]

    /// Cuts and rewrites all statements before the first one is run.
    init(_ migration: Migration, _ texts: [String], dialect: any Dialect) throws(MigrationError) {
        self.migration = migration
        var statements: [String] = []
        for text in texts {
            do throws(PortabilityError) {
                for statement in try StatementSplitter.statements(of: text) {
                    statements.append(try dialect.rewrite(statement))
                }
            } catch {
                throw MigrationError(
                    .notPortable,
                    "Migration \(migration.label), statement \(statements.count + 1), "
                        + "\(error.line):\(error.column): \(error.message)",
                    version: migration.version)
            }
        }
        self.statements = statements
    }

    /// Runs all of them; the transaction is the caller's.
    func run(_ transaction: Transaction) throws {
        for (index, statement) in statements.enumerated() {
            do {
                try transaction.execute(statement)
            } catch {
                throw failure(of: statement, number: index + 1, error)
            }
        }
    }

    /// What an operator can do nothing about in the file passes as it is.
    private func failure(of statement: String, number: Int, _ error: DatabaseError) -> any Error {
        if error.isRetryable || error.code == .cancelled || error.code == .timeout { return error }
        let line = statement.split(maxSplits: 1, whereSeparator: \.isNewline).first ?? ""
        return MigrationError(
            .statementFailed,
            "Migration \(migration.label), statement \(number) of \(statements.count), '\(line)': "
                + "\(error.message)",
            version: migration.version, cause: error)
    }
}
