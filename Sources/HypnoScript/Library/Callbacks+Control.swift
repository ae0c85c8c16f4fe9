/// Repeating, combining, trying and measuring functions.
extension Library {
    static let repetitions: [Callback] =
        named("RepeatAction", parameters: 3) {
            stepping($0, $1) { frame throws(Raised) in try frame.repeatAction() }
        }
        + named("RepeatUntil", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                let (action, condition) = (try frame.function(0), try frame.function(1))
                if frame.phase == 2, frame.result.isTruthy { return frame.finish(.null) }
                frame.phase = frame.phase == 1 ? 2 : 1
                return try frame.call(frame.phase == 1 ? action : condition)
            }
        }
        + named("RepeatWhile", parameters: 2) {
            stepping($0, $1) { frame throws(Raised) in
                let (condition, action) = (try frame.function(0), try frame.function(1))
                if frame.phase == 1, !frame.result.isTruthy { return frame.finish(.null) }
                frame.phase = frame.phase == 1 ? 2 : 1
                return try frame.call(frame.phase == 1 ? condition : action)
            }
        }
        + named("SequentialTrance", parameters: 1) {
            stepping($0, $1) { frame throws(Raised) in
                let functions = try frame.call.array(0)
                guard frame.phase < functions.count else { return frame.finish(.null) }
                frame.phase += 1
                return try frame.call(functions[frame.phase - 1])
            }
        }
        + named("IfTranced", parameters: 3) {
            stepping($0, $1) { frame throws(Raised) in
                if frame.phase == 1 { return frame.finish(.null) }
                frame.phase = 1
                let isTranced = try frame.call.value(0).isTruthy
                let then = try frame.function(1)
                let other = frame.call.count > 2 ? try frame.function(2) : .null
                if isTranced { return try frame.call(then) }
                return other.isNull ? frame.finish(.null) : try frame.call(other)
            }
        }
        + named("DelayedSuggestion", parameters: 3) {
            stepping($0, $1) { frame throws(Raised) in
                if frame.phase == 1 { return frame.finish(.null) }
                frame.phase = 1
                let action = try frame.function(0)
                try frame.call.sleep(.milliseconds(BuiltinCall.milliseconds(try frame.call.number(1))))
                let arguments = frame.call.count > 2 ? Array(try frame.call.array(2)) : []
                return try frame.call(action, with: arguments)
            }
        }.map { $0.taking(rest: true) }

    static let combinations: [Callback] = [
        Callback("composed", 1) {
            stepping($0, $1) { frame throws(Raised) in
                let functions = frame.function.pointee.captures.elements
                frame.phase += 1
                if frame.phase == 1 {
                    return try frame.call(functions[0], with: Array(try frame.call.array(0)))
                }
                return frame.phase == 2
                    ? try frame.call(functions[1], frame.result) : frame.finish(frame.result)
            }
        }.taking(anyNumber: true),
        Callback("memoized", 1) {
            stepping($0, $1) { frame throws(Raised) in try frame.memoized() }
        }.taking(anyNumber: true),
        Callback("Compose", 2) {
            stepping($0, $1) { frame throws(Raised) in
                let (outer, inner) = (try frame.function(0), try frame.function(1))
                return frame.finish(try frame.made(Library.composed, from: [inner, outer]))
            }
        }.taking(makes: "composed"),
        Callback("Pipe", 2) {
            stepping($0, $1) { frame throws(Raised) in
                let (first, second) = (try frame.function(0), try frame.function(1))
                return frame.finish(try frame.made(Library.composed, from: [first, second]))
            }
        }.taking(makes: "composed"),
        Callback("Memoize", 1) {
            stepping($0, $1) { frame throws(Raised) in
                let call = frame.call
                let parts = [try frame.function(0), try call.array([Value]()), try call.array([Value]())]
                return frame.finish(try frame.made(Library.memoized, from: parts))
            }
        }.taking(makes: "memoized"),
    ]

    static let attempts: [Callback] = [
        Callback("TryOrAwaken", 2) {
            stepping($0, $1) { frame throws(Raised) in try frame.tryOrAwaken() }
        }.taking(errors: true),
        Callback("EnsureAwakening", 2) {
            stepping($0, $1) { frame throws(Raised) in try frame.ensureAwakening() }
        }.taking(errors: true),
        Callback("AssertThrows", 2) {
            stepping($0, $1) { frame throws(Raised) in
                if frame.phase == 2 { throw frame.raiseAgain() }
                if frame.error != nil { return frame.finish(.null) }
                frame.phase += 1
                if frame.phase == 1 { return try frame.call(try frame.function(0)) }
                let message = frame.call.optional(1) ?? .null
                let text = message.isNull ? "expected an error" : try frame.call.printed(message)
                throw frame.call.raise(.runtime, "Assertion failed: \(text)")
            }
        }.taking(errors: true),
    ]

    static let measurements: [Callback] = [
        Callback("MeasureTranceDepth", 1) {
            stepping($0, $1) { frame throws(Raised) in try frame.measure(times: 1) }
        },
        Callback("Benchmark", 2) {
            stepping($0, $1) { frame throws(Raised) in
                let times = (frame.call.optional(1) ?? .null).isNull ? 1 : try frame.call.natural(1)
                return try frame.measure(times: max(1, times))
            }
        },
    ]
}

