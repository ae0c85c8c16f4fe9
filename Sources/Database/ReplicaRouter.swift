/// Every decision about which server answers a read: event in, actions out, with no clock, no waiting and no
/// server in sight.
///
/// Reads take turns over the replicas that were found fresh at the last look. The first read of a process
/// waits a moment for the first look.
package struct ReplicaRouter: Sendable {
    /// A replica, by its place in the configuration.
    package struct ReplicaID: Hashable, Sendable {
        package let number: Int
    }

    /// A read that asked where to go.
    package struct RequestID: Hashable, Sendable {
        package let number: Int
    }

    /// What a replica said when it was looked at.
    package struct Report: Sendable, Hashable {
        /// Whether it follows a primary.
        package let isStandby: Bool
        /// What it has replayed.
        package let position: Int64?
        /// How long ago, by its own clock, what it replayed last was committed.
        package let sinceLastCommit: Duration?
    }

    /// What is known of a replica.
    package enum Health: Sendable, Hashable {
        case unknown
        case fresh(staleness: Duration)
        /// - Parameter staleness: nil when nobody can tell.
        case stale(staleness: Duration?)
        case notStandby
        case failed(DatabaseError)
    }

    /// What happened.
    package enum Event: Sendable {
        case request(RequestID)
        /// The primary's position.
        /// - Parameter at: the uptime before it was asked for.
        case primaryAt(Int64, at: Duration)
        case reported(ReplicaID, Report)
        /// The look failed.
        case checkFailed(ReplicaID, DatabaseError)
        /// Every replica was looked at.
        case checked
        /// A read on it failed.
        case useFailed(ReplicaID, DatabaseError)
        /// The time asked for by `wake` has come.
        case tick
        case shutDown
    }

    /// What is to be done, in order.
    package enum Action: Sendable, Hashable {
        /// Ask the primary for its position, then look at every replica.
        case check
        /// Send a read to a replica, or to the primary where there is none.
        case answer(RequestID, ReplicaID?)
        case fail(RequestID, DatabaseError)
        /// Send `tick` at that time; replaces an earlier wish.
        case wake(at: Duration)
    }

    private struct Waiter {
        let id: RequestID
        let deadline: Duration
    }

    /// How long a read waits for the first look.
    static let patience = Duration.seconds(1)
    /// A replica that has failed a read is looked at again after so long.
    static let pauseAfterFailure = Duration.seconds(1)

    private let configuration: ReplicaConfiguration
    private var healths: [Health]
    private var history = ReplicationHistory()
    private var waiters: [Waiter] = []
    private var isChecking = false
    private var nextCheck: Duration?
    private var wakeAt: Duration?
    private var lastUsed = -1
    private var isShuttingDown = false

    package init(_ configuration: ReplicaConfiguration) {
        self.configuration = configuration
        healths = configuration.servers.map { _ in .unknown }
    }

    /// What is known of the replicas, in their order.
    package var health: [Health] { healths }

    /// Takes in what happened and says what is to be done.
    ///
    /// - Parameter now: the uptime; never earlier than at the event before.
    package mutating func handle(_ event: Event, now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .request(let id):
            waiters.append(Waiter(id: id, deadline: now + Self.patience))
        case .primaryAt(let position, let time):
            history.record(position, at: time)
        case .reported(let id, let report):
            healths[id.number] = health(of: report, now: now)
        case .checkFailed(let id, let error):
            healths[id.number] = .failed(error)
        case .checked:
            isChecking = false
            nextCheck = now + configuration.checkInterval
        case .useFailed(let id, let error):
            healths[id.number] = .failed(error)
            if let next = nextCheck { nextCheck = min(next, now + Self.pauseAfterFailure) }
        case .tick:
            wakeAt = nil
        case .shutDown:
            isShuttingDown = true
        }
        startCheck(now: now, &actions)
        answer(now: now, &actions)
        scheduleWake(&actions)
        return actions
    }
}

// MARK: - Consequences

extension ReplicaRouter {
    /// The first look is for the first read; the others come by the clock.
    private mutating func startCheck(now: Duration, _ actions: inout [Action]) {
        guard !isChecking, !isShuttingDown else { return }
        if let nextCheck {
            guard now >= nextCheck else { return }
        } else if waiters.isEmpty {
            return
        }
        isChecking = true
        actions.append(.check)
    }

    /// The positions need no other clock than ours. The replica's own measure stands in where they do not
    /// reach back far enough; it compares the clocks of two machines, so it is held against the positions.
    private func health(of report: Report, now: Duration) -> Health {
        guard report.isStandby else { return .notStandby }
        var staleness = report.position.flatMap { history.staleness(of: $0, now: now) }
        if staleness == nil, let own = report.sinceLastCommit {
            let least = report.position.map { history.leastStaleness(of: $0, now: now) } ?? .zero
            staleness = max(own, least)
        }
        guard let staleness else { return .stale(staleness: nil) }
        return staleness <= configuration.maxStaleness
            ? .fresh(staleness: staleness) : .stale(staleness: staleness)
    }

    private mutating func answer(now: Duration, _ actions: inout [Action]) {
        let isFirstLook = isChecking && nextCheck == nil
        while let waiter = waiters.first {
            if isShuttingDown {
                actions.append(.fail(waiter.id, DatabaseError(.closed, "The database is closed")))
            } else if let replica = nextFresh() {
                actions.append(.answer(waiter.id, replica))
            } else if isFirstLook, now < waiter.deadline, healths.contains(.unknown) {
                return
            } else if configuration.failsOver {
                actions.append(.answer(waiter.id, nil))
            } else {
                actions.append(.fail(waiter.id, noReplica))
            }
            waiters.removeFirst()
        }
    }

    /// The next replica in turn that is fresh.
    private mutating func nextFresh() -> ReplicaID? {
        for step in 1...max(1, healths.count) {
            let number = (lastUsed + step) % max(1, healths.count)
            guard number < healths.count, case .fresh = healths[number] else { continue }
            lastUsed = number
            return ReplicaID(number: number)
        }
        return nil
    }

    private mutating func scheduleWake(_ actions: inout [Action]) {
        guard !isShuttingDown else { return }
        let times = [isChecking ? nil : nextCheck, waiters.first?.deadline].compactMap(\.self)
        guard let next = times.min(), wakeAt.map({ next < $0 }) ?? true else { return }
        wakeAt = next
        actions.append(.wake(at: next))
    }

    private var noReplica: DatabaseError {
        let states = zip(configuration.servers, healths).map { "'\($0.name)' \($1.words)" }
        return DatabaseError(
            .cannotConnect,
            "No replica can be read from and 'failover_enabled' is false: \(states.joined(separator: ", "))")
    }
}

extension ReplicaRouter.Health {
    /// The rest of a sentence that begins with a replica's name.
    package var words: String {
        switch self {
        case .unknown: "was not looked at yet"
        case .fresh(let staleness): "is at most \(staleness) behind"
        case .stale(.some(let staleness)): "is up to \(staleness) behind"
        case .stale(.none): "does not tell how far it is behind"
        case .notStandby: "is no standby"
        case .failed(let error): "failed: \(error)"
        }
    }
}
