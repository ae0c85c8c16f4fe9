/// Numbers written with very many digits, read so that a stop is seen in time.
extension Machine {
    /// The number a text stands for; nil if it stands for none, or if the run must stop: then the error is
    /// recorded.
    mutating func parse(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        if text.count <= NumberText.longestText { return NumberText.parse(text) }
        var number = LongNumber()
        for start in stride(from: 0, to: text.count, by: NumberText.longestText) {
            let part = text.part(start..<min(start + NumberText.longestText, text.count))
            guard charge(2 * part.count), number.read(part) else { return nil }
        }
        guard let short = number.shortForm else { return nil }
        return short.withUnsafeBufferPointer { NumberText.parse($0) }
    }

    /// §4.2; nil where it fails, or where the run must stop: then the error is recorded.
    mutating func number(from value: Value) -> Double? {
        if value.isNumber { return value.number }
        if value.isBoolean { return value.isTrue ? 1 : 0 }
        return value.has(.string) ? parse(value.utf8) : nil
    }
}

extension BuiltinCall {
    /// The number a text stands for; nil if it stands for none.
    func parse(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Double? {
        let number = machine.pointee.parse(text)
        if number == nil, text.count > NumberText.longestText, machine.pointee.stop != nil { throw .raised }
        return number
    }

    /// §4.2; nil where it fails.
    func number(from value: Value) throws(Raised) -> Double? {
        value.has(.string) ? try parse(value.utf8) : machine.pointee.number(from: value)
    }
}

/// Reads a decimal number piece by piece and keeps what decides which double it is.
private struct LongNumber {
    /// What was read so far.
    private enum Place {
        case start, whole, fraction, exponentStart, exponentSign, exponent
    }

    private var place = Place.start
    private var isNegative = false
    private var hasDigits = false
    /// The first digits from the first that is not 0 on. Beyond these 800 only whether there is one that is
    /// not 0 makes a difference: a double lies halfway between two numbers of at most 768 digits.
    private var digits: [UInt8] = []
    private var hasRest = false
    /// The power of ten that the digits, as a whole number, are to be multiplied by.
    private var scale = 0
    private var isExponentNegative = false
    private var exponent = 0

    private static let mostDigits = 800

    /// False where the text is no number.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in text {
            guard take(byte) else { return false }
        }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        switch place {
        case .start where byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"):
            isNegative = byte == UInt8(ascii: "-")
            place = .whole
        case .start, .whole:
            place = .whole
            if isDigit { return add(byte, isFraction: false) }
            if byte == UInt8(ascii: ".") {
                place = .fraction
                return true
            }
            return beginExponent(byte)
        case .fraction: return isDigit ? add(byte, isFraction: true) : beginExponent(byte)
        case .exponentStart where byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"):
            isExponentNegative = byte == UInt8(ascii: "-")
            place = .exponentSign
        case .exponentStart, .exponentSign, .exponent:
            place = .exponent
            guard isDigit else { return false }
            exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1 << 40)
        }
        return true
    }

    private mutating func beginExponent(_ byte: UInt8) -> Bool {
        place = .exponentStart
        return hasDigits && byte | 0x20 == UInt8(ascii: "e")
    }

    private mutating func add(_ digit: UInt8, isFraction: Bool) -> Bool {
        hasDigits = true
        if digits.isEmpty, digit == UInt8(ascii: "0") {
            if isFraction { scale -= 1 }
        } else if digits.count < Self.mostDigits {
            digits.append(digit)
            if isFraction { scale -= 1 }
        } else {
            if digit != UInt8(ascii: "0") { hasRest = true }
            if !isFraction { scale += 1 }
        }
        return true
    }

    /// A text of the same value, as near as a double can tell; nil if the text was no number.
    var shortForm: [UInt8]? {
        guard hasDigits, place != .exponentStart, place != .exponentSign else { return nil }
        let power = scale + (isExponentNegative ? -exponent : exponent) - (hasRest ? 1 : 0)
        var form = isNegative ? [UInt8(ascii: "-")] : []
        form += digits.isEmpty ? [UInt8(ascii: "0")] : digits
        if hasRest { form.append(UInt8(ascii: "1")) }
        return form + "e\(power)".utf8
    }
}
