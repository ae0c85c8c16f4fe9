import Crypto
import Effects
import Synchronization

/// A generator whose numbers follow from a key, and from which nobody learns the key: SHA-256 of the key and
/// a counter. A recorded run takes its numbers from one, so that the key is all there is to record.
final class KeyedRandom: Sendable {
    /// 32 bytes.
    let key: [UInt8]
    private let state = Mutex(State())

    private struct State {
        var counter: UInt64 = 0
        var numbers: [UInt64] = []
    }

    init(key: [UInt8]) {
        self.key = key
    }

    convenience init(from random: any RandomSource) {
        self.init(key: (0..<4).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) })
    }

    func next() -> UInt64 {
        state.withLock { state in
            if let number = state.numbers.popLast() { return number }
            var hash = SHA256()
            hash.update(data: key)
            withUnsafeBytes(of: state.counter.littleEndian) { hash.update(bufferPointer: $0) }
            state.counter += 1
            state.numbers = hash.finalize().withUnsafeBytes { bytes in
                (0..<4).map {
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self))
                }
            }
            return state.numbers.removeLast()
        }
    }
}
