/// One call of a builtin: its arguments, what it may make and do, and how it fails.
struct BuiltinCall {
    let machine: UnsafeMutablePointer<Machine>
    let arguments: UnsafeMutablePointer<Value>
    let count: Int
}

// MARK: Reading arguments (§13, §15: the parameter kinds n i u s c a an v)

extension BuiltinCall {
    /// v: any value; missing is an error.
    @inline(__always)
    func value(_ position: Int) throws(Raised) -> Value {
        if position < count { return arguments[position] }
        throw missing(position)
    }

    /// v, or nil where the argument is missing.
    func optional(_ position: Int) -> Value? {
        position < count ? arguments[position] : nil
    }

    /// n: a number, or what converts to one (§4.2).
    @inline(__always)
    func number(_ position: Int) throws(Raised) -> Double {
        let value = try value(position)
        return value.isNumber ? value.number : try converted(value, position, "numeric argument")
    }

    /// i: rounded half away from zero, clamped to 64 bits, NaN → 0.
    func integer(_ position: Int) throws(Raised) -> Int {
        Self.saturated(try number(position).rounded(.toNearestOrAwayFromZero))
    }

    /// u: like i, but a number below zero is an error.
    func natural(_ position: Int) throws(Raised) -> Int {
        let number = try number(position)
        if number < 0 {
            throw raise(.type, expected("non-negative number", position))
        }
        return Self.saturated(number.rounded(.toNearestOrAwayFromZero))
    }

    /// s: the UTF-8 of a string argument; valid until the builtin returns.
    func text(_ position: Int) throws(Raised) -> UnsafeBufferPointer<UInt8> {
        let value = try value(position)
        if value.has(.string) { return value.utf8 }
        throw raise(.type, expected("string argument", position) + ", got \(machine.pointee.text(of: value))")
    }

    /// s as a Swift string, for the rare builtin whose work is not on bytes.
    func string(_ position: Int) throws(Raised) -> String {
        let text = try text(position)
        var result = ""
        result.reserveCapacity(text.count)
        var start = 0
        while start < text.count {
            var end = min(start + 1 << 16, text.count)
            while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
            try charge((end - start) / 4)
            result += String(decoding: text.part(start..<end), as: UTF8.self)
            start = end
        }
        return result
    }

    /// c: the UTF-8 of a string's first scalar.
    func character(_ position: Int) throws(Raised) -> UnsafeBufferPointer<UInt8> {
        let text = try text(position)
        guard let first = text.first else {
            throw raise(
                .type, expected("non-empty string to derive character", position))
        }
        return UnsafeBufferPointer(
            rebasing: text[..<min(text.count, Self.length(ofScalarStartingWith: first))])
    }

    /// a: the elements of an array argument; valid until the builtin returns.
    func array(_ position: Int) throws(Raised) -> UnsafeBufferPointer<Value> {
        let value = try value(position)
        if value.has(.array) { return value.elements }
        throw raise(.type, expected("array argument", position) + ", got \(machine.pointee.text(of: value))")
    }

    /// an: the elements of an array argument as numbers (§4.2).
    func numbers(_ position: Int) throws(Raised) -> [Double] {
        let elements = try array(position)
        try reserve(elements.count * 8)
        var numbers: [Double] = []
        numbers.reserveCapacity(elements.count)
        try inParts(of: elements.count) { part throws(Raised) in
            for index in part {
                let element = elements[index]
                numbers.append(
                    element.isNumber
                        ? element.number : try converted(element, position, "numeric array element"))
            }
        }
        return numbers
    }

    /// How many bytes the scalar has whose UTF-8 starts with `byte`.
    @inline(__always)
    static func length(ofScalarStartingWith byte: UInt8) -> Int {
        byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }

    private static func saturated(_ number: Double) -> Int {
        if number != number { return 0 }
        if number >= 0x1p63 { return .max }
        return number < -0x1p63 ? .min : Int(number)
    }

    @inline(never)
    private func converted(_ value: Value, _ position: Int, _ what: String) throws(Raised) -> Double {
        if let number = try number(from: value) { return number }
        throw raise(.type, expected(what, position))
    }

    @inline(never)
    private func missing(_ position: Int) -> Raised {
        raise(.runtime, expected("argument", position))
    }

    private func expected(_ what: String, _ position: Int) -> String {
        "Builtin '\(name)' expected \(what) at position \(position + 1)"
    }

    /// The name under which the script called this builtin.
    var name: String { machine.pointee.nameOfCalledBuiltin }
}

// MARK: Making results

extension BuiltinCall {
    func string(_ text: String) throws(Raised) -> Value {
        try value(machine.pointee.heap.makeString(text))
    }

