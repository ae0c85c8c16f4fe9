import Testing

@testable import Database

@Suite("Pool state machine")
struct PoolStateMachineTests {
    private static let refused = DatabaseError(.cannotConnect, "Refused")

    @Test("a connection is opened for a caller and granted once it is open")
    func opensForCaller() throws {
        var pool = PoolSimulator()
        let id = try #require(pool.acquire(1).opened.first)
        #expect(pool.statistics == .init(total: 1, idle: 0, leased: 0, waiting: 1))
        let actions = pool.handle(.opened(id, jitter: 0))
        #expect(actions == [.grant(.init(number: 1), id)])
        #expect(pool.statistics == .init(total: 1, idle: 0, leased: 1, waiting: 0))
    }

    @Test("no more than the maximum are opened, however many wait")
    func maximum() {
        var pool = PoolSimulator(max: 2)
        #expect((1...5).flatMap { pool.acquire($0).opened }.count == 2)
        #expect(pool.statistics == .init(total: 2, idle: 0, leased: 0, waiting: 5))
    }

    @Test("a connection that is being closed still counts against the maximum")
    func closingCounts() throws {
        var pool = PoolSimulator(max: 1)
        let id = try #require(pool.lease(1).first)
        pool.acquire(2)
        let broken = pool.handle(.release(id, isUsable: false))
        #expect(broken.closed == [id])
        #expect(broken.opened.isEmpty)
        #expect(pool.handle(.closed(id)).opened.count == 1)
    }

    @Test("callers are served in the order in which they came")
    func firstInFirstOut() throws {
        var pool = PoolSimulator(max: 1)
        let id = try #require(pool.lease(1).first)
        for number in 2...4 { pool.acquire(number) }
        var served: [Int] = []
        for _ in 2...4 { served += pool.handle(.release(id, isUsable: true)).granted.map(\.waiter) }
        #expect(served == [2, 3, 4])
    }

    @Test("those who go first are served before all others, in the order in which they came")
    func goesFirst() throws {
        var pool = PoolSimulator(max: 1)
        let id = try #require(pool.lease(1).first)
        for number in 2...3 { pool.acquire(number) }
        for number in 4...5 {
            pool.handle(.acquireFirst(.init(number: number), deadline: pool.now + .seconds(30)))
        }
        pool.acquire(6)
        var served: [Int] = []
        for _ in 2...6 { served += pool.handle(.release(id, isUsable: true)).granted.map(\.waiter) }
        #expect(served == [4, 5, 2, 3, 6])
    }

    @Test("of the idle connections the one used last is lent first")
    func lastUsedFirst() {
        var pool = PoolSimulator(max: 3)
        let ids = pool.lease(1, 2, 3)
        for id in [ids[0], ids[2], ids[1]] { pool.handle(.release(id, isUsable: true)) }
        #expect((4...6).flatMap { pool.acquire($0).granted.map(\.connection) } == [ids[1], ids[2], ids[0]])
    }

    @Test("a caller that went away is passed over, and what was opened for it becomes idle")
    func cancel() throws {
        var pool = PoolSimulator(max: 1)
        let id = try #require(pool.acquire(1).opened.first)
        pool.acquire(2)
        #expect(pool.handle(.cancel(.init(number: 1))).granted.isEmpty)
        #expect(pool.handle(.opened(id, jitter: 0)).granted.map(\.waiter) == [2])
        pool.handle(.cancel(.init(number: 2)))
        #expect(pool.statistics == .init(total: 1, idle: 0, leased: 1, waiting: 0))
    }

    @Test("a connection that could not be opened is told to the caller that waited longest")
    func openFailed() throws {
        var pool = PoolSimulator(max: 1)
        let id = try #require(pool.acquire(1).opened.first)
        pool.acquire(2)
        let actions = pool.handle(.openFailed(id, Self.refused))
        #expect(actions.failed.map(\.waiter) == [1])
        #expect(actions.failed.first?.error == Self.refused)
        // The second caller tries for itself.
        let second = try #require(actions.opened.first)
        #expect(pool.handle(.opened(second, jitter: 0)).granted.map(\.waiter) == [2])
    }

    @Test("whichever connection fails to open, the one that waited longest is told")
    func openFailedOutOfOrder() {
        var pool = PoolSimulator(max: 2)
        let ids = pool.acquire(1).opened + pool.acquire(2).opened
        #expect(pool.handle(.openFailed(ids[1], Self.refused)).failed.map(\.waiter) == [1])
        #expect(pool.handle(.opened(ids[0], jitter: 0)).granted.map(\.waiter) == [2])
    }

