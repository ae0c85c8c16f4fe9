/// Every decision of a connection pool: event in, actions out, with no clock, no waiting and no connection
/// in sight.
///
/// Callers are served in the order in which they came, those that go first before all others. Of the idle
/// connections the one used last is lent first, so that those over the need grow old and are closed.
package struct PoolStateMachine: Sendable {
    /// A connection, from the decision to open it until it is closed.
    package struct ConnectionID: Hashable, Sendable {
        package let number: Int
    }

    /// A caller that asked for a connection.
    package struct WaiterID: Hashable, Sendable {
        package let number: Int

        package init(number: Int) {
            self.number = number
        }
    }

    /// What happened.
    package enum Event: Sendable {
        /// A caller wants a connection until the deadline.
        case acquire(WaiterID, deadline: Duration)
        /// The same for a caller that goes before all others but those of its kind.
        case acquireFirst(WaiterID, deadline: Duration)
        /// The caller does not want it any more; nothing happens when it was served already.
        case cancel(WaiterID)
        /// The caller gives its connection back.
        case release(ConnectionID, isUsable: Bool)
        /// - Parameter jitter: 0..<1, spreads the ends of the connections' lives.
        case opened(ConnectionID, jitter: Double)
        case openFailed(ConnectionID, DatabaseError)
        case validated(ConnectionID, isUsable: Bool)
        case closed(ConnectionID)
        /// The time asked for by `wake` has come.
        case tick
        /// Nobody is served any more.
        case refuse
        /// Nobody is served any more; everything is to be closed.
        case shutDown
    }

    /// What is to be done, in order.
    package enum Action: Sendable, Hashable {
        case open(ConnectionID)
        case validate(ConnectionID)
        case close(ConnectionID)
        case grant(WaiterID, ConnectionID)
        /// Say that the caller has held it for most of a lease.
        case warn(ConnectionID)
        /// The lease is over: stop what the caller does.
        case takeBack(ConnectionID)
        case fail(WaiterID, DatabaseError)
        /// Send `tick` at that time; replaces an earlier wish.
        case wake(at: Duration)
        /// After `shutDown`, once: every connection is closed.
        case finish
    }

    /// How the pool is used at one moment.
    package struct Statistics: Sendable, Hashable {
        package let total: Int
        package let idle: Int
        package let leased: Int
        package let waiting: Int
    }

    private enum Phase {
        case opening
        case validating
        case idle(since: Duration)
        case leased(Lease)
        case closing
    }

    private struct Lease {
        let since: Duration
        /// What happens next to one that lasts.
        var stage = Stage.toWarn

        enum Stage {
            case toWarn, toTakeBack, done
        }
    }

    private struct Slot {
        var phase: Phase
        var expiresAt: Duration
    }

    private struct Waiter {
        let id: WaiterID
        let since: Duration
        let deadline: Duration
        let isFirst: Bool
    }

    /// After a connection could not be opened, none is opened without a caller for so long.
    private static let pauseAfterFailure = Duration.seconds(1)

    /// The part of a lease after which its holder is warned of.
    private static let warningShare = 0.8

    private let configuration: PoolConfiguration
    private var slots: [ConnectionID: Slot] = [:]
    /// The idle connections; the last was used last.
    private var idle: [ConnectionID] = []
    /// The leased connections, those that are held longest first; only kept where leases end.
    private var leased: [ConnectionID] = []
    private var pendingCount = 0
    private var leasedCount = 0
    private var waiters: [Waiter] = []
    private var lastNumber = 0
    private var noTopUpBefore = Duration.zero
    private var wakeAt: Duration?
    private var isRefusing = false
    private var isShuttingDown = false
    private var isFinished = false

    package init(_ configuration: PoolConfiguration) {
        self.configuration = configuration
    }

    package var statistics: Statistics {
        Statistics(total: slots.count, idle: idle.count, leased: leasedCount, waiting: waiters.count)
    }

    /// Takes in what happened and says what is to be done.
    ///
    /// - Parameter now: the uptime; never earlier than at the event before.
    package mutating func handle(_ event: Event, now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .acquire(let waiter, let deadline):
            acquire(Waiter(id: waiter, since: now, deadline: deadline, isFirst: false), &actions)
        case .acquireFirst(let waiter, let deadline):
            acquire(Waiter(id: waiter, since: now, deadline: deadline, isFirst: true), &actions)
        case .cancel(let waiter):
            waiters.removeAll { $0.id == waiter }
        case .release(let id, let isUsable):
            leased.removeAll { $0 == id }
            leasedCount -= 1
            settle(id, isUsable: isUsable, now: now, &actions)
        case .opened(let id, let jitter):
            pendingCount -= 1
            slots[id]?.expiresAt = now + configuration.lifetime * (1 - jitter / 10)
            settle(id, isUsable: true, now: now, &actions)
        case .validated(let id, let isUsable):
            pendingCount -= 1
            settle(id, isUsable: isUsable, now: now, &actions)
        case .openFailed(let id, let error):
            openFailed(id, error, now: now, &actions)
        case .closed(let id):
            slots[id] = nil
        case .tick:
            tick(now: now, &actions)
        case .refuse:
            refuse(&actions)
        case .shutDown:
            shutDown(&actions)
        }
        serve(now: now, &actions)
        return actions
    }
}

