/// How numbers are written: always positional, never with an exponent, and without loss.
package enum NumberText {
    /// No number needs more bytes: `-0.` and the 324 decimals of the smallest ones.
    package static let maximumLength = 327

    /// Writes the shortest digits that read back to the same number; returns how many bytes that took.
    ///
    /// - Parameter buffer: has room for `maximumLength` bytes.
    package static func write(_ value: Double, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        // Below 2⁵³ every whole number has its own double, so all its digits are needed and right.
        if value.magnitude < 0x1p53 {
            let integer = Int64(value)
            if Double(integer) == value, integer != 0 || value.sign == .plus {
                return write(integer: integer, to: buffer)
            }
        }
        if value.isNaN { return copy("NaN", to: buffer) }
        var length = 0
        if value.sign == .minus {
            buffer[0] = UInt8(ascii: "-")
            length = 1
        }
        let magnitude = value.magnitude
        if magnitude == 0 { return length + copy("0", to: buffer + length) }
        if magnitude == .infinity { return length + copy("inf", to: buffer + length) }
        return length + write(ShortestDigits(of: magnitude), to: buffer + length)
    }

    /// The number as a `String`; for messages.
    package static func string(_ value: Double) -> String {
        String(unsafeUninitializedCapacity: maximumLength) { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return write(value, to: start)
        }
    }

    private static func write(integer: Int64, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        var reversed: InlineArray<20, UInt8> = .init(repeating: 0)
        var count = 0
        var rest = integer.magnitude
        repeat {
            reversed[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            count += 1
            rest /= 10
        } while rest != 0
        var length = 0
        if integer < 0 {
            buffer[0] = UInt8(ascii: "-")
            length = 1
        }
        for index in 0..<count { buffer[length + index] = reversed[count - 1 - index] }
        return length + count
    }

    private static func write(_ digits: ShortestDigits, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        var length = 0
        func put(_ byte: UInt8) {
            buffer[length] = byte
            length += 1
        }
        if digits.point <= 0 {
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "."))
            for _ in 0..<(-digits.point) { put(UInt8(ascii: "0")) }
        }
        for index in 0..<digits.count {
            if index == digits.point, index > 0 { put(UInt8(ascii: ".")) }
            put(digits.values[index])
        }
        for _ in 0..<max(0, digits.point - digits.count) { put(UInt8(ascii: "0")) }
        return length
    }

    private static func copy(_ text: StaticString, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        buffer.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }
}

/// The fewest significant decimal digits that identify a double, and where the decimal point belongs.
private struct ShortestDigits {
    /// ASCII digits, neither beginning nor ending with a zero.
    private(set) var values: InlineArray<24, UInt8> = .init(repeating: 0)
    private(set) var count = 0
    /// How many digits stand before the point. Negative means zeros after the point, and more than `count`
    /// means zeros before it.
    private(set) var point = 0

    /// - Parameter value: finite and greater than 0.
    init(of value: Double) {
        // The standard library finds the digits, exactly and fast, but writes large and small numbers with an
        // exponent.
        var text = value.description
        text.withUTF8 { read($0) }
        while count > 0, values[count - 1] == UInt8(ascii: "0") { count -= 1 }
    }

    private mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
        var isBeforePoint = true
        for (index, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "."):
                isBeforePoint = false
            case UInt8(ascii: "e"):
                point += Self.exponent(text[(index + 1)...])
                return
            case UInt8(ascii: "0") where count == 0:
                if !isBeforePoint { point -= 1 }
            default:
                values[count] = byte
                count += 1
                if isBeforePoint { point += 1 }
            }
        }
    }

    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var magnitude = 0
        for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "+") {
            magnitude = magnitude * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return text.first == UInt8(ascii: "-") ? -magnitude : magnitude
    }
}
