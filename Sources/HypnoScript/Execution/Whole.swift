/// A double as a whole number, without the checks and the trap of `Int(_:)`: adding 1.5 · 2⁵² leaves the
/// integer in the low bits. Exact for magnitudes below 2⁵¹.
struct Whole {
    let value: Int
    /// Whether the double was this whole number. Tells -0 from nothing: it counts as 0.
    let isExact: Bool
    /// The double was a whole number from 0 on, and not -0.
    let isNatural: Bool

    @inline(__always)
    init(_ number: Double) {
        self.init(number, shifted: number + 0x1.8p52)
    }

    /// A sum. The second operand is shifted first: where the first is what a loop computes, the result is
    /// there an addition earlier.
    @inline(__always)
    init(sum left: Double, _ right: Double) {
        self.init(left + right, shifted: left + (right + 0x1.8p52))
    }

    @inline(__always)
    private init(_ number: Double, shifted: Double) {
        value = Int(truncatingIfNeeded: Value(ordinary: shifted).bits) &- 0x4338_0000_0000_0000
        isExact = Double(value) == number
        isNatural = isExact && Int64(bitPattern: Value(ordinary: number).bits) >= 0
    }

    /// C's `fmod` for whole numbers, of which the first is not negative and the second not zero: an integer
    /// division takes a third of the time (design note §4).
    @inline(__always)
    static func remainder(_ dividend: Whole, _ divisor: Whole) -> Double {
        if (dividend.value | divisor.value) &>> 32 == 0 {
            let (left, right) = (
                UInt32(truncatingIfNeeded: dividend.value), UInt32(truncatingIfNeeded: divisor.value)
            )
            return Double(left % right)
        }
        return Double(dividend.value % divisor.value)
    }
}

/// A whole divisor from 2 to 2⁵¹ with its reciprocal, as two words behind an instruction. A product in
/// place of a division takes a third of its time.
struct WholeDivisor {
    /// 2⁶⁴ / divisor, rounded up.
    private let reciprocal: UInt64
    private let divisor: Int

    @inline(__always)
    init(_ words: UnsafeMutablePointer<UInt64>) {
        reciprocal = words[0]
        divisor = Int(truncatingIfNeeded: words[1])
    }

    /// Nil for a number that is no such divisor.
    init?(_ number: Double) {
        guard number >= 2, number <= 0x1p51, number.rounded() == number else { return nil }
        divisor = Int(number)
        reciprocal = UInt64.max / UInt64(divisor) + 1
    }

    var words: [UInt64] { [reciprocal, UInt64(divisor)] }
    var asValue: Value { Value(number: Double(divisor)) }

    /// The dividend is natural and, as `Whole` finds it, below 2⁵¹: then the quotient is exact or one too
    /// large.
    @inline(__always)
    func remainder(_ dividend: Whole) -> Double {
        let quotient = UInt64(truncatingIfNeeded: dividend.value).multipliedFullWidth(by: reciprocal).high
        let rest = dividend.value &- Int(truncatingIfNeeded: quotient) &* divisor
        if _slowPath(rest < 0) { return Double(rest &+ divisor) }
        return Double(rest)
    }
}

/// The check behind `name: type` in a pattern.
enum PatternKind {
    static func holds(_ kind: Int, _ value: Value) -> Bool {
        switch PatternType(rawValue: UInt8(truncatingIfNeeded: kind)) {
        case .number?: value.isNumber
        case .string?: value.has(.string)
        case .boolean?: value.isBoolean
        case .array?: value.has(.array)
        case .unchecked?, nil: true
        }
    }
}

/// The builtins' functions side by side, for the dispatch loop.
enum NativeTable {
    // Safe because it is written once, before anybody can see it, and never freed: it is as old as the
    // process.
    nonisolated(unsafe) static let functions: UnsafePointer<NativeFunction> = {
        let builtins = BuiltinTable.standard.builtins
        let table = UnsafeMutablePointer<NativeFunction>.allocate(capacity: max(1, builtins.count))
        for (index, builtin) in builtins.enumerated() { (table + index).initialize(to: builtin.function) }
        return UnsafePointer(table)
    }()
}
