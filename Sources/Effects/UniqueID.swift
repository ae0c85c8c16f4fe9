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

    /// Reads the bytes of the text form, for whoever has no string of it.
    package init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard let id = Self.parse(bytes) else { return nil }
        self = id
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> UniqueID? {
        guard bytes.count == textLength else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        var faults: UInt8 = 0
        for offset in 0..<textLength {
            let byte = bytes[offset]
            if offset == 8 || offset == 13 || offset == 18 || offset == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            faults |= fault(of: byte)
            // The low four bits of a letter count from 1, and its bit of value 64 is set.
            let value = UInt64(byte & 15 &+ 9 &* (byte >> 6))
            if offset < 18 {
                halves.high = halves.high << 4 | value
            } else {
                halves.low = halves.low << 4 | value
            }
        }
        return faults == 0 ? UniqueID(high: halves.high, low: halves.low) : nil
    }

    /// 0 for a hexadecimal digit. Without a branch: in an id nobody can foresee which are letters, and wrong
    /// guesses took a quarter of the CPU time of reading rows with an id, a number, a text and an instant.
    private static func fault(of byte: UInt8) -> UInt8 {
        let isNoDigit: UInt8 = byte &- UInt8(ascii: "0") < 10 ? 0 : 1
        let isNoLetter: UInt8 = (byte | 0x20) &- UInt8(ascii: "a") < 6 ? 0 : 1
        return isNoDigit & isNoLetter
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
}
