import Glibc

/// Making strings, arrays and the rest. All yield nil beyond the hard memory limit.
extension Heap {
    /// A new string of `count` bytes, still to be filled in.
    mutating func makeString(count: Int) -> StringReference? {
        guard count < Heap.longestString, isPossible(MemoryLayout<StringObject>.size + count),
            let place = allocate(.string, size: MemoryLayout<StringObject>.size + count)
        else { return nil }
        let string = place.assumingMemoryBound(to: StringObject.self)
        string.pointee.count = count
        string.pointee.bytes = UnsafeMutableRawPointer(string + 1).assumingMemoryBound(to: UInt8.self)
        string.pointee.buffer = nil
        return string
    }

    /// A new string with these bytes, which must be UTF-8.
    mutating func makeString(_ bytes: UnsafeBufferPointer<UInt8>) -> StringReference? {
        guard let string = makeString(count: bytes.count) else { return nil }
        if let start = bytes.baseAddress { memcpy(string.pointee.bytes, start, bytes.count) }
        return string
    }

    mutating func makeString(_ text: String) -> StringReference? {
        var text = text
        return text.withUTF8 { makeString($0) }
    }

    /// `left` followed by `right`. In place when `left` ends where its buffer is filled up to: appending in
    /// a loop is linear (200,000 appends 5.8 ms, Lua 1.6 s; design note §1).
    mutating func concatenate(
        _ left: StringReference, _ right: UnsafeBufferPointer<UInt8>
    ) -> StringReference? {
        let count = left.pointee.count + right.count
        if count <= Heap.longestFlat {
            guard let string = makeString(count: count) else { return nil }
            memcpy(string.pointee.bytes, left.pointee.bytes, left.pointee.count)
            if let start = right.baseAddress {
                memcpy(string.pointee.bytes + left.pointee.count, start, right.count)
            }
            return string
        }
        guard let buffer = room(for: right.count, after: left),
            let place = allocate(.string, size: MemoryLayout<StringObject>.size)
        else { return nil }
        if let start = right.baseAddress { memcpy(buffer.bytes + buffer.pointee.used, start, right.count) }
        buffer.pointee.used += right.count
        let string = place.assumingMemoryBound(to: StringObject.self)
        string.pointee.count = count
        string.pointee.bytes = buffer.bytes + (buffer.pointee.used - count)
        string.pointee.buffer = buffer
        return string
    }

    /// A buffer filled exactly up to the end of `left` with room for `count` bytes: its own, or a larger
    /// copy.
    private mutating func room(for count: Int, after left: StringReference) -> TextReference? {
        if let buffer = left.pointee.buffer,
            left.pointee.bytes + left.pointee.count == buffer.bytes + buffer.pointee.used,
            buffer.pointee.capacity - buffer.pointee.used >= count
        {
            return buffer
        }
        let needed = left.pointee.count + count
        guard needed < Heap.longestString else { return nil }
        let capacity = max(needed * 2, 256)
        let header = MemoryLayout<TextObject>.size
        guard isPossible(header + capacity),
            let place = allocate(.text, size: header + capacity)
        else { return nil }
        let buffer = place.assumingMemoryBound(to: TextObject.self)
        buffer.pointee.capacity = capacity
        buffer.pointee.used = left.pointee.count
        memcpy(buffer.bytes, left.pointee.bytes, left.pointee.count)
        return buffer
    }

    /// A new array of `count` elements, still to be filled in.
    mutating func makeArray(count: Int) -> ArrayReference? {
        guard count < Heap.longestArray,
            isPossible(MemoryLayout<ArrayObject>.size + count * 8),
            let place = allocate(.array, size: MemoryLayout<ArrayObject>.size + count * 8)
        else { return nil }
        let array = place.assumingMemoryBound(to: ArrayObject.self)
        array.pointee.count = count
        array.pointee.items = UnsafeMutableRawPointer(array + 1).assumingMemoryBound(to: Value.self)
        array.pointee.buffer = nil
        return array
    }

    /// A record, instance or session with `count` fields, still to be filled in.
    mutating func makeFields(index: UInt32, count: Int, owner: Value = .null) -> FieldsReference? {
        let size = MemoryLayout<FieldsObject>.size + count * 8
        guard let place = allocate(.fields, index: index, size: size) else { return nil }
        let fields = place.assumingMemoryBound(to: FieldsObject.self)
        fields.pointee.count = count
        fields.pointee.owner = owner
        return fields
    }

    mutating func makeFunction(prototype: UInt32, receiver: Value) -> FunctionReference? {
        let size = MemoryLayout<FunctionObject>.size
        guard let place = allocate(.function, index: prototype, size: size) else { return nil }
        let function = place.assumingMemoryBound(to: FunctionObject.self)
        function.pointee.receiver = receiver
        return function
    }

    private func isPossible(_ size: Int) -> Bool {
        size <= Heap.largestSmall || canAfford(size)
    }

    /// Beyond these, sizes are refused without looking at the limit, so that no size computation can
    /// overflow.
    static let longestString = 1 << 40
    static let longestArray = 1 << 36
    /// Up to this length a concatenation copies: one small object is cheaper than a header and a buffer.
    static let longestFlat = 96
}
