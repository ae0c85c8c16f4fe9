package import Effects

extension Effects {
    /// Everything reproducible: a manual clock and a seeded generator.
    package static func test(time: any TimeSource = ManualTime(), seed: UInt64 = 1) -> Effects {
        let random = SeededRandom(seed: seed)
        return Effects(time: time, random: random, ids: UUIDVersion7(time: time, random: random))
    }
}
