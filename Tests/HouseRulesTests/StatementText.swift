/// SQL is written in few places, so that every statement can be found, tested on each database and explained.
enum StatementText {
    /// The dialects, the drivers' own settings, the engine's statements, the history of migrations.
    static let allowed = [
        "Sources/SQL", "Sources/SQLiteDriver", "Sources/PostgresDriver", "Sources/JobEngine/Store",
        "Sources/Migrations", "Tests", "Benchmarks",
    ]

    private static let beginnings = [
        "SELECT ", "INSERT INTO ", "INSERT OR ", "UPDATE ", "DELETE FROM ", "REPLACE INTO ", "WITH ",
        "CREATE TABLE ",
        "CREATE INDEX ", "CREATE UNIQUE ", "CREATE TRIGGER ", "CREATE VIEW ", "ALTER TABLE ", "DROP TABLE ",
        "DROP INDEX ", "PRAGMA ", "BEGIN IMMEDIATE", "SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO ",
    ]

    static func outsideItsPlace(in source: SwiftSource) -> [Violation] {
        guard !allowed.contains(where: source.path.isBelow) else { return [] }
        return source.literals.compactMap { literal in
            let text = literal.text.drop { $0 == " " || $0 == "\n" }
            guard let beginning = beginnings.first(where: { text.hasPrefix($0) }) else { return nil }
            return Violation(
                path: source.path, line: literal.line,
                message: "a statement ('\(beginning)…') outside the places for SQL text")
        }
    }
}