    @Test("a caller that waited until its deadline is told how the pool is used")
    func timeout() throws {
        var pool = PoolSimulator(max: 1)
        _ = pool.lease(1)
        #expect(pool.acquire(2, within: .seconds(5)).wakes == [.seconds(5)])
        pool.now = .seconds(2)
        #expect(pool.acquire(3, within: .seconds(9)).wakes.isEmpty)
        pool.now = .seconds(5)
        let actions = pool.handle(.tick)
        #expect(actions.failed.map(\.waiter) == [2])
        #expect(actions.failed.first?.error.code == .poolTimeout)
        #expect(
            actions.failed.first?.error.message
                == "No connection came free within 5.0 seconds: total 1, idle 0, leased 1, waiting 2")
        #expect(actions.wakes == [.seconds(11)])
        #expect(pool.statistics.waiting == 1)
    }

    @Test("an earlier deadline moves the alarm forward, a later one leaves it")
    func wake() {
        var pool = PoolSimulator(max: 1)
        #expect(pool.acquire(1, within: .seconds(8)).wakes == [.seconds(8)])
        #expect(pool.acquire(2, within: .seconds(9)).wakes.isEmpty)
        #expect(pool.acquire(3, within: .seconds(7)).wakes == [.seconds(7)])
    }

    @Test("a tick that comes too early fails nobody and asks for another")
    func earlyTick() {
        var pool = PoolSimulator(max: 1)
        pool.acquire(1, within: .seconds(8))
        pool.now = .seconds(7)
        let actions = pool.handle(.tick)
        #expect(actions.failed.isEmpty)
        #expect(actions.wakes == [.seconds(8)])
    }

    @Test("an idle connection over the minimum is closed after its time, those up to it are kept")
    func idleTimeout() {
        var pool = PoolSimulator(min: 1, max: 3, idleTimeout: .seconds(60))
        let ids = pool.lease(1, 2, 3)
        for (second, id) in ids.enumerated() {
            pool.now = .seconds(second)
            pool.handle(.release(id, isUsable: true))
        }
        pool.now = .seconds(61)
        #expect(pool.handle(.tick).closed == [ids[0], ids[1]])
        pool.now = .seconds(300)
        #expect(pool.handle(.tick).closed.isEmpty)
        #expect(pool.statistics.idle == 1)
    }

    @Test("a connection past its lifetime is closed when it is given back")
    func lifetimeOfLeased() throws {
        var pool = PoolSimulator(lifetime: .seconds(100))
        let id = try #require(pool.lease(1).first)
        pool.now = .seconds(100)
        #expect(pool.handle(.release(id, isUsable: true)).closed == [id])
        #expect(pool.statistics.leased == 0)
    }

    @Test("an idle connection past its lifetime is not lent any more")
    func lifetimeAtAcquire() throws {
        var pool = PoolSimulator(lifetime: .seconds(100))
        let id = try #require(pool.lease(1).first)
        pool.handle(.release(id, isUsable: true))
        pool.now = .seconds(100)
        let actions = pool.acquire(2)
        #expect(actions.closed == [id])
        #expect(actions.granted.isEmpty)
        #expect(actions.opened.count == 1)
    }

    @Test("also the last connections are replaced at the end of their lives")
    func lifetimeOfMinimum() throws {
        var pool = PoolSimulator(min: 1, max: 1, lifetime: .seconds(100))
        let id = try #require(pool.handle(.tick).opened.first)
        #expect(pool.handle(.opened(id, jitter: 0)).wakes == [.seconds(100)])
        pool.now = .seconds(100)
        #expect(pool.handle(.tick).closed == [id])
        #expect(pool.handle(.closed(id)).opened.count == 1)
    }

    @Test("jitter shortens a life by up to a tenth", arguments: [(0.0, 100), (0.5, 95), (1.0, 90)])
    func jitter(jitter: Double, seconds: Int) throws {
        var pool = PoolSimulator(min: 1, max: 1, lifetime: .seconds(100), idleTimeout: .seconds(1000))
        let id = try #require(pool.handle(.tick).opened.first)
        #expect(pool.handle(.opened(id, jitter: jitter)).wakes == [.seconds(seconds)])
        pool.now = .seconds(seconds) - .milliseconds(1)
        #expect(pool.handle(.tick).closed.isEmpty)
        pool.now = .seconds(seconds)
        #expect(pool.handle(.tick).closed == [id])
    }

    @Test("the minimum is opened with the first event and kept up")
    func minimum() throws {
        var pool = PoolSimulator(min: 2, max: 4)
        let ids = pool.acquire(1).opened
        #expect(ids.count == 2)
        for id in ids { pool.handle(.opened(id, jitter: 0)) }
        #expect(pool.statistics == .init(total: 2, idle: 1, leased: 1, waiting: 0))
        pool.handle(.release(ids[0], isUsable: false))
        #expect(pool.handle(.closed(ids[0])).opened.count == 1)
    }

    @Test("after a failure nothing is opened without a caller for a second")
    func pauseAfterFailure() throws {
        var pool = PoolSimulator(min: 1, max: 2)
        let id = try #require(pool.handle(.tick).opened.first)
        let failure = pool.handle(.openFailed(id, Self.refused))
        #expect(failure == [.wake(at: .seconds(1))])
        pool.now = .milliseconds(999)
        #expect(pool.handle(.tick).opened.isEmpty)
        #expect(pool.acquire(1).opened.count == 1)
        pool.now = .seconds(1)
        #expect(pool.handle(.openFailed(.init(number: 2), Self.refused)).failed.map(\.waiter) == [1])
        pool.now = .seconds(2)
        #expect(pool.handle(.tick).opened.count == 1)
    }
}

