import Testing
import TestSupport

@testable import Database

/// A router with a clock beside it.
private struct RouterSimulator {
    typealias ReplicaID = ReplicaRouter.ReplicaID

    private(set) var router: ReplicaRouter
    var now = Duration.seconds(100)
    private var lastRequest = 0

    init(replicas: Int = 2, failsOver: Bool = true) {
        let servers = (0..<replicas).map { number in
            ReplicaConfiguration.Server(name: "r\(number)", driver: ScriptedDriver(), pool: .standard)
        }
        router = ReplicaRouter(
            ReplicaConfiguration(
                servers: servers, checkInterval: .seconds(30), checkTimeout: .seconds(5),
                maxStaleness: .seconds(10), failsOver: failsOver))
    }

    @discardableResult
    mutating func handle(_ event: ReplicaRouter.Event) -> [ReplicaRouter.Action] {
        router.handle(event, now: now)
    }

    mutating func request() -> [ReplicaRouter.Action] {
        lastRequest += 1
        return handle(.request(.init(number: lastRequest)))
    }

    /// Where a read goes at once: "r0", "primary" or the error's message.
    mutating func place() -> String? { request().places.first }

    /// A whole look, at which the primary is at 100 and every replica where it is said to be.
    mutating func look(_ positions: Int64?...) -> [String] {
        var actions = handle(.primaryAt(100, at: now))
        for (number, position) in positions.enumerated() {
            let id = ReplicaID(number: number)
            if let position {
                actions += handle(
                    .reported(id, .init(isStandby: true, position: position, sinceLastCommit: nil)))
            } else {
                actions += handle(.checkFailed(id, DatabaseError(.cannotConnect, "Refused")))
            }
        }
        actions += handle(.checked)
        return actions.places
    }
}

extension [ReplicaRouter.Action] {
    fileprivate var places: [String] {
        compactMap { action in
            switch action {
            case .answer(_, let id): id.map { "r\($0.number)" } ?? "primary"
            case .fail(_, let error): error.message
            case .check, .wake: nil
            }
        }
    }

    fileprivate var wakeTime: Duration? {
        compactMap { if case .wake(let time) = $0 { time } else { nil } }.last
    }
}

@Suite("Routing of reads to replicas")
struct ReplicaRouterTests {
    @Test("nothing is looked at before the first read, which waits for the first fresh replica")
    func firstRead() {
        var simulator = RouterSimulator()
        #expect(simulator.handle(.tick).isEmpty)
        let actions = simulator.request()
        #expect(actions == [.check, .wake(at: .seconds(101))])
        #expect(simulator.handle(.primaryAt(100, at: simulator.now)).isEmpty)
        let reported = simulator.handle(
            .reported(.init(number: 1), .init(isStandby: true, position: 100, sinceLastCommit: nil)))
        #expect(reported == [.answer(.init(number: 1), .init(number: 1))])
        #expect(simulator.router.health[1] == .fresh(staleness: .zero))
    }

    @Test("reads take turns over the fresh replicas")
    func roundRobin() {
        var simulator = RouterSimulator(replicas: 3)
        _ = simulator.request()
        #expect(simulator.look(100, 100, 100) == ["r0"])
        #expect((1...4).map { _ in simulator.place() } == ["r1", "r2", "r0", "r1"])
    }

    @Test("the first read waits no longer than a moment for a silent replica")
    func patience() {
        var simulator = RouterSimulator()
        _ = simulator.request()
        simulator.now += .milliseconds(999)
        #expect(simulator.handle(.tick).places.isEmpty)
        simulator.now += .milliseconds(1)
        #expect(simulator.handle(.tick).places == ["primary"])
        #expect(simulator.look(nil, 100).isEmpty)
        #expect(simulator.place() == "r1")
    }

    @Test("when all replicas are down the primary answers, and at once")
    func allDown() {
        var simulator = RouterSimulator()
        _ = simulator.request()
        #expect(simulator.look(nil, nil) == ["primary"])
        #expect(simulator.place() == "primary")
    }

