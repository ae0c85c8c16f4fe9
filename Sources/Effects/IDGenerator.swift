internal import Synchronization

/// Where new identifiers come from.
package protocol IDGenerator: Sendable {
    /// An id that was never given before.
    func next() -> UniqueID
}

/// UUIDs of version 7 (RFC 9562): they begin with the time, so new rows go to the end of an index.
///
/// Within one process they are strictly increasing, also when the clock stands still or is set back.
package final class UUIDVersion7: IDGenerator {
    private let time: any TimeSource
    private let random: any RandomSource
    private let last = Mutex(Position(milliseconds: 0, tail: 0))

    /// The time of an id and the 74 bits behind it.
    private struct Position {
        var milliseconds: UInt64
        var tail: UInt128
    }

    private static let tailLimit = UInt128(1) << 74

    package init(time: any TimeSource, random: any RandomSource) {
        self.time = time
        self.random = random
    }

    package func next() -> UniqueID {
        let milliseconds = UInt64(max(0, time.now().microseconds / 1000))
        let bits = random.next()
        let position = last.withLock { last in
            if milliseconds > last.milliseconds {
                // The top bit stays free, so that a millisecond has room for 2^41 further ids.
                let tail = UInt128(bits >> 1) << 10 | UInt128(random.next() & 1023)
                last = Position(milliseconds: milliseconds, tail: tail)
            } else {
                last.tail += 1 + UInt128(bits >> 32)
                if last.tail >= Self.tailLimit {
                    last = Position(milliseconds: last.milliseconds + 1, tail: UInt128(bits))
                }
            }
            return last
        }
        return Self.id(of: position)
    }

    private static func id(of position: Position) -> UniqueID {
        let upper = UInt64(truncatingIfNeeded: position.tail >> 62)
        let lower = UInt64(truncatingIfNeeded: position.tail) & 0x3FFF_FFFF_FFFF_FFFF
        return UniqueID(high: position.milliseconds << 16 | 0x7000 | upper, low: 1 << 63 | lower)
    }
}
