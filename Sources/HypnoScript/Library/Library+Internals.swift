/// Functions that the compiler calls and scripts cannot name.
enum InternalFunction: Int, CaseIterable {
    case raiseAgain, isUsable, failAssertion
    case items, count, requireArray
    case requireModules, beginModule, endModule, hideLocals, moduleObject
    case copy, recordConstructor
    case pushed, replaced, withoutLast, last
}

extension Library {
    /// In the order of `InternalFunction`; the names appear in messages.
    static let internals: [Builtin] = errors + iteration + moduleSteps + copies + places

    private static let errors = [
        Builtin("throw") {
            native($0, $1, $2) { call throws(Raised) in
                throw call.machine.pointee.raiseAgain(try call.value(0))
            }
        },
        Builtin("Try") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                return Value(!value.isNumber || value.number.isFinite)
            }
        },
        Builtin("assert") {
            native($0, $1, $2) { call throws(Raised) in
                guard let message = call.optional(0) else {
                    throw call.raise(.runtime, "Assertion failed")
                }
                throw call.raise(.runtime, "Assertion failed: \(try call.printed(message))")
            }
        },
    ]

    private static let iteration = [
        Builtin("for") {
            native($0, $1, $2) { call throws(Raised) in
                let container = try call.value(0)
                if container.has(.array) { return container }
                guard container.isDictionary else {
                    let text = call.machine.pointee.text(of: container)
                    throw call.raise(.type, "Cannot iterate over value \(text)")
                }
                return try call.parts(of: container, \.key)
            }
        },
        Builtin("for") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.value(0).elements.count))
            }
        },
        Builtin("induce") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                guard value.has(.array) else { throw call.raise(.type, "Cannot destructure non-array") }
                return value
            }
        },
    ]

    private static let moduleSteps = [
        Builtin("mindLink") {
            native($0, $1, $2) { call throws(Raised) in
                try call.require(.modules)
                return .null
            }
        },
        Builtin("mindLink") {
            native($0, $1, $2) { call throws(Raised) in
                try call.require(.modules)
                return Value(call.machine.pointee.beginModule(try call.integer(0)))
            }
        },
        Builtin("mindLink") {
            native($0, $1, $2) { call throws(Raised) in
                call.machine.pointee.endModule(try call.integer(0))
                return .null
            }
        },
        Builtin("mindLink") {
            native($0, $1, $2) { call throws(Raised) in
                try call.machine.pointee.check(call.machine.pointee.hideLocals())
                return .null
            }
        },
        Builtin("mindLink") {
            native($0, $1, $2) { call throws(Raised) in
                call.machine.pointee.moduleObject(try call.integer(0))
            }
        },
    ]

    private static let copies = [
        Builtin("with") {
            native($0, $1, $2) { call throws(Raised) in
                let list = call.machine.pointee.program.keyLists[try call.integer(1)]
                return call.machine.pointee.copy(try call.value(0), list, call.arguments + 2)
            }
        },
        Builtin("constructor") {
            native($0, $1, $2) { call throws(Raised) in
                let name = Symbol(index: try call.integer(0))
                guard let constructor = call.machine.pointee.recordType(of: name)?.constructor else {
                    let text = call.machine.pointee.name(name)
                    throw call.raise(.undefined, "Variable '\(text)' not found")
                }
                return call.machine.pointee.makeFunctionUnchecked(constructor)
            }
        },
    ]

    /// What `ArrayPush`, `ArraySet` and `ArrayPop` compute; the compiler stores it.
    private static let places = [
        Builtin("ArrayPush") {
            native($0, $1, $2) { call throws(Raised) in
                let array = try call.arrayValue(0)
                _ = try call.value(1)
                let more = UnsafeBufferPointer(start: call.arguments + 1, count: call.count - 1)
                let longer = try call.appending(more, to: array)
                // Alone in its buffer if that is new, or if the array was alone in it.
                let isOwned =
                    array.array.pointee.header.index == ObjectHeader.owned
                    || array.array.pointee.buffer != longer.array.pointee.buffer
                longer.array.pointee.header.index = isOwned ? ObjectHeader.owned : ObjectHeader.shared
                return longer
            }
        },
        Builtin("ArraySet") {
            native($0, $1, $2) { call throws(Raised) in
                let array = try call.array(0)
                let index = try call.natural(1)
                let value = try call.value(2)
                guard index < array.count else {
                    return call.machine.pointee.failOutOfBounds(Double(index))
                }
                let (result, elements) = try call.newArray(count: array.count)
                try call.copy(array, to: elements)
                elements[index] = value
                return result
            }
        },
        Builtin("ArrayPop") {
            native($0, $1, $2) { call throws(Raised) in
                let array = try call.array(0)
                try call.charge(array.count / 16)
                return try call.array(UnsafeBufferPointer(rebasing: array.dropLast()))
            }
        },
        Builtin("ArrayPop") {
            native($0, $1, $2) { call throws(Raised) in try call.array(0).last ?? .null }
        },
    ]
}

extension BuiltinCall {
    /// The printed form of a value as a Swift string, for a message.
    func printed(_ value: Value) throws(Raised) -> String {
        var text = TextBuilder(self)
        try text.append(printed: value)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// a: an array argument itself.
    func arrayValue(_ position: Int) throws(Raised) -> Value {
        _ = try array(position)
        return arguments[position]
    }

    /// An array with more values behind, in place where possible.
    func appending(_ values: UnsafeBufferPointer<Value>, to array: Value) throws(Raised) -> Value {
        try charge(values.count / 16)
        guard let longer = machine.pointee.heap.appending(values, to: array.array) else {
            throw machine.pointee.outOfMemory()
        }
        return Value(.array, longer)
    }
}

extension BuiltinCall {
    func appending(_ value: Value, to array: Value) throws(Raised) -> Value {
        let scratch = machine.pointee.single
        scratch.pointee = value
        return try appending(UnsafeBufferPointer(start: scratch, count: 1), to: array)
    }
}

extension Machine {
    /// A function value without a safe point, for builtins.
    mutating func makeFunctionUnchecked(_ prototype: Int, captures: Value = .null) -> Value {
        guard
            let function = heap.makeFunction(
                prototype: UInt32(truncatingIfNeeded: prototype), receiver: .null, captures: captures)
        else { return failMemory() }
        return Value(.function, function)
    }
}
