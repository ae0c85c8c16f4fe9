import SourceText

extension Generator {
    /// Puts the value of an expression into R[target].
    ///
    /// - Parameter isVariable: the target is the register of a variable that the expression may itself
    ///   read, so nothing may be written there before everything is read.
    mutating func evaluate(_ id: ExpressionID, into target: Int, isVariable: Bool = false) {
        let expression = tree[id]
        code.focus = expression.focus
        switch expression.kind {
        case .number(let number): loadConstant(Value(number: number), into: target)
        case .string(let text): loadString(text, into: target)
        case .boolean(let value): loadConstant(Value(value), into: target)
        case .name(let name):
            read(name, into: target)
            if resolution.isChangedInPlace[name.index] { code.emit(.share, a: target) }
        case .array(let elements): array(elements, into: target)
        case .record(let type, let fields): record(type, fields, into: target)
        case .prefix(let operation, let operand): prefix(id, operation, operand, into: target, isVariable)
        case .chain(let first, let links):
            if links[0].operation == .coalesce {
                throughTemporary(target, isVariable) { $0.coalesce(first, links, into: $1) }
            } else {
                chain(first, links, into: target)
            }
        case .assign(let place, let value): assign(id, place, value, into: target)
        case .call(let callee, let arguments): call(id, callee, arguments, into: target, isVariable)
        case .member(let object, let name, let isOptional):
            if isOptional {
                throughTemporary(target, isVariable) { $0.optionalMember(id, object, name, into: $1) }
            } else {
                member(id, object, name, into: target)
            }
        case .index(let array, let index, let isOptional):
            if isOptional {
                throughTemporary(target, isVariable) { $0.optionalIndex(id, array, index, into: $1) }
            } else {
                self.index(id, array, index, into: target)
            }
        case .entrain(let subject, let cases, let otherwise):
            throughTemporary(target, isVariable) { $0.entrain(id, subject, cases, otherwise, into: $1) }
        case .object(let fields): object(fields, into: target)
        case .with(let base, let fields): copy(base, fields, into: target)
        case .optionalCall(let callee, let arguments): optionalCall(id, callee, arguments, into: target)
        case .function(let function): closure(function, into: target)
        }
    }

    /// Runs `body` with a register it may write early: the target itself, or a temporary that is moved
    /// there at the end.
    private mutating func throughTemporary(
        _ target: Int, _ isVariable: Bool, _ body: (inout Generator, Int) -> Void
    ) {
        guard isVariable else { return body(&self, target) }
        let temporary = code.allocate()
        body(&self, temporary)
        code.emit(.move, a: target, b: temporary)
        code.release(to: temporary)
    }

    /// A register with the value of an expression: the variable's own, or a new temporary for the caller to
    /// release.
    ///
    /// - Parameter later: what is evaluated before the register is used; if it may change variables, the
    ///   value is copied.
    /// - Parameter isKept: whether something refers to the value when the register is used no more.
    mutating func operand(
        _ id: ExpressionID, before later: ExpressionID? = nil, isKept: Bool = false
    ) -> Int {
        if case .name(let name) = tree[id].kind, parts.cellOfSymbol[name] == nil,
            let local = code.local(name), !(later.map { resolution.changesVariables[$0.index] } ?? false),
            !(isKept && resolution.isChangedInPlace[name.index])
        {
            return local.register
        }
        let temporary = code.allocate()
        if isKept { evaluate(id, into: temporary) } else { borrow(id, into: temporary) }
        return temporary
    }

    /// Puts a value into a register that nobody keeps.
    mutating func borrow(_ id: ExpressionID, into target: Int) {
        guard case .name(let name) = tree[id].kind else { return evaluate(id, into: target) }
        code.focus = tree[id].focus
        read(name, into: target)
    }

    /// Runs `body` with a register holding the value, released afterwards.
    mutating func withOperand(
        _ id: ExpressionID, isKept: Bool = false, _ body: (inout Generator, Int) -> Void
    ) {
        let start = code.nextRegister
        let register = operand(id, isKept: isKept)
        body(&self, register)
        code.release(to: start)
    }

