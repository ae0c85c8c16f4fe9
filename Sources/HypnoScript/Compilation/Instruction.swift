/// One word of code: opcode in bits 0–7, then A (8–23), B (24–39), C (40–55).
///
/// `wide` (unsigned) and `offset` (signed, in words from the next instruction) are the top 24 bits, used
/// instead of C. 64 bits rather than 32 cost nothing measurable and lift all limits a program could meet
/// (design note §3).
struct Instruction {
    let bits: UInt64

    @inline(__always)
    init(bits: UInt64) {
        self.bits = bits
    }

    init(_ opcode: Opcode, a: Int = 0, b: Int = 0, c: Int = 0) {
        bits =
            UInt64(opcode.rawValue) | UInt64(UInt16(truncatingIfNeeded: a)) << 8
            | UInt64(UInt16(truncatingIfNeeded: b)) << 24 | UInt64(UInt16(truncatingIfNeeded: c)) << 40
    }

    init(_ opcode: Opcode, a: Int = 0, b: Int = 0, wide: Int) {
        bits = Instruction(opcode, a: a, b: b).bits | UInt64(truncatingIfNeeded: wide) << 40
    }

    @inline(__always)
    var opcode: Opcode {
        // Safe because only the initialisers above make instructions, from an Opcode.
        unsafeBitCast(UInt8(truncatingIfNeeded: bits), to: Opcode.self)
    }
    @inline(__always) var a: Int { Int(truncatingIfNeeded: bits &>> 8 & 0xFFFF) }
    @inline(__always) var b: Int { Int(truncatingIfNeeded: bits &>> 24 & 0xFFFF) }
    @inline(__always) var c: Int { Int(truncatingIfNeeded: bits &>> 40 & 0xFFFF) }
    @inline(__always) var wide: Int { Int(truncatingIfNeeded: bits &>> 40) }
    @inline(__always) var offset: Int { Int(truncatingIfNeeded: Int64(bitPattern: bits) &>> 40) }

    func with(offset: Int) -> Instruction {
        Instruction(bits: bits & 0xFF_FFFF_FFFF | UInt64(truncatingIfNeeded: offset) << 40)
    }

    /// What B holds in place of a mark register where the innermost scope is the global one.
    static let globalScope = 0xFFFF
    /// B of the jump behind `setMember` that is taken when an instance was changed, not a copy made.
    static let skippedByCopies = 1
    /// The same where the container is not a variable's own value.
    static let skippedByInnerCopies = 2
    /// Registers a function may use; leaves room above for `globalScope` and keeps return words apart from
    /// tags.
    static let registerLimit = 0x7000
    static let wideLimit = 1 << 24
    static let offsetLimit = 1 << 23
}

/// The inline cache behind a field access or member call: which layout was seen last and what it led to.
struct InlineCache {
    var bits: UInt64

    static let empty = InlineCache(key: LayoutKey.none, value: 0)

    init(key: UInt32, value: Int) {
        bits = UInt64(key) << 32 | UInt64(UInt32(truncatingIfNeeded: value))
    }

    @inline(__always)
    init(bits: UInt64) { self.bits = bits }

    @inline(__always) var key: UInt32 { UInt32(truncatingIfNeeded: bits &>> 32) }
    @inline(__always) var value: Int { Int(truncatingIfNeeded: bits & 0xFFFF_FFFF) }
}
