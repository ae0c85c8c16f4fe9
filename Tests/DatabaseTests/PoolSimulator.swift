@testable import Database

/// A pool's machine with a clock beside it, which keeps what the machine decided.
struct PoolSimulator {
    typealias ConnectionID = PoolStateMachine.ConnectionID
    typealias WaiterID = PoolStateMachine.WaiterID

    private(set) var machine: PoolStateMachine
    var now = Duration.zero

    init(
        min: Int = 0, max: Int = 2, lifetime: Duration = .seconds(3600),
        idleTimeout: Duration = .seconds(300),
        validationInterval: Duration = .seconds(3600), maxLease: Duration? = nil, takesBack: Bool = true
    ) {
        var configuration = PoolConfiguration(
            minConnections: min, maxConnections: max, lifetime: lifetime, idleTimeout: idleTimeout,
            validationTimeout: .seconds(1), acquireTimeout: .seconds(30),
            validationInterval: validationInterval)
        configuration.maxLease = maxLease
        configuration.takesBackOverdue = takesBack
        machine = PoolStateMachine(configuration)
    }

    @discardableResult
    mutating func handle(_ event: PoolStateMachine.Event) -> [PoolStateMachine.Action] {
        machine.handle(event, now: now)
    }

    /// Asks for a connection with a deadline so far away.
    @discardableResult
    mutating func acquire(_ number: Int, within limit: Duration = .seconds(30)) -> [PoolStateMachine.Action] {
        handle(.acquire(WaiterID(number: number), deadline: now + limit))
    }

    /// Asks for connections and opens those that the machine wants opened for them, in order.
    mutating func lease(_ numbers: Int...) -> [ConnectionID] {
        let wanted = numbers.flatMap { acquire($0).opened }
        return wanted.flatMap { handle(.opened($0, jitter: 0)).granted.map(\.connection) }
    }

    var statistics: PoolStateMachine.Statistics { machine.statistics }
}

extension [PoolStateMachine.Action] {
    /// The connections to be opened.
    var opened: [PoolStateMachine.ConnectionID] {
        compactMap { if case .open(let id) = $0 { id } else { nil } }
    }

    /// The connections to be closed.
    var closed: [PoolStateMachine.ConnectionID] {
        compactMap { if case .close(let id) = $0 { id } else { nil } }
    }

    /// The connections to be tested.
    var validated: [PoolStateMachine.ConnectionID] {
        compactMap { if case .validate(let id) = $0 { id } else { nil } }
    }

    /// The callers served, with what they get.
    var granted: [(waiter: Int, connection: PoolStateMachine.ConnectionID)] {
        compactMap { if case .grant(let waiter, let id) = $0 { (waiter.number, id) } else { nil } }
    }

    /// The callers sent away, with the reason.
    var failed: [(waiter: Int, error: DatabaseError)] {
        compactMap { if case .fail(let waiter, let error) = $0 { (waiter.number, error) } else { nil } }
    }

    /// When the machine wants to look at the clock.
    var wakes: [Duration] {
        compactMap { if case .wake(let time) = $0 { time } else { nil } }
    }
}