extension BuiltinCall {
    /// A number of milliseconds as a pause: whole, not negative, at most some thirty thousand years.
    static func milliseconds(_ number: Double) -> Int {
        number > 0 ? Int(min(number, 1e15)) : 0
    }
}

extension CallbackFrame {
    /// A function value of the library's own, made of these values.
    fileprivate func made(_ callback: Int, from parts: [Value]) throws(Raised) -> Value {
        let program = machine.pointee.program
        guard let prototype = program.callbackPrototypes[callback] else {
            preconditionFailure("the generator adds what a callback makes")
        }
        let captures = try call.array(parts)
        let function = machine.pointee.makeFunctionUnchecked(prototype, captures: captures)
        if function.isFailure { throw .raised }
        return function
    }

    /// The number and the function may change places.
    fileprivate func repeatAction() throws(Raised) -> Int {
        let call = call
        let (first, second) = (try call.value(0), try call.value(1))
        let isFunctionFirst = first.has(.function) || first.has(.session)
        let action = isFunctionFirst ? first : try function(1)
        if phase == 0 {
            phase = 1
            guard let number = try call.number(from: isFunctionFirst ? second : first) else {
                let position = isFunctionFirst ? 2 : 1
                throw call.raise(
                    .type, "Builtin 'RepeatAction' expected numeric argument at position \(position)")
            }
            self[0] = Value(number: number.isNaN ? 0 : number.rounded(.toNearestOrAwayFromZero))
        } else {
            self[0] = Value(number: self[0].number - 1)
            let pause = call.count > 2 && !call.arguments[2].isNull ? try call.number(2) : 0
            if pause > 0, self[0].number > 0 {
                try call.sleep(.milliseconds(BuiltinCall.milliseconds(pause)))
            }
        }
        return self[0].number > 0 ? try self.call(action) : finish(.null)
    }

    /// The function's value for these arguments, computed once. The arguments and values so far are arrays
    /// side by side, behind the function.
    fileprivate func memoized() throws(Raised) -> Int {
        let parts = function.pointee.captures.array.pointee.items
        let arguments = call.arguments[0]
        if phase == 0 {
            phase = 1
            for (index, known) in parts[1].elements.enumerated() {
                try call.charge(4)
                if call.isDeeplyEqual(known, arguments) { return finish(parts[2].elements[index]) }
            }
            return try call(parts[0], with: Array(arguments.elements))
        }
        parts[1] = try call.appending(arguments, to: parts[1])
        parts[2] = try call.appending(result, to: parts[2])
        return finish(result)
    }

    /// Phase 1: the function runs. Then the handler does, whose errors are its own: in phase 2 because of the
    /// function's value, where errors still come here, in phase 3 because of an error.
    fileprivate func tryOrAwaken() throws(Raised) -> Int {
        let (action, handler) = (try function(0), try function(1))
        switch phase {
        case 0:
            phase = 1
            return try call(action)
        case 1:
            phase = 2
            if let error {
                phase = 3
                clearError()
                return try call(handler, error)
            }
            if let value = machine.pointee.content(of: result, ofType: "Err") {
                return try call(handler, value)
            }
            return finish(machine.pointee.content(of: result, ofType: "Ok") ?? result)
        case 2:
            if error != nil { throw raiseAgain() }
            return finish(result)
        default: return finish(result)
        }
    }

    fileprivate func ensureAwakening() throws(Raised) -> Int {
        let (action, cleanup) = (try function(0), try function(1))
        switch phase {
        case 0:
            phase = 1
            return try call(action)
        case 1:
            self[0] = result
            phase = error == nil ? 2 : 3
            return try call(cleanup)
        case 2:
            if error != nil { throw raiseAgain() }
            return finish(self[0])
        default: throw raiseAgain()
        }
    }

    fileprivate func measure(times: Int) throws(Raised) -> Int {
        let action = try function(0)
        let clock = try call.clock()
        let now = Double(clock.components.seconds) * 1e3 + Double(clock.components.attoseconds) / 1e15
        if phase == 0 {
            phase = 1
            self[0] = Value(number: now)
            self[number: 1] = 0
        } else {
            self[number: 1] += 1
        }
        if self[number: 1] < times { return try call(action) }
        return finish(Value(number: (now - self[0].number) / Double(times)))
    }
}
