/// Calls by a name that the documented dialect gives a meaning where no variable has it.
extension Generator {
    /// What a name means in a call if it is no variable; nil if nothing, or if it certainly is one.
    func meaning(ofCallee name: Symbol) -> Vocabulary.Meaning? {
        guard tree.dialect == .documented, parts.cellOfSymbol[name] != nil else { return nil }
        if let meaning = Vocabulary.meaning(of: tree.names[name]) {
            if case .special = meaning, resolution.isIntroduced[name.index] { return nil }
            return meaning
        }
        return parts.recordConstructors.contains(name) ? .record : nil
    }

    mutating func callNamed(
        _ id: ExpressionID, _ callee: ExpressionID, _ name: Symbol, _ meaning: Vocabulary.Meaning,
        _ arguments: [ExpressionID], into target: Int
    ) {
        if case .special(let form) = meaning {
            special(id, form, arguments, into: target)
            return
        }
        let start = code.nextRegister
        let window = code.allocate(3)
        let first = code.allocate(max(1, arguments.count, Vocabulary.parameterCount(of: meaning)))
        let borrows = !mayBeKept(by: meaning)
        for (index, argument) in arguments.enumerated() {
            if borrows {
                borrow(argument, into: first + index)
            } else {
                evaluate(argument, into: first + index)
            }
        }
        code.focus = tree[id].focus
        let (bound, end) = (code.newLabel(), code.newLabel())
        let mayBeVariable = resolution.isIntroduced[name.index]
        if mayBeVariable, let cell = parts.cellOfSymbol[name] {
            code.emit(.jumpIfBound, to: bound)
            code.emit(word: UInt64(cell))
        }
        call(meaning, name, window, first, arguments.count)
        if mayBeVariable {
            code.emit(.jump, to: end)
            code.place(bound)
            emitCall(id, callee, window, window + 2, arguments.count)
        }
        code.place(end)
        code.emit(.move, a: target, b: window)
        code.release(to: start)
    }

    /// Whether something may refer to an argument when the call is over.
    private func mayBeKept(by meaning: Vocabulary.Meaning) -> Bool {
        guard case .builtin(let index) = meaning else { return true }
        return !BuiltinTable.standard.borrows(index)
    }

    private mutating func call(
        _ meaning: Vocabulary.Meaning, _ name: Symbol, _ window: Int, _ first: Int, _ count: Int
    ) {
        switch meaning {
        case .special: break
        case .builtin(let index):
            code.emit(.callBuiltin, a: first, b: count, wide: index)
            code.emit(.move, a: window, b: first)
        case .callback(let index):
            let prototype = libraryPrototype(index)
            fillWindow(Library.callbacks[index], first, count)
            loadConstant(Value(number: Double(count)), into: window + 2)
            code.emit(.callDirect, a: window, b: prototype)
        case .record:
            loadConstant(Value(number: Double(name.index)), into: window + 2)
            callInternal(.recordConstructor, with: [window + 2], into: window + 2)
            code.emitCall(window, count: count, callee: window + 2)
        }
    }

    /// Missing arguments of a callback are marked as such; those beyond the last parameter of one that takes
    /// any number come in an array.
    private mutating func fillWindow(_ callback: Callback, _ first: Int, _ count: Int) {
        let last = callback.parameterCount - 1
        if callback.takesRest, count > last {
            code.emit(.array, a: first + last, b: first + last, c: count - last)
        }
        for index in min(count, callback.parameterCount)..<callback.parameterCount {
            loadConstant(.unbound, into: first + index)
        }
    }

    // MARK: Special forms

    /// - Parameter target: where the value goes; nil if nobody looks at it.
    mutating func special(
        _ id: ExpressionID, _ form: SpecialForm, _ arguments: [ExpressionID], into target: Int?
    ) {
        switch form {
        case .attempt:
            let result = target ?? code.allocate()
            tryForm(id, arguments, into: result)
            if target == nil { code.release(to: result) }
        case .push: change(id, .pushed, arguments, into: target)
        case .set: change(id, .replaced, arguments, into: target)
        case .pop: pop(id, arguments, into: target)
        }
    }

