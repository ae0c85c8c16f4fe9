/// Anonymous suggestions and what they capture.
extension Machine {
    /// In the second word of `closure`: what the surrounding function captured is captured as well.
    static let inheritsCaptures: UInt64 = 1 << 32

    /// The environment in a register, or a new one where there is none yet.
    @inline(never)
    mutating func environment(_ value: Value) -> Value {
        if !value.isNull { return value }
        guard let environment = heap.makeEnvironment() else { return failMemory() }
        return Value(.array, environment)
    }

    /// A function with the environments that the surrounding one captured and `count` more.
    @inline(never)
    mutating func makeClosure(_ word: UInt64, _ environments: UnsafeMutablePointer<Value>, count: Int)
        -> Value
    {
        guard safepoint() else { return .failure }
        let prototype = UInt32(truncatingIfNeeded: word)
        let inherited = word & Machine.inheritsCaptures != 0 ? base[0].function.pointee.captures : .null
        var captures = inherited
        if count > 0 {
            let outer = inherited.isNull ? 0 : inherited.elements.count
            guard let array = heap.makeArray(count: outer + count) else { return failMemory() }
            if outer > 0 { array.pointee.items.update(from: inherited.array.pointee.items, count: outer) }
            (array.pointee.items + outer).update(from: environments, count: count)
            captures = Value(.array, array)
        }
        let isPlain = program.classes.isEmpty || program.prototypes[Int(prototype)].classIndex != nil
        guard
            let function = heap.makeFunction(
                prototype: prototype, receiver: .null, captures: captures,
                classIndex: isPlain ? -1 : accessingClass() ?? -1,
                boxCount: program.prototypes[Int(prototype)].captureCount)
        else { return failMemory() }
        return Value(.function, function)
    }

    /// Binds what the function in R[0] captured, outermost scope first.
    @inline(never)
    mutating func bindCaptures() -> Bool {
        let captures = base[0].function.pointee.captures
        guard !captures.isNull else { return true }
        for environment in captures.elements {
            let environment = EnvironmentReference(environment)
            guard let items = environment.pointee.buffer?.items else { continue }
            let count = environment.pointee.count
            guard charge(count) else { return false }
            for index in 0..<count {
                let cell = Int(items[2 * index].bits)
                guard pushTrail(cell) else { return false }
                bind(cell, to: items[2 * index + 1].object.assumingMemoryBound(to: BoxObject.self))
            }
        }
        return true
    }

    // MARK: Captures that are not bound

    /// A read of a name by a function that did not bind its captures.
    @inline(never)
    mutating func readCaptured(_ cell: Int, slot: Int) -> Value {
        if let box = base[0].function.findCaptured(cell, slot) { return box.pointee.value }
        let value = cells[cell].value
        return value.isIndirect ? readIndirect(cell) : value
    }

    /// An assignment by such a function.
    @inline(never)
    mutating func assignCaptured(_ cell: Int, _ value: Value, scope: Int, slot: Int) -> Bool {
        guard let box = base[0].function.findCaptured(cell, slot) else {
            return assign(cell, value, scope: scope)
        }
        guard box.pointee.header.index == 0 else { return failConstant(cell) }
        box.pointee.value = value
        return true
    }
}

extension UnsafeMutablePointer<FunctionObject> {
    /// The box of a captured variable, innermost scope first. Remembers one of the innermost scope: no later
    /// declaration can come before that.
    func findCaptured(_ cell: Int, _ slot: Int) -> BoxReference? {
        guard pointee.captures.has(.array) else { return nil }
        let environments = pointee.captures.elements
        for position in environments.indices.reversed() {
            let environment = EnvironmentReference(environments[position])
            guard let items = environment.pointee.buffer?.items else { continue }
            for place in (0..<environment.pointee.count).reversed()
            where items[2 * place].bits == UInt64(cell) {
                let box = items[2 * place + 1].object.assumingMemoryBound(to: BoxObject.self)
                if position == environments.count - 1 { boxes[slot] = box }
                return box
            }
        }
        return nil
    }
}

extension UnsafeMutablePointer<EnvironmentObject> {
    /// The environment that a register of the machine refers to.
    init(_ value: Value) {
        self = value.object.assumingMemoryBound(to: EnvironmentObject.self)
    }
}
