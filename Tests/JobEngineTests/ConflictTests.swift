import Database
import Effects
import SQL
import TestSupport
import Testing

@testable import JobEngine

@Suite(
    "Serializable claims that meet nobody", .timeLimit(.minutes(2)),
    .enabled(if: ReachableDatabase.all.contains(.postgresql), "needs a PostgreSQL server"))
struct ConflictTests {
    /// An engine with one execution in each lane, neighbours in every table, and its driver.
    private func withLanes(
        _ body: (EngineFixture, any DatabaseDriver) async throws -> Void
    ) async throws {
        var driver: (any DatabaseDriver)?
        try await withEngine(
            on: [.postgresql],
            through: {
                driver = $0
                return $0
            },
            { engine in
                for _ in Lane.all {
                    try await engine.enqueue()
                    engine.time.advance(by: .milliseconds(8))
                }
                try await engine.register()
                try await body(engine, #require(driver))
            })
    }

    /// Begins to claim from one lane as the engine does, and leaves the transaction open.
    private func claim(
        lane: Int, _ engine: EngineFixture, on connection: any DatabaseConnection, limit: Int = 10
    ) throws -> Int {
        let lanes = Lane.all.map { _ in SQLValue.integer(Int64(lane)) }
        let now = SQLValue.timestamp(engine.time.now())
        let epoch = SQLValue.uuid(engine.epoch)
        try connection.execute(Statement("BEGIN ISOLATION LEVEL SERIALIZABLE"))
        try connection.execute(Statement(SetQueries.takeLanes, [.array([.integer(Int64(lane))])]))
        try connection.execute(
            Statement(
                SetQueries.begin,
                [.text(engine.epoch.description), epoch, .array([.text("default")])]))
        let count = SQLValue.integer(Int64(limit))
        let values = lanes + [.array([.text("default")])] + lanes + lanes + [now, count, count] + lanes
        let rows = try connection.execute(
            Statement(SetQueries.claim, values + [epoch, now, epoch, now])
        ).rows
        return try rows.first?.int(13) ?? 0
    }

    @Test("claims of neighbours in other lanes, at one time, all commit")
    func neighbours() async throws {
        try await withLanes { engine, driver in
            let connections = try Lane.all.map { _ in try driver.connect(for: .writing) }
            defer { connections.forEach { $0.close() } }
            for (lane, connection) in connections.enumerated() {
                #expect(try claim(lane: lane, engine, on: connection) == 1)
            }
            for connection in connections { try connection.execute(Statement("COMMIT")) }
            #expect(
                try await engine.rows("SELECT count(*) FROM script_executions WHERE status = 'running'")
                    == ["8"])
        }
    }

    @Test("a plan that was made while the queue was empty reads no other lane")
    func emptyPlan() async throws {
        try await withLanes { engine, driver in
            let connections = try Lane.all.map { _ in try driver.connect(for: .writing) }
            defer { connections.forEach { $0.close() } }
            while try await engine.claim().claimed > 0 {}
            // Nothing is left for anybody to see, so that the tables become empty files.
            let other = try driver.connect(for: .writing)
            defer { other.close() }
            try other.execute(Statement("VACUUM ANALYZE execution_queue"))
            for (lane, connection) in connections.enumerated() {
                #expect(try claim(lane: lane, engine, on: connection) == 0)
                try connection.execute(Statement("COMMIT"))
            }
            for _ in Lane.all {
                for _ in 0..<5 { try await engine.enqueue() }
                engine.time.advance(by: .milliseconds(8))
            }
            for (lane, connection) in connections.enumerated() {
                #expect(try claim(lane: lane, engine, on: connection, limit: 4) == 4)
            }
            for connection in connections { try connection.execute(Statement("COMMIT")) }
        }
    }

    @Test("a worker that comes or goes meets no claim")
    func workers() async throws {
        try await withLanes { engine, driver in
            let connections = try (0..<2).map { _ in try driver.connect(for: .writing) }
            defer { connections.forEach { $0.close() } }
            let before = engine.store.database.conflicts
            #expect(try claim(lane: 0, engine, on: connections[0]) == 1)
            let other = UniqueID(high: 0xE, low: 3)
            try await engine.register(other)
            #expect(try claim(lane: 1, engine, on: connections[1]) == 1)
            try await engine.store.unregister(epoch: other)
            for connection in connections { try connection.execute(Statement("COMMIT")) }
            #expect(engine.store.database.conflicts == before)
        }
    }

    @Test("the lanes are taken before anything else is looked at")
    func firstStatement() async throws {
        try await withLanes { engine, driver in
            let first = try driver.connect(for: .writing)
            let second = try driver.connect(for: .writing)
            defer {
                first.close()
                second.close()
            }
            #expect(try claim(lane: 3, engine, on: first) == 1)
            try second.execute(Statement("BEGIN ISOLATION LEVEL SERIALIZABLE"))
            let take = Statement(
                SetQueries.takeLanes, [.array(Lane.all.map { .integer(Int64($0)) })])
            let free = try second.execute(take).rows.map { try $0.int(0) }
            #expect(free == Lane.all.filter { $0 != 3 })
            try first.execute(Statement("COMMIT"))
            try second.execute(Statement("COMMIT"))
        }
    }
}
