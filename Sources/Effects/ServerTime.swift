internal import Synchronization

/// The clock of a server that many machines share: what the server said last, and the time that has passed
/// here since, by the clock that only goes forward. Whoever sets this machine's clock does not move it.
package final class ServerTime: TimeSource {
    private let base: any TimeSource
    private let sample = Mutex<Sample?>(nil)

    private struct Sample {
        let instant: Timestamp
        let uptime: Duration
    }

    /// This machine's own time until it is set.
    package init(base: any TimeSource) {
        self.base = base
    }

    /// The server said `instant` at some moment between the two readings of `uptime`.
    package func set(to instant: Timestamp, between before: Duration, and after: Duration) {
        sample.withLock { $0 = Sample(instant: instant, uptime: (before + after) / 2) }
    }

    package func now() -> Timestamp {
        guard let sample = sample.withLock({ $0 }) else { return base.now() }
        return sample.instant + (base.uptime() - sample.uptime)
    }

    package func uptime() -> Duration { base.uptime() }

    package func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }

    package func block(for duration: Duration) { base.block(for: duration) }
}
