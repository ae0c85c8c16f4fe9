/// A double as a whole number, without the checks and the trap of `Int(_:)`: adding 1.5 · 2⁵² leaves the
/// integer in the low bits. Exact for magnitudes below 2⁵¹.
struct Whole {
    let value: Int
    /// Whether the double was this whole number. Tells -0 from nothing: it counts as 0.
    let isExact: Bool

    @inline(__always)
    init(_ number: Double) {
        let shifted = number + 0x1.8p52
        value = Int(truncatingIfNeeded: Value(ordinary: shifted).bits) &- 0x4338_0000_0000_0000
        isExact = Double(value) == number
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