// MARK: Events

extension PoolStateMachine {
    private mutating func acquire(_ waiter: Waiter, _ actions: inout [Action]) {
        if isRefusing {
            actions.append(.fail(waiter.id, Self.closedError))
            return
        }
        let place = waiter.isFirst ? waiters.firstIndex { !$0.isFirst } : nil
        waiters.insert(waiter, at: place ?? waiters.endIndex)
    }

    /// A connection that is in nobody's hands any more becomes idle, unless it is worn out.
    private mutating func settle(
        _ id: ConnectionID, isUsable: Bool, now: Duration, _ actions: inout [Action]
    ) {
        guard let slot = slots[id] else {
            preconditionFailure("Connection \(id.number) is none of this pool's")
        }
        guard isUsable, now < slot.expiresAt, !isShuttingDown else {
            close(id, &actions)
            return
        }
        slots[id]?.phase = .idle(since: now)
        idle.append(id)
    }

    /// The caller that has waited longest learns why there is no connection; the next ones try for
    /// themselves.
    private mutating func openFailed(
        _ id: ConnectionID, _ error: DatabaseError, now: Duration, _ actions: inout [Action]
    ) {
        pendingCount -= 1
        slots[id] = nil
        noTopUpBefore = now + Self.pauseAfterFailure
        if !waiters.isEmpty { actions.append(.fail(waiters.removeFirst().id, error)) }
    }

    private mutating func tick(now: Duration, _ actions: inout [Action]) {
        wakeAt = nil
        let late = waiters.filter { $0.deadline <= now }
        let statistics = statistics
        waiters.removeAll { $0.deadline <= now }
        for waiter in late {
            actions.append(.fail(waiter.id, Self.timeoutError(after: now - waiter.since, statistics)))
        }
        for id in idle where isWornOut(id, now: now) {
            idle.removeAll { $0 == id }
            close(id, &actions)
        }
        for id in leased { remind(id, now: now, &actions) }
    }

    /// A lease that lasts is warned of, and then taken back.
    private mutating func remind(_ id: ConnectionID, now: Duration, _ actions: inout [Action]) {
        while let end = nextReminder(id), end <= now, case .leased(var lease)? = slots[id]?.phase {
            switch lease.stage {
            case .toWarn:
                actions.append(.warn(id))
                lease.stage = configuration.takesBackOverdue ? .toTakeBack : .done
            case .toTakeBack:
                actions.append(.takeBack(id))
                lease.stage = .done
            case .done: return
            }
            slots[id]?.phase = .leased(lease)
        }
    }

    private func nextReminder(_ id: ConnectionID) -> Duration? {
        guard let limit = configuration.maxLease, case .leased(let lease)? = slots[id]?.phase else {
            return nil
        }
        switch lease.stage {
        case .toWarn: return lease.since + limit * Self.warningShare
        case .toTakeBack: return lease.since + limit
        case .done: return nil
        }
    }

