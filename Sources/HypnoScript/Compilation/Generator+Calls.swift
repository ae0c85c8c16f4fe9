extension Generator {
    /// A call. Its window is R[window] = result, R[window+2] = callee or `this`, then the arguments, which
    /// are evaluated before the callee.
    mutating func call(
        _ id: ExpressionID, _ callee: ExpressionID, _ arguments: [ExpressionID], into target: Int,
        _ isVariable: Bool
    ) {
        if case .name(let name) = tree[callee].kind,
            let builtin = BuiltinTable.standard.index(of: tree.names[name])
        {
            callBuiltin(id, builtin, arguments, into: target, isVariable)
            return
        }
        if case .name(let name) = tree[callee].kind, let meaning = meaning(ofCallee: name) {
            callNamed(id, callee, name, meaning, arguments, into: target)
            return
        }
        let start = code.nextRegister
        // On top of the stack, the target itself begins the window: the call only overwrites it when all is
        // read.
        let window = target == start - 1 ? target : code.allocate()
        let callee0 = code.allocate(2) + 1
        let first = code.allocate(arguments.count)
        for (index, argument) in arguments.enumerated() { evaluate(argument, into: first + index) }
        emitCall(id, callee, window, callee0, arguments.count)
        if window != target { code.emit(.move, a: target, b: window) }
        code.release(to: start)
    }

    /// `f?.(…)`: the callee first; null if it is.
    mutating func optionalCall(
        _ id: ExpressionID, _ callee: ExpressionID, _ arguments: [ExpressionID], into target: Int
    ) {
        let start = code.nextRegister
        let end = code.newLabel()
        let window = code.allocate(3)
        evaluate(callee, into: window + 2)
        loadConstant(.null, into: window)
        code.emit(.jumpIfNull, a: window + 2, to: end)
        let first = code.allocate(arguments.count)
        for (index, argument) in arguments.enumerated() { evaluate(argument, into: first + index) }
        code.focus = tree[id].focus
        code.emitCall(window, count: arguments.count, callee: window + 2)
        code.place(end)
        code.emit(.move, a: target, b: window)
        code.release(to: start)
    }

    mutating func emitCall(
        _ id: ExpressionID, _ callee: ExpressionID, _ window: Int, _ calleeRegister: Int, _ count: Int
    ) {
        switch tree[callee].kind {
        case .name(let name):
            if let function = directFunction(name, count) {
                leaveOut(from: count, function, window)
                code.focus = tree[id].focus
                if let cell = parts.cellOfSymbol[name] {
                    code.emit(.callChecked, a: window, b: function, wide: cell)
                } else {
                    code.emit(.callDirect, a: window, b: function)
                }
                return
            }
        case .member(let object, let name, isOptional: false):
            if let method = ownMethod(object, name, count) {
                leaveOut(from: count, method, window)
                code.emit(.move, a: calleeRegister, b: 0)
                code.focus = tree[id].focus
                code.emit(.callThis, a: window, wide: method)
                return
            }
            borrow(object, into: calleeRegister)
            code.focus = tree[callee].focus
            code.emit(.callMember, a: window, b: count, wide: name.index)
            code.emit(word: InlineCache.empty.bits)
            return
        default: break
        }
        var register = calleeRegister
        if case .name(let name) = tree[callee].kind, parts.cellOfSymbol[name] == nil,
            let local = code.local(name)
        {
            register = local.register
        } else {
            evaluate(callee, into: register)
        }
        code.focus = tree[id].focus
        code.emitCall(window, count: count, callee: register)
    }

    /// The prototype that a name denotes wherever it is bound, if it takes this many arguments.
    private func directFunction(_ name: Symbol, _ count: Int) -> Int? {
        guard let function = resolution.directFunctions[name.index], function.index <= 0xFFFF,
            accepts(function.index, count)
        else { return nil }
        return function.index
    }

    private func accepts(_ prototype: Int, _ count: Int) -> Bool {
        let prototype = parts.prototypes[prototype]
        return prototype.requiredCount <= count && count <= prototype.parameterCount
    }

    /// Marks the arguments that a call leaves out.
    private mutating func leaveOut(from count: Int, _ prototype: Int, _ window: Int) {
        let end = window + 3 + parts.prototypes[prototype].parameterCount
        let before = code.nextRegister
        if end > before { _ = code.allocate(end - before) }
        for register in (window + 3 + count)..<end { loadConstant(.unbound, into: register) }
        code.release(to: before)
    }

    /// The prototype of `this.name(…)`, if that is a method of the class being generated with this many
    /// arguments.
    private func ownMethod(_ object: ExpressionID, _ name: Symbol, _ count: Int) -> Int? {
        guard isOwnInstance(object), let index = code.classIndex,
            case .method(let prototype)? = parts.classes[index].instanceMembers[name]?.kind,
            accepts(prototype, count)
        else { return nil }
        return prototype
    }

    private mutating func callBuiltin(
        _ id: ExpressionID, _ builtin: Int, _ arguments: [ExpressionID], into target: Int, _ isVariable: Bool
    ) {
        if arguments.count == 1 {
            let borrows = BuiltinTable.standard.borrows(builtin)
            withOperand(arguments[0], isKept: !borrows) {
                $0.code.focus = $0.tree[id].focus
                let opcode = BuiltinTable.standard.counts(builtin) ? Opcode.count : .callUnary
                $0.code.emit(opcode, a: target, b: $1, wide: builtin)
            }
            return
        }
        let start = code.nextRegister
        let isInPlace = target == start - 1 && !isVariable
        let window = isInPlace ? target : code.allocate()
        if arguments.count > 1 { _ = code.allocate(arguments.count - 1) }
        let borrows = BuiltinTable.standard.borrows(builtin)
        for (index, argument) in arguments.enumerated() {
            if borrows {
                borrow(argument, into: window + index)
            } else {
                evaluate(argument, into: window + index)
            }
        }
        code.focus = tree[id].focus
        code.emit(.callBuiltin, a: window, b: arguments.count, wide: builtin)
        if window != target { code.emit(.move, a: target, b: window) }
        code.release(to: start)
    }
}
