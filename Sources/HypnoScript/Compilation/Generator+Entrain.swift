extension Generator {
    /// A binding of a pattern to a name with a cell, made once the whole pattern has matched.
    private struct Binding {
        let name: Symbol
        let register: Int
    }

    mutating func entrain(
        _ id: ExpressionID, _ subject: ExpressionID, _ cases: [EntrainCase], _ otherwise: CaseBody?,
        into target: Int
    ) {
        let start = code.nextRegister
        let value = code.allocate()
        evaluate(subject, into: value)
        let end = code.newLabel()
        for (index, choice) in cases.enumerated() {
            let next = code.newLabel()
            let first = code.nextRegister
            openScope(.entrainCase(id, index))
            match(choice.pattern, value, otherwise: next)
            if let condition = choice.guardCondition { checkGuard(condition, otherwise: next) }
            body(choice.body, into: target)
            closeScope()
            code.release(to: first)
            code.emit(.jump, to: end)
            code.place(next)
        }
        if let otherwise {
            openScope(.entrainCase(id, cases.count))
            body(otherwise, into: target)
            closeScope()
        } else {
            code.focus = tree[id].focus
            fail(.runtime, "No pattern matched and no default case provided")
        }
        code.place(end)
        code.release(to: start)
    }

    private mutating func checkGuard(_ condition: ExpressionID, otherwise next: Label) {
        guard let mark = code.scopes.last?.mark else { return jump(to: next, unless: condition) }
        let holds = code.newLabel()
        jump(to: holds, if: condition)
        code.emit(.unwind, a: mark)
        code.emit(.jump, to: next)
        code.place(holds)
    }

    /// The value of a block is that of its last statement if it is an expression, else null.
    private mutating func body(_ body: CaseBody, into target: Int) {
        switch body {
        case .expression(let value): evaluate(value, into: target)
        case .block(let block):
            leavable(into: target) { $0.value(of: block, into: target) }
        }
    }

    private mutating func value(of block: Block, into target: Int) {
        for statement in block.statements.dropLast() { self.statement(statement) }
        if let last = block.statements.last {
            if case .expression(let value) = tree[last].kind {
                code.focus = tree[last].start
                return evaluate(value, into: target)
            }
            statement(last)
        }
        loadConstant(.null, into: target)
    }

    private mutating func match(_ pattern: PatternID, _ value: Int, otherwise next: Label) {
        var bindings: [Binding] = []
        match(pattern, value, isOwned: false, otherwise: next, &bindings)
        for binding in bindings { bind(binding.name, to: binding.register) }
    }

    /// - Parameter isOwned: R[value] was loaded for this pattern alone and may become the variable.
    private mutating func match(
        _ pattern: PatternID, _ value: Int, isOwned: Bool, otherwise next: Label, _ bindings: inout [Binding]
    ) {
        code.focus = tree[pattern].start
        switch tree[pattern].kind {
        case .number(let number):
            requireEqual(value, parts.constants.index(of: Value(number: number)), otherwise: next)
        case .string(let text):
            requireEqual(value, parts.constants.index(ofString: text), otherwise: next)
        case .boolean(let flag):
            requireEqual(value, parts.constants.index(of: Value(flag)), otherwise: next)
        case .name(let name): bindMatched(name, value, isOwned, &bindings)
        case .typed(let name, let type):
            if type != .unchecked { code.emit(.requireKind, a: value, b: Int(type.rawValue), to: next) }
            bindMatched(name, value, isOwned, &bindings)
        case .array(let elements, let rest):
            matchArray(elements, rest, value, otherwise: next, &bindings)
        case .record(let type, let fields):
            code.emit(.requireRecord, a: value, to: next)
            code.emit(word: UInt64(type.index))
            for field in fields { matchField(field, value, otherwise: next, &bindings) }
        }
    }

    mutating func requireEqual(_ value: Int, _ constant: Int, otherwise next: Label) {
        if constant <= 0xFFFF {
            code.emit(.jumpIfNotEqualConstant, a: value, b: constant, to: next)
        } else {
            let register = code.allocate()
            code.emit(.loadConstant, a: register, wide: constant)
            code.emit(.jumpIfNotEqual, a: value, b: register, to: next)
            code.release(to: register)
        }
    }

    private mutating func bindMatched(
        _ name: Symbol, _ value: Int, _ isOwned: Bool, _ bindings: inout [Binding]
    ) {
        if parts.cellOfSymbol[name] != nil {
            bindings.append(Binding(name: name, register: value))
        } else if isOwned {
            bind(name, to: value)
        } else {
            let register = code.allocate()
            code.emit(.move, a: register, b: value)
            bind(name, to: register)
        }
    }

    private mutating func matchArray(
        _ elements: [PatternID], _ rest: RestPattern, _ value: Int, otherwise next: Label,
        _ bindings: inout [Binding]
    ) {
        var count = elements.count
        if count >= Self.openEnded { return code.emit(.jump, to: next) }
        if case .none = rest {} else { count |= Self.openEnded }
        code.emit(.requireArray, a: value, b: count, to: next)
        for (index, element) in elements.enumerated() {
            let register = code.allocate()
            code.emit(.element, a: register, b: value, c: index)
            match(element, register, isOwned: true, otherwise: next, &bindings)
        }
        if case .bound(let name) = rest {
            let register = code.allocate()
            code.emit(.rest, a: register, b: value, c: elements.count)
            bindMatched(name, register, true, &bindings)
        }
    }

    private mutating func matchField(
        _ field: FieldPattern, _ value: Int, otherwise next: Label, _ bindings: inout [Binding]
    ) {
        let register = code.allocate()
        code.emit(.requireField, a: register, b: value, to: next)
        code.emit(word: UInt64(field.name.index))
        if let pattern = field.pattern {
            match(pattern, register, isOwned: true, otherwise: next, &bindings)
        } else {
            bindMatched(field.name, register, true, &bindings)
        }
    }

    /// Set in B of `requireArray` when more elements are fine.
    static let openEnded = 0x8000
}
