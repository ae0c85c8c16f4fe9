/// A UUID: 128 bits, ordered as its text is.
package struct UniqueID: Hashable, Comparable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// The id with exactly these bits.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UniqueID: CustomStringConvertible {
    /// The length of the text, always.
    package static let textLength = 36

    /// Lower-case hexadecimal digits in groups of 8-4-4-4-12.
    package var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            writeText(to: buffer)
            return Self.textLength
        }
    }

    /// Writes the 36 bytes of the text without making a string.
    package func writeText(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        precondition(buffer.count >= Self.textLength, "There is no room for the text")
        var offset = 0
        var half = high
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                buffer[offset] = UInt8(ascii: "-")
                offset += 1
            }
            if index == 8 { half = low }
            buffer[offset] = Self.digit(half >> 60)
            buffer[offset + 1] = Self.digit(half >> 56 & 15)
            half <<= 8
            offset += 2
        }
    }

    /// Reads the text form in either case; nil for anything that has not its exact shape.
    package init?(_ text: some StringProtocol) {
        let id = text.utf8.withContiguousStorageIfAvailable { Self.parse($0) }
        guard let id = id ?? Array(text.utf8).withUnsafeBufferPointer({ Self.parse($0) }) else { return nil }
        self = id
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> UniqueID? {
        guard bytes.count == textLength else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (offset, byte) in bytes.enumerated() {
            if offset == 8 || offset == 13 || offset == 18 || offset == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = hexadecimal(byte) else { return nil }
            if offset < 18 {
                halves.high = halves.high << 4 | value
            } else {
                halves.low = halves.low << 4 | value
            }
        }
        return UniqueID(high: halves.high, low: halves.low)
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
