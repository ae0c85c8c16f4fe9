internal import Effects

/// Waiting for a lock that another connection holds: short sleeps that grow, and a limit to their sum.
final class BusyWait {
    private let limitMilliseconds: Int64
    private let watch: StatementWatch
    private let time: any TimeSource
    private var sleptMilliseconds: Int64 = 0
    private var sleeps = 0

    /// No sleep is longer than 10 ms, so that an interrupt is noticed soon.
    private static let delays: [Int64] = [1, 1, 2, 5, 10]

    init(limit: Duration, watch: StatementWatch, time: any TimeSource) {
        limitMilliseconds =
            limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        self.watch = watch
        self.time = time
    }

    /// The next wait begins.
    func restart() {
        sleptMilliseconds = 0
        sleeps = 0
    }

    /// Sleeps a little; false when the limit is reached or the statement must end.
    func sleep() -> Bool {
        let remaining = limitMilliseconds - sleptMilliseconds
        guard remaining > 0, !watch.stops else { return false }
        let delay = min(Self.delays[min(sleeps, Self.delays.count - 1)], remaining)
        sleeps += 1
        sleptMilliseconds += delay
        time.block(for: .milliseconds(delay))
        return !watch.stops
    }
}