    /// Computes a new array from the first argument and the others, and stores it there if that is a place.
    private mutating func change(
        _ id: ExpressionID, _ function: InternalFunction, _ arguments: [ExpressionID], into target: Int?
    ) {
        let start = code.nextRegister
        if function == .pushed, target == nil, arguments.count == 2,
            case .name(let root) = tree[arguments[0]].kind, let variable = ownRegister(root),
            !isOwnRecord(root), !mayChange(root, nil, arguments[1])
        {
            let window = code.allocate(2)
            evaluate(arguments[1], into: window + 1)
            code.focus = tree[id].focus
            code.emit(.appendOwn, a: window, b: variable, wide: BuiltinTable.index(of: function))
            return code.release(to: start)
        }
        let (registers, place) = evaluate(arguments)
        let result = code.allocate()
        code.focus = tree[id].focus
        callInternal(function, with: registers, into: result)
        // Only a variable's own value that nobody else gets stays its own.
        if target != nil || place?.steps.isEmpty != true { code.emit(.share, a: result) }
        if let place { store(result, in: place) }
        if let target { code.emit(.move, a: target, b: result) }
        code.release(to: start)
    }

    private mutating func pop(_ id: ExpressionID, _ arguments: [ExpressionID], into target: Int?) {
        let start = code.nextRegister
        let (registers, place) = evaluate(arguments)
        let (rest, last) = (code.allocate(), code.allocate())
        code.focus = tree[id].focus
        callInternal(.withoutLast, with: registers, into: rest)
        callInternal(.last, with: registers, into: last)
        if let place { store(rest, in: place) }
        if let target { code.emit(.move, a: target, b: last) }
        code.release(to: start)
    }

    /// The values of a special form's arguments; the first one's place, if it is one.
    private mutating func evaluate(_ arguments: [ExpressionID]) -> (registers: [Int], place: OpenPlace?) {
        var registers: [Int] = []
        var place: OpenPlace?
        for (index, argument) in arguments.enumerated() {
            if index == 0, let root = tree.root(ofPlace: argument) {
                let opened = open(argument, root)
                let register = code.allocate()
                load(opened, into: register)
                // What the other arguments change must not show in the array that was read before.
                if arguments.dropFirst().contains(where: { mayChange(root, argument, $0) }) {
                    code.emit(.share, a: register)
                }
                place = opened
                registers.append(register)
            } else {
                let register = code.allocate()
                evaluate(argument, into: register)
                registers.append(register)
            }
        }
        return (registers, place)
    }

    // MARK: Callbacks

    /// The code of a function of the library that calls functions of the program: one instruction, which
    /// the machine repeats until the function says that it is done.
    private mutating func libraryPrototype(_ index: Int) -> Int {
        if let known = parts.callbackPrototypes[index] { return known }
        let callback = Library.callbacks[index]
        let number = parts.prototypes.count
        parts.callbackPrototypes[index] = number
        let count = callback.takesAnyNumber ? -1 : callback.parameterCount
        parts.prototypes.append(
            Prototype(
                name: callback.name, requiredCount: count, parameterCount: count, isLibrary: true))
        if number > 0xFFFF { tooManyFunctions() }
        generate(number, at: code.focus) { $0.callback(index, callback) }
        if let partner = callback.makes { _ = libraryPrototype(Library.place(of: partner)) }
        return number
    }

    private mutating func callback(_ index: Int, _ callback: Callback) {
        let layout = CallbackFrame.Layout(callback)
        _ = code.allocate(layout.window + 3 + CallbackFrame.mostArguments - 1)
        loadConstant(.unbound, into: layout.error)
        let start = code.barrier()
        loadConstant(.zero, into: layout.phase)
        code.emit(.callback, a: layout.window, wide: index)
        let end = code.barrier()
        code.emit(.return, a: layout.window)
        guard callback.catches else { return }
        let caught = code.newLabel()
        code.place(caught)
        code.handle(start..<end, at: caught, error: layout.error, keepsFailure: true)
        code.emit(.callback, a: layout.window, wide: index)
        code.emit(.return, a: layout.window)
    }
}
