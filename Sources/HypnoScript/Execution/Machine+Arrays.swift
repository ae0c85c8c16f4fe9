import Glibc

extension Machine {
    /// `array[index]` beyond the fast path: converts the index (truncated; below zero and NaN count as 0)
    /// and reports what is no array or out of range.
    @inline(never)
    mutating func index(_ container: Value, _ index: Value, isOptional: Bool) -> Value {
        guard container.has(.array) else { return indexByKey(container, index) }
        guard let number = convert(index) else { return .failure }
        let elements = container.elements
        if !(number >= 1) { if let first = elements.first { return first } }
        if number >= 1, number < Double(elements.count) { return elements[Int(number)] }
        if isOptional { return .null }
        return failOutOfBounds(number >= 1 ? number.rounded(.towardZero) : 0)
    }

    @inline(never)
    mutating func makeArray(_ values: UnsafeMutablePointer<Value>, count: Int) -> Value {
        guard safepoint() else { return .failure }
        guard let array = heap.makeArray(UnsafeBufferPointer(start: values, count: count)) else {
            return failMemory()
        }
        return Value(.array, array)
    }

    /// The fresh array of a long literal, longer by these values.
    @inline(never)
    mutating func appendItems(_ array: Value, _ values: UnsafeMutablePointer<Value>, count: Int) -> Value {
        guard safepoint() else { return .failure }
        let more = UnsafeBufferPointer(start: values, count: count)
        guard let longer = heap.appending(more, to: array.array) else { return failMemory() }
        return Value(.array, longer)
    }

    /// The elements from `start` on, as a new array.
    @inline(never)
    mutating func rest(_ array: Value, from start: Int) -> Value {
        guard charge(array.elements.count / 16) else { return .failure }
        return makeArray(array.array.pointee.items + start, count: array.elements.count - start)
    }
}