    private mutating func refuse(_ actions: inout [Action]) {
        isRefusing = true
        for waiter in waiters { actions.append(.fail(waiter.id, Self.closedError)) }
        waiters = []
    }

    private mutating func shutDown(_ actions: inout [Action]) {
        refuse(&actions)
        isShuttingDown = true
        for id in idle { close(id, &actions) }
        idle = []
    }
}

// MARK: Consequences

extension PoolStateMachine {
    /// What every event may lead to: callers served, connections opened, the next look at the clock.
    private mutating func serve(now: Duration, _ actions: inout [Action]) {
        guard !isShuttingDown else {
            if slots.isEmpty, !isFinished {
                isFinished = true
                actions.append(.finish)
            }
            return
        }
        grantIdle(now: now, &actions)
        while pendingCount < waiters.count, slots.count < configuration.maxConnections { open(&actions) }
        while slots.count < configuration.minConnections, now >= noTopUpBefore { open(&actions) }
        scheduleWake(now: now, &actions)
    }

    private mutating func grantIdle(now: Duration, _ actions: inout [Action]) {
        while !waiters.isEmpty, let id = idle.last, let slot = slots[id], case .idle(let since) = slot.phase {
            if now >= slot.expiresAt {
                idle.removeLast()
                close(id, &actions)
            } else if now - since < configuration.validationInterval {
                idle.removeLast()
                slots[id]?.phase = .leased(Lease(since: now))
                if configuration.maxLease != nil { leased.append(id) }
                leasedCount += 1
                actions.append(.grant(waiters.removeFirst().id, id))
            } else if pendingCount < waiters.count {
                idle.removeLast()
                slots[id]?.phase = .validating
                pendingCount += 1
                actions.append(.validate(id))
            } else {
                // A connection is on its way for each caller.
                return
            }
        }
    }

    private mutating func open(_ actions: inout [Action]) {
        lastNumber += 1
        let id = ConnectionID(number: lastNumber)
        slots[id] = Slot(phase: .opening, expiresAt: .zero)
        pendingCount += 1
        actions.append(.open(id))
    }

    private mutating func close(_ id: ConnectionID, _ actions: inout [Action]) {
        slots[id]?.phase = .closing
        actions.append(.close(id))
    }

    /// Too old, or idle for too long while there are more than the minimum.
    private func isWornOut(_ id: ConnectionID, now: Duration) -> Bool {
        guard let slot = slots[id], case .idle(let since) = slot.phase else { return false }
        if now >= slot.expiresAt { return true }
        return keptCount > configuration.minConnections && now - since >= configuration.idleTimeout
    }

    /// The connections that are not about to be closed.
    private var keptCount: Int {
        pendingCount + leasedCount + idle.count
    }

    private mutating func scheduleWake(now: Duration, _ actions: inout [Action]) {
        guard let next = nextWake(now: now), wakeAt.map({ next < $0 }) ?? true else { return }
        wakeAt = next
        actions.append(.wake(at: next))
    }

    private func nextWake(now: Duration) -> Duration? {
        var next = waiters.lazy.map(\.deadline).min()
        let canShrink = keptCount > configuration.minConnections
        for id in idle {
            guard let slot = slots[id], case .idle(let since) = slot.phase else { continue }
            let end = canShrink ? min(slot.expiresAt, since + configuration.idleTimeout) : slot.expiresAt
            next = min(next ?? end, end)
        }
        for id in leased {
            if let reminder = nextReminder(id) { next = min(next ?? reminder, reminder) }
        }
        if slots.count < configuration.minConnections { next = min(next ?? noTopUpBefore, noTopUpBefore) }
        return next
    }

    private static let closedError = DatabaseError(.closed, "The database is closed")

    private static func timeoutError(after waited: Duration, _ statistics: Statistics) -> DatabaseError {
        DatabaseError(
            .poolTimeout,
            "No connection came free within \(waited): total \(statistics.total), idle \(statistics.idle), "
                + "leased \(statistics.leased), waiting \(statistics.waiting)")
    }
}
