/// The functions that call functions of the script.
extension Library {
    static let callbacks: [Callback] =
        mappings + searches + reductions + sorting + repetitions + combinations + attempts + measurements

    /// The place of the function values that `Compose` and `Pipe` make, and of those of `Memoize`.
    static let composed = place(of: "composed")
    static let memoized = place(of: "memoized")

    static func place(of name: String) -> Int {
        callbacks.firstIndex { $0.name == name } ?? 0
    }

    /// One step function under several names.
    static func named(
        _ names: String..., parameters: Int, step: @escaping StepFunction
    ) -> [Callback] {
        names.map { Callback($0, parameters, step) }
    }
}

// MARK: Arrays

extension Library {
    private static let mappings: [Callback] =
        named("ArrayMap", "MapArray", "Map", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.eachElement { call, result throws(Raised) in try frame.collect(result, call) }
                    ?? frame.finish(frame[CallbackFrame.output])
            }
        }
        + named("ArrayFilter", "FilterArray", "Filter", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.eachElement { call, result throws(Raised) in
                    if result.isTruthy { try frame.collect(frame.element, call) }
                } ?? frame.finish(frame[CallbackFrame.output])
            }
        }
        + named("ArrayForEach", "ForEach", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.eachElement { _, _ in } ?? frame.finish(.null)
            }
        }
        + named("Partition", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                if frame.phase == 0 { frame[CallbackFrame.other] = try frame.call.array([Value]()) }
                let next = try frame.eachElement { call, result throws(Raised) in
                    let target = result.isTruthy ? CallbackFrame.output : CallbackFrame.other
                    try frame.collect(frame.element, call, into: target)
                }
                if let next { return next }
                let parts = [frame[CallbackFrame.output], frame[CallbackFrame.other]]
                return frame.finish(try frame.call.array(parts))
            }
        }
        + named("GroupBy", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                if frame.phase == 0 { frame[CallbackFrame.other] = try frame.call.object(capacity: 4) }
                return try frame.eachElement { call, result throws(Raised) in
                    try frame.group(try call.text(of: result), call)
                } ?? frame.finish(frame[CallbackFrame.other])
            }
        }

    private static let searches: [Callback] =
        named("ArrayFind", "Find", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.firstElement(where: true) { $0 } ?? frame.finish(.null)
            }
        }
        + named("ArrayFindIndex", "FindIndex", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.firstElement(where: true) { _ in Value(number: Double(frame.position)) }
                    ?? frame.finish(Value(number: -1))
            }
        }
        + named("ArrayEvery", "Every", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.firstElement(where: false) { _ in .false } ?? frame.finish(.true)
            }
        }
        + named("ArraySome", "Some", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                try frame.firstElement(where: true) { _ in .true } ?? frame.finish(.false)
            }
        }

    private static let reductions: [Callback] =
        named("ArrayReduce", "ReduceArray", "Reduce", parameters: 3) {
            stepping($0, $1) { frame throws(Raised) in try frame.reduce() }
        }
}

extension CallbackFrame {
    // States of the functions that go through an array.
    static let output = 0
    static let other = 1
    static let index = 2

    /// The place of the element that was given to the function last.
    var position: Int { self[number: CallbackFrame.index] }

    /// That element.
    var element: Value {
        let elements = call.arguments[0].elements
        return elements[position]
    }

    /// Calls the second argument with every element of the first, and `body` with every result; nil behind
    /// the last.
    func eachElement(_ body: (BuiltinCall, Value) throws(Raised) -> Void) throws(Raised) -> Int? {
        let call = call
        let elements = try call.array(0)
        let function = try function(1)
        if phase == 0 {
            phase = 1
            self[CallbackFrame.output] = try call.array([Value]())
            self[number: CallbackFrame.index] = 0
        } else {
            try body(call, result)
            self[number: CallbackFrame.index] = position + 1
        }
        guard position < elements.count else { return nil }
        return try self.call(function, elements[position])
    }

    /// Adds a value to the array in a state.
    func collect(_ value: Value, _ call: BuiltinCall, into state: Int = CallbackFrame.output) throws(Raised) {
        self[state] = try call.appending(value, to: self[state])
    }

    /// Ends with a value of the first element whose result is as wanted; nil if there is none.
    fileprivate func firstElement(
        where wanted: Bool, _ value: (Value) -> Value
    ) throws(Raised) -> Int? {
        if phase > 0, result.isTruthy == wanted { return finish(value(element)) }
        return try eachElement { _, _ in }
    }

    fileprivate func group(_ key: Value, _ call: BuiltinCall) throws(Raised) {
        let groups = self[CallbackFrame.other]
        let known = groups.value(ofKey: key.utf8)
        if let known { self[CallbackFrame.output] = known }
        if known == nil { self[CallbackFrame.output] = try call.array([Value]()) }
        try collect(element, call)
        try call.insert(key, self[CallbackFrame.output], into: groups)
    }

    /// The function may stand before or behind the initial value.
    fileprivate func reduce() throws(Raised) -> Int {
        let call = call
        let elements = try call.array(0)
        let isFirst = try call.value(1).has(.function)
        let function = isFirst ? try call.value(1) : try function(2)
        let initial = try call.value(isFirst ? 2 : 1)
        self[number: CallbackFrame.index] = phase == 0 ? 0 : position + 1
        let sum = phase == 0 ? initial : result
        phase = 1
        guard position < elements.count else { return finish(sum) }
        return try self.call(function, sum, elements[position])
    }
}

extension BuiltinCall {
    /// A new object for this many keys.
    func object(capacity: Int) throws(Raised) -> Value {
        guard let object = machine.pointee.heap.makeDictionary(capacity: capacity) else {
            throw machine.pointee.outOfMemory()
        }
        return Value(.record, object)
    }

    /// Sets a key of an object that was made just now.
    func insert(_ key: Value, _ value: Value, into object: Value) throws(Raised) {
        guard machine.pointee.heap.insert(key, value, into: object.dictionary) else {
            throw machine.pointee.outOfMemory()
        }
    }
}
