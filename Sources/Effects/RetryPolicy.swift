/// How often and after what delay something that failed is tried again: arithmetic only, nothing here waits.
package struct RetryPolicy: Sendable, Hashable {
    /// How the delay grows from one retry to the next.
    package enum Backoff: String, Sendable, CaseIterable {
        case fixed, linear, exponential
    }

    /// Retries after the first try; the caller counts them.
    package var maxRetries: Int
    /// The delay before the first retry, before jitter.
    package var delay: Duration
    package var backoff: Backoff
    /// No delay is longer.
    package var cap: Duration

    package init(maxRetries: Int, delay: Duration, backoff: Backoff, cap: Duration) {
        self.maxRetries = maxRetries
        self.delay = delay
        self.backoff = backoff
        self.cap = cap
    }

    /// One try and no more.
    package static let never = RetryPolicy(maxRetries: 0, delay: .zero, backoff: .fixed, cap: .zero)

    /// The longest delay before the n-th retry (from 1), which jitter then shortens.
    package func longestDelay(beforeRetry retry: Int) -> Duration {
        precondition(retry >= 1, "Retries are counted from 1")
        let factor: Int128 =
            switch backoff {
            case .fixed: 1
            case .linear: Int128(retry)
            case .exponential: Int128(1) << Int128(min(retry - 1, 100))
            }
        let limit = max(cap, .zero)
        let (product, overflow) = max(delay, .zero).attoseconds.multipliedReportingOverflow(by: factor)
        return overflow ? limit : min(Duration(attoseconds: product), limit)
    }

    /// The delay before the n-th retry (from 1), with full jitter: uniformly distributed from zero to the
    /// longest, so that those who failed together do not come back together.
    package func delay(beforeRetry retry: Int, random: any RandomSource) -> Duration {
        let nanoseconds = longestDelay(beforeRetry: retry).attoseconds / 1_000_000_000
        let bound = UInt64(clamping: nanoseconds)
        guard bound > 0 else { return .zero }
        return .nanoseconds(Int64(clamping: random.uniform(below: bound)))
    }
}
