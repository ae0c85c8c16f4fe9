internal import Glibc
// Synchronization's shims include <time.h> first, so that in a whole-module build they own timespec's
// members.
internal import SwiftOverlayShims

/// Where the program learns the time and how it waits; tests put their own in its place.
package protocol TimeSource: Sendable {
    /// The wall clock, which an administrator may set back.
    func now() -> Timestamp
    /// A clock that only goes forward, for deadlines and measurements; its origin means nothing.
    func uptime() -> Duration
    /// Waits so long; throws `CancellationError` at once when the task is cancelled.
    func sleep(for duration: Duration) async throws
    /// Blocks the calling thread so long. Only for threads of our own, where C code or a script waits.
    func block(for duration: Duration)
}

/// The machine's own clocks.
package struct SystemTime: TimeSource {
    package init() {}

    package func now() -> Timestamp {
        let time = Self.read(CLOCK_REALTIME)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package func uptime() -> Duration {
        let time = Self.read(CLOCK_MONOTONIC)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }

    package func block(for duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var pause = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var left = timespec()
        // A signal ends the sleep early, which says how much of it is left.
        while nanosleep(&pause, &left) != 0, errno == EINTR { pause = left }
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else {
            preconditionFailure("clock_gettime(2) fails only for a clock that does not exist")
        }
        return time
    }
}
