/// Which position the primary had when: from it follows how old the state is that a replica shows.
///
/// A replica that has replayed a position shows everything that was committed when the primary was there.
/// This needs no clock but ours and holds for a primary at rest, for a replica that has lost its primary, and
/// for one that replays slowly.
struct ReplicationHistory: Sendable {
    private struct Sample: Sendable {
        let position: Int64
        let at: Duration
    }

    /// More than a check a second for a minute.
    private static let limit = 64
    /// By ascending time.
    private var samples: [Sample] = []

    /// Notes the primary's position.
    ///
    /// - Parameter at: the uptime before it was asked for.
    mutating func record(_ position: Int64, at: Duration) {
        // After a failover the new primary may be behind what the old one had written and lost.
        samples.removeAll { $0.position > position || $0.at > at }
        if samples.count == Self.limit { samples.removeFirst() }
        samples.append(Sample(position: position, at: at))
    }

    /// How old a replica's state is at most; nil when no sample is old enough to tell.
    func staleness(of position: Int64, now: Duration) -> Duration? {
        samples.last { $0.position <= position }.map { now - $0.at }
    }

    /// How old a replica's state is at least: it lacks what the primary had then.
    func leastStaleness(of position: Int64, now: Duration) -> Duration {
        samples.first { $0.position > position }.map { now - $0.at } ?? .zero
    }
}
