package import Database
package import Effects
internal import SQL

/// Brings a database's schema to where its migrations say, one migration and its history row per transaction.
///
/// Runs may meet: each transaction looks at the history anew, under the database's lock, and a run that
/// comes second finds nothing left to do.
package struct Migrator: Sendable {
    /// What has just been done.
    package struct Step: Sendable {
        package let migration: Migration
        package let duration: Duration
    }

    private let database: Database
    private let migrations: [Migration]
    private let history: MigrationHistory
    private let effects: Effects
    private let person: String

    /// - Parameter person: who migrates, for the history.
    package init(
        database: Database, migrations: [Migration], settings: MigrationSettings, effects: Effects,
        by person: String
    ) throws(MigrationError) {
        try settings.check()
        self.database = database
        self.migrations = migrations
        self.effects = effects
        self.person = person
        history = MigrationHistory(settings: settings)
    }

    /// How the files and the history agree, in the order of the versions. Changes nothing.
    package func status() async throws -> [MigrationStatus] {
        try await plan().statuses
    }

    /// Throws the first disagreement between the files and the history; pending migrations are none.
    /// Changes nothing.
    package func verify() async throws {
        if let finding = try await plan().findings.first { throw finding }
    }

    /// Throws when a statement of any migration is not understood by the database. Runs nothing.
    package func check() throws(MigrationError) {
        for migration in migrations {
            _ = try MigrationScript(migration, migration.up, dialect: database.dialect)
            _ = try MigrationScript(migration, migration.down, dialect: database.dialect)
        }
    }

    /// Applies what is pending, up to and including a version, or all.
    ///
    /// - Parameter progress: called after each commit.
    /// - Returns: what this run has applied. When it throws, the migrations before the failing one are
    ///   applied.
    @discardableResult
    package func up(
        to version: String? = nil, progress: @Sendable (Step) -> Void = { _ in }
    ) async throws -> [Migration] {
        try check()
        var applied: [Migration] = []
        while let step = try await locked({ try applyNext(to: version, $0) }) {
            applied.append(step.migration)
            progress(step)
        }
        return applied
    }

    /// Takes back the migrations that were applied last.
    ///
    /// - Parameter progress: called after each commit.
    /// - Returns: what this run has taken back, the last applied first.
    @discardableResult
    package func down(
        steps: Int = 1, progress: @Sendable (Step) -> Void = { _ in }
    ) async throws -> [Migration] {
        // Which ones is decided once: those that another run applies meanwhile are not meant.
        let chosen = try await locked { transaction in
            try history.create(transaction)
            return try MigrationPlan(migrations: migrations, history: history.load(transaction)).down(
                steps: steps)
        }
        var reverted: [Migration] = []
        for migration in chosen {
            guard let step = try await locked({ try revert(migration, $0) }) else { continue }
            reverted.append(migration)
            progress(step)
        }
        return reverted
    }

    private func applyNext(to version: String?, _ transaction: Transaction) throws -> Step? {
        try history.create(transaction)
        let plan = try MigrationPlan(migrations: migrations, history: history.load(transaction))
        guard let migration = try plan.up(to: version).first else { return nil }
        let start = effects.time.uptime()
        try MigrationScript(migration, migration.up, dialect: transaction.dialect).run(transaction)
        let duration = effects.time.uptime() - start
        try history.insert(migration, at: effects.time.now(), by: person, duration: duration, transaction)
        return Step(migration: migration, duration: duration)
    }

    /// Nil when another run has taken it back already. When another has applied a later one meanwhile, that
    /// one may need it.
    private func revert(_ migration: Migration, _ transaction: Transaction) throws -> Step? {
        let versions = try history.load(transaction).map(\.version)
        guard versions.contains(migration.version) else { return nil }
        if let later = versions.first(where: { Migration.isVersion(migration.version, before: $0) }) {
            throw MigrationError(
                .locked,
                "Another run has applied the later \(later) since; migration \(migration.label) stays",
                version: migration.version)
        }
        let start = effects.time.uptime()
        try MigrationScript(migration, migration.down, dialect: transaction.dialect).run(transaction)
        try history.delete(migration, transaction)
        return Step(migration: migration, duration: effects.time.uptime() - start)
    }

    private func plan() async throws -> MigrationPlan {
        let history = history
        let rows = try await database.read { try history.exists($0) ? history.load($0) : [] }
        return try MigrationPlan(migrations: migrations, history: rows)
    }

    /// The number of our lock in a database: "hypjobs" in ASCII.
    private static let lockNumber: Int64 = 0x68_79_70_6A_6F_62_73

    /// Runs the body while no other run changes the schema. What the history says is looked up behind the
    /// lock, so the statements see what the run before has committed; under a snapshot from before the
    /// lock they would not.
    private func locked<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.transaction(.readCommitted) { transaction in
                for statement in transaction.dialect.lockSchema(Self.lockNumber) {
                    try transaction.execute(statement)
                }
                return try body(transaction)
            }
        } catch let error as DatabaseError where error.code == .busy {
            throw MigrationError(
                .locked, "Another migration is running, or another program holds the database's lock",
                cause: error)
        }
    }
}
