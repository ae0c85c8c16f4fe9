/// A function of the language that is written in Swift and calls functions of the script.
///
/// It never calls them itself: the machine would then run inside of itself, where limits, cancellation and
/// deep recursion end. Instead it is a function of one instruction that takes a *step* each time: the step
/// looks at its registers, prepares a call or says that it is done. The machine makes the call like any
/// other, and its return leads to the same instruction, the next step.
struct Callback: Sendable {
    let name: String
    let parameterCount: Int
    /// The last parameter is an array of all further arguments.
    var takesRest = false
    /// Not callable by name: the value of a function that another one made, of any number of arguments, which
    /// are its one parameter as an array.
    var takesAnyNumber = false
    /// Errors of the functions it calls come to its next step.
    var catches = false
    /// The name of the callback whose function values it makes.
    var makes: String?
    let step: StepFunction

    init(_ name: String, _ parameterCount: Int, _ step: @escaping StepFunction) {
        self.name = name
        self.parameterCount = parameterCount
        self.step = step
    }

    func taking(rest: Bool = false, anyNumber: Bool = false, errors: Bool = false, makes: String? = nil)
        -> Callback
    {
        var copy = self
        copy.takesRest = rest
        copy.takesAnyNumber = anyNumber
        copy.catches = errors
        copy.makes = makes
        return copy
    }
}

/// Machine, place in `Library.callbacks` → the prototype to call, or one of the machine's marks.
typealias StepFunction = @convention(c) (UnsafeMutableRawPointer, Int) -> Int

/// Turns the machine's step into a Swift one; the whole body of every step stands inside it.
@inline(__always)
func stepping(
    _ machine: UnsafeMutableRawPointer, _ index: Int, _ body: (CallbackFrame) throws(Raised) -> Int
) -> Int {
    let machine = machine.assumingMemoryBound(to: Machine.self)
    do throws(Raised) {
        return try body(CallbackFrame(machine, Library.callbacks[index]))
    } catch {
        return Machine.callFailed
    }
}

extension UnsafeMutablePointer<Machine> {
    /// The next step of a callback: the prototype to enter, `Machine.callValue` when R[window] is its value,
    /// or `Machine.callFailed`.
    @inline(never)
    func stepCallback(_ index: Int) -> Int {
        guard pointee.safepoint() else { return Machine.callFailed }
        return Library.callbacks[index].step(self, index)
    }
}

/// The registers of a callback that is under way.
struct CallbackFrame {
    /// Which register holds what.
    struct Layout {
        let states: Int
        let phase: Int
        let error: Int
        let window: Int

        init(_ callback: Callback) {
            states = 1 + callback.parameterCount
            phase = states + CallbackFrame.stateCount
            error = phase + 1
            window = error + 2
        }
    }

    static let stateCount = 8
    /// More arguments than this make the stack grow.
    static let mostArguments = 4

    let machine: UnsafeMutablePointer<Machine>
    let callback: Callback
    let layout: Layout

    init(_ machine: UnsafeMutablePointer<Machine>, _ callback: Callback) {
        self.machine = machine
        self.callback = callback
        layout = Layout(callback)
    }

    private var registers: UnsafeMutablePointer<Value> { machine.pointee.base }

    /// The call as a builtin's, for reading arguments and making results.
    var call: BuiltinCall {
        var count = callback.parameterCount
        while count > 0, registers[count].isUnbound { count -= 1 }
        return BuiltinCall(machine: machine, arguments: registers + 1, count: count)
    }

    /// What is kept from step to step; null at first.
    subscript(state: Int) -> Value {
        get { registers[layout.states + state] }
        nonmutating set { registers[layout.states + state] = newValue }
    }

    /// A number that is kept from step to step.
    subscript(number state: Int) -> Int {
        get { Int(self[state].number) }
        nonmutating set { self[state] = Value(number: Double(newValue)) }
    }

    /// How far it is: 0 at the first step.
    var phase: Int {
        get { Int(registers[layout.phase].number) }
        nonmutating set { registers[layout.phase] = Value(number: Double(newValue)) }
    }

    /// What the function called last returned.
    var result: Value { registers[layout.window] }

    /// The value of an error that was caught, as a `catch` gets it.
    var error: Value? {
        let value = registers[layout.error]
        return value.isUnbound ? nil : value
    }

    /// Forgets an error that is dealt with.
    func clearError() { registers[layout.error] = .unbound }

    /// Raises the error again that was caught.
    func raiseAgain() -> Raised { machine.pointee.raiseAgain(registers[layout.error + 1]) }

    /// The function value whose call this is.
    var function: FunctionReference { registers[0].function }

    // MARK: Ends of a step

    /// Calls a function with these arguments.
    func call(_ function: Value, _ arguments: Value...) throws(Raised) -> Int {
        try call(function, with: arguments)
    }

    func call(_ function: Value, with arguments: [Value]) throws(Raised) -> Int {
        let window = layout.window
        if arguments.count > CallbackFrame.mostArguments {
            guard machine.pointee.growStack(to: window + 3 + arguments.count) else { throw .raised }
        }
        registers[window + 2] = function
        for (index, argument) in arguments.enumerated() { registers[window + 3 + index] = argument }
        let target = machine.pointee.prepareCall(window, arguments.count)
        if target == Machine.callFailed { throw .raised }
        return target
    }

    /// Ends the whole call with a value.
    func finish(_ value: Value) -> Int {
        registers[layout.window] = value
        return Machine.callValue
    }

    // MARK: Arguments

    /// f: something that can be called.
    func function(_ position: Int) throws(Raised) -> Value {
        let value = try call.value(position)
        guard value.has(.function) || value.has(.session) else {
            throw call.raise(
                .type,
                "Builtin '\(callback.name)' expected suggestion argument at position \(position + 1), got "
                    + machine.pointee.text(of: value))
        }
        return value
    }
}
