internal import Synchronization

/// Where randomness comes from; tests put a seeded one in its place.
package protocol RandomSource: Sendable {
    /// 64 uniformly distributed bits.
    func next() -> UInt64
}

extension RandomSource {
    /// A uniformly distributed number in 0..<1, with 53 bits.
    package func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A uniformly distributed number in 0..<bound, without the bias of a remainder (Lemire 2019).
    package func uniform(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "There is no number below zero")
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold {
                product = next().multipliedFullWidth(by: bound)
            }
        }
        return product.high
    }
}

/// The kernel's generator (`getrandom(2)`), fit for secrets.
package struct SystemRandom: RandomSource {
    package init() {}

    package func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// A reproducible generator (SplitMix64): the same seed gives the same numbers. Never for secrets.
package final class SeededRandom: RandomSource {
    /// Printed by a failing test, so that the failure can be repeated.
    package let seed: UInt64
    private let state: Atomic<UInt64>

    package init(seed: UInt64) {
        self.seed = seed
        state = Atomic(seed)
    }

    package func next() -> UInt64 {
        // The state only ever grows by a constant, so one atomic addition is all the locking there is.
        var bits = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
