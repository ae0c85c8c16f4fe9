import Effects
import Synchronization

/// Up to where the queue has been claimed, by lane, queue and priority: where a claim may begin to look. A
/// pure value that is told what claims found.
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

    /// The last row that was taken of a level, in the order of the queue: what was due before is gone.
    struct Place: Sendable, Hashable, Comparable {
        let time: Timestamp
        let execution: UniqueID

        static func < (left: Place, right: Place) -> Bool {
            (left.time, left.execution) < (right.time, right.execution)
        }
    }

    /// What one claim did.
    struct Look: Sendable {
        /// Those that it had for itself.
        let lanes: [Int]
        /// The last row that it took of each level, by lane.
        let taken: [Int: [Level: Place]]
        let count: Int
        let isFull: Bool
        /// The server's time for it.
        let elapsed: Duration
    }

    private var marks: [Int: [Level: Place]] = [:]
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

    /// Where the next claim begins in each level, for each of the lanes; nil for a full look. A lane of which
    /// nothing is known begins where the first of the others does: what lies there lies behind a full look.
    ///
    /// - Parameter now: by the monotonic clock.
    func start(_ queues: [String], lanes: [Int], now: Duration) -> [Level: [Int: Place]]? {
        guard let interval else { return nil }
        var start: [Level: [Int: Place]] = [:]
        for lane in lanes {
            guard let look = fullLooks[lane], now - look < interval else { return nil }
            for (level, mark) in marks[lane] ?? [:] where queues.contains(level.queue) {
                start[level, default: [:]][lane] = mark
            }
        }
        for (level, places) in start {
            guard let first = places.values.min() else { continue }
            for lane in lanes where places[lane] == nil { start[level]?[lane] = first }
        }
        return start.isEmpty ? nil : start
    }

    mutating func looked(_ look: Look, now: Duration) {
        for (lane, taken) in look.taken {
            for (level, place) in taken {
                marks[lane, default: [:]][level] = max(marks[lane]?[level] ?? place, place)
            }
        }
        if look.isFull {
            for lane in look.lanes { fullLooks[lane] = now }
        }
        guard look.isFull, !look.lanes.isEmpty else { return }
        let isSlow = look.elapsed > Self.quick + Self.quickForEach * look.count
        interval = isSlow ? max(Self.pause, look.elapsed * Self.share) : nil
    }
}

/// The marks of a store, which all its claims share.
final class ClaimMemory: Sendable {
    private let marks = Mutex(ClaimMarks())

    func start(
        _ queues: [String], lanes: [Int], now: Duration
    ) -> [ClaimMarks.Level: [Int: ClaimMarks.Place]]? {
        marks.withLock { $0.start(queues, lanes: lanes, now: now) }
    }

    func looked(_ look: ClaimMarks.Look, now: Duration) {
        marks.withLock { $0.looked(look, now: now) }
    }
}