    /// The number of a literal's constant, if it fits a 16-bit field.
    mutating func constant(_ id: ExpressionID) -> Int? {
        let index: Int
        switch tree[id].kind {
        case .number(let number): index = parts.constants.index(of: Value(number: number))
        case .string(let text): index = parts.constants.index(ofString: text)
        case .boolean(let value): index = parts.constants.index(of: Value(value))
        case .name(let name) where isNull(name): index = parts.constants.index(of: .null)
        default: return nil
        }
        return index <= 0xFFFF ? index : nil
    }

    /// Whether a name stands for null all over the program.
    func isNull(_ name: Symbol) -> Bool {
        resolution.isNullLiteral && tree.names[name] == HypnoScript.nullName
    }

    mutating func read(_ name: Symbol, into target: Int) {
        if isNull(name) {
            loadConstant(.null, into: target)
        } else if let cell = parts.cellOfSymbol[name] {
            if code.readsCaptures, !code.ownCells.contains(cell) {
                code.readCaptured(cell, into: target)
            } else {
                code.emit(.getCell, a: target, wide: cell)
            }
        } else if let local = code.local(name) {
            if local.register != target { code.emit(.move, a: target, b: local.register) }
        } else {
            preconditionFailure("a name without a cell is declared before every use")
        }
    }
}

// MARK: Operators

extension Generator {
    private mutating func prefix(
        _ id: ExpressionID, _ operation: PrefixOperator, _ operand: ExpressionID, into target: Int,
        _ isVariable: Bool
    ) {
        switch operation {
        case .await: evaluate(operand, into: target, isVariable: isVariable)
        case .not, .negate:
            withOperand(operand) {
                $0.code.focus = $0.tree[id].focus
                $0.code.emit(operation == .not ? .not : .negate, a: target, b: $1)
            }
        }
    }

    /// Operators of one level from left to right; only the last writes the target.
    private mutating func chain(_ first: ExpressionID, _ links: [ChainLink], into target: Int) {
        let start = code.nextRegister
        var left = operand(first, before: links[0].operand)
        let accumulator = links.count > 1 ? code.allocate() : target
        for (position, link) in links.enumerated() {
            let result = position == links.count - 1 ? target : accumulator
            let inner = code.nextRegister
            if link.operation == .remainder, let divisor = wholeDivisor(link.operand) {
                remainder(left, divisor, isTemporary: left >= start, focus: link.focus, into: result)
            } else if let immediate = link.operation.withConstant, let constant = constant(link.operand) {
                code.focus = link.focus
                code.emit(immediate, a: result, b: left, c: constant)
            } else {
                let right = operand(link.operand)
                code.focus = link.focus
                code.emit(link.operation.opcode, a: result, b: left, c: right)
            }
            code.release(to: inner)
            left = result
        }
        code.release(to: start)
    }

    private func wholeDivisor(_ id: ExpressionID) -> WholeDivisor? {
        guard case .number(let number) = tree[id].kind else { return nil }
        return WholeDivisor(number)
    }

    /// R[left] % divisor; takes in the addition that just made R[left].
    private mutating func remainder(
        _ left: Int, _ divisor: WholeDivisor, isTemporary: Bool, focus: SourceOffset, into target: Int
    ) {
        let sum = isTemporary ? code.removeAddition(to: left) : nil
        code.focus = focus
        if let sum {
            code.emit(.addRemainderWhole, a: target, b: sum.instruction.b, c: sum.instruction.c)
        } else {
            code.emit(.remainderWhole, a: target, b: left)
        }
        for word in divisor.words { code.emit(word: word, at: sum?.focus) }
    }

    private mutating func coalesce(_ first: ExpressionID, _ links: [ChainLink], into target: Int) {
        let end = code.newLabel()
        evaluate(first, into: target)
        for link in links {
            code.emit(.jumpIfNotNull, a: target, to: end)
            evaluate(link.operand, into: target)
        }
        code.place(end)
    }

