import Glibc

/// The arithmetic and comparisons that are not between two numbers, and NaN.
extension Machine {
    @inline(never)
    mutating func add(_ left: Value, _ right: Value) -> Value {
        if left.has(.string) || right.has(.string) { return concatenate(left, right) }
        guard let first = convert(left), let second = convert(right) else { return .failure }
        return Value(number: first + second)
    }

    @inline(never)
    mutating func subtract(_ left: Value, _ right: Value) -> Value {
        guard let first = convert(left), let second = convert(right) else { return .failure }
        return Value(number: first - second)
    }

    @inline(never)
    mutating func multiply(_ left: Value, _ right: Value) -> Value {
        guard let first = convert(left), let second = convert(right) else { return .failure }
        return Value(number: first * second)
    }

    @inline(never)
    mutating func divide(_ left: Value, _ right: Value) -> Value {
        guard let first = convert(left), let second = convert(right) else { return .failure }
        return Value(number: first / second)
    }

    @inline(never)
    mutating func remainder(_ left: Value, _ right: Value) -> Value {
        guard let first = convert(left), let second = convert(right) else { return .failure }
        return Value(number: fmod(first, second))
    }

    /// R[register] += step, with the dispatch loop's place; false if that fails.
    @inline(never)
    mutating func step(
        _ register: Int, _ step: Value, at pc: UnsafeMutablePointer<UInt64>,
        _ base: UnsafeMutablePointer<Value>
    ) -> Bool {
        save(pc, base)
        let sum = add(base[register], step)
        if sum.isFailure { return false }
        base[register] = sum
        return true
    }

    /// (left + right) % divisor, the latter at `pc`.
    @inline(never)
    mutating func addRemainder(
        _ left: Value, _ right: Value, _ divisor: Value, _ pc: UnsafeMutablePointer<UInt64>
    ) -> Value {
        let sum = add(left, right)
        if sum.isFailure { return sum }
        self.pc = pc
        return remainder(sum, divisor)
    }

    @inline(never)
    mutating func negate(_ operand: Value) -> Value {
        guard let number = convert(operand) else { return .failure }
        return Value(number: -number)
    }

    /// The orders that a comparison may ask for.
    enum Order {
        case less, lessOrEqual, greater, greaterOrEqual
    }

    /// True, false or failure. The dispatch loop's place is stored first, as by `save`.
    @inline(never)
    mutating func compare(
        _ left: Value, _ right: Value, _ order: Order, at pc: UnsafeMutablePointer<UInt64>,
        _ base: UnsafeMutablePointer<Value>
    ) -> Value {
        save(pc, base)
        guard let first = convert(left), let second = convert(right) else { return .failure }
        switch order {
        case .less: return Value(first < second)
        case .lessOrEqual: return Value(first <= second)
        case .greater: return Value(first > second)
        case .greaterOrEqual: return Value(first >= second)
        }
    }

    @inline(never)
    mutating func toggle(_ value: Value, _ symbol: Int) -> Value {
        if value.isBoolean { return Value(!value.isTrue) }
        return fail(
            .runtime, "Oscillate target '\(name(symbol))' must be boolean, got \(text(of: value))")
    }

    // MARK: Strings

    private mutating func concatenate(_ left: Value, _ right: Value) -> Value {
        guard safepoint() else { return .failure }
        if left.has(.string) {
            if right.has(.string) { return join(left, right.utf8) }
            if right.isNumber { return join(left, numberText(right.number)) }
        }
        return concatenateTexts(left, right)
    }

    private mutating func join(_ left: Value, _ right: UnsafeBufferPointer<UInt8>) -> Value {
        guard charge((left.string.pointee.count + right.count) / 256) else { return .failure }
        if let string = heap.concatenate(left.string, right) { return Value(.string, string) }
        // The garbage of a loop that builds long strings may be all that stands in the way.
        guard collect(), let string = heap.concatenate(left.string, right) else { return failMemory() }
        return Value(.string, string)
    }

    private mutating func concatenateTexts(_ left: Value, _ right: Value) -> Value {
        withUnsafeMutablePointer(to: &self) { machine in
            do throws(Raised) {
                var text = TextBuilder(machine)
                try text.append(printed: left)
                try text.append(printed: right)
                return try text.finish()
            } catch {
                return .failure
            }
        }
    }
}
