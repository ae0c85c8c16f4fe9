import Effects
import SQL
import Synchronization
import Testing
import TestSupport

@testable import Database

/// So many failures, then none.
private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) {
        left = Mutex(count)
    }

    func set(_ count: Int) { left.withLock { $0 = count } }

    /// Whether this time is one of them.
    var isNext: Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}

@Suite("Database", .timeLimit(.minutes(1)))
struct DatabaseTests {
    private static let twoRetries = RetryPolicy(
        maxRetries: 2, delay: .zero, backoff: .fixed, cap: .zero)

    private static func database(
        _ driver: ScriptedDriver, max: Int = 1, retry: RetryPolicy = .never, time: ManualTime = ManualTime(),
        validationInterval: Duration = .seconds(3600)
    ) -> Database {
        let pool = PoolConfiguration(
            minConnections: 0, maxConnections: max, lifetime: .seconds(3600), idleTimeout: .seconds(300),
            validationTimeout: .seconds(3), acquireTimeout: .seconds(30),
            validationInterval: validationInterval)
        return Database(
            driver: driver, pool: pool, transactionRetry: retry, effects: .test(time: time), logger: .silent)
    }

    @Test("a transaction begins, runs its statements and commits")
    func commits() async throws {
        let driver = ScriptedDriver()
        let database = Self.database(driver)
        let value = try await database.transaction { transaction in
            try transaction.execute("one")
            return 7
        }
        #expect(value == 7)
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "one", "COMMIT"])
        await database.close()
        #expect(driver.history.opened == 1 && driver.history.closed == 1)
    }

    @Test("a body that throws is rolled back, and the caller gets its error")
    func rollsBack() async throws {
        struct Refusal: Error {}
        let driver = ScriptedDriver()
        let database = Self.database(driver)
        await #expect(throws: Refusal.self) {
            try await database.transaction { transaction in
                try transaction.execute("one")
                throw Refusal()
            }
        }
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "one", "ROLLBACK"])
        await database.close()
    }

    @Test(
        "what may succeed is run again from the beginning",
        arguments: [
            DatabaseError.Code.busy, .serializationFailure, .deadlock,
        ])
    func retries(code: DatabaseError.Code) async throws {
        let failures = Countdown(2)
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "two", failures.isNext {
                throw DatabaseError(code, "Again")
            }
            return ResultSet(affectedRows: 0)
        })
        let database = Self.database(driver, retry: Self.twoRetries)
        try await database.transaction { transaction in
            try transaction.execute("one")
            try transaction.execute("two")
        }
        let failed = ["BEGIN IMMEDIATE", "one", "two", "ROLLBACK"]
        #expect(driver.history.statements == failed + failed + ["BEGIN IMMEDIATE", "one", "two", "COMMIT"])
    }

    @Test("after as many retries as the policy allows the error is the caller's")
    func retriesEnd() async throws {
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "COMMIT" { throw DatabaseError(.serializationFailure, "Collided") }
            return ResultSet(affectedRows: 0)
        })
        let database = Self.database(driver, retry: Self.twoRetries)
        await #expect(throws: DatabaseError(.serializationFailure, "Collided")) {
            try await database.transaction { _ in }
        }
        #expect(driver.history.statements.count { $0 == "COMMIT" } == 3)
        #expect(driver.history.statements.count { $0 == "ROLLBACK" } == 3)
    }

    @Test("what cannot succeed is not run again", arguments: DatabaseError.Code.allCases)
    func doesNotRetry(code: DatabaseError.Code) async throws {
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "one" { throw DatabaseError(code, "Refused") }
            return ResultSet(affectedRows: 0)
        })
        let database = Self.database(driver, retry: Self.twoRetries)
        await #expect(throws: DatabaseError(code, "Refused")) {
            _ = try await database.transaction { try $0.execute("one") }
        }
        let isRetried = [.busy, .serializationFailure, .deadlock, .connectionLost].contains(code)
        #expect(driver.history.statements.count { $0 == "one" } == (isRetried ? 3 : 1))
    }

    @Test("the delay before a retry is the policy's")
    func retryDelay() async throws {
        let failures = Countdown(1)
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "one", failures.isNext {
                throw DatabaseError(.busy, "Locked")
            }
            return ResultSet(affectedRows: 0)
        })
        let time = ManualTime()
        let retry = RetryPolicy(maxRetries: 1, delay: .seconds(9), backoff: .fixed, cap: .seconds(9))
        let database = Self.database(driver, retry: retry, time: time)
        let task = Task { try await database.transaction { try $0.execute("one").affectedRows } }
        // The transaction, and the alarm of the pool.
        await time.sleepers(2)
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "one", "ROLLBACK"])
        time.advance(by: .seconds(9))
        #expect(try await task.value == 0)
        #expect(driver.history.statements.last == "COMMIT")
        await database.close()
    }

    @Test("a broken connection is replaced, and the transaction run again on the new one")
    func replacesBroken() async throws {
        let failures = Countdown(1)
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "one", failures.isNext {
                throw DatabaseError(.connectionLost, "Gone")
            }
            return ResultSet(affectedRows: 0)
        })
        let database = Self.database(driver, retry: Self.twoRetries)
        _ = try await database.transaction { try $0.execute("one") }
        #expect(driver.history.opened == 2)
        #expect(driver.history.closed == 1)
        await database.close()
        #expect(driver.history.closed == 2)
    }

    @Test("an idle connection that does not answer any more is replaced before it is lent")
    func validates() async throws {
        let failures = Countdown(0)
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement == .probe, failures.isNext {
                throw DatabaseError(.connectionLost, "Gone")
            }
            return ResultSet(affectedRows: 0)
        })
        let time = ManualTime()
        let database = Self.database(driver, time: time, validationInterval: .seconds(1))
        try await database.transaction { _ in }
        failures.set(1)
        time.advance(by: .seconds(2))
        try await database.transaction { _ in }
        #expect(driver.history.opened == 2)
        await database.close()
    }

    @Test("a connection that broke while it committed leaves the outcome open, and nothing is run again")
    func unknownCommit() async throws {
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "COMMIT" {
                throw DatabaseError(.connectionLost, "Gone", driverCode: "57P01")
            }
            return ResultSet(affectedRows: 0)
        })
        let database = Self.database(driver, retry: Self.twoRetries)
        let error = await #expect(throws: DatabaseError.self) { try await database.transaction { _ in } }
        #expect(error?.code == .unknownCommit)
        #expect(error?.driverCode == "57P01")
        #expect(driver.history.statements.count { $0 == "COMMIT" } == 1)
    }

    @Test("a failed connect is told to the caller")
    func cannotConnect() async throws {
        let refused = DatabaseError(.cannotConnect, "Refused")
        let driver = ScriptedDriver(onConnect: { () throws(DatabaseError) in throw refused })
        let database = Self.database(driver, retry: Self.twoRetries)
        await #expect(throws: refused) { try await database.transaction { _ in } }
        await database.close()
        #expect(driver.history.opened == 0)
    }
}

