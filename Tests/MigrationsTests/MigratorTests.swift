import Database
import Effects
import Migrations
import SQL
import SQLiteDriver
import Synchronization
import TestSupport
import Testing

@Suite("Migrator", .timeLimit(.minutes(1)))
struct MigratorTests {
    private static let one = Migration.table("1", "one")
    private static let two = Migration.table("2", "two")

    @Test("pending migrations are applied once, in order, and the history says so")
    func up() async throws {
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(database, Self.two, Self.one)
            let steps = Mutex<[String]>([])
            let applied = try await migrator.up { step in
                steps.withLock { $0.append(step.migration.version) }
            }
            #expect(applied.map(\.version) == ["1", "2"])
            #expect(steps.withLock { $0 } == ["1", "2"])
            #expect(try await database.objects() == ["one", "two"])
            let now = ManualTime().now()
            #expect(
                try await migrator.status().map(\.state) == [
                    .applied(at: now, by: "ada"), .applied(at: now, by: "ada"),
                ])
            try await migrator.verify()
            #expect(try await migrator.up().isEmpty)
        }
    }

    @Test("migrations are applied up to a version, and the rest later")
    func upTo() async throws {
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(database, Self.one, Self.two)
            #expect(try await migrator.up(to: "1").map(\.version) == ["1"])
            #expect(try await database.objects() == ["one"])
            #expect(try await migrator.up().map(\.version) == ["2"])
        }
    }

    @Test("what was applied last is taken back, and can be applied again")
    func down() async throws {
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(database, Self.one, Self.two)
            try await migrator.up()
            #expect(try await migrator.down().map(\.version) == ["2"])
            #expect(try await database.objects() == ["one"])
            #expect(try await migrator.status().map(\.state).last == .pending)
            #expect(try await migrator.down(steps: 5).map(\.version) == ["1"])
            #expect(try await database.objects().isEmpty)
            #expect(try await migrator.up().count == 2)
        }
    }

    @Test("a database that was never migrated has only pending migrations, and looking changes nothing")
    func neverMigrated() async throws {
        try await withTemporaryDatabase { database in
            let migrator = try Migrator(database, Self.one)
            #expect(try await migrator.status().map(\.state) == [.pending])
            try await migrator.verify()
            let tables = try await database.read {
                try $0.execute("SELECT COUNT(*) FROM sqlite_master").first?.int(0)
            }
            #expect(tables == 0)
            #expect(try await migrator.down().isEmpty)
        }
    }

    @Test("a history that lacks a column is not taken for a database that was never migrated")
    func foreignHistory() async throws {
        try await withTemporaryDatabase { database in
            try await database.run("CREATE TABLE schema_migrations (number INTEGER)")
            try await database.run("INSERT INTO schema_migrations VALUES (1)")
            let migrator = try Migrator(database, Self.one)
            await #expect(throws: DatabaseError.self) { try await migrator.verify() }
            await #expect(throws: (any Error).self) { try await migrator.up() }
            #expect(try await database.objects().isEmpty)
        }
    }

    @Test("a column that the history lacks is told, also by a database that has no strings in double quotes")
    func missingColumn() async throws {
        let missing = DatabaseError(.unknownObject, "No such column: checksum")
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text.contains(#""checksum""#) { throw missing }
            return ResultSet(columns: ["n"], values: [.integer(0)], affectedRows: 0)
        })
        let database = Database(
            driver: driver, pool: .standard, transactionRetry: .never, effects: .test(), logger: .silent)
        let migrator = try Migrator(database, Self.one)
        await #expect(throws: missing) { try await migrator.status() }
        await database.close()
    }

    @Test("a migration that was edited after it was applied is found, and nothing more is applied")
    func changed() async throws {
        try await withTemporaryDatabase { database in
            try await Migrator(database, Self.one).up()
            let edited = Migration(
                version: "1", name: "one", description: Self.one.description,
                up: ["CREATE TABLE other (id INTEGER)"], down: Self.one.down)
            let migrator = try Migrator(database, edited, Self.two)
            for action in [{ try await migrator.verify() }, { _ = try await migrator.up() }] {
                let error = await #expect(throws: MigrationError.self) { try await action() }
                #expect(error?.code == .changed)
            }
            #expect(try await database.objects() == ["one"])
        }
    }

    @Test("an applied migration whose file is gone is found")
    func missing() async throws {
        try await withTemporaryDatabase { database in
            try await Migrator(database, Self.one, Self.two).up()
            let migrator = try Migrator(database, Self.one)
            let error = await #expect(throws: MigrationError.self) { try await migrator.verify() }
            #expect(error?.code == .missing)
            #expect(error?.version == "2")
            await #expect(throws: MigrationError.self) { try await migrator.down() }
            #expect(try await database.objects() == ["one", "two"])
        }
    }

    @Test("a migration that comes too late is refused")
    func outOfOrder() async throws {
        try await withTemporaryDatabase { database in
            try await Migrator(database, Self.two).up()
            let migrator = try Migrator(database, Self.one, Self.two)
            let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
            #expect(error?.code == .outOfOrder)
            #expect(try await database.objects() == ["two"])
        }
    }

    @Test("the history is kept under the names of the settings")
    func settings() async throws {
        try await withTemporaryDatabase { database in
            let settings = MigrationSettings(
                tableName: "my history", versionColumn: "v", appliedAtColumn: "at", checksumColumn: "sum")
            let migrator = try Migrator(
                database: database, migrations: [Self.one], settings: settings, effects: .test(), by: "ada")
            try await migrator.up()
            let row = try await database.read { transaction in
                let row = try transaction.execute(#"SELECT "v", "at", "sum" FROM "my history""#).first
                return try row.map { (try $0.text("v"), try $0.timestamp("at"), try $0.text("sum")) }
            }
            #expect(try #require(row) == ("1", ManualTime().now(), Self.one.checksum))
            #expect(try await migrator.down().count == 1)
        }
    }

    @Test(
        "settings whose names collide are refused",
        arguments: [
            MigrationSettings(versionColumn: "NAME"), MigrationSettings(appliedAtColumn: "checksum"),
            MigrationSettings(tableName: ""), MigrationSettings(checksumColumn: ""),
        ])
    func invalidSettings(settings: MigrationSettings) async throws {
        try await withTemporaryDatabase { database in
            let error = #expect(throws: MigrationError.self) {
                try Migrator(
                    database: database, migrations: [], settings: settings, effects: .test(), by: "ada")
            }
            #expect(error?.code == .invalidSettings)
        }
    }
}

