import Effects

/// What one worker has seen of the others' heartbeats, by its own monotonic clock: a pure value, told at
/// every look. A heartbeat that only looks old, because a clock was moved (a machine's, a server's, that of
/// the server which took over) or because the database was away from all workers alike, is nobody's death.
/// One that looks new for ever, because the clock was set back, is a death nevertheless.
package struct HeartbeatWatch: Sendable, Hashable {
    private struct Sight: Sendable, Hashable {
        let heartbeat: Timestamp
        let since: Duration
    }

    /// How long a heartbeat must have been seen unchanged before its age is believed.
    private let patience: Duration
    private var sights: [UniqueID: Sight] = [:]
    private var lastLook: Duration?

    /// - Parameter interval: how often a worker writes its heartbeat; two of them without news are a silence.
    package init(interval: Duration) {
        patience = interval * 2
    }

    /// A look at all rows, at `uptime`. After a pause in which the observer saw nothing, it begins anew: what
    /// kept it from looking may have kept the others from writing.
    mutating func look(at workers: [WorkerRecord], uptime: Duration) {
        if let lastLook, uptime - lastLook > patience { sights = [:] }
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

    /// How long it takes until this silence is a death: until the clock that all go by says so, or the
    /// observer has waited as long itself, and in any case until it has seen the heartbeat unchanged for two
    /// intervals. Less than zero when it is one.
    func life(of worker: WorkerRecord, timeout: Duration, now: Timestamp, uptime: Duration) -> Duration {
        let age = worker.heartbeatAt + timeout - now
        guard let sight = sights[worker.epoch], sight.heartbeat == worker.heartbeatAt else {
            return max(age, patience)
        }
        // What may just be believed is.
        let doubt = sight.since + patience - uptime - .microseconds(1)
        return max(min(age, sight.since + timeout - uptime), doubt)
    }
}
