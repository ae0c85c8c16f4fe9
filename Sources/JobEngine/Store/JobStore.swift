package import Database
package import Effects
import SQL

/// The executions, scripts and workers in the database: every statement that the engine owns goes through
/// here, and every write after a claim carries its lease.
package struct JobStore: Sendable {
    package let database: Database
    package let templates: [String: TransactionTemplate]
    package let repositories: RepositoryCatalogue
    package let effects: Effects
    /// How long one transaction may take, waiting for a connection and repetitions included.
    let timeout: Duration
    private var freshness = Database.Freshness.current
    /// Up to where claims have come, on a database with lanes.
    let claimMemory = ClaimMemory()
    let scriptMemory = ScriptMemory()
    let pruneMemory = PruneMemory()

    package init(
        database: Database, templates: [String: TransactionTemplate],
        repositories: RepositoryCatalogue = RepositoryCatalogue(), timeout: Duration, effects: Effects
    ) {
        self.database = database
        self.templates = templates
        self.repositories = repositories
        self.timeout = timeout
        self.effects = effects
    }

    /// One serializable transaction; the body may run again, so it has no effect but its statements.
    ///
    /// - Parameter caller: what those who watch the connections see: the name of the method.
    func transaction<Value: Sendable>(
        _ isolation: IsolationLevel = .serializable, lane: Database.Lane = .work,
        caller: String = #function, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let retry = worksInSets ? JobStore.conflictRetry : nil
        return try await database.transaction(
            isolation, lane: lane, label: Self.label(caller), timeout: timeout, retry: retry, body)
    }

    /// Where writers meet, a transaction that lost against another begins again soon.
    private static let conflictRetry = RetryPolicy(
        maxRetries: 30, delay: .milliseconds(4), backoff: .exponential, cap: .milliseconds(500))

    /// The same store for people who look: a replica may answer. What it shows may be a little old, so
    /// nothing may be changed because of it.
    package var forLooking: JobStore {
        var store = self
        store.freshness = .recent
        return store
    }

    /// One read-only transaction. What a replica does not know is asked for once more on the primary: it may
    /// be new.
    ///
    /// - Parameter caller: what those who watch the connections see: the name of the method.
    func read<Value: Sendable>(
        caller: String = #function, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let label = Self.label(caller)
        do {
            return try await database.read(freshness, label: label, timeout: timeout, body)
        } catch let error as JobEngineError where freshness == .recent && error.code == .unknownExecution {
            return try await database.read(.current, label: label, timeout: timeout, body)
        }
    }

    /// A method's name without its parameters.
    private static func label(_ function: String) -> String { String(function.prefix { $0 != "(" }) }
}

/// The tables of the last two migrations as the store expects them, looked for before anything else is said.
extension JobStore {
    /// Whether the schema that the store needs is there.
    package func isMigrated() async throws -> Bool {
        do {
            return try await read { transaction in
                _ = try transaction.execute("SELECT 1 FROM execution_queue LIMIT 1", [])
                _ = try transaction.execute("SELECT 1 FROM workers LIMIT 1", [])
                _ = try transaction.execute("SELECT 1 FROM execution_queues LIMIT 1", [])
                _ = try transaction.execute("SELECT 1 FROM script_boxes LIMIT 1", [])
                return true
            }
        } catch let error as DatabaseError where error.code == .unknownObject {
            return false
        }
    }
}
