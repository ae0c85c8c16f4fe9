package import Effects

/// What bounds the work of one queue; nil is no bound.
package struct QueueLimits: Sendable, Hashable {
    /// Executions that run at one time, over all workers.
    package var maxRunning: Int?
    /// The same for executions with one concurrency key.
    package var maxRunningPerKey: Int?
    /// Executions that begin in a time.
    package var rate: Rate?
    /// What waits gains one step of priority each time so many seconds have passed.
    package var agingSeconds: Int?

    package init(
        maxRunning: Int? = nil, maxRunningPerKey: Int? = nil, rate: Rate? = nil, agingSeconds: Int? = nil
    ) {
        self.maxRunning = maxRunning
        self.maxRunningPerKey = maxRunningPerKey
        self.rate = rate
        self.agingSeconds = agingSeconds
    }

    /// A token bucket: so many tokens a second flow in, at most `burst` are kept, each start takes one.
    package struct Rate: Sendable, Hashable {
        package var perSecond: Double
        package var burst: Int

        /// - Parameter burst: nil for what flows in within a second, at least one.
        package init(perSecond: Double, burst: Int?) {
            self.perSecond = perSecond
            self.burst = burst ?? max(1, Int(perSecond.rounded(.up)))
        }
    }

    /// The limits that there are of executions at one time.
    package static let counts = 1...1_000_000
    /// The rates that there are, per second.
    package static let rates = 0.0001...1_000_000.0
    /// The bursts that there are.
    package static let bursts = 1...1_000_000
    /// The seconds of a step of priority.
    package static let agings = 1...86_400

    /// Whether nothing is bounded.
    package var isEmpty: Bool { self == QueueLimits() }

    /// Whether a claim has to count before it takes.
    var bounds: Bool { maxRunning != nil || maxRunningPerKey != nil || rate != nil }
}

/// What somebody has told a queue.
package struct QueueRecord: Sendable, Hashable {
    /// Since when nothing is claimed from it, who wanted that, and why.
    package struct Pause: Sendable, Hashable {
        package let at: Timestamp
        package let by: String
        package let reason: String
    }

    package let name: String
    package let pause: Pause?
    package let limits: QueueLimits
    /// The bucket's tokens at the time when they were counted last; nil for a full one.
    let tokens: Double?
    let refilledAt: Timestamp?
}

/// A queue as lists show it: what waits and runs, and what it was told.
package struct QueueState: Sendable, Hashable {
    package let name: String
    package let waiting: Int
    package let due: Int
    /// When the oldest waiting execution became due.
    package let oldestDueAt: Timestamp?
    package let running: Int
    package let pause: QueueRecord.Pause?
    package let limits: QueueLimits
}
