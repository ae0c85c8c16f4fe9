import Glibc

extension NumberText {
    /// A longer text is first brought into a short form, see `BuiltinCall.parse`.
    static let longestText = 1 << 14

    /// The number a text stands for when a program converts it; nil if it stands for none.
    ///
    /// An optional sign, then digits with an optional point and an optional exponent, or `inf`, `infinity` or
    /// `nan` in any letter case. Nothing may surround that, not even blanks.
    package static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        var digits = text[...]
        var isNegative = false
        if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            digits.removeFirst()
        }
        guard let magnitude = word(digits) ?? decimal(digits, allowsExponent: true) else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    /// The value of a number in the source of a program: digits with at most one point after the first.
    static func parseLiteral(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        decimal(text[...], allowsExponent: false)
    }

    private static func word(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Double? {
        func reads(_ word: StaticString) -> Bool {
            word.withUTF8Buffer { letters in
                letters.count == text.count && zip(letters, text).allSatisfy { $0 == $1 | 0x20 }
            }
        }
        if reads("inf") || reads("infinity") { return .infinity }
        return reads("nan") ? .nan : nil
    }

    private static func decimal(_ text: Slice<UnsafeBufferPointer<UInt8>>, allowsExponent: Bool) -> Double? {
        guard let form = DecimalForm(text, allowsExponent: allowsExponent) else { return nil }
        // Up to 15 digits are exact in a double, and so is the one division by an exact power of ten.
        if let small = form.exactValue { return small }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { buffer in
            for (index, byte) in text.enumerated() { buffer[index] = CChar(truncatingIfNeeded: byte) }
            buffer[text.count] = 0
            // strtod follows the C locale: nothing in the process ever calls setlocale.
            return buffer.baseAddress.map { strtod($0, nil) }
        }
    }
}

/// The parts of a decimal number, once its text is known to follow the grammar.
private struct DecimalForm {
    private var mantissa: UInt64 = 0
    private var digitCount = 0
    private var decimals = 0
    private var hasExponent = false

    /// Fails when the text does not follow the grammar.
    init?(_ text: Slice<UnsafeBufferPointer<UInt8>>, allowsExponent: Bool) {
        var rest = text
        takeDigits(&rest)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let before = digitCount
            takeDigits(&rest)
            decimals = digitCount - before
        }
        guard digitCount > 0 else { return nil }
        if allowsExponent, let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            hasExponent = true
            rest.removeFirst()
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                rest.removeFirst()
            }
            guard let digit = rest.first, Self.isDigit(digit) else { return nil }
            rest = rest.drop(while: Self.isDigit)
        }
        guard rest.isEmpty else { return nil }
    }

    /// The value, where double arithmetic finds it without rounding twice.
    var exactValue: Double? {
        guard !hasExponent, digitCount <= 15 else { return nil }
        return decimals == 0 ? Double(mantissa) : Double(mantissa) / Self.powersOfTen[decimals]
    }

    private mutating func takeDigits(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) {
        while let byte = rest.first, Self.isDigit(byte) {
            mantissa = mantissa &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
            digitCount += 1
            rest.removeFirst()
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
