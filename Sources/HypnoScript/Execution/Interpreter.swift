/// The dispatch loop: executes code until the program returns or something fails.
///
/// Its rules are measurements (design note §2): everything it touches is a raw pointer or an integer in a
/// local; no class, array, closure, existential or `throws`; slow work is behind `@inline(never)` functions
/// of `Machine`, called after `save`, which report failure by a sentinel. `pc` and `base` are never passed
/// inout, or they would live in memory. Arithmetic tests its result instead of its operands: tagged values
/// are NaNs, so a result that is a number proves two numbers. Any further `case` must keep to this.
enum Interpreter {
    /// Runs the machine from its saved place; false if the run was stopped (`Machine.stop` says why).
    @inline(never)
    static func run(_ machine: UnsafeMutablePointer<Machine>) -> Bool {
        var pc = machine.pointee.pc
        var base = machine.pointee.base
        let code = machine.pointee.code
        let cells = machine.pointee.cells
        let constants = machine.pointee.program.constants.values
        let entries = machine.pointee.program.entries
        let natives = NativeTable.functions
        let deepest = UInt64(truncatingIfNeeded: machine.pointee.limits.callDepth)
        var budget = machine.pointee.meter.grant()

        while true {
            var i = Instruction(bits: pc.pointee)
            pc += 1
            switch i.opcode {
            case .halt:
                machine.pointee.meter.settle(left: budget)
                machine.pointee.save(pc, base)
                return true

            // MARK: Values

            case .move:
                base[i.a] = base[i.b]
            case .loadConstant:
                base[i.a] = constants[i.wide]
            case .function:
                machine.pointee.save(pc, base)
                let value = machine.pointee.makeFunction(i.wide, receiver: .null)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value

            // MARK: Names

            case .getCell:
                let value = cells[i.wide].value
                if _fastPath(!value.isIndirect) {
                    base[i.a] = value
                } else if value.isBox {
                    base[i.a] = value.box.pointee.value
                } else {
                    machine.pointee.save(pc, base)
                    let shared = machine.pointee.readIndirect(i.wide)
                    if shared.isFailure { return stopped(machine, budget) }
                    base[i.a] = shared
                }
            case .setCell:
                let cell = cells + i.wide
                if _fastPath(!cell.pointee.value.isIndirect && !cell.pointee.isConstant) {
                    cell.pointee.value = base[i.a]
                } else {
                    machine.pointee.save(pc, base)
                    if !machine.pointee.assign(i.wide, base[i.a], scope: i.b) {
                        return stopped(machine, budget)
                    }
                }
            case .declareCell:
                machine.pointee.save(pc, base)
                if !machine.pointee.declare(i.wide, base[i.a], constant: false, scope: i.b) {
                    return stopped(machine, budget)
                }
            case .declareConstantCell:
                machine.pointee.save(pc, base)
                if !machine.pointee.declare(i.wide, base[i.a], constant: true, scope: i.b) {
                    return stopped(machine, budget)
                }
            case .declareShared:
                machine.pointee.declareShared(i.wide, base[i.a], constant: i.b == 1)
            case .mark:
                base[i.a] = Value(bits: UInt64(truncatingIfNeeded: machine.pointee.trail.count))
            case .unwind:
                let mark = TrailMark(base[i.a]).count
                if machine.pointee.trail.count != mark { machine.pointee.unwind(to: mark) }

            // MARK: Arithmetic

            case .add:
                let result = base[number: i.b] + base[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.add(base[i.b], base[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .addConstant:
                let result = base[number: i.b] + constants[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.add(base[i.b], constants[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .subtract:
                let result = base[number: i.b] - base[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.subtract(base[i.b], base[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .subtractConstant:
                let result = base[number: i.b] - constants[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.subtract(base[i.b], constants[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .multiply:
                let result = base[number: i.b] * base[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.multiply(base[i.b], base[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .multiplyConstant:
                let result = base[number: i.b] * constants[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.multiply(base[i.b], constants[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .divide:
                let result = base[number: i.b] / base[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.divide(base[i.b], base[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .divideConstant:
                let result = base[number: i.b] / constants[number: i.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.divide(base[i.b], constants[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .remainder:
                let (dividend, divisor) = (Whole(base[number: i.b]), Whole(base[number: i.c]))
                if _fastPath(dividend.isNatural && divisor.isExact && divisor.value != 0) {
                    base[number: i.a] = Whole.remainder(dividend, divisor)
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.remainder(base[i.b], base[i.c])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .remainderConstant:
                machine.pointee.save(pc, base)
                let value = machine.pointee.remainder(base[i.b], constants[i.c])
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .remainderWhole:
                let divisor = WholeDivisor(pc)
                pc += 2
                let dividend = Whole(base[number: i.b])
                if _fastPath(dividend.isNatural) {
                    base[number: i.a] = divisor.remainder(dividend)
                } else {
                    machine.pointee.save(pc - 2, base)
                    let value = machine.pointee.remainder(base[i.b], divisor.asValue)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .addRemainderWhole:
                let divisor = WholeDivisor(pc)
                pc += 2
                let dividend = Whole(sum: base[number: i.b], base[number: i.c])
                if _fastPath(dividend.isNatural) {
                    base[number: i.a] = divisor.remainder(dividend)
                } else {
                    // A failure of the addition belongs to the second word.
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.addRemainder(base[i.b], base[i.c], divisor.asValue, pc - 2)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }

            // MARK: Comparisons and logic

            case .equal:
                let difference = base[number: i.b] - base[number: i.c]
                if _fastPath(difference == difference) {
                    base[i.a] = Value((difference.magnitude < 0x1p-52))
                } else {
                    base[i.a] = Value(base[i.b].isEqual(to: base[i.c], machine))
                }
            case .notEqual:
                let difference = base[number: i.b] - base[number: i.c]
                if _fastPath(difference == difference) {
                    base[i.a] = Value(!(difference.magnitude < 0x1p-52))
                } else {
                    base[i.a] = Value(!base[i.b].isEqual(to: base[i.c], machine))
                }
            case .less:
                let (left, right) = (base[number: i.b], base[number: i.c])
                if left < right {
                    base[i.a] = .true
                } else if left >= right {
                    base[i.a] = .false
                } else {
                    let value = machine.pointee.compare(base[i.b], base[i.c], .less, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .lessOrEqual:
                let (left, right) = (base[number: i.b], base[number: i.c])
                if left <= right {
                    base[i.a] = .true
                } else if left > right {
                    base[i.a] = .false
                } else {
                    let value = machine.pointee.compare(base[i.b], base[i.c], .lessOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .greater:
                let (left, right) = (base[number: i.b], base[number: i.c])
                if left > right {
                    base[i.a] = .true
                } else if left <= right {
                    base[i.a] = .false
                } else {
                    let value = machine.pointee.compare(base[i.b], base[i.c], .greater, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .greaterOrEqual:
                let (left, right) = (base[number: i.b], base[number: i.c])
                if left >= right {
                    base[i.a] = .true
                } else if left < right {
                    base[i.a] = .false
                } else {
                    let value = machine.pointee.compare(base[i.b], base[i.c], .greaterOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .and:
                base[i.a] = Value(base[i.b].isTruthy && base[i.c].isTruthy)
            case .or:
                base[i.a] = Value(base[i.b].isTruthy || base[i.c].isTruthy)
            case .negate:
                let operand = base[number: i.b]
                if _fastPath(operand == operand) {
                    base[number: i.a] = -operand
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.negate(base[i.b])
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .not:
                base[i.a] = Value(!base[i.b].isTruthy)
            case .toggle:
                machine.pointee.save(pc, base)
                let value = machine.pointee.toggle(base[i.a], i.wide)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value

            // MARK: Jumps Going back costs the length of the way from the budget; `_fastPath` keeps the
            // branch from becoming a conditional move, on which the next dispatch would wait (design note
            // §3: 94 → 261 ms).

            case .jump:
                pc += i.offset
                budget &+= i.offset & (i.offset &>> 63)
                if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                if budget < 0 { return false }
            case .jumpIfTrue:
                if _fastPath(base[i.a].isTrue || !base[i.a].isBoolean && base[i.a].isTruthy) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfFalse:
                if _fastPath(!(base[i.a].isTrue || !base[i.a].isBoolean && base[i.a].isTruthy)) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfNull:
                if _fastPath(base[i.a].isNull) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfNotNull:
                if _fastPath(!base[i.a].isNull) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfEqual:
                let difference = base[number: i.a] - base[number: i.b]
                let holds =
                    difference == difference
                    ? (difference.magnitude < 0x1p-52) : base[i.a].isEqual(to: base[i.b], machine)
                if _fastPath(holds) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfNotEqual:
                let difference = base[number: i.a] - base[number: i.b]
                let holds =
                    difference == difference
                    ? !(difference.magnitude < 0x1p-52) : !base[i.a].isEqual(to: base[i.b], machine)
                if _fastPath(holds) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfLess:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left < right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left >= right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .less, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotLess:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left >= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left < right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .less, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfLessOrEqual:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left <= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left > right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .lessOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotLessOrEqual:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left > right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left <= right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .lessOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfGreater:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left > right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left <= right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .greater, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotGreater:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left <= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left > right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .greater, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfGreaterOrEqual:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left >= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left < right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .greaterOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotGreaterOrEqual:
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left < right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left >= right) {
                    let value = machine.pointee.compare(base[i.a], base[i.b], .greaterOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfEqualConstant:
                let difference = base[number: i.a] - constants[number: i.b]
                let holds =
                    difference == difference
                    ? (difference.magnitude < 0x1p-52) : base[i.a].isEqual(to: constants[i.b], machine)
                if _fastPath(holds) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfNotEqualConstant:
                let difference = base[number: i.a] - constants[number: i.b]
                let holds =
                    difference == difference
                    ? !(difference.magnitude < 0x1p-52) : !base[i.a].isEqual(to: constants[i.b], machine)
                if _fastPath(holds) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                }
            case .jumpIfLessConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left < right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left >= right) {
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .less, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotLessConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left >= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left < right) {
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .less, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfLessOrEqualConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left <= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left > right) {
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .lessOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotLessOrEqualConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left > right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left <= right) {
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .lessOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfGreaterConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left > right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left <= right) {
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .greater, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotGreaterConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left <= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left > right) {
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .greater, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfGreaterOrEqualConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left >= right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left < right) {
                    let value = machine.pointee.compare(
                        base[i.a], constants[i.b], .greaterOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .jumpIfNotGreaterOrEqualConstant:
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left < right) {
                    pc += i.offset
                    budget &+= i.offset & (i.offset &>> 63)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left >= right) {
                    let value = machine.pointee.compare(
                        base[i.a], constants[i.b], .greaterOrEqual, at: pc, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if !value.isTrue {
                        pc += i.offset
                        budget &+= i.offset & (i.offset &>> 63)
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .stepAndJumpIfLess:
                let step = Instruction(bits: pc.pointee)
                pc += 1
                let result = base[number: i.a] + constants[number: step.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    if !machine.pointee.step(i.a, constants[step.c], at: pc, base) {
                        return stopped(machine, budget)
                    }
                }
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left < right) {
                    pc += i.offset &- 1
                    budget &+= i.offset
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left >= right) {
                    // The failure belongs to the first word, the comparison.
                    let value = machine.pointee.compare(base[i.a], base[i.b], .less, at: pc - 1, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset &- 1
                        budget &+= i.offset
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .stepAndJumpIfLessOrEqual:
                let step = Instruction(bits: pc.pointee)
                pc += 1
                let result = base[number: i.a] + constants[number: step.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    if !machine.pointee.step(i.a, constants[step.c], at: pc, base) {
                        return stopped(machine, budget)
                    }
                }
                let (left, right) = (base[number: i.a], base[number: i.b])
                if _fastPath(left <= right) {
                    pc += i.offset &- 1
                    budget &+= i.offset
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left > right) {
                    // The failure belongs to the first word, the comparison.
                    let value = machine.pointee.compare(base[i.a], base[i.b], .lessOrEqual, at: pc - 1, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset &- 1
                        budget &+= i.offset
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .stepAndJumpIfLessConstant:
                let step = Instruction(bits: pc.pointee)
                pc += 1
                let result = base[number: i.a] + constants[number: step.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    if !machine.pointee.step(i.a, constants[step.c], at: pc, base) {
                        return stopped(machine, budget)
                    }
                }
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left < right) {
                    pc += i.offset &- 1
                    budget &+= i.offset
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left >= right) {
                    // The failure belongs to the first word, the comparison.
                    let value = machine.pointee.compare(base[i.a], constants[i.b], .less, at: pc - 1, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset &- 1
                        budget &+= i.offset
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }
            case .stepAndJumpIfLessOrEqualConstant:
                let step = Instruction(bits: pc.pointee)
                pc += 1
                let result = base[number: i.a] + constants[number: step.c]
                if _fastPath(result == result) {
                    base[number: i.a] = result
                } else {
                    if !machine.pointee.step(i.a, constants[step.c], at: pc, base) {
                        return stopped(machine, budget)
                    }
                }
                let (left, right) = (base[number: i.a], constants[number: i.b])
                if _fastPath(left <= right) {
                    pc += i.offset &- 1
                    budget &+= i.offset
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc, base) }
                    if budget < 0 { return false }
                } else if !(left > right) {
                    // The failure belongs to the first word, the comparison.
                    let value = machine.pointee.compare(
                        base[i.a], constants[i.b], .lessOrEqual, at: pc - 1, base)
                    if value.isFailure { return stopped(machine, budget) }
                    if value.isTrue {
                        pc += i.offset &- 1
                        budget &+= i.offset
                        if budget < 0 { budget = machine.pointee.tick(left: budget) }
                        if budget < 0 { return false }
                    }
                }

            // MARK: Containers

            case .index:
                let container = base[i.b]
                let position = Whole(base[number: i.c])
                if _fastPath(container.has(.array) && container.array.holds(position)) {
                    base[i.a] = container.array.pointee.items[position.value]
                } else {
                    machine.pointee.save(pc, base)
                    let value = machine.pointee.index(container, base[i.c], isOptional: false)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .indexOptional:
                machine.pointee.save(pc, base)
                let value = machine.pointee.index(base[i.b], base[i.c], isOptional: true)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .array:
                machine.pointee.save(pc, base)
                let value = machine.pointee.makeArray(base + i.b, count: i.c)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .appendItems:
                machine.pointee.save(pc, base)
                let value = machine.pointee.appendItems(base[i.a], base + i.b, count: i.c)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .requireType:
                machine.pointee.save(pc, base)
                if !machine.pointee.requireType(i.wide) { return stopped(machine, budget) }
            case .registerType:
                machine.pointee.registeredTypes[i.wide] = Int32(i.a &<< 16 | i.b)
            case .record:
                machine.pointee.save(pc, base)
                let value = machine.pointee.makeRecord(i.wide, base + i.b, pc.pointee)
                pc += 1
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .getField:
                let object = base[i.b]
                let cache = InlineCache(bits: pc.pointee)
                pc += 1
                if _fastPath(object.hasFields && object.fields.pointee.header.index == cache.key) {
                    base[i.a] = object.fields.values[cache.value]
                } else {
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.readField(object, i.wide, pc - 1)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .setField:
                let object = base[i.b]
                let cache = InlineCache(bits: pc.pointee)
                pc += 1
                if _fastPath(object.hasFields && object.fields.pointee.header.index == cache.key) {
                    object.fields.values[cache.value] = base[i.a]
                } else {
                    machine.pointee.save(pc - 1, base)
                    if !machine.pointee.writeField(object, i.wide, base[i.a], pc - 1) {
                        return stopped(machine, budget)
                    }
                }
            case .getThisField:
                base[i.a] = base[0].fields.values[i.wide]
            case .setThisField:
                base[0].fields.values[i.wide] = base[i.a]

            // MARK: Calls A frame is R[-2] = where to return to (address and, in the top 16 bits, how far
            // down the caller's R[0] is), R[-1] = depth, then the registers. The return word looks like a
            // tiny number to the collector.

            case .callDirect:
                let entry = entries + i.b
                var frame = base + (i.a &+ 2)
                let depth = base[-1].bits &+ 1
                if frame + Int(entry.pointee.registerCount) > machine.pointee.stackEnd || depth > deepest {
                    machine.pointee.save(pc, base)
                    if !machine.pointee.admitCall(depth, i, entry) {
                        return stopped(machine, budget)
                    }
                    frame = machine.pointee.base + (i.a &+ 2)
                }
                frame[-2] = Value(
                    bits: UInt64(UInt(bitPattern: pc)) | UInt64(truncatingIfNeeded: i.a &+ 2) &<< 48)
                frame[-1] = Value(bits: depth)
                base = frame
                pc = code + Int(entry.pointee.start)
                budget &-= Int(entry.pointee.cost)
                if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc + 1, base) }
                if budget < 0 { return false }
            case .callChecked:
                machine.pointee.save(pc, base)
                let target = machine.pointee.prepareChecked(
                    i.wide, i.a, Int(entries[i.b].parameterCount))
                if target < 0 { return stopped(machine, budget) }
                base = machine.pointee.base
                // A direct function's name is bound to nothing else, and for good.
                if target == i.b { pc[-1] = Instruction(.callDirect, a: i.a, b: i.b).bits }
                let entry = entries + target
                var frame = base + (i.a &+ 2)
                let depth = base[-1].bits &+ 1
                if frame + Int(entry.pointee.registerCount) > machine.pointee.stackEnd || depth > deepest {
                    machine.pointee.save(pc, base)
                    if !machine.pointee.admitCall(depth, i, entry) {
                        return stopped(machine, budget)
                    }
                    frame = machine.pointee.base + (i.a &+ 2)
                }
                frame[-2] = Value(
                    bits: UInt64(UInt(bitPattern: pc)) | UInt64(truncatingIfNeeded: i.a &+ 2) &<< 48)
                frame[-1] = Value(bits: depth)
                base = frame
                pc = code + Int(entry.pointee.start)
                budget &-= Int(entry.pointee.cost)
                if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc + 1, base) }
                if budget < 0 { return false }
            case .callThis:
                let entry = entries + i.wide
                var frame = base + (i.a &+ 2)
                let depth = base[-1].bits &+ 1
                if frame + Int(entry.pointee.registerCount) > machine.pointee.stackEnd || depth > deepest {
                    machine.pointee.save(pc, base)
                    if !machine.pointee.admitCall(depth, i, entry) {
                        return stopped(machine, budget)
                    }
                    frame = machine.pointee.base + (i.a &+ 2)
                }
                frame[-2] = Value(
                    bits: UInt64(UInt(bitPattern: pc)) | UInt64(truncatingIfNeeded: i.a &+ 2) &<< 48)
                frame[-1] = Value(bits: depth)
                base = frame
                pc = code + Int(entry.pointee.start)
                budget &-= Int(entry.pointee.cost)
                if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc + 1, base) }
                if budget < 0 { return false }
            case .moveAndCall:
                base[i.a] = base[i.b]
                i = Instruction(bits: pc.pointee)
                pc += 1
                fallthrough
            case .call:
                var target = Machine.callFailed
                let callee = base[i.c]
                base[i.a &+ 2] = callee
                if _fastPath(callee.isPlainFunction) {
                    target = Int(callee.function.pointee.header.index)
                    if Int((entries + target).pointee.parameterCount) != i.b { target = Machine.callFailed }
                }
                if _slowPath(target < 0) {
                    machine.pointee.save(pc, base)
                    target = machine.pointee.prepareCall(i.a, i.b)
                    if target < 0 { return stopped(machine, budget) }
                    base = machine.pointee.base
                }
                let entry = entries + target
                var frame = base + (i.a &+ 2)
                let depth = base[-1].bits &+ 1
                if frame + Int(entry.pointee.registerCount) > machine.pointee.stackEnd || depth > deepest {
                    machine.pointee.save(pc, base)
                    if !machine.pointee.admitCall(depth, i, entry) {
                        return stopped(machine, budget)
                    }
                    frame = machine.pointee.base + (i.a &+ 2)
                }
                frame[-2] = Value(
                    bits: UInt64(UInt(bitPattern: pc)) | UInt64(truncatingIfNeeded: i.a &+ 2) &<< 48)
                frame[-1] = Value(bits: depth)
                base = frame
                pc = code + Int(entry.pointee.start)
                budget &-= Int(entry.pointee.cost)
                if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc + 1, base) }
                if budget < 0 { return false }
            case .callMember:
                let object = base[i.a &+ 2]
                let cache = InlineCache(bits: pc.pointee)
                pc += 1
                var target = cache.value
                if _slowPath(!(object.hasFields && object.fields.pointee.header.index == cache.key)) {
                    machine.pointee.save(pc - 1, base)
                    target = machine.pointee.prepareMemberCall(i.a, i.b, i.wide, pc - 1)
                    if target < 0 { return stopped(machine, budget) }
                    base = machine.pointee.base
                }
                let entry = entries + target
                var frame = base + (i.a &+ 2)
                let depth = base[-1].bits &+ 1
                if frame + Int(entry.pointee.registerCount) > machine.pointee.stackEnd || depth > deepest {
                    machine.pointee.save(pc - 1, base)
                    if !machine.pointee.admitCall(depth, i, entry) {
                        return stopped(machine, budget)
                    }
                    frame = machine.pointee.base + (i.a &+ 2)
                }
                frame[-2] = Value(
                    bits: UInt64(UInt(bitPattern: pc)) | UInt64(truncatingIfNeeded: i.a &+ 2) &<< 48)
                frame[-1] = Value(bits: depth)
                base = frame
                pc = code + Int(entry.pointee.start)
                budget &-= Int(entry.pointee.cost)
                if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc + 1, base) }
                if budget < 0 { return false }
            case .callBuiltin:
                machine.pointee.save(pc, base)
                if !machine.pointee.safepoint() { return stopped(machine, budget) }
                let result = Value(bits: natives[i.wide](machine, base + i.a, i.b))
                if result.isFailure { return stopped(machine, budget) }
                base[i.a] = result
            case .callUnary:
                machine.pointee.save(pc, base)
                if !machine.pointee.safepoint() { return stopped(machine, budget) }
                let result = Value(bits: natives[i.wide](machine, base + i.b, 1))
                if result.isFailure { return stopped(machine, budget) }
                base[i.a] = result
            case .count:
                if _fastPath(base[i.b].has(.array)) {
                    base[number: i.a] = Double(base[i.b].array.pointee.count)
                } else {
                    machine.pointee.save(pc, base)
                    let result = Value(bits: natives[i.wide](machine, base + i.b, 1))
                    if result.isFailure { return stopped(machine, budget) }
                    base[i.a] = result
                }
            case .returnUnwinding:
                let mark = TrailMark(base[i.b]).count
                if machine.pointee.trail.count != mark { machine.pointee.unwind(to: mark) }
                fallthrough
            case .return:
                let value = base[i.a]
                let word = base[-2].bits
                base[-2] = value
                base -= Int(truncatingIfNeeded: word &>> 48)
                // Safe because a call wrote the word, from a pointer into the code.
                pc = UnsafeMutablePointer(bitPattern: UInt(word & 0xFFFF_FFFF_FFFF)).unsafelyUnwrapped
            case .returnNull:
                let word = base[-2].bits
                base[-2] = .null
                base -= Int(truncatingIfNeeded: word &>> 48)
                // Safe because a call wrote the word, from a pointer into the code.
                pc = UnsafeMutablePointer(bitPattern: UInt(word & 0xFFFF_FFFF_FFFF)).unsafelyUnwrapped

            // MARK: Sessions

            case .session:
                machine.pointee.save(pc, base)
                let value = machine.pointee.makeSession(i.wide)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .instance:
                machine.pointee.save(pc, base)
                let value = machine.pointee.makeInstance(of: base[0])
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .initField:
                base[i.b].fields.values[i.wide] = base[i.a]
            case .requireConstructor:
                machine.pointee.save(pc, base)
                if !machine.pointee.requireConstructor(i.wide) { return stopped(machine, budget) }
            case .constructorMismatch:
                machine.pointee.save(pc, base)
                machine.pointee.failConstructorMismatch(i.wide, received: base[i.a])
                return stopped(machine, budget)

            // MARK: Patterns

            case .requireKind:
                if !PatternKind.holds(i.b, base[i.a]) { pc += i.offset }
            case .requireArray:
                let value = base[i.a]
                let count = i.b & (Generator.openEnded - 1)
                let isOpen = i.b & Generator.openEnded != 0
                if !(value.has(.array)
                    && (value.array.pointee.count == count || isOpen && value.array.pointee.count > count))
                {
                    pc += i.offset
                }
            case .requireRecord:
                let type = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if !machine.pointee.isRecord(base[i.a], ofType: type) { pc += i.offset &- 1 }
            case .requireField:
                let symbol = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let slot = machine.pointee.slot(of: symbol, in: base[i.b].fields) {
                    base[i.a] = base[i.b].fields.values[slot]
                } else {
                    pc += i.offset &- 1
                }
            case .element:
                base[i.a] = base[i.b].array.pointee.items[i.c]
            case .rest:
                machine.pointee.save(pc, base)
                let value = machine.pointee.rest(base[i.b], from: i.c)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value

            // MARK: The documented dialect

            case .jumpIfBound:
                let cell = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if machine.pointee.isBound(cell) { pc += i.offset &- 1 }
            case .jumpIfPresent:
                if !base[i.a].isUnbound { pc += i.offset }
            case .markCapturing:
                base[i.a] = TrailMark.capturing(machine.pointee.trail.count)
                base[i.a &+ 1] = .null
            case .environment:
                machine.pointee.save(pc, base)
                let value = machine.pointee.environment(base[i.a])
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .closure:
                let prototype = pc.pointee
                pc += 1
                machine.pointee.save(pc - 1, base)
                let value = machine.pointee.makeClosure(prototype, base + i.b, count: i.c)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .enterClosure:
                machine.pointee.save(pc, base)
                base[i.a] = Value(bits: UInt64(truncatingIfNeeded: machine.pointee.trail.count))
                if !machine.pointee.bindCaptures() { return stopped(machine, budget) }
            case .getCaptured:
                let slot = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let box = base[0].function.boxes[slot] {
                    base[i.a] = box.pointee.value
                } else {
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.readCaptured(i.wide, slot: slot)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .getCapturedAndAdd:
                let slot = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let box = base[0].function.boxes[slot] {
                    base[i.a] = box.pointee.value
                    let sum = Instruction(bits: pc.pointee)
                    let result = base[number: sum.b] + base[number: sum.c]
                    if _fastPath(result == result) {
                        base[number: sum.a] = result
                        pc += 1
                    }
                } else {
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.readCaptured(i.wide, slot: slot)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .addToCaptured:
                let slot = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let box = base[0].function.boxes[slot] {
                    base[i.a] = box.pointee.value
                    let sum = Instruction(bits: pc.pointee)
                    let result = base[number: sum.b] + base[number: sum.c]
                    if _fastPath(result == result && box.pointee.header.index == 0) {
                        base[number: i.a] = result
                        box.pointee.value = Value(ordinary: result)
                        pc += 3
                    }
                } else {
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.readCaptured(i.wide, slot: slot)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .getCapturedAddAndReturn:
                let slot = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let box = base[0].function.boxes[slot] {
                    base[i.a] = box.pointee.value
                    let sum = Instruction(bits: pc.pointee)
                    let result = base[number: sum.b] + base[number: sum.c]
                    if _fastPath(result == result) {
                        let word = base[-2].bits
                        base[-2] = Value(ordinary: result)
                        base -= Int(truncatingIfNeeded: word &>> 48)
                        // Safe because a call wrote the word, from a pointer into the code.
                        pc = UnsafeMutablePointer(bitPattern: UInt(word & 0xFFFF_FFFF_FFFF)).unsafelyUnwrapped
                    }
                } else {
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.readCaptured(i.wide, slot: slot)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .addToCapturedAndReturn:
                let slot = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let box = base[0].function.boxes[slot] {
                    base[i.a] = box.pointee.value
                    let sum = Instruction(bits: pc.pointee)
                    let result = base[number: sum.b] + base[number: sum.c]
                    if _fastPath(result == result && box.pointee.header.index == 0) {
                        box.pointee.value = Value(ordinary: result)
                        let word = base[-2].bits
                        base[-2] = Value(ordinary: result)
                        base -= Int(truncatingIfNeeded: word &>> 48)
                        // Safe because a call wrote the word, from a pointer into the code.
                        pc = UnsafeMutablePointer(bitPattern: UInt(word & 0xFFFF_FFFF_FFFF)).unsafelyUnwrapped
                    }
                } else {
                    machine.pointee.save(pc - 1, base)
                    let value = machine.pointee.readCaptured(i.wide, slot: slot)
                    if value.isFailure { return stopped(machine, budget) }
                    base[i.a] = value
                }
            case .setCaptured:
                let slot = Int(truncatingIfNeeded: pc.pointee)
                pc += 1
                if let box = base[0].function.boxes[slot], box.pointee.header.index == 0 {
                    box.pointee.value = base[i.a]
                } else {
                    machine.pointee.save(pc - 1, base)
                    if !machine.pointee.assignCaptured(i.wide, base[i.a], scope: i.b, slot: slot) {
                        return stopped(machine, budget)
                    }
                }
            case .getFieldOptional:
                machine.pointee.save(pc, base)
                let value = machine.pointee.readOptionalField(base[i.b], i.wide)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .setMember:
                let object = base[i.b]
                let cache = InlineCache(bits: pc.pointee)
                pc += 1
                if _fastPath(object.hasFields && object.fields.pointee.header.index == cache.key) {
                    object.fields.values[cache.value] = base[i.a]
                } else {
                    machine.pointee.save(pc - 1, base)
                    let next = Instruction(bits: pc.pointee)
                    let skips = next.opcode == .jump && next.b != 0
                    let isOwn = !(skips && next.b == Instruction.skippedByInnerCopies)
                    let copy = machine.pointee.writeMember(object, i.wide, base[i.a], pc - 1, isOwn: isOwn)
                    if copy.isFailure { return stopped(machine, budget) }
                    if !copy.isUnbound {
                        base[i.b] = copy
                        if skips { pc += 1 }
                    }
                }
            case .setElement:
                machine.pointee.save(pc, base)
                let copy = machine.pointee.writeElement(base[i.b], base[i.a], base[i.c], isOwn: false)
                if copy.isFailure { return stopped(machine, budget) }
                base[i.b] = copy
            case .setOwnElement:
                let container = base[i.b]
                let position = Whole(base[number: i.a])
                if _fastPath(container.isOwnArray && container.array.holds(position)) {
                    container.array.pointee.items[position.value] = base[i.c]
                } else {
                    machine.pointee.save(pc, base)
                    let copy = machine.pointee.writeElement(container, base[i.a], base[i.c], isOwn: true)
                    if copy.isFailure { return stopped(machine, budget) }
                    base[i.b] = copy
                }
            case .setOwnElementConstant:
                let container = base[i.b]
                let position = Whole(base[number: i.a])
                if _fastPath(container.isOwnArray && container.array.holds(position)) {
                    container.array.pointee.items[position.value] = constants[i.c]
                } else {
                    machine.pointee.save(pc, base)
                    let copy = machine.pointee.writeElement(container, base[i.a], constants[i.c], isOwn: true)
                    if copy.isFailure { return stopped(machine, budget) }
                    base[i.b] = copy
                }
            case .appendOwn:
                if _slowPath(!(base[i.b].has(.array) && base[i.b].array.appendInPlace(base[i.a &+ 1]))) {
                    machine.pointee.save(pc, base)
                    if !machine.pointee.safepoint() { return stopped(machine, budget) }
                    base[i.a] = base[i.b]
                    let result = Value(bits: natives[i.wide](machine, base + i.a, 2))
                    if result.isFailure { return stopped(machine, budget) }
                    base[i.b] = result
                }
            case .share:
                let value = base[i.a]
                if value.has(.array) {
                    value.array.pointee.header.index = ObjectHeader.shared
                } else if value.has(.record) {
                    machine.pointee.share(value)
                }
            case .object:
                machine.pointee.save(pc, base)
                let value = machine.pointee.makeObject(i.wide, base + i.b)
                if value.isFailure { return stopped(machine, budget) }
                base[i.a] = value
            case .callback:
                machine.pointee.save(pc, base)
                let target = machine.stepCallback(i.wide)
                base = machine.pointee.base
                if target == Machine.callFailed { return stopped(machine, budget) }
                if target >= 0 {
                    let entry = entries + target
                    var frame = base + (i.a &+ 2)
                    let depth = base[-1].bits &+ 1
                    if frame + Int(entry.pointee.registerCount) > machine.pointee.stackEnd || depth > deepest
                    {
                        if !machine.pointee.admitCall(depth, i, entry) {
                            return stopped(machine, budget)
                        }
                        frame = machine.pointee.base + (i.a &+ 2)
                    }
                    // The call comes back to this instruction, which then takes the next step.
                    frame[-2] = Value(
                        bits: UInt64(UInt(bitPattern: pc - 1)) | UInt64(truncatingIfNeeded: i.a &+ 2) &<< 48)
                    frame[-1] = Value(bits: depth)
                    base = frame
                    pc = code + Int(entry.pointee.start)
                    budget &-= Int(entry.pointee.cost)
                    if budget < 0 { budget = machine.pointee.tick(left: budget, at: pc + 1, base) }
                    if budget < 0 { return false }
                }

            // MARK: Effects and failures

            case .output:
                machine.pointee.save(pc, base)
                if !machine.print(base[i.a], i.b) { return stopped(machine, budget) }
            case .suspend:
                machine.pointee.save(pc, base)
                if !machine.pointee.suspend() { return stopped(machine, budget) }
            case .fail:
                machine.pointee.save(pc, base)
                machine.pointee.failStatically(i.wide)
                return stopped(machine, budget)
            case .failReturn:
                machine.pointee.save(pc, base)
                machine.pointee.failReturn(base[i.a])
                return stopped(machine, budget)
            }
        }
    }

    /// Accounts for what was executed when something failed.
    @inline(never)
    private static func stopped(_ machine: UnsafeMutablePointer<Machine>, _ budget: Int) -> Bool {
        machine.pointee.meter.settle(left: budget)
        return false
    }
}

extension UnsafeMutablePointer<Value> {
    /// The value at an index seen as a double. Loads and stores go straight to a floating-point register;
    /// by way of `Value` they took a detour through an integer one, six cycles per instruction.
    @inline(__always)
    subscript(number index: Int) -> Double {
        get { UnsafeRawPointer(self + index).load(as: Double.self) }
        nonmutating set { UnsafeMutableRawPointer(self + index).storeBytes(of: newValue, as: Double.self) }
    }
}