    // MARK: Assignment

    private mutating func assign(
        _ id: ExpressionID, _ place: ExpressionID, _ value: ExpressionID, into target: Int
    ) {
        switch tree[place].kind {
        case .name(let name): assign(name, value, result: target)
        case .member(let object, let name, isOptional: false):
            assignMember(id, place, object, name, value, into: target)
        case .index(_, _, isOptional: false):
            guard let root = tree.root(ofPlace: place) else { fallthrough }
            assign(toPlace: place, root, value, focus: tree[id].focus, into: target)
        default: fail(.runtime, "Invalid assignment target")
        }
    }

    /// `name = value`; the value also goes to R[result] if the caller wants it.
    mutating func assign(_ name: Symbol, _ value: ExpressionID, result: Int?) {
        if let cell = parts.cellOfSymbol[name] {
            let start = code.nextRegister
            let register = operand(value, isKept: true)
            if code.readsCaptures, !code.ownCells.contains(cell) {
                code.assignCaptured(cell, from: register)
            } else {
                code.emit(.setCell, a: register, b: code.bindingScope, wide: cell)
            }
            if let result, result != register { code.emit(.move, a: result, b: register) }
            code.release(to: start)
        } else if let local = code.local(name) {
            if local.isConstant {
                withOperand(value) { generator, _ in generator.failConstant(name) }
            } else {
                evaluate(value, into: local.register, isVariable: true)
                if let result { code.emit(.move, a: result, b: local.register) }
            }
        } else {
            // In the global scope, where an assignment declares.
            declare(name) { $0.evaluate(value, into: $1) }
        }
    }

    private mutating func assignMember(
        _ id: ExpressionID, _ place: ExpressionID, _ object: ExpressionID, _ name: Symbol,
        _ value: ExpressionID, into target: Int
    ) {
        if let root = tree.root(ofPlace: place), slotOfThis(object, name, \.instanceTargets) == nil {
            if case .name = tree[object].kind, !isOwnRecord(root) {
                assignMember(id, ofVariable: root, object, name, value, into: target)
            } else {
                assign(toPlace: place, root, value, focus: tree[id].focus, into: target)
            }
            return
        }
        let start = code.nextRegister
        let place = operand(object, before: value)
        let register = operand(value, isKept: true)
        code.focus = tree[id].focus
        if let slot = slotOfThis(object, name, \.instanceTargets) {
            code.emit(.setThisField, a: register, wide: slot)
        } else {
            code.emit(.setField, a: register, b: place, wide: name.index)
            code.emit(word: InlineCache.empty.bits)
        }
        if target != register { code.emit(.move, a: target, b: register) }
        code.release(to: start)
    }
}

// MARK: Access

extension Generator {
    /// Whether an expression is `this`, known to be an instance of the class whose method is being generated.
    func isOwnInstance(_ id: ExpressionID) -> Bool {
        guard code.hasThis, case .name(let name) = tree[id].kind, tree.names[name] == HypnoScript.thisName,
            parts.cellOfSymbol[name] == nil
        else { return false }
        return code.local(name)?.register == 0
    }

    /// The slot of `this.name`, if it is certainly an instance field.
    private func slotOfThis(
        _ object: ExpressionID, _ name: Symbol, _ table: KeyPath<ClassLayout, [Symbol: ClassMember]>
    ) -> Int? {
        guard isOwnInstance(object), let index = code.classIndex,
            case .field(let slot)? = parts.classes[index][keyPath: table][name]?.kind
        else { return nil }
        return slot
    }

    private mutating func member(_ id: ExpressionID, _ object: ExpressionID, _ name: Symbol, into target: Int)
    {
        if let slot = slotOfThis(object, name, \.instanceMembers) {
            code.focus = tree[id].focus
            code.emit(.getThisField, a: target, wide: slot)
            return
        }
        withOperand(object) { $0.getField(id, $1, name, into: target) }
    }