// MARK: - Several at once

extension MigratorTests {
    @Test("two that migrate one file at once share the work and collide nowhere")
    func together() async throws {
        try await withTemporaryDirectory { directory in
            let migrations = (1...20).map { Migration.table("\($0)", "table_\($0)") }
            func apply(by person: String) async throws -> [String] {
                let database = Database(
                    driver: SQLiteDriver(SQLiteConfiguration(path: "\(directory)/test.db")), pool: .standard,
                    transactionRetry: .never, effects: .test(), logger: .silent)
                let migrator = try Migrator(
                    database: database, migrations: migrations, settings: MigrationSettings(),
                    effects: .test(), by: person)
                let applied = try await migrator.up().map(\.version)
                try await migrator.verify()
                await database.close()
                return applied
            }
            async let ada = apply(by: "ada")
            async let bob = apply(by: "bob")
            let applied = try await ada + bob
            #expect(applied.count == 20)
            #expect(Set(applied) == Set(migrations.map(\.version)))
        }
    }

    @Test("a run that finds the lock held says that another migrates")
    func locked() async throws {
        try await withTemporaryDirectory { directory in
            let driver = SQLiteDriver(
                SQLiteConfiguration(path: "\(directory)/test.db", durability: .normal, busyTimeout: .zero))
            let holder = try driver.connect(for: .writing)
            try holder.execute(Statement("BEGIN IMMEDIATE"))
            let database = Database(
                driver: driver, pool: .standard, transactionRetry: .never, effects: .test(), logger: .silent)
            let migrator = try Migrator(database, Self.one)
            let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
            #expect(error?.code == .locked)
            #expect(error?.cause?.code == .busy)
            try holder.execute(Statement("ROLLBACK"))
            holder.close()
            #expect(try await migrator.up().count == 1)
            await database.close()
        }
    }

    /// Runs the body with a database and a closure that runs a statement on a connection of its own.
    private static func withTwo(
        _ body: (Database, @escaping @Sendable (String) -> Void) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let driver = SQLiteDriver(SQLiteConfiguration(path: "\(directory)/test.db", durability: .normal))
            let database = Database(
                driver: driver, pool: .standard, transactionRetry: .never, effects: .test(), logger: .silent)
            try await body(database) { statement in
                do {
                    let connection = try driver.connect(for: .writing)
                    defer { connection.close() }
                    try connection.execute(Statement(statement))
                } catch {
                    Issue.record(error)
                }
            }
            await database.close()
        }
    }

    @Test("what another run has taken back already is not taken back again, and not claimed")
    func takenBackTwice() async throws {
        try await Self.withTwo { database, other in
            let migrator = try Migrator(database, Self.one, Self.two)
            try await migrator.up()
            // The progress is told between two transactions.
            let reverted = try await migrator.down(steps: 2) { _ in other("DELETE FROM schema_migrations") }
            #expect(reverted.map(\.version) == ["2"])
            #expect(try await database.objects() == ["one"])
        }
    }

    @Test("a migration is not taken back from under a later one that another run has applied since")
    func laterApplied() async throws {
        try await Self.withTwo { database, other in
            let migrator = try Migrator(database, Self.one, Self.two)
            try await migrator.up()
            let error = await #expect(throws: MigrationError.self) {
                try await migrator.down(steps: 2) { _ in
                    other(
                        """
                        INSERT INTO schema_migrations SELECT '3', name, description, checksum, applied_at,
                            applied_by, duration_us FROM schema_migrations
                        """)
                }
            }
            #expect(error?.code == .locked)
            #expect(
                error?.message == "Another run has applied the later 3 since; migration 1 (one) stays")
            #expect(try await database.objects() == ["one"])
        }
    }
}
