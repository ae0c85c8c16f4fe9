/// What functions of the reference do in the documented dialect with arguments that are errors in the
/// reference.
extension BuiltinCall {
    var isOverloaded: Bool { machine.pointee.program.dialect == .documented }

    /// Whether the first argument is an array where the reference wants a string.
    var isOverloadedForArray: Bool { isOverloaded && count > 0 && arguments[0].has(.array) }

    /// The numbers of the first argument, an array that comes with this many arguments; nil for another
    /// call.
    func overload(count: Int) throws(Raised) -> [Double]? {
        guard isOverloadedForArray, self.count == count else { return nil }
        return try numbers(0)
    }

    /// Whether a null, an array or an object is empty; nil for another argument.
    var isEmptyContainer: Bool? {
        guard isOverloaded, let value = optional(0) else { return nil }
        if value.isNull { return true }
        if value.has(.array) { return value.elements.isEmpty }
        return value.isDictionary ? value.entries.isEmpty : nil
    }

    /// `Range(from, to, step = 1)`, both ends included.
    func sequence() throws(Raised) -> Value {
        let (start, end) = (try number(0), try number(1))
        let hasStep = !(optional(2) ?? .null).isNull
        let step = hasStep ? try number(2) : 1
        guard step != 0 else { throw raise(.runtime, "Range step must not be zero") }
        // A little more than the quotient, so that steps like 0.1 reach their end.
        let last = ((end - start) / step + 1e-9).rounded(.down)
        guard last >= 0 else { return try array([Value]()) }
        guard last < 1e12 else { throw machine.pointee.outOfMemory() }
        let count = Int(last) + 1
        let (result, elements) = try newArray(count: count)
        try inParts(of: count) { part throws(Raised) in
            for index in part { elements[index] = Value(number: start + Double(index) * step) }
        }
        return result
    }
}
