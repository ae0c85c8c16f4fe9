import Effects

/// What one worker has seen of the others' heartbeats, by its own monotonic clock: a pure value, told at
/// every look. A heartbeat that only looks old, because a wall clock was moved or the database was away from
/// all workers alike, is nobody's death.
package struct HeartbeatWatch: Sendable, Hashable {
    private struct Sight: Sendable, Hashable {
        let heartbeat: Timestamp
        let since: Duration
    }

    /// How long a heartbeat must have been seen unchanged where its age alone proves nothing.
    private let patience: Duration
    /// Whether all heartbeats and all observers go by one clock that nobody moves: a server's.
    private let isClockShared: Bool
    private var sights: [UniqueID: Sight] = [:]
    private var lastLook: Duration?
    /// A shared clock proves nothing before this time either, because nobody could write a heartbeat.
    private var doubtUntil: Duration?

    /// - Parameters:
    ///   - interval: how often a worker writes its heartbeat; two of them without news are a silence.
    ///   - isClockShared: whether "now" is a server's clock and not this machine's.
    package init(interval: Duration, isClockShared: Bool) {
        patience = interval * 2
        self.isClockShared = isClockShared
    }

    /// A look at all rows, at `uptime`. After a pause in which the observer saw nothing, it begins anew: what
    /// kept it from looking may have kept the others from writing.
    mutating func look(at workers: [WorkerRecord], uptime: Duration) {
        if let lastLook, uptime - lastLook > patience {
            sights = [:]
            doubtUntil = uptime + patience
        }
        lastLook = uptime
        var seen: [UniqueID: Sight] = [:]
        for worker in workers {
            if let known = sights[worker.epoch], known.heartbeat == worker.heartbeatAt {
                seen[worker.epoch] = known
            } else {
                seen[worker.epoch] = Sight(heartbeat: worker.heartbeatAt, since: uptime)
            }
        }
        sights = seen
    }

    /// How long the age of this heartbeat is still to be doubted, zero or less when it may be believed: it
    /// was seen unchanged for long enough, or a clock that all share tells its age and the database was there
    /// to take a newer one.
    func doubt(of worker: WorkerRecord, uptime: Duration) -> Duration {
        if isClockShared {
            guard let doubtUntil, uptime < doubtUntil else { return .zero }
        }
        guard let sight = sights[worker.epoch], sight.heartbeat == worker.heartbeatAt else { return patience }
        return sight.since + patience - uptime
    }
}
