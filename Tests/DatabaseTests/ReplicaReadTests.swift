import Effects
import SQL
import Synchronization
import TestSupport
import Testing

@testable import Database

/// A replica that says what a test has set.
private final class ScriptedReplica: Sendable {
    private struct State {
        var position = 100
        var failure: DatabaseError?
        var readFailure: DatabaseError?
    }

    private let state = Mutex(State())

    func set(position: Int) { state.withLock { $0.position = position } }
    func fail(_ error: DatabaseError?) { state.withLock { $0.failure = error } }
    func failReads(_ error: DatabaseError?) { state.withLock { $0.readFailure = error } }

    func driver() -> ScriptedDriver {
        ScriptedDriver(
            onConnect: { [self] () throws(DatabaseError) in
                if let failure = state.withLock({ $0.failure }) { throw failure }
            },
            onExecute: { [self] statement throws(DatabaseError) in
                let state = state.withLock { $0 }
                if let failure = state.failure { throw failure }
                if statement.text == "report" {
                    return ResultSet(
                        columns: ["a", "b", "c"],
                        values: [.bool(true), .integer(Int64(state.position)), .null], affectedRows: 0)
                }
                if statement.text == "read", let failure = state.readFailure { throw failure }
                return ResultSet(affectedRows: 0)
            })
    }
}

@Suite("Reads from replicas", .timeLimit(.minutes(1)))
struct ReplicaReadTests {
    private static let primary: @Sendable () -> ScriptedDriver = {
        ScriptedDriver(
            onExecute: { statement throws(DatabaseError) in
                statement.text == "position"
                    ? ResultSet(columns: ["p"], values: [.integer(100)], affectedRows: 0)
                    : ResultSet(affectedRows: 0)
            })
    }

    /// Runs the body with a database that has these replicas; reads say where they went.
    private static func withDatabase(
        _ replicas: [ScriptedReplica], failsOver: Bool = true, time: ManualTime = ManualTime(),
        _ body: (Database, _ places: () -> [Int]) async throws -> Void
    ) async throws {
        let drivers = [primary()] + replicas.map { $0.driver() }
        let servers = drivers.dropFirst().enumerated().map { number, driver in
            ReplicaConfiguration.Server(name: "r\(number)", driver: driver, pool: .standard)
        }
        let database = Database(
            driver: drivers[0], pool: .standard,
            replicas: ReplicaConfiguration(
                servers: servers, checkInterval: .seconds(30), checkTimeout: .seconds(5),
                maxStaleness: .seconds(10), failsOver: failsOver),
            transactionRetry: .never, effects: .test(time: time), logger: .silent)
        do {
            try await body(database) {
                drivers.map { $0.history.statements.count { $0 == "read" } }
            }
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        for driver in drivers { #expect(driver.history.opened == driver.history.closed) }
    }

    private static func read(_ database: Database, _ freshness: Database.Freshness) async throws {
        _ = try await database.read(freshness) { try $0.execute("read").affectedRows }
    }

    @Test("reads that may be old take turns over the replicas, others go to the primary")
    func spreads() async throws {
        try await Self.withDatabase([ScriptedReplica(), ScriptedReplica()]) { database, places in
            try await Self.read(database, .recent)
            let fresh = ReplicaRouter.Health.fresh(staleness: .zero)
            while await database.replicaHealth.map(\.health) != [fresh, fresh] { await Task.yield() }
            let before = places()
            for _ in 1...4 { try await Self.read(database, .recent) }
            #expect(zip(places(), before).map { $0 - $1 } == [0, 2, 2])
            try await Self.read(database, .current)
            #expect(places()[0] == 1)
            #expect(await database.replicaHealth.map(\.name) == ["r0", "r1"])
        }
    }

    @Test("a replica that breaks while it is read from is left, and the primary answers")
    func failsOver() async throws {
        let replica = ScriptedReplica()
        try await Self.withDatabase([replica]) { database, places in
            try await Self.read(database, .recent)
            replica.fail(DatabaseError(.connectionLost, "Gone"))
            try await Self.read(database, .recent)
            try await Self.read(database, .recent)
            #expect(places() == [2, 1])
            let health = await database.replicaHealth.map(\.health)
            #expect(health == [.failed(DatabaseError(.connectionLost, "Gone"))])
        }
    }

    @Test("a read that a standby gives up to go on replaying runs on the primary, and the standby stays")
    func recoveryConflict() async throws {
        let replica = ScriptedReplica()
        replica.failReads(DatabaseError(.serializationFailure, "Conflict with recovery"))
        try await Self.withDatabase([replica]) { database, places in
            for _ in 1...2 { try await Self.read(database, .recent) }
            #expect(places() == [2, 2])
        }
    }

    @Test("a statement that is wrong is wrong, and not tried elsewhere")
    func wrongStatement() async throws {
        let replica = ScriptedReplica()
        let wrong = DatabaseError(.syntax, "Wrong")
        replica.failReads(wrong)
        try await Self.withDatabase([replica]) { database, places in
            await #expect(throws: wrong) { try await Self.read(database, .recent) }
            #expect(places() == [0, 1])
        }
    }

    @Test("without failover a read fails when the replica does")
    func noFailover() async throws {
        let replica = ScriptedReplica()
        let refused = DatabaseError(.cannotConnect, "Refused")
        replica.fail(refused)
        try await Self.withDatabase([replica], failsOver: false) { database, places in
            let error = await #expect(throws: DatabaseError.self) { try await Self.read(database, .recent) }
            #expect(error?.message.hasSuffix("'r0' failed: Refused") == true)
            #expect(places() == [0, 0])
        }
    }

    @Test("a replica that has fallen behind is found at the next look")
    func fallsBehind() async throws {
        let replica = ScriptedReplica()
        let time = ManualTime()
        try await Self.withDatabase([replica], time: time) { database, places in
            try await Self.read(database, .recent)
            #expect(places() == [0, 1])
            replica.set(position: 99)
            time.advance(by: .seconds(31))
            while await database.replicaHealth[0].health != .stale(staleness: nil) { await Task.yield() }
            try await Self.read(database, .recent)
            #expect(places() == [1, 1])
        }
    }
}
