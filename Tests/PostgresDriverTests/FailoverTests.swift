import Database
import Effects
import Logging
import PostgresDriver
import SQL
import Synchronization
import TestSupport
import Testing

/// What writers have been told about their rows.
private final class Ledger: Sendable {
    private struct State {
        var last = 0
        var acknowledged: [Int] = []
        var unknown: [Int] = []
    }

    private let state = Mutex(State())

    func next() -> Int {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    func acknowledge(_ number: Int) { state.withLock { $0.acknowledged.append(number) } }
    func lose(_ number: Int) { state.withLock { $0.unknown.append(number) } }
    var acknowledged: [Int] { state.withLock { $0.acknowledged } }
    var unknown: [Int] { state.withLock { $0.unknown } }
}

@Suite("A primary, its standby and the loss of the primary", .postgres, .timeLimit(.minutes(2)), .serialized)
struct FailoverTests {
    private static let retries = RetryPolicy(
        maxRetries: 60, delay: .milliseconds(100), backoff: .fixed, cap: .seconds(1))

    private static func database(
        _ pair: PostgresPair, maxStaleness: Duration = .seconds(5),
        checkInterval: Duration = .milliseconds(100)
    ) -> Database {
        var pool = PoolConfiguration.standard
        pool.minConnections = 0
        var replica = pair.configuration(ports: [pair.standbyPort])
        replica.target = .standby
        var primary = pair.configuration(ports: [pair.primaryPort, pair.standbyPort])
        primary.target = .readWrite
        return Database(
            driver: PostgresDriver(primary), pool: pool,
            replicas: ReplicaConfiguration(
                servers: [.init(name: "standby", driver: PostgresDriver(replica), pool: pool)],
                checkInterval: checkInterval, checkTimeout: .seconds(5), maxStaleness: maxStaleness,
                failsOver: true),
            transactionRetry: retries, effects: .live, logger: .silent)
    }

    /// Whether the server that answers a read is the standby.
    private static func readsFromStandby(
        _ database: Database, _ freshness: Database.Freshness
    ) async throws -> Bool {
        try await database.read(freshness) {
            try $0.execute("SELECT pg_is_in_recovery()").first?.bool(0) ?? false
        }
    }

    private static func waitForHealth(
        _ database: Database, _ isReached: (ReplicaRouter.Health) -> Bool
    ) async throws {
        while let health = await database.replicaHealth.first?.health, !isReached(health) {
            try await Effects.live.time.sleep(for: .milliseconds(10))
        }
    }

    @Test("reads go to a standby that is fresh, and it refuses to write")
    func replica() async throws {
        try await PostgresPair.use { pair in
            let database = Self.database(pair)
            try await database.transaction { _ = try $0.execute("CREATE TABLE notes (body TEXT)") }
            // Until the first look at the standby is over, the primary answers.
            while try await !Self.readsFromStandby(database, .recent) {
                try await Effects.live.time.sleep(for: .milliseconds(10))
            }
            #expect(try await !Self.readsFromStandby(database, .current))
            // The commit above is on the standby, because the primary waits for it to have it; shown a moment
            // later.
            try await Self.waitForHealth(database) { if case .fresh = $0 { true } else { false } }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.read(.recent) { try $0.execute("DELETE FROM notes").affectedRows }
            }
            #expect(error?.code == .readOnly, "\(String(describing: error))")
            await database.close()
        }
    }

