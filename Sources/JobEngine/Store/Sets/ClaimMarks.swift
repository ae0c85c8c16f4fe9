import Effects
import Synchronization

/// Up to where the queue has been claimed, by lane and priority: where a claim may begin to look. A pure
/// value that is told what claims found.
///
/// While a transaction elsewhere keeps its snapshot, what was claimed stays as dead entries at the head of
/// the index, and every claim walks over all of them: behind such a one, 100 rows took 1.2 ms at first and
/// 13.6 ms after 30,000 more; from a mark on 0.6 ms throughout (PostgreSQL 15, two cores). As long as looking
/// at everything is quick, every claim does. Once it is not, a claim in between begins at the marks; what a
/// late commit or a new priority put before them waits for the next full look.
struct ClaimMarks: Sendable {
    /// The waiting work of one queue with one priority.
    struct Level: Sendable, Hashable {
        let queue: String
        let priority: Int
    }

    /// What one claim did.
    struct Look: Sendable {
        /// Those that it had for itself.
        let lanes: [Int]
        /// The time of the last row that it took of each level: what was due before is gone.
        let taken: [Level: Timestamp]
        let count: Int
        let isFull: Bool
        /// The server's time for it.
        let elapsed: Duration
    }

    private var marks: [Int: [Level: Timestamp]] = [:]
    /// When each lane was looked at as a whole, by the monotonic clock.
    private var fullLooks: [Int: Duration] = [:]
    /// How long a full look holds; nil while every look is one.
    private var interval: Duration?

    /// A full look that is slower than this walks over what is dead.
    private static let quick = Duration.milliseconds(3)
    private static let quickForEach = Duration.microseconds(50)
    /// A full look is at least this far from the next, and at most a twentieth of the time goes into them.
    private static let pause = Duration.seconds(1)
    private static let share = 20

    /// Where the next claim begins in each level; nil for a full look.
    ///
    /// - Parameter now: by the monotonic clock.
    func start(_ queues: [String], lanes: [Int], now: Duration) -> [Level: Timestamp]? {
        guard let interval else { return nil }
        var start: [Level: Timestamp] = [:]
        for lane in lanes {
            guard let look = fullLooks[lane], now - look < interval else { return nil }
            for (level, mark) in marks[lane] ?? [:] where queues.contains(level.queue) {
                start[level] = min(start[level] ?? mark, mark)
            }
        }
        return start.isEmpty ? nil : start
    }

    mutating func looked(_ look: Look, now: Duration) {
        for lane in look.lanes {
            for (level, time) in look.taken {
                marks[lane, default: [:]][level] = max(marks[lane]?[level] ?? time, time)
            }
            if look.isFull { fullLooks[lane] = now }
        }
        guard look.isFull, !look.lanes.isEmpty else { return }
        let isSlow = look.elapsed > Self.quick + Self.quickForEach * look.count
        interval = isSlow ? max(Self.pause, look.elapsed * Self.share) : nil
    }
}

/// The marks of a store, which all its claims share.
final class ClaimMemory: Sendable {
    private let marks = Mutex(ClaimMarks())

    func start(_ queues: [String], lanes: [Int], now: Duration) -> [ClaimMarks.Level: Timestamp]? {
        marks.withLock { $0.start(queues, lanes: lanes, now: now) }
    }

    func looked(_ look: ClaimMarks.Look, now: Duration) {
        marks.withLock { $0.looked(look, now: now) }
    }
}