    @Test("without failover a read fails and says what is the matter with each replica")
    func noFailover() {
        var simulator = RouterSimulator(failsOver: false)
        _ = simulator.request()
        let message = """
            No replica can be read from and 'failover_enabled' is false: 'r0' failed: Refused, \
            'r1' does not tell how far it is behind
            """
        #expect(simulator.look(nil, 50) == [message])
        #expect(simulator.place() == message)
    }

    @Test("a replica that is too far behind is not used until a look finds it caught up")
    func stale() {
        var simulator = RouterSimulator(replicas: 1)
        _ = simulator.request()
        #expect(simulator.look(100) == ["r0"])
        simulator.now += .seconds(30)
        #expect(simulator.handle(.tick).contains(.check))
        // It has replayed 130 of 200: the primary was at 100 thirty seconds ago.
        simulator.handle(.primaryAt(200, at: simulator.now))
        simulator.handle(
            .reported(.init(number: 0), .init(isStandby: true, position: 130, sinceLastCommit: nil)))
        simulator.handle(.checked)
        #expect(simulator.router.health == [.stale(staleness: .seconds(30))])
        #expect(simulator.place() == "primary")
        simulator.now += .seconds(30)
        #expect(simulator.handle(.tick).contains(.check))
        simulator.handle(.primaryAt(200, at: simulator.now))
        simulator.now += .seconds(2)
        simulator.handle(
            .reported(.init(number: 0), .init(isStandby: true, position: 200, sinceLastCommit: .seconds(60))))
        #expect(simulator.router.health == [.fresh(staleness: .seconds(2))])
        #expect(simulator.place() == "r0")
    }

    @Test("the replica's own measure counts where the positions tell nothing")
    func ownMeasure() {
        var simulator = RouterSimulator(replicas: 1)
        _ = simulator.request()
        simulator.handle(.primaryAt(100, at: simulator.now))
        simulator.handle(
            .reported(.init(number: 0), .init(isStandby: true, position: 90, sinceLastCommit: .seconds(4))))
        #expect(simulator.router.health == [.fresh(staleness: .seconds(4))])
        simulator.handle(
            .reported(.init(number: 0), .init(isStandby: true, position: 90, sinceLastCommit: .seconds(11))))
        #expect(simulator.router.health == [.stale(staleness: .seconds(11))])
    }

    @Test("a replica whose clock is behind does not pass for fresh")
    func skewedClock() {
        var simulator = RouterSimulator(replicas: 1)
        _ = simulator.request()
        let report = ReplicaRouter.Report(isStandby: true, position: 90, sinceLastCommit: .seconds(-60))
        simulator.handle(.primaryAt(100, at: simulator.now))
        simulator.handle(.reported(.init(number: 0), report))
        simulator.handle(.checked)
        #expect(simulator.router.health == [.fresh(staleness: .zero)])
        simulator.now += .seconds(30)
        simulator.handle(.tick)
        simulator.handle(.primaryAt(100, at: simulator.now))
        simulator.handle(.reported(.init(number: 0), report))
        #expect(simulator.router.health == [.stale(staleness: .seconds(30))])
    }

    @Test("a lost primary ages every replica")
    func lostPrimary() {
        var simulator = RouterSimulator(replicas: 1)
        _ = simulator.request()
        _ = simulator.look(100)
        simulator.now += .seconds(30)
        simulator.handle(.tick)
        simulator.handle(
            .reported(.init(number: 0), .init(isStandby: true, position: 100, sinceLastCommit: .seconds(90))))
        #expect(simulator.router.health == [.stale(staleness: .seconds(30))])
    }