// MARK: - Waiting, cancelling, closing

extension DatabaseTests {
    /// Returns once so many callers wait to write.
    private static func waiting(_ count: Int, _ database: Database) async {
        while await database.statistics.writers.waiting < count { await Task.yield() }
    }

    /// A transaction that keeps its connection until `release` is closed.
    private struct Holder {
        let release = BlockingQueue<Void>()
        let task: Task<Void, any Error>

        init(_ database: Database, isReading: Bool = false) async {
            let began = AsyncStream<Void>.makeStream()
            let body: @Sendable (Transaction) -> Void = { [release] _ in
                began.continuation.finish()
                _ = release.pop()
            }
            task = Task {
                if isReading {
                    try await database.read(.current, body)
                } else {
                    try await database.transaction(.serializable, body)
                }
            }
            for await _ in began.stream {}
        }
    }

    @Test("a caller that waited too long is told what the connections are doing")
    func acquireTimeout() async throws {
        let time = ManualTime()
        let database = Self.database(ScriptedDriver(), time: time)
        let holder = await Holder(database)
        let waiter = Task { try await database.transaction { _ in } }
        await Self.waiting(1, database)
        time.advance(by: .seconds(30))
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .poolTimeout)
        #expect(
            error?.message
                == """
                No connection came free within 30.0 seconds: total 1, idle 0, leased 1, waiting 1; held \
                longest, for 30.0 seconds: 'transaction', in BEGIN IMMEDIATE
                """)
        holder.release.close()
        try await holder.task.value
        await database.close()
    }

    @Test("control has a connection of its own where several transactions can write")
    func controlConnection() async throws {
        let driver = ScriptedDriver()
        let database = Self.database(driver)
        let holder = await Holder(database)
        for _ in 1...2 {
            _ = try await database.transaction(lane: .control, timeout: .seconds(30)) {
                try $0.execute("heartbeat").affectedRows
            }
        }
        #expect(driver.history.opened == 2)
        #expect(driver.history.statements.count { $0 == "heartbeat" } == 2)
        holder.release.close()
        try await holder.task.value
        await database.close()
        #expect(driver.history.closed == 2)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.transaction(lane: .control) { _ in }
        }
        #expect(error?.code == .closed)
    }

    @Test("control goes before the work that waits where only one transaction can write")
    func controlGoesFirst() async throws {
        let driver = ScriptedDriver(dialect: SQLiteDialect())
        let database = Self.database(driver, max: 2)
        let holder = await Holder(database)
        let work = Task { try await database.transaction { try $0.execute("work").affectedRows } }
        await Self.waiting(1, database)
        let control = Task {
            try await database.transaction(lane: .control) { try $0.execute("heartbeat").affectedRows }
        }
        await Self.waiting(2, database)
        holder.release.close()
        _ = try await (work.value, control.value)
        let order = driver.history.statements.filter { ["work", "heartbeat"].contains($0) }
        #expect(order == ["heartbeat", "work"])
        try await holder.task.value
        await database.close()
    }

    @Test("a cancelled caller stops waiting for a connection, and the next one gets it")
    func cancelsWaiter() async throws {
        let driver = ScriptedDriver()
        let time = ManualTime()
        let database = Self.database(driver, time: time)
        let holder = await Holder(database)
        let waiter = Task { try await database.transaction { try $0.execute("never").affectedRows } }
        await Self.waiting(1, database)
        waiter.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .cancelled)
        #expect(await database.statistics.writers.waiting == 0)
        holder.release.close()
        _ = try await database.transaction { try $0.execute("next") }
        #expect(!driver.history.statements.contains("never"))
        await database.close()
    }

    @Test("a task that is cancelled before it begins runs no statement")
    func cancelledBefore() async throws {
        let driver = ScriptedDriver()
        let database = Self.database(driver)
        let go = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in go.stream {}
            try await database.transaction { _ in }
        }
        task.cancel()
        go.continuation.finish()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(driver.history.statements.isEmpty)
        await database.close()
    }

    @Test("cancelling interrupts the running statement, rolls back and spares the connection")
    func cancelsStatement() async throws {
        let interrupted = BlockingQueue<Void>()
        let began = AsyncStream<Void>.makeStream()
        let driver = ScriptedDriver(
            onExecute: { statement throws(DatabaseError) in
                guard statement.text == "long" else { return ResultSet(affectedRows: 0) }
                began.continuation.finish()
                _ = interrupted.pop()
                throw DatabaseError(.cancelled, "The statement was interrupted")
            }, onInterrupt: { interrupted.close() })
        let database = Self.database(driver, retry: Self.twoRetries)
        let task = Task { try await database.transaction { try $0.execute("long").affectedRows } }
        for await _ in began.stream {}
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error == DatabaseError(.cancelled, "The transaction was cancelled and rolled back"))
        #expect(driver.history.interrupts == 1)
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "long", "ROLLBACK"])
        try await database.transaction { _ in }
        #expect(driver.history.opened == 1)
        await database.close()
    }

    @Test("a transaction that takes longer than its timeout is interrupted and rolled back")
    func timeout() async throws {
        let interrupted = BlockingQueue<Void>()
        let began = AsyncStream<Void>.makeStream()
        let driver = ScriptedDriver(
            onExecute: { statement throws(DatabaseError) in
                guard statement.text == "long" else { return ResultSet(affectedRows: 0) }
                began.continuation.finish()
                _ = interrupted.pop()
                throw DatabaseError(.cancelled, "The statement was interrupted")
            }, onInterrupt: { interrupted.close() })
        let time = ManualTime()
        let database = Self.database(driver, retry: Self.twoRetries, time: time)
        let task = Task {
            try await database.transaction(timeout: .seconds(5)) { try $0.execute("long").affectedRows }
        }
        for await _ in began.stream {}
        // The pool's alarm and the transaction's.
        await time.sleepers(2)
        time.advance(by: .seconds(5))
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .timeout)
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "long", "ROLLBACK"])
        await database.close()
    }

    @Test("a timeout counts the wait for a connection, too")
    func timeoutWhileWaiting() async throws {
        let driver = ScriptedDriver()
        let time = ManualTime()
        let database = Self.database(driver, time: time)
        let holder = await Holder(database)
        let task = Task { try await database.transaction(timeout: .seconds(2)) { _ in } }
        // The pool's alarm and the transaction's.
        await time.sleepers(2)
        time.advance(by: .seconds(2))
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .poolTimeout)
        holder.release.close()
        try await holder.task.value
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "COMMIT"])
        await database.close()
    }

    @Test("a retry that would begin after the timeout is not waited for")
    func retryPastTimeout() async throws {
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "one" { throw DatabaseError(.busy, "Locked") }
            return ResultSet(affectedRows: 0)
        })
        let slow = RetryPolicy(
            maxRetries: 9, delay: .seconds(1_000_000), backoff: .fixed, cap: .seconds(1_000_000))
        let database = Self.database(driver, retry: slow)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.transaction(timeout: .milliseconds(1)) { try $0.execute("one") }
        }
        #expect(error?.code == .busy)
        #expect(driver.history.statements.count { $0 == "one" } == 1)
        await database.close()
    }

    @Test("closing waits for the running transaction and fails those that wait")
    func closeWaits() async throws {
        let driver = ScriptedDriver()
        let time = ManualTime()
        let database = Self.database(driver, time: time)
        let holder = await Holder(database)
        let waiter = Task { try await database.transaction { try $0.execute("never").affectedRows } }
        await Self.waiting(1, database)
        let closing = Task { await database.close() }
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .closed)
        #expect(driver.history.closed == 0)
        holder.release.close()
        try await holder.task.value
        await closing.value
        #expect(driver.history.statements == ["BEGIN IMMEDIATE", "COMMIT"])
        #expect(driver.history.closed == 1)
        await #expect(throws: DatabaseError(.closed, "The database is closed")) {
            try await database.transaction { _ in }
        }
        await database.close()
    }

    @Test("no writing transaction begins while closing waits for a reader")
    func closeRefusesWriters() async throws {
        let driver = ScriptedDriver(dialect: SQLiteDialect())
        let database = Self.database(driver, max: 2)
        let writer = await Holder(database)
        let reader = await Holder(database, isReading: true)
        let waiter = Task { try await database.transaction { try $0.execute("never").affectedRows } }
        await Self.waiting(1, database)
        let closing = Task { await database.close() }
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .closed)
        writer.release.close()
        try await writer.task.value
        await #expect(throws: DatabaseError.self) { try await database.transaction { _ in } }
        #expect(driver.history.closed == 0)
        reader.release.close()
        try await reader.task.value
        await closing.value
        #expect(driver.history.closed == 2)
    }

    @Test("a database with a single writer lends one connection for writing and others for reading")
    func singleWriter() async throws {
        let driver = ScriptedDriver(dialect: SQLiteDialect())
        let database = Self.database(driver, max: 3)
        let holder = await Holder(database)
        #expect(try await database.read { _ in 1 } == 1)
        let statistics = await database.statistics
        #expect(statistics.writers == .init(total: 1, idle: 0, leased: 1, waiting: 0))
        #expect(statistics.readers == .init(total: 1, idle: 1, leased: 0, waiting: 0))
        holder.release.close()
        try await holder.task.value
        await database.close()
    }
}