    /// A string of these bytes, which must be UTF-8.
    func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        try value(machine.pointee.heap.makeString(bytes))
    }

    /// A string of these bytes, which must be UTF-8.
    func string(_ bytes: [UInt8]) throws(Raised) -> Value {
        let made = bytes.withUnsafeBufferPointer { machine.pointee.heap.makeString($0) }
        return try value(made)
    }

    /// A string of exactly `count` bytes that `fill` writes; the cheapest way when the length is known.
    func string(
        count: Int, fill: (UnsafeMutablePointer<UInt8>) throws(Raised) -> Void
    ) throws(Raised) -> Value {
        guard let string = machine.pointee.heap.makeString(count: count) else { throw outOfMemory() }
        try fill(string.pointee.bytes)
        return Value(.string, string)
    }

    /// An array of exactly `count` elements, all of which the caller must write before doing anything else
    /// that can end the builtin normally.
    func newArray(count: Int) throws(Raised) -> (value: Value, elements: UnsafeMutablePointer<Value>) {
        guard let array = machine.pointee.heap.makeArray(count: count) else { throw outOfMemory() }
        return (Value(.array, array), array.pointee.items)
    }

    func array(_ elements: [Value]) throws(Raised) -> Value {
        let made = elements.withUnsafeBufferPointer { machine.pointee.heap.makeArray($0) }
        return try value(made)
    }

    func array(_ elements: UnsafeBufferPointer<Value>) throws(Raised) -> Value {
        try value(machine.pointee.heap.makeArray(elements))
    }

    /// Copies elements into an array in the making.
    func copy(_ elements: UnsafeBufferPointer<Value>, to target: UnsafeMutablePointer<Value>) throws(Raised) {
        try charge(elements.count / 8)
        guard let start = elements.baseAddress else { return }
        if !machine.pointee.heap.copy(start, to: target, count: elements.count * 8) { throw outOfMemory() }
    }

    private func value(_ array: ArrayReference?) throws(Raised) -> Value {
        guard let array else { throw outOfMemory() }
        return Value(.array, array)
    }

    func array(_ numbers: [Double]) throws(Raised) -> Value {
        let (value, items) = try newArray(count: numbers.count)
        try inParts(of: numbers.count) { part throws(Raised) in
            for index in part { items[index] = Value(number: numbers[index]) }
        }
        return value
    }

    /// The printed form of any value, as a string value; a string is its own.
    func text(of value: Value) throws(Raised) -> Value {
        if value.has(.string) { return value }
        var text = TextBuilder(self)
        try text.append(printed: value)
        return try text.finish()
    }

    private func value(_ string: StringReference?) throws(Raised) -> Value {
        guard let string else { throw outOfMemory() }
        return Value(.string, string)
    }

    func outOfMemory() -> Raised { machine.pointee.outOfMemory() }
}

// MARK: Failing, accounting, reaching outside

extension BuiltinCall {
    /// Records an error of class `.type` or `.runtime`; the class prefix of §13 is added here. Use: `throw
    /// call.raise(…)`.
    func raise(_ kind: ScriptFailure.Kind, _ text: String) -> Raised {
        machine.pointee.raise(kind, text)
    }

    /// Raises the memory limit's error unless `bytes` more are affordable: before building large things in
    /// Swift memory.
    func reserve(_ bytes: Int) throws(Raised) {
        if bytes > 1 << 16, !machine.pointee.heap.canAfford(bytes) { throw outOfMemory() }
    }

    /// Counts work and stops for limits and cancellation. Cheap: call it once per some thousand steps or
    /// once up front.
    func charge(_ steps: Int) throws(Raised) {
        if !machine.pointee.charge(steps) { throw .raised }
    }

    /// Goes through `count` bytes or elements in parts, and counts each as work: so a stop is seen in time
    /// however many there are.
    ///
    /// - Parameter steps: how much work so many of them are, in steps of a nanosecond or two.
    @inline(__always)
    func inParts(
        of count: Int, costing steps: (Int) -> Int = { $0 },
        _ body: (Range<Int>) throws(Raised) -> Void
    ) throws(Raised) {
        var start = 0
        while start < count {
            let end = min(start + Self.part, count)
            try charge(steps(end - start))
            try body(start..<end)
            start = end
        }
    }

    private static var part: Int { 1 << 13 }

    /// Ends the run as `Exit(code)` does.
    func exit(_ code: Int) -> Raised {
        machine.pointee.exit(code)
    }

    /// Writes to the script's output; raises if the host takes none or the limit is passed.
    func write(_ text: String) throws(Raised) {
        var text = text
        let written = text.withUTF8 { machine.pointee.write($0) }
        try machine.pointee.check(written)
    }

    func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) {
        try machine.pointee.check(machine.pointee.write(bytes))
    }

    /// Shows the output so far, then sleeps in slices; ends early with an error when cancelled or past the
    /// deadline.
    func sleep(_ duration: Duration) throws(Raised) {
        try machine.pointee.check(machine.pointee.sleep(duration))
    }

    /// The time since 1970-01-01 UTC, from the host.
    func clock() throws(Raised) -> Duration {
        guard let clock = machine.pointee.host.clock else { throw machine.pointee.refuse(.clock) }
        guard machine.pointee.host.journal != nil else { return clock() }
        let microseconds = try observed("clock") { () throws(Raised) in
            .number(Double(clock() / .microseconds(1)))
        }
        guard case .number(let number) = microseconds else { return .zero }
        return .microseconds(Int64(number))
    }

    func random() throws(Raised) -> UInt64 {
        guard let random = machine.pointee.host.random else { throw machine.pointee.refuse(.random) }
        return random()
    }

    /// Raises unless the host grants `capability`: `Capability 'filesystem' is not granted`.
    func require(_ capability: ScriptCapability) throws(Raised) {
        if !machine.pointee.host.grants(capability) { throw machine.pointee.refuse(capability) }
    }

    var processArguments: [String] { machine.pointee.host.processArguments ?? [] }
}

// MARK: Comparing

extension BuiltinCall {
    /// `==` of §7.4.
    func isEqual(_ left: Value, _ right: Value) -> Bool {
        left.isEqual(to: right)
    }

    /// Deep equality of §7.4, for the builtins that search arrays.
    func isDeeplyEqual(_ left: Value, _ right: Value) -> Bool {
        left.isDeeplyEqual(to: right, machine)
    }
}
