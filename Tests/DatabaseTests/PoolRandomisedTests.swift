import Effects
import Testing

@testable import Database

@Suite("Pool state machine under random events")
struct PoolRandomisedTests {
    @Test("no sequence of events breaks the pool's promises", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func promises(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        var world = PoolWorld(random: random)
        for step in 1...20_000 {
            world.happen()
            guard world.violations.isEmpty else {
                Issue.record("seed \(seed), step \(step): \(world.violations.joined(separator: "; "))")
                return
            }
        }
        #expect(world.served > 1000 && world.timeouts > 20 && world.failures > 100, "seed \(seed)")
        world.shutDown()
        #expect(world.violations.isEmpty, "seed \(seed): \(world.violations)")
        #expect(world.isFinished && world.isEmpty, "seed \(seed): something was left open or waiting")
    }
}

/// Connections and callers around a pool's machine, which do anything they may in a random order.
private struct PoolWorld {
    typealias ConnectionID = PoolStateMachine.ConnectionID
    typealias WaiterID = PoolStateMachine.WaiterID

    private enum State {
        case opening, validating, idle, leased, closing
    }

    private let random: SeededRandom
    private let limit: Int
    private var machine: PoolStateMachine
    private var now = Duration.zero
    private var alarm: Duration?
    private var connections: [ConnectionID: State] = [:]
    /// Those that wait, in the order in which they are to be served.
    private var waiters: [(id: WaiterID, deadline: Duration, isFirst: Bool)] = []
    private var lastWaiter = 0
    private(set) var violations: [String] = []
    private(set) var served = 0
    private(set) var timeouts = 0
    private(set) var failures = 0
    private(set) var isFinished = false

    init(random: SeededRandom) {
        self.random = random
        limit = 1 + Int(random.uniform(below: 6))
        var configuration = PoolConfiguration(
            minConnections: Int(random.uniform(below: UInt64(limit) + 1)), maxConnections: limit,
            lifetime: .seconds(90), idleTimeout: .seconds(15), validationTimeout: .seconds(1),
            acquireTimeout: .seconds(30), validationInterval: .seconds(2))
        if random.uniform(below: 2) == 0 { configuration.maxLease = .seconds(3) }
        machine = PoolStateMachine(configuration)
    }

    var isEmpty: Bool {
        connections.isEmpty && waiters.isEmpty
            && machine.statistics == .init(total: 0, idle: 0, leased: 0, waiting: 0)
    }

    /// One random event.
    mutating func happen() {
        switch random.uniform(below: 10) {
        case 0...2:
            lastWaiter += 1
            let waiter = WaiterID(number: lastWaiter)
            let deadline = now + .milliseconds(Int64(random.uniform(below: 4000)))
            if chance(of: 4) {
                let place = waiters.firstIndex { !$0.isFirst } ?? waiters.endIndex
                waiters.insert((waiter, deadline, true), at: place)
                handle(.acquireFirst(waiter, deadline: deadline))
            } else {
                waiters.append((waiter, deadline, false))
                handle(.acquire(waiter, deadline: deadline))
            }
        case 3:
            guard !waiters.isEmpty, chance(of: 3) else { return }
            let waiter = waiters.remove(at: Int(random.uniform(below: UInt64(waiters.count))))
            handle(.cancel(waiter.id))
        case 4:
            pass(.milliseconds(Int64(random.uniform(below: chance(of: 20) ? 30_000 : 500))))
        default:
            progress()
        }
    }

    /// Something that was begun ends: an opening, a test, a use, a closing.
    private mutating func progress() {
        // Sorted, because a dictionary's order differs from run to run.
        let busy = connections.filter { $0.value != .idle }.keys.sorted { $0.number < $1.number }
        guard !busy.isEmpty else { return }
        let id = busy[Int(random.uniform(below: UInt64(busy.count)))]
        switch connections[id] {
        case .opening:
            if chance(of: 6) {
                failures += 1
                connections[id] = nil
                handle(.openFailed(id, DatabaseError(.cannotConnect, "Refused")))
            } else {
                connections[id] = .idle
                handle(.opened(id, jitter: random.unit()))
            }
        case .validating:
            connections[id] = .idle
            handle(.validated(id, isUsable: !chance(of: 5)))
        case .leased:
            connections[id] = .idle
            handle(.release(id, isUsable: !chance(of: 10)))
        case .closing:
            connections[id] = nil
            handle(.closed(id))
        case .idle, nil:
            break
        }
    }

    mutating func shutDown() {
        handle(.shutDown)
        while !connections.isEmpty { progress() }
    }

    /// Time passes, and the alarm rings when it must.
    private mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let due = alarm, due <= end {
            now = max(now, due)
            alarm = nil
            handle(.tick)
            if waiters.contains(where: { $0.deadline <= now }) { violations.append("a deadline was missed") }
        }
        now = end
    }

    private func chance(of one: UInt64) -> Bool { random.uniform(below: one) == 0 }

    private mutating func handle(_ event: PoolStateMachine.Event) {
        for action in machine.handle(event, now: now) { perform(action) }
        check()
    }

    private mutating func perform(_ action: PoolStateMachine.Action) {
        switch action {
        case .open(let id):
            expect(connections[id] == nil, "connection \(id.number) opened twice")
            connections[id] = .opening
        case .validate(let id):
            expect(connections[id] == .idle, "tested while not idle")
            connections[id] = .validating
        case .close(let id):
            expect(connections[id] == .idle, "closed while not idle")
            connections[id] = .closing
        case .grant(let waiter, let id):
            expect(connections[id] == .idle, "connection \(id.number) lent while not idle")
            expect(waiters.first?.id == waiter, "caller \(waiter.number) served out of turn")
            waiters.removeAll { $0.id == waiter }
            connections[id] = .leased
            served += 1
        case .warn(let id), .takeBack(let id):
            expect(connections[id] == .leased, "a reminder for a connection that nobody has")
        case .fail(let waiter, let error):
            expect(waiters.contains { $0.id == waiter }, "caller \(waiter.number) failed but does not wait")
            if error.code == .cannotConnect {
                expect(waiters.first?.id == waiter, "a failed opening went to a later caller")
            }
            if error.code == .poolTimeout { timeouts += 1 }
            waiters.removeAll { $0.id == waiter }
        case .wake(let time):
            alarm = time
        case .finish:
            expect(!isFinished && connections.isEmpty, "finished twice or too early")
            isFinished = true
        }
    }

    private mutating func check() {
        let statistics = machine.statistics
        expect(connections.count <= limit, "more than \(limit) connections")
        expect(statistics.total == connections.count, "the connections are counted wrong")
        expect(statistics.idle == connections.values.count { $0 == .idle }, "the idle are counted wrong")
        expect(
            statistics.leased == connections.values.count { $0 == .leased }, "the leased are counted wrong")
        expect(statistics.waiting == waiters.count, "the callers are counted wrong")
        // Nobody is forgotten: a caller waits only while all connections are busy or one is on its way.
        let onTheirWay = connections.values.count { $0 == .opening || $0 == .validating }
        expect(waiters.count <= onTheirWay || connections.count == limit, "a caller waits for nothing")
        expect(waiters.isEmpty || alarm != nil, "a caller waits without an alarm")
        expect(
            statistics.idle == 0 || waiters.count <= onTheirWay, "a caller waits beside an idle connection")
    }

    private mutating func expect(_ condition: Bool, _ violation: String) {
        if !condition { violations.append(violation) }
    }
}
