import Effects
import Logging
import SQL
import Synchronization
import TestSupport
import Testing

@testable import Database

@Suite("Leases of connections")
struct PoolLeaseTests {
    @Test("a lease that lasts is warned of at four fifths, and then taken back once")
    func takenBack() throws {
        var pool = PoolSimulator(max: 1, lifetime: .seconds(100_000), maxLease: .seconds(100))
        let opened = try #require(pool.acquire(1, within: .seconds(200)).opened.first)
        let granted = pool.handle(.opened(opened, jitter: 0))
        #expect(granted.contains(.wake(at: .seconds(80))))
        pool.now = .seconds(80)
        #expect(pool.handle(.tick) == [.warn(opened), .wake(at: .seconds(100))])
        pool.now = .seconds(100)
        #expect(pool.handle(.tick) == [.takeBack(opened)])
        pool.now = .seconds(500)
        #expect(pool.handle(.tick).isEmpty)
        #expect(pool.statistics.leased == 1)
        pool.handle(.release(opened, isUsable: true))
        #expect(pool.acquire(2).granted.map(\.connection) == [opened])
    }

    @Test("each lease has its own time, however often its connection was lent before")
    func freshForEach() {
        var pool = PoolSimulator(max: 1, maxLease: .seconds(10))
        let id = pool.lease(1)[0]
        pool.now = .seconds(7)
        pool.handle(.release(id, isUsable: true))
        pool.acquire(2)
        pool.now = .seconds(10)
        #expect(pool.handle(.tick) == [.wake(at: .seconds(15))])
        pool.now = .seconds(15)
        #expect(pool.handle(.tick).contains(.warn(id)))
    }

    @Test("a late look warns and takes back at once")
    func lateLook() {
        var pool = PoolSimulator(max: 1, maxLease: .seconds(10))
        let id = pool.lease(1)[0]
        pool.now = .seconds(60)
        #expect(pool.handle(.tick) == [.warn(id), .takeBack(id)])
    }

    @Test("where overdue connections stay with their holders, the warning is all")
    func onlyWarned() {
        var pool = PoolSimulator(max: 1, maxLease: .seconds(10), takesBack: false)
        let id = pool.lease(1)[0]
        pool.now = .seconds(8)
        #expect(pool.handle(.tick) == [.warn(id)])
        pool.now = .seconds(60)
        #expect(pool.handle(.tick).isEmpty)
    }

    @Test("without a limit nobody is woken for a lease")
    func unlimited() {
        var pool = PoolSimulator(max: 1)
        let id = pool.acquire(1).opened[0]
        #expect(!pool.handle(.opened(id, jitter: 0)).contains { if case .wake = $0 { true } else { false } })
    }
}

/// Keeps what is logged.
private struct KeepingLogHandler: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.add("\(event.message) \(event.metadata?["holder"] ?? "")")
    }
}

@Suite("Overdue transactions", .timeLimit(.minutes(1)))
struct OverdueTransactionTests {
    @Test("a transaction that holds its connection too long is named, stopped and rolled back")
    func overdue() async throws {
        let time = ManualTime()
        let interrupted = BlockingQueue<Void>()
        let began = AsyncStream<Void>.makeStream()
        let driver = ScriptedDriver(
            onExecute: { statement throws(DatabaseError) in
                guard statement.text.hasPrefix("long") else { return ResultSet(affectedRows: 0) }
                began.continuation.finish()
                _ = interrupted.pop()
                throw DatabaseError(.cancelled, "The statement was interrupted")
            }, onInterrupt: { interrupted.close() })
        var pool = PoolConfiguration.standard
        pool.minConnections = 0
        pool.maxLease = .seconds(100)
        let lines = KeepingLogHandler.Lines()
        let database = Database(
            driver: driver, pool: pool, transactionRetry: .never, effects: .test(time: time),
            logger: Logger(label: "test") { _ in KeepingLogHandler(lines: lines) })
        let id = try #require(UniqueID("01a21315-5cf5-7715-826c-48125adfb3b7"))
        let task = Task {
            try await database.transaction(label: "cycle") { transaction in
                transaction.isAbout(Activity.Subject(id: id, step: "log"))
                _ = try transaction.execute("long\n  statement")
            }
        }
        for await _ in began.stream {}
        await time.sleepers(1)
        time.advance(by: .seconds(80))
        while lines.all.isEmpty { await Task.yield() }
        #expect(
            lines.all == [
                "A connection has been held for most of a lease 'cycle', execution \(id), step 'log', "
                    + "in long statement"
            ])
        await time.sleepers(1)
        time.advance(by: .seconds(20))
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .timeout)
        #expect(
            error?.message
                == "The transaction held its connection longer than a lease lasts and was rolled back")
        #expect(driver.history.statements.last == "ROLLBACK")
        await database.close()
    }
}
