import Effects
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    @Test(
        "the longest delay grows as the backoff says, up to the cap",
        arguments: [
            (RetryPolicy.Backoff.fixed, [1, 1, 1, 1, 1]),
            (.linear, [1, 2, 3, 4, 5]),
            (.exponential, [1, 2, 4, 8, 10]),
        ])
    func growth(backoff: RetryPolicy.Backoff, seconds: [Int]) {
        let policy = RetryPolicy(maxRetries: 5, delay: .seconds(1), backoff: backoff, cap: .seconds(10))
        #expect((1...5).map { policy.longestDelay(beforeRetry: $0) } == seconds.map { .seconds($0) })
    }

    @Test("no number of retries overflows", arguments: RetryPolicy.Backoff.allCases)
    func overflow(backoff: RetryPolicy.Backoff) {
        let policy = RetryPolicy(
            maxRetries: .max, delay: .seconds(Int64.max), backoff: backoff, cap: .seconds(Int64.max))
        #expect(policy.longestDelay(beforeRetry: .max) <= policy.cap)
        #expect(policy.delay(beforeRetry: .max, random: SeededRandom(seed: 1)) <= policy.cap)
    }

    @Test("jitter spreads over the whole delay and never exceeds it")
    func jitter() {
        let policy = RetryPolicy(maxRetries: 1, delay: .milliseconds(100), backoff: .fixed, cap: .seconds(1))
        let random = SeededRandom(seed: 11)
        let delays = (0..<10_000).map { _ in policy.delay(beforeRetry: 1, random: random) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 < .milliseconds(100) })
        let mean = delays.reduce(.zero, +) / delays.count
        #expect(mean > .milliseconds(48) && mean < .milliseconds(52))
    }

    @Test("a delay of zero or less is none")
    func zero() {
        let policy = RetryPolicy(maxRetries: 1, delay: .seconds(-1), backoff: .linear, cap: .seconds(1))
        #expect(policy.delay(beforeRetry: 3, random: SeededRandom(seed: 1)) == .zero)
        #expect(RetryPolicy.never.maxRetries == 0)
    }
}

@Suite("Randomness")
struct RandomSourceTests {
    @Test("the same seed gives the same numbers, another seed others")
    func seeds() {
        let (first, second, other) = (SeededRandom(seed: 5), SeededRandom(seed: 5), SeededRandom(seed: 6))
        let numbers = (0..<100).map { _ in first.next() }
        #expect(numbers == (0..<100).map { _ in second.next() })
        #expect(numbers != (0..<100).map { _ in other.next() })
    }

    @Test("numbers below a bound are spread evenly", arguments: [1, 2, 3, 10, 1000] as [UInt64])
    func bounds(bound: UInt64) {
        let random = SeededRandom(seed: 13)
        var counts = [Int](repeating: 0, count: Int(bound))
        for _ in 0..<Int(bound) * 1000 { counts[Int(random.uniform(below: bound))] += 1 }
        #expect(counts.allSatisfy { $0 > 800 && $0 < 1200 })
        #expect(random.uniform(below: .max) < .max)
    }

    @Test("a unit number is at least 0 and below 1")
    func unit() {
        let random = SeededRandom(seed: 17)
        #expect((0..<10_000).allSatisfy { _ in (0..<1).contains(random.unit()) })
    }
}