// MARK: - Validation and closing

extension PoolStateMachineTests {
    @Test("a connection that lay idle for long is tested before it is lent")
    func validates() throws {
        var pool = PoolSimulator(max: 1, validationInterval: .seconds(1))
        let id = try #require(pool.lease(1).first)
        pool.handle(.release(id, isUsable: true))
        pool.now = .milliseconds(999)
        #expect(pool.acquire(2).granted.map(\.connection) == [id])
        pool.handle(.release(id, isUsable: true))
        pool.now = .milliseconds(1999)
        let actions = pool.acquire(3)
        #expect(actions.validated == [id])
        #expect(actions.granted.isEmpty)
        #expect(pool.handle(.validated(id, isUsable: true)).granted.map(\.waiter) == [3])
    }

    @Test("a connection that fails its test is closed and another opened for the caller")
    func validationFails() throws {
        var pool = PoolSimulator(max: 1, validationInterval: .zero)
        let id = try #require(pool.acquire(1).opened.first)
        // Even a new connection is tested when the interval is zero, as is one that was given back.
        #expect(pool.handle(.opened(id, jitter: 0)).validated == [id])
        #expect(pool.handle(.validated(id, isUsable: false)).closed == [id])
        let second = try #require(pool.handle(.closed(id)).opened.first)
        #expect(second != id)
        #expect(pool.statistics == .init(total: 1, idle: 0, leased: 0, waiting: 1))
    }

    @Test("closing fails those that wait, closes what is idle, and waits for what is leased")
    func shutDown() {
        var pool = PoolSimulator(max: 2)
        let ids = pool.lease(1, 2)
        pool.acquire(3)
        pool.handle(.cancel(.init(number: 3)))
        pool.handle(.release(ids[0], isUsable: true))
        let actions = pool.handle(.shutDown)
        #expect(actions.closed == [ids[0]])
        #expect(!actions.contains(.finish))
        #expect(!pool.handle(.closed(ids[0])).contains(.finish))
        #expect(pool.handle(.release(ids[1], isUsable: true)).closed == [ids[1]])
        #expect(pool.handle(.closed(ids[1])) == [.finish])
    }

    @Test("closing while callers wait fails each of them once")
    func shutDownWithWaiters() {
        var pool = PoolSimulator(max: 1)
        let ids = pool.lease(1)
        pool.acquire(2)
        pool.acquire(3)
        let failed = pool.handle(.shutDown).failed
        #expect(failed.map(\.waiter) == [2, 3])
        #expect(failed.allSatisfy { $0.error.code == .closed })
        #expect(pool.handle(.release(ids[0], isUsable: true)).granted.isEmpty)
        #expect(pool.statistics.waiting == 0)
    }

    @Test("a pool that refuses fails those that wait and come, and keeps its connections until it is closed")
    func refuse() {
        var pool = PoolSimulator(max: 2)
        let ids = pool.lease(1, 2)
        pool.acquire(3)
        pool.handle(.release(ids[0], isUsable: true))
        pool.acquire(4)
        #expect(pool.handle(.refuse).failed.map(\.waiter) == [4])
        #expect(pool.acquire(5).failed.map(\.error.code) == [.closed])
        #expect(pool.handle(.release(ids[1], isUsable: true)).closed.isEmpty)
        #expect(pool.statistics == .init(total: 2, idle: 1, leased: 1, waiting: 0))
        pool.handle(.release(ids[0], isUsable: true))
        #expect(Set(pool.handle(.shutDown).closed) == Set(ids))
    }

    @Test("a connection that opens after closing began is closed at once")
    func shutDownWhileOpening() throws {
        var pool = PoolSimulator(max: 1)
        let id = try #require(pool.acquire(1).opened.first)
        #expect(pool.handle(.shutDown).failed.map(\.waiter) == [1])
        #expect(pool.handle(.opened(id, jitter: 0)) == [.close(id)])
        #expect(pool.handle(.closed(id)) == [.finish])
    }

    @Test("a closed pool serves nobody and finishes once")
    func closed() {
        var pool = PoolSimulator(min: 1, max: 1)
        #expect(pool.handle(.shutDown) == [.finish])
        let actions = pool.acquire(1)
        #expect(actions.failed.map(\.error.code) == [.closed])
        #expect(actions.count == 1)
        #expect(pool.handle(.shutDown).isEmpty)
        #expect(pool.handle(.tick).isEmpty)
    }
}