    private mutating func getField(_ id: ExpressionID, _ object: Int, _ name: Symbol, into target: Int) {
        code.focus = tree[id].focus
        code.emit(.getField, a: target, b: object, wide: name.index)
        code.emit(word: InlineCache.empty.bits)
    }

    private mutating func optionalMember(
        _ id: ExpressionID, _ object: ExpressionID, _ name: Symbol, into target: Int
    ) {
        let end = code.newLabel()
        evaluate(object, into: target)
        code.emit(.jumpIfNull, a: target, to: end)
        if tree.dialect == .documented {
            code.focus = tree[id].focus
            code.emit(.getFieldOptional, a: target, b: target, wide: name.index)
        } else {
            getField(id, target, name, into: target)
        }
        code.place(end)
    }

    private mutating func index(
        _ id: ExpressionID, _ array: ExpressionID, _ index: ExpressionID, into target: Int
    ) {
        let start = code.nextRegister
        let container = operand(array, before: index)
        let position = operand(index)
        code.focus = tree[id].focus
        code.emit(.index, a: target, b: container, c: position)
        code.release(to: start)
    }

    private mutating func optionalIndex(
        _ id: ExpressionID, _ array: ExpressionID, _ index: ExpressionID, into target: Int
    ) {
        let end = code.newLabel()
        evaluate(array, into: target)
        code.emit(.jumpIfNull, a: target, to: end)
        withOperand(index) {
            $0.code.focus = $0.tree[id].focus
            $0.code.emit(.indexOptional, a: target, b: target, c: $1)
        }
        code.place(end)
    }
}

// MARK: Containers

extension Generator {
    /// Elements are computed in registers, this many at a time.
    private static let chunk = 64

    private mutating func array(_ elements: [ExpressionID], into target: Int) {
        let focus = code.focus
        guard elements.count > Self.chunk else {
            consecutive(elements[...]) {
                $0.code.focus = focus
                $0.code.emit(.array, a: target, b: $1, c: elements.count)
            }
            return
        }
        let whole = code.allocate()
        code.emit(.array, a: whole, b: whole, c: 0)
        for first in stride(from: 0, to: elements.count, by: Self.chunk) {
            let part = elements[first..<min(first + Self.chunk, elements.count)]
            consecutive(part) {
                $0.code.focus = focus
                $0.code.emit(.appendItems, a: whole, b: $1, c: part.count)
            }
        }
        code.emit(.move, a: target, b: whole)
        code.release(to: whole)
    }

    private mutating func consecutive(
        _ elements: ArraySlice<ExpressionID>, _ body: (inout Generator, _ first: Int) -> Void
    ) {
        let first = code.nextRegister
        for element in elements {
            let register = code.allocate()
            evaluate(element, into: register)
        }
        body(&self, first)
        code.release(to: first)
    }

    private mutating func record(_ type: Symbol, _ fields: [RecordField], into target: Int) {
        let focus = code.focus
        code.emit(.requireType, wide: type.index)
        var slots: [Symbol: Int] = [:]
        var names: [Symbol] = []
        for field in fields where slots[field.name] == nil {
            slots[field.name] = names.count
            names.append(field.name)
        }
        let shape = shape(RecordShape(type: type, fields: names))
        let first = code.allocate(names.count)
        for field in fields {
            if let slot = slots[field.name] { evaluate(field.value, into: first + slot) }
        }
        code.focus = focus
        code.emit(.record, a: target, b: first, wide: shape)
        code.emit(word: UInt64(names.count) | UInt64(type.index) << 32)
        code.release(to: first)
    }
}

extension BinaryOperator {
    /// The instruction for two registers. `coalesce` has none: it is a jump.
    var opcode: Opcode {
        switch self {
        case .coalesce: preconditionFailure("?? is not an instruction")
        case .or: .or
        case .and: .and
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        }
    }

    /// The instruction for a constant on the right, if there is one.
    var withConstant: Opcode? {
        switch self {
        case .add: .addConstant
        case .subtract: .subtractConstant
        case .multiply: .multiplyConstant
        case .divide: .divideConstant
        case .remainder: .remainderConstant
        default: nil
        }
    }
}
