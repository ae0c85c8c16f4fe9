import Effects

/// A queue's allowance of starts at one moment: a pure value, kept in the queue's row between claims.
struct TokenBucket: Sendable, Hashable {
    let rate: QueueLimits.Rate
    /// A fraction of a token is on its way.
    private(set) var tokens: Double
    let now: Timestamp

    /// - Parameters:
    ///   - tokens: what was left at `refilledAt`; nil for a full bucket.
    ///   - now: up to when it has been filled; an earlier time than `refilledAt` adds nothing.
    init(_ rate: QueueLimits.Rate, tokens: Double?, refilledAt: Timestamp?, now: Timestamp) {
        self.rate = rate
        self.now = now
        guard let tokens, let refilledAt else {
            self.tokens = Double(rate.burst)
            return
        }
        let waited = max(.zero, now - refilledAt) / .seconds(1)
        self.tokens = min(Double(rate.burst), tokens + waited * rate.perSecond)
    }

    /// How many executions may begin now. Sums of fractions fall short of a whole by less than a billionth.
    var whole: Int { Int(tokens + 1e-9) }

    mutating func take(_ count: Int) {
        tokens = max(0, tokens - Double(count))
    }

    /// When the next execution may begin: now, if one may.
    var nextAt: Timestamp {
        guard whole < 1 else { return now }
        return now + .seconds((1 - tokens) / rate.perSecond) + .microseconds(1)
    }
}
