/// The hash SipHash-1-3 with a key of zeros (Aumasson and Bernstein, 2012): fixed for all times and machines,
/// unlike Swift's `Hasher`, because scripts see its values.
struct SipHash {
    private var v0: UInt64 = 0x736f_6d65_7073_6575
    private var v1: UInt64 = 0x646f_7261_6e64_6f6d
    private var v2: UInt64 = 0x6c79_6765_6e65_7261
    private var v3: UInt64 = 0x7465_6462_7974_6573
    private var word: UInt64 = 0
    private var count: UInt64 = 0

    /// Takes one more byte of the message.
    mutating func append(_ byte: UInt8) {
        word |= UInt64(byte) << (count % 8 * 8)
        count += 1
        if count % 8 == 0 { absorbWord() }
    }

    /// Takes more bytes of the message.
    mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { append(byte) }
    }

    /// The hash of everything taken.
    consuming func finish() -> UInt64 {
        word |= count << 56
        absorbWord()
        v2 ^= 0xFF
        for _ in 0..<3 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func absorbWord() {
        v3 ^= word
        round()
        v0 ^= word
        word = 0
    }

    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotate(v1, 13) ^ v0
        v0 = Self.rotate(v0, 32)
        v2 &+= v3
        v3 = Self.rotate(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, 17) ^ v2
        v2 = Self.rotate(v2, 32)
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }
}
