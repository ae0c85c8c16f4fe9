/// Statements that only the documented dialect has.
extension Generator {
    mutating func documentedStatement(_ id: StatementID) {
        switch tree[id].kind {
        case .raise(let value): callExtension("Throw", with: value)
        case .pause(let value): callExtension("Sleep", with: value)
        case .attempt(let attempt): self.attempt(attempt)
        case .assert(let condition, let message): assert(id, condition, message)
        case .forEach(let name, let container, let body): forEach(name, container, body)
        case .destructure(let names, let isConstant, let value):
            destructure(names, constant: isConstant, value)
        case .module(let reference, let alias): module(reference, alias)
        default: break
        }
    }

    private mutating func callExtension(_ name: String, with argument: ExpressionID) {
        let focus = code.focus
        guard case .builtin(let index)? = Vocabulary.meaning(of: name) else { return }
        let register = code.allocate()
        evaluate(argument, into: register)
        code.focus = focus
        code.emit(.callBuiltin, a: register, b: 1, wide: index)
        code.release(to: register)
    }

    private mutating func assert(_ id: StatementID, _ condition: ExpressionID, _ message: ExpressionID?) {
        let end = code.newLabel()
        jump(to: end, if: condition)
        let register = code.allocate()
        if let message { evaluate(message, into: register) }
        code.focus = tree[id].start
        callInternal(.failAssertion, with: message == nil ? [] : [register])
        code.release(to: register)
        code.place(end)
    }

    /// The registers taken here stay, because what the body declares lives above them.
    private mutating func forEach(_ name: Symbol, _ container: ExpressionID, _ body: Block) {
        let items = code.allocate()
        evaluate(container, into: items)
        code.focus = tree[container].focus
        callInternal(.items, with: [items], into: items)
        let (count, index) = (code.allocate(), code.allocate())
        callInternal(.count, with: [items], into: count)
        loadConstant(.zero, into: index)
        let (start, update, test, end) = (code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel())
        code.emit(.jump, to: test)
        code.place(start)
        declare(name) { $0.code.emit(.index, a: $1, b: items, c: index) }
        code.loops.append(
            LoopLabels(
                atSnap: end, atSink: update, scopeDepth: code.scopes.count, finallyDepth: code.finals.count))
        block(body)
        code.loops.removeLast()
        code.place(update)
        step(index)
        code.place(test)
        code.emit(.jumpIfLess, a: index, b: count, to: start)
        code.place(end)
    }

    private mutating func step(_ register: Int) {
        let one = parts.constants.index(of: Value(number: 1))
        if one <= 0xFFFF { return _ = code.emit(.addConstant, a: register, b: register, c: one) }
        let temporary = code.allocate()
        loadConstant(Value(number: 1), into: temporary)
        code.emit(.add, a: register, b: register, c: temporary)
        code.release(to: temporary)
    }

    private mutating func destructure(_ names: [Symbol], constant: Bool, _ value: ExpressionID) {
        // Both stay: the names get the registers above.
        let (array, index) = (code.allocate(), code.allocate())
        evaluate(value, into: array)
        callInternal(.requireArray, with: [array])
        for (position, name) in names.enumerated() {
            loadConstant(Value(number: Double(position)), into: index)
            declare(name, constant: constant) {
                $0.code.emit(.indexOptional, a: $1, b: array, c: index)
            }
        }
    }
}

// MARK: Modules

extension Generator {
    private mutating func module(_ reference: ModuleReference, _ alias: Symbol?) {
        switch reference {
        case .path(let path), .missing(let path):
            callInternal(.requireModules, with: [])
            fail(.runtime, "Cannot load module '\(path)'")
        case .faulty(let text):
            callInternal(.requireModules, with: [])
            fail(.syntax, text)
        case .loaded(let index): load(index)
        }
        guard let alias else { return }
        declare(alias) { generator, target in
            guard case .loaded(let index) = reference else {
                return generator.loadConstant(.null, into: target)
            }
            generator.loadConstant(Value(number: Double(index)), into: target)
            generator.callInternal(.moduleObject, with: [target], into: target)
        }
    }

    /// The first time that this is executed, the module runs.
    private mutating func load(_ index: Int) {
        let start = code.nextRegister
        let (number, flag) = (code.allocate(), code.allocate())
        let end = code.newLabel()
        loadConstant(Value(number: Double(index)), into: number)
        callInternal(.beginModule, with: [number], into: flag)
        code.emit(.jumpIfFalse, a: flag, to: end)
        let window = code.allocate(3)
        code.emit(.callDirect, a: window, b: modulePrototype(index))
        callInternal(.endModule, with: [number])
        code.place(end)
        code.release(to: start)
    }

    /// Modules come right behind the program itself.
    private func modulePrototype(_ index: Int) -> Int { parts.mainPrototype + 1 + index }

    /// Makes room for the modules' code, which calls refer to before it is generated.
    mutating func reserveModules() {
        for module in tree.modules {
            parts.prototypes.append(Prototype(name: module.path, requiredCount: 0, parameterCount: 0))
        }
        if !tree.modules.isEmpty, modulePrototype(tree.modules.count) > 0xFFFF { tooManyFunctions() }
    }

    mutating func generateModules() {
        for (index, module) in tree.modules.enumerated() {
            let place = module.items.statements.first.map { tree[$0].start } ?? SourceOffset(utf8: 0)
            generate(modulePrototype(index), at: place) { generator in
                generator.code.isMain = true
                let mark = generator.code.allocate()
                generator.code.emit(.mark, a: mark)
                generator.code.open(CodeScope(mark: mark))
                generator.code.open(CodeScope())
                generator.callInternal(.hideLocals, with: [])
                generator.block(module.items)
                generator.returnNull()
            }
            parts.modules.append(
                ModuleCode(prototype: modulePrototype(index), declared: declared(in: module.items)))
        }
    }

    /// The cells of what a module declares directly, each once.
    private func declared(in items: Block) -> [Int] {
        var cells: [Int] = []
        for id in items.statements {
            for name in names(declaredBy: tree[id].kind) {
                if let cell = parts.cellOfSymbol[name], !cells.contains(cell) { cells.append(cell) }
            }
        }
        return cells
    }

    private func names(declaredBy kind: Statement.Kind) -> [Symbol] {
        switch kind {
        case .declare(let declaration): declaration.isShared ? [] : [declaration.name]
        case .function(let function): [tree[function].name]
        case .session(let session): [tree[session].name]
        case .destructure(let names, _, _): names
        case .block(let block): block.statements.flatMap { names(declaredBy: tree[$0].kind) }
        default: []
        }
    }
}
