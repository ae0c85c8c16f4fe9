import Glibc

/// Passes over texts that see a stop in time, however long the text is.
extension BuiltinCall {
    /// A string that `write` writes.
    func text(_ write: (inout TextBuilder) throws(Raised) -> Void) throws(Raised) -> Value {
        var text = TextBuilder(self)
        try write(&text)
        return try text.finish()
    }

    /// Whether a condition holds for all scalars of a text, with their places; nothing is looked at behind the
    /// first for which it does not.
    @inline(__always)
    @discardableResult
    func holds(
        forAll text: UnsafeBufferPointer<UInt8>, _ body: (Unicode.Scalar, Int) throws(Raised) -> Bool
    ) throws(Raised) -> Bool {
        var offset = 0
        var work = 0
        while let scalar = text.scalar(at: offset) {
            // The tables of Unicode take some fifty nanoseconds.
            work += scalar.isASCII ? 4 : 32
            if work > 1 << 12 {
                try charge(work)
                work = 0
            }
            guard try body(scalar, offset) else { return false }
            offset += UTF8.width(scalar)
        }
        try charge(work)
        return true
    }

    /// How many scalars a text has.
    func scalarCount(of text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Int {
        var count = 0
        try inParts(of: text.count, costing: { $0 / 16 }) { part throws(Raised) in
            for index in part where text[index] & 0xC0 != 0x80 { count += 1 }
        }
        return count
    }

    /// Where the scalar begins that is `distance` scalars behind the one at `offset`, at most the end.
    private func offset(
        ofScalar distance: Int, from offset: Int, in text: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Int {
        var (offset, rest) = (offset, distance)
        while rest > 0, offset < text.count {
            // As many bytes hold at most as many scalars.
            let part = text.part(offset..<min(offset + min(rest, 1 << 14), text.count))
            try charge(part.count / 16)
            rest -= part.scalarCount
            offset += part.count
            while rest == 0, offset < text.count, text[offset] & 0xC0 == 0x80 {
                offset += 1
            }
        }
        return offset
    }

    /// The scalars at the positions from `start` up to but not including `end`, both moved into the text.
    func scalars(
        of text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
    ) throws(Raised) -> UnsafeBufferPointer<UInt8> {
        guard start < end else { return text.part(0..<0) }
        let from = try offset(ofScalar: start, from: 0, in: text)
        return text.part(from..<(try offset(ofScalar: end - start, from: from, in: text)))
    }

    /// The text without Unicode white space at its ends.
    func trimmed(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> UnsafeBufferPointer<UInt8> {
        let start = try startOfTrimmed(text)
        var end = text.count
        var steps = 0
        while end > start {
            steps += 1
            if steps & 0xFFF == 0 { try charge(1 << 14) }
            let last = text.startOfScalar(before: end)
            guard text.isBlank(at: last) else { break }
            end = last
        }
        return text.part(start..<end)
    }

    /// Behind the white space that a text begins with.
    func startOfTrimmed(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Int {
        var start = 0
        try holds(forAll: text) { scalar, offset throws(Raised) in
            guard text.isBlank(at: offset) else { return false }
            start = offset + UTF8.width(scalar)
            return true
        }
        return start
    }

    /// Hands out the longest pieces without Unicode white space.
    func forEachWord(
        in text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Void
    ) throws(Raised) {
        var start = 0
        try holds(forAll: text) { scalar, offset throws(Raised) in
            guard text.isBlank(at: offset) else { return true }
            if offset > start { try body(text.part(start..<offset)) }
            start = offset + UTF8.width(scalar)
            return true
        }
        if text.count > start { try body(text.part(start..<text.count)) }
    }

    /// Hands out what stands between line ends; CR LF is one.
    func forEachLine(
        in text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Void
    ) throws(Raised) {
        var start = 0
        while let found = text.place(of: 0x0A, from: start) {
            let end = found > start && text[found - 1] == 0x0D ? found - 1 : found
            try charge((found - start) / 64 + 8)
            try body(text.part(start..<end))
            start = found + 1
        }
        try body(text.part(start..<text.count))
    }

    /// The text if it is UTF-8, which is looked at without copying it; else nil.
    func isUnicode(_ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) -> Bool {
        var check = UnicodeCheck()
        var holds = true
        try inParts(of: bytes.count, costing: { $0 / 4 }) { part throws(Raised) in
            if holds { holds = check.accepts(bytes.part(part)) }
        }
        return holds && check.isComplete
    }
}

/// Looks whether bytes are UTF-8, piece by piece.
struct UnicodeCheck {
    /// How many bytes of the scalar are still to come, and which values the next may have.
    private var rest = 0
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    /// No scalar was cut off at the end.
    var isComplete: Bool { rest == 0 }

    mutating func accepts(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in bytes {
            if rest == 0, byte < 0x80 { continue }
            guard take(byte) else { return false }
        }
        return true
    }

    /// Table 3-7 of the Unicode Standard.
    private mutating func take(_ byte: UInt8) -> Bool {
        if rest > 0 {
            guard next.contains(byte) else { return false }
            rest -= 1
            next = 0x80...0xBF
            return true
        }
        switch byte {
        case 0xC2...0xDF: rest = 1
        case 0xE0: (rest, next) = (2, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: rest = 2
        case 0xED: (rest, next) = (2, 0x80...0x9F)
        case 0xF0: (rest, next) = (3, 0x90...0xBF)
        case 0xF1...0xF3: rest = 3
        case 0xF4: (rest, next) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the scalar there is white space; for ASCII without the tables of Unicode, which take twenty
    /// times as long.
    @inline(__always)
    func isBlank(at offset: Int) -> Bool {
        let byte = self[offset]
        if byte < 0x80 { return byte == 0x20 || (0x09...0x0D).contains(byte) }
        return scalar(at: offset)?.properties.isWhitespace ?? false
    }

    /// Where a byte is found first from `start` on.
    func place(of byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else {
            return nil
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Whether both are the same, byte for byte.
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
        return memcmp(start, otherStart, count) == 0
    }
}

/// An array of values in the making, whose number is not known before.
struct ValueList: ~Copyable {
    private let call: BuiltinCall
    private(set) var values: [Value] = []

    init(_ call: BuiltinCall) {
        self.call = call
    }

    mutating func append(_ value: Value) throws(Raised) {
        // Looked at where the list grows, that is seldom.
        if values.count == values.capacity { try call.reserve(values.count * 24 + 64) }
        values.append(value)
        if values.count & 0xFF == 0 { try call.charge(0x1000) }
    }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) {
        try append(try call.string(text))
    }

    consuming func finish() throws(Raised) -> Value { try call.array(values) }
}
