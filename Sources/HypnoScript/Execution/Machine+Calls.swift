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
            guard accepts(prototype, count) else { return Machine.callFailed }
            if !function.pointee.receiver.isNull { base[window + 2] = function.pointee.receiver }
            return prototype
        }
        if callee.has(.session) {
            let layout = layout(of: callee)
            if count == layout.parameterCount { return layout.newPrototype }
            // There is room for this even without arguments: the stack has some slack.
            base[window + 3] = Value(number: Double(count))
            return layout.mismatchPrototype
        }
        _ = raise(.runtime, callee.isNull ? "Cannot call null value" : "Value is not callable")
        return Machine.callFailed
    }

    private mutating func accepts(_ prototype: Int, _ count: Int) -> Bool {
        let expected = Int(program.entries[prototype].parameterCount)
        if count == expected { return true }
        _ = raise(.runtime, "Expected \(expected) arguments, received \(count)")
        return false
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
            guard accepts(prototype, count) else { return Machine.callFailed }
            if isAlwaysAccessible(member, of: object) {
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
        let value = cells[cell].value.isUnbound ? readUnbound(cell) : cells[cell].value
        if value.isFailure { return Machine.callFailed }
        base[window + 2] = value
        return prepareCall(window, count)
    }

    /// Makes room for a call, or says why there must not be one. `depth` is that of the new call.
    @inline(never)
    mutating func admitCall(depth: Int, top: Int) -> Bool {
        if depth > limits.callDepth {
            _ = raise(.limit, "Call depth limit exceeded")
            return false
        }
        return growStack(to: top)
    }
}
