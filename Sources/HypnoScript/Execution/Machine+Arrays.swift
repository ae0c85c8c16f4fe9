import Glibc

extension Machine {
    /// `array[index]` beyond the fast path: converts the index (truncated; below zero and NaN count as 0)
    /// and reports what is no array or out of range.
    @inline(never)
    mutating func index(_ container: Value, _ index: Value, isOptional: Bool) -> Value {
        guard container.has(.array) else { return fail(.type, "Cannot index non-array") }
        guard let number = convert(index) else { return .failure }
        let elements = container.elements
        if !(number >= 1) { if let first = elements.first { return first } }
        if number >= 1, number < Double(elements.count) { return elements[Int(number)] }
        if isOptional { return .null }
        let shown = number >= 1 ? min(number.rounded(.towardZero), 0x1p64) : 0
        // The language saturates at 2⁶⁴ − 1, which a double cannot hold.
        let text = shown >= 0x1p64 ? "18446744073709551615" : "\(UInt64(shown))"
        return fail(.runtime, "Index \(text) out of bounds")
    }

    @inline(never)
    mutating func makeArray(_ values: UnsafeMutablePointer<Value>, count: Int) -> Value {
        guard safepoint() else { return .failure }
        guard let array = heap.makeArray(count: count) else { return failMemory() }
        array.pointee.items.update(from: values, count: count)
        return Value(.array, array)
    }

    /// The fresh array of a long literal, longer by these values.
    @inline(never)
    mutating func appendItems(_ array: Value, _ values: UnsafeMutablePointer<Value>, count: Int) -> Value {
        guard safepoint() else { return .failure }
        let old = array.array
        let header = MemoryLayout<ItemsObject>.size
        if let buffer = old.pointee.buffer {
            let items = buffer.assumingMemoryBound(to: ItemsObject.self)
            if items.pointee.capacity - old.pointee.count >= count {
                (old.pointee.items + old.pointee.count).update(from: values, count: count)
                old.pointee.count += count
                return array
            }
        }
        let capacity = (old.pointee.count + count) * 2
        guard let place = heap.allocate(.items, size: header + capacity * 8) else { return failMemory() }
        place.assumingMemoryBound(to: ItemsObject.self).pointee.capacity = capacity
        let items = (place + header).assumingMemoryBound(to: Value.self)
        items.update(from: old.pointee.items, count: old.pointee.count)
        (items + old.pointee.count).update(from: values, count: count)
        old.pointee.items = items
        old.pointee.buffer = place
        old.pointee.count += count
        return array
    }

    /// The elements from `start` on, as a new array.
    @inline(never)
    mutating func rest(_ array: Value, from start: Int) -> Value {
        guard charge(array.elements.count / 16) else { return .failure }
        return makeArray(array.array.pointee.items + start, count: array.elements.count - start)
    }
}
