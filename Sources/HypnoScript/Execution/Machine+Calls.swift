/// Calls whose callee is only known when they happen.
extension Machine {
    /// What the dispatch loop must do next.
    static let callFailed = -1
    static let callValue = -2

    /// Prepares `R[window+2](…)`: yields the prototype to enter, or `callFailed`.
    @inline(never)
    mutating func prepareCall(_ window: Int, _ count: Int) -> Int {
        let callee = base[window + 2]
        if callee.has(.function) {
            let function = callee.function
            let prototype = Int(function.pointee.header.index)
            guard accepts(prototype, window, count) else { return Machine.callFailed }
            if !function.pointee.receiver.isNull { base[window + 2] = function.pointee.receiver }
            return prototype
        }
        if callee.has(.session) {
            let layout = layout(of: callee)
            if count == layout.parameterCount { return layout.newPrototype }
            if count < layout.parameterCount, count >= layout.requiredCount {
                return leaveOut(from: count, to: layout.parameterCount, window)
                    ? layout.newPrototype : Machine.callFailed
            }
            // There is room for this even without arguments: the stack has some slack.
            base[window + 3] = Value(number: Double(count))
            return layout.mismatchPrototype
        }
        _ = raise(.runtime, callee.isNull ? "Cannot call null value" : "Value is not callable")
        return Machine.callFailed
    }

    /// Whether a function takes this many arguments; those left out are marked as such.
    private mutating func accepts(_ prototype: Int, _ window: Int, _ count: Int) -> Bool {
        if count == Int(program.entries[prototype].parameterCount) { return true }
        let (fewest, most) = (
            program.prototypes[prototype].requiredCount, program.prototypes[prototype].parameterCount
        )
        if most < 0 { return packArguments(window, count) }
        if fewest <= count, count < most { return leaveOut(from: count, to: most, window) }
        let expected = fewest == most ? "\(most)" : "\(fewest) to \(most)"
        _ = raise(.runtime, "Expected \(expected) arguments, received \(count)")
        return false
    }

    private mutating func leaveOut(from count: Int, to end: Int, _ window: Int) -> Bool {
        guard growStack(to: window + 3 + end) else { return false }
        for index in count..<end { base[window + 3 + index] = .unbound }
        return true
    }

    /// Puts all arguments into one array.
    private mutating func packArguments(_ window: Int, _ count: Int) -> Bool {
        guard growStack(to: window + 4) else { return false }
        let arguments = UnsafeBufferPointer(start: base + (window + 3), count: count)
        guard let array = heap.makeArray(arguments) else {
            _ = failMemory()
            return false
        }
        base[window + 3] = Value(.array, array)
        return true
    }

    /// Prepares `R[window+2].symbol(…)`: a method is entered with the object in place as `this`; anything
    /// else becomes a value in R[window+2] and is called like one.
    @inline(never)
    mutating func prepareMemberCall(
        _ window: Int, _ count: Int, _ symbol: Int, _ cache: UnsafeMutablePointer<UInt64>
    ) -> Int {
        let object = base[window + 2]
        guard object.has(.instance) || object.has(.session) else {
            return callMemberValue(window, count, symbol, cache)
        }
        let name = Symbol(index: symbol)
        guard let member = findMember(object, name), mayAccess(member, name, of: object) else {
            return Machine.callFailed
        }
        switch member.kind {
        case .method(let prototype), .staticMethod(let prototype):
            guard accepts(prototype, window, count) else { return Machine.callFailed }
            if count == program.prototypes[prototype].parameterCount,
                isAlwaysAccessible(member, of: object)
            {
                cache.pointee = InlineCache(key: object.fields.pointee.header.index, value: prototype).bits
            }
            return prototype
        case .field, .staticField: return callMemberValue(window, count, symbol, cache)
        }
    }

    private mutating func callMemberValue(
        _ window: Int, _ count: Int, _ symbol: Int, _ cache: UnsafeMutablePointer<UInt64>
    ) -> Int {
        // Its own cache: the one in the code leads to prototypes, not slots.
        var unused = cache.pointee
        let value = withUnsafeMutablePointer(to: &unused) { readField(base[window + 2], symbol, $0) }
        if value.isFailure { return Machine.callFailed }
        base[window + 2] = value
        return prepareCall(window, count)
    }

    /// Before the first call of a direct function: whether its name is bound yet.
    @inline(never)
    mutating func prepareChecked(_ cell: Int, _ window: Int, _ count: Int) -> Int {
        let value = cells[cell].value.isIndirect ? readIndirect(cell) : cells[cell].value
        if value.isFailure { return Machine.callFailed }
        base[window + 2] = value
        return prepareCall(window, count)
    }

    /// Makes room for a call by an instruction, or says why there must not be one. `depth` is that of the new
    /// call.
    @inline(never)
    mutating func admitCall(
        _ depth: UInt64, _ call: Instruction, _ entry: UnsafeMutablePointer<PrototypeEntry>
    ) -> Bool {
        if depth > UInt64(truncatingIfNeeded: limits.callDepth) {
            _ = raise(.limit, "Call depth limit exceeded", catchable: true)
            return false
        }
        return growStack(to: call.a &+ 2 &+ Int(entry.pointee.registerCount))
    }
}
