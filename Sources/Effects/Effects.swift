/// Everything a pure function cannot give: time, randomness, new ids. Passed in wherever one of them is
/// needed.
package struct Effects: Sendable {
    package let time: any TimeSource
    package let random: any RandomSource
    package let ids: any IDGenerator

    package init(time: any TimeSource, random: any RandomSource, ids: any IDGenerator) {
        self.time = time
        self.random = random
        self.ids = ids
    }

    /// The machine's clocks, the kernel's randomness, UUIDs of version 7.
    package static let live = Effects(livingBy: SystemTime())

    /// The same under another clock.
    package init(livingBy time: any TimeSource) {
        self.init(
            time: time, random: SystemRandom(), ids: UUIDVersion7(time: time, random: SystemRandom()))
    }
}
