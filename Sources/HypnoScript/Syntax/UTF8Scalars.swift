/// Scalars in a buffer that is known to hold valid UTF-8.
extension UnsafeBufferPointer<UInt8> {
    /// The scalar whose first byte is at `offset`; nil at the end.
    @inline(__always)
    func scalar(at offset: Int) -> Unicode.Scalar? {
        guard offset < count else { return nil }
        let first = self[offset]
        return first < 0x80 ? Unicode.Scalar(first) : longScalar(at: offset)
    }

    private func longScalar(at offset: Int) -> Unicode.Scalar? {
        let first = self[offset]
        let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard offset + width <= count else { return nil }
        var value = UInt32(first) & (0x7F >> UInt32(width))
        for index in 1..<width { value = value << 6 | UInt32(self[offset + index] & 0x3F) }
        return Unicode.Scalar(value)
    }

    /// Where the scalar begins that ends before `offset`, which is not 0.
    func startOfScalar(before offset: Int) -> Int {
        var start = offset - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    /// How many scalars there are.
    var scalarCount: Int {
        reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    /// The bytes in a range, without copying.
    func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: self[range])
    }
}
