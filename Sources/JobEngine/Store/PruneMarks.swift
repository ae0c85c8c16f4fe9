import Effects
import Synchronization

/// Up to which execution the history was searched for what is kept no longer, by state: a pure value that is
/// told what was found.
///
/// On PostgreSQL the state is in no index (each claim and each record would write to all of them), so that a
/// search walks over whatever is kept of other states. From a mark on it walks only over what has come of age
/// since the last. What ended later than its neighbours lies behind the mark, and goes with the next search
/// of everything: after a tenth of the time that it is kept, and no sooner than in an hour.
struct PruneMarks: Sendable, Hashable {
    private struct Search: Sendable, Hashable {
        var mark = UniqueID(high: 0, low: 0)
        /// When everything was searched, by the monotonic clock.
        let begun: Duration
    }

    private var searches: [ExecutionStatus: Search] = [:]

    private static let share = 10
    private static let pause = Duration.seconds(3600)

    /// Where the next search begins.
    mutating func start(_ status: ExecutionStatus, kept: Duration, now: Duration) -> UniqueID {
        let pause = max(Self.pause, kept / Self.share)
        if let search = searches[status], now - search.begun < pause { return search.mark }
        let search = Search(begun: now)
        searches[status] = search
        return search.mark
    }

    /// Everything before this one is searched; nil if nothing was.
    mutating func looked(_ status: ExecutionStatus, upTo mark: UniqueID?, now: Duration) {
        guard let mark else { return }
        searches[status, default: Search(begun: now)].mark = mark
    }
}

/// The marks of a store.
final class PruneMemory: Sendable {
    private let state = Mutex(PruneMarks())

    var marks: PruneMarks {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