    @Test("a server that has become a primary is no replica")
    func promoted() {
        var simulator = RouterSimulator(replicas: 1)
        _ = simulator.request()
        let report = ReplicaRouter.Report(isStandby: false, position: 100, sinceLastCommit: .zero)
        #expect(simulator.handle(.reported(.init(number: 0), report)).places == ["primary"])
        #expect(simulator.router.health == [.notStandby])
    }

    @Test("replicas are looked at every interval, one look at a time")
    func interval() {
        var simulator = RouterSimulator()
        _ = simulator.request()
        // The wish for the end of the first read's patience stands.
        #expect(simulator.handle(.checked).wakeTime == nil)
        simulator.now = .seconds(101)
        #expect(simulator.handle(.tick) == [.wake(at: .seconds(130))])
        simulator.now = .seconds(130)
        #expect(simulator.handle(.tick) == [.check])
        simulator.now = .seconds(500)
        #expect(simulator.handle(.tick).isEmpty)
        #expect(simulator.handle(.checked) == [.wake(at: .seconds(530))])
    }

    @Test("a replica that fails a read is left out at once and looked at again soon")
    func useFails() {
        var simulator = RouterSimulator()
        _ = simulator.request()
        _ = simulator.look(100, 100)
        simulator.handle(.tick)
        simulator.now += .seconds(5)
        let lost = DatabaseError(.connectionLost, "Gone")
        let actions = simulator.handle(.useFailed(.init(number: 1), lost))
        #expect(actions == [.wake(at: .seconds(106))])
        #expect((1...2).map { _ in simulator.place() } == ["r0", "r0"])
        simulator.now += .seconds(1)
        #expect(simulator.handle(.tick) == [.check])
        #expect(simulator.look(100, 100).isEmpty)
        #expect(Set((1...2).compactMap { _ in simulator.place() }) == ["r0", "r1"])
    }

    @Test("after the end nobody is served and nothing is looked at")
    func shutDown() {
        var simulator = RouterSimulator()
        _ = simulator.request()
        #expect(simulator.handle(.shutDown).places == ["The database is closed"])
        #expect(simulator.place() == "The database is closed")
        #expect(simulator.handle(.tick).isEmpty)
    }
}

@Suite("The primary's positions over time")
struct ReplicationHistoryTests {
    @Test("a state is as old as the last moment whose position it has")
    func staleness() {
        var history = ReplicationHistory()
        #expect(history.staleness(of: 10, now: .seconds(1)) == nil)
        for second in 1...5 { history.record(Int64(second * 10), at: .seconds(second)) }
        #expect(history.staleness(of: 9, now: .seconds(6)) == nil)
        #expect(history.staleness(of: 10, now: .seconds(6)) == .seconds(5))
        #expect(history.staleness(of: 39, now: .seconds(6)) == .seconds(3))
        #expect(history.staleness(of: 50, now: .seconds(6)) == .seconds(1))
        #expect(history.staleness(of: 99, now: .seconds(6)) == .seconds(1))
    }

    @Test("a primary at rest makes nothing older")
    func atRest() {
        var history = ReplicationHistory()
        for second in 1...1000 { history.record(10, at: .seconds(second)) }
        #expect(history.staleness(of: 10, now: .seconds(1001)) == .seconds(1))
    }

    @Test("positions that a new primary has not reached tell nothing any more")
    func failover() {
        var history = ReplicationHistory()
        history.record(10, at: .seconds(1))
        history.record(20, at: .seconds(2))
        history.record(15, at: .seconds(3))
        #expect(history.staleness(of: 14, now: .seconds(4)) == .seconds(3))
        #expect(history.staleness(of: 20, now: .seconds(4)) == .seconds(1))
    }

    @Test("memory is bounded")
    func bounded() {
        var history = ReplicationHistory()
        for second in 1...10_000 { history.record(Int64(second), at: .seconds(second)) }
        #expect(history.staleness(of: 9000, now: .seconds(10_000)) == nil)
        #expect(history.staleness(of: 9950, now: .seconds(10_000)) == .seconds(50))
    }
}