    @Test("a standby that is taken for a primary says that it is read-only, at every isolation level")
    func standbyAnyhow() async throws {
        try await PostgresPair.use { pair in
            var standby = pair.configuration(ports: [pair.standbyPort])
            standby.target = .any
            let database = Database(
                driver: PostgresDriver(standby), pool: .standard, transactionRetry: .never, effects: .live,
                logger: .silent)
            for isolation in [IsolationLevel.serializable, .repeatableRead, .readCommitted] {
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.transaction(isolation) { try $0.execute("SELECT 1").affectedRows }
                }
                #expect(error?.code == .readOnly, "\(isolation): \(String(describing: error))")
            }
            await database.close()
        }
    }

    @Test("a standby that stops replaying is left when it is too far behind, and taken when it has caught up")
    func staleness() async throws {
        try await PostgresPair.use { pair in
            let database = Self.database(pair, maxStaleness: .milliseconds(500))
            try await database.transaction { _ = try $0.execute("CREATE TABLE notes (body TEXT)") }
            try pair.execute("SELECT pg_wal_replay_pause()", port: pair.standbyPort)
            try await database.transaction { _ = try $0.execute("INSERT INTO notes VALUES ('a')") }
            _ = try await Self.readsFromStandby(database, .recent)
            try await Self.waitForHealth(database) { if case .stale = $0 { true } else { false } }
            #expect(try await !Self.readsFromStandby(database, .recent))
            let count = try await database.read(.recent) {
                try $0.execute("SELECT COUNT(*) FROM notes").first?.int(0)
            }
            #expect(count == 1)
            try pair.execute("SELECT pg_wal_replay_resume()", port: pair.standbyPort)
            try await Self.waitForHealth(database) { if case .fresh = $0 { true } else { false } }
            #expect(try await Self.readsFromStandby(database, .recent))
            // An idle primary makes nobody stale.
            try await Effects.live.time.sleep(for: .seconds(1))
            #expect(try await Self.readsFromStandby(database, .recent))
            await database.close()
        }
    }

    @Test("when the standby goes the primary answers, and when it is back it answers again")
    func standbyLost() async throws {
        try await PostgresPair.use { pair in
            let database = Self.database(pair)
            #expect(try await Self.readsFromStandby(database, .recent))
            try await pair.order(.stopStandby)
            #expect(try await !Self.readsFromStandby(database, .recent))
            try await pair.order(.startStandby)
            try await Self.waitForHealth(database) { if case .fresh = $0 { true } else { false } }
            #expect(try await Self.readsFromStandby(database, .recent))
            await database.close()
        }
    }

    @Test("a standby that is configured as primary is refused in clear words")
    func standbyAsPrimary() async throws {
        try await PostgresPair.use { pair in
            var configuration = pair.configuration(ports: [pair.standbyPort])
            configuration.target = .readWrite
            let error = #expect(throws: DatabaseError.self) {
                _ = try PostgresDriver(configuration).connect(for: .writing)
            }
            #expect(error?.code == .cannotConnect)
            #expect(error?.message.contains("session is read-only") == true, "\(String(describing: error))")
            #expect(error?.message.contains("no host takes writes") == true)
        }
    }

    @Test("nothing acknowledged is lost when the primary dies and the standby is promoted")
    func failover() async throws {
        try await PostgresPair.use { pair in
            let database = Self.database(pair)
            try await database.transaction {
                _ = try $0.execute("CREATE TABLE notes (number BIGINT PRIMARY KEY)")
            }
            let ledger = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...4 { group.addTask { try await Self.write(600, to: database, ledger) } }
                while ledger.acknowledged.count < 200 {
                    try await Effects.live.time.sleep(for: .milliseconds(5))
                }
                try await pair.order(.killPrimary)
                let before = ledger.acknowledged.count
                try await pair.order(.promote)
                try await group.waitForAll()
                #expect(ledger.acknowledged.count > before)
            }
            let rows = try await database.read {
                try $0.execute("SELECT number FROM notes").rows.map { try $0.int(0) }
            }
            let lost = Set(ledger.acknowledged).subtracting(rows)
            #expect(lost.isEmpty, "\(lost.sorted())")
            #expect(Set(rows).subtracting(ledger.acknowledged).subtracting(ledger.unknown).isEmpty)
            #expect(Set(ledger.acknowledged).count == ledger.acknowledged.count)
            #expect(
                try pair.execute("SELECT pg_is_in_recovery()", port: pair.standbyPort).first?.bool(0) == false
            )
            await database.close()
        }
    }

    /// Writes rows until so many are acknowledged by all writers together.
    private static func write(_ count: Int, to database: Database, _ ledger: Ledger) async throws {
        while ledger.acknowledged.count < count {
            let number = ledger.next()
            do {
                try await database.transaction(timeout: .seconds(60)) {
                    _ = try $0.execute("INSERT INTO notes VALUES (\(Int64(number)))" as SQL)
                }
                ledger.acknowledge(number)
            } catch let error as DatabaseError where error.code == .unknownCommit {
                ledger.lose(number)
            }
        }
    }
}
