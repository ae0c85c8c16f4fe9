extension Resolver {
    mutating func block(_ block: Block) {
        for statement in block.statements { self.statement(statement) }
    }

    mutating func statement(_ id: StatementID) {
        switch tree[id].kind {
        case .declare(let declaration): declare(declaration)
        case .anchor(let name, let value):
            expression(value)
            assignStatement(name)
        case .function(let function):
            declare(function: function)
            self.function(function, hasThis: false)
        case .session(let session): self.session(session)
        case .record(let record): self.record(record)
        case .conditional(let branches, let otherwise): conditional(branches, otherwise)
        case .whileLoop(let condition, let body):
            expression(condition)
            whileLoop(id, body)
        case .loop(let header, let body): loop(header, body)
        case .snap: snap()
        case .sink: sink()
        case .suspend: break
        case .awaken(let value):
            if let value { expression(value) }
            noteExit(&blocks)
            isReachable = false
        case .oscillate(let operand): oscillate(operand)
        case .output(_, let value): expression(value)
        case .expression(let value): expressionStatement(value)
        case .block(let body): leavableBlock(body)
        default: documentedStatement(tree[id].kind)
        }
    }

    private mutating func declare(_ declaration: VariableDeclaration) {
        if let value = declaration.value { expression(value) }
        if declaration.isShared {
            declareShared(declaration.name)
        } else {
            declare(declaration.name, constant: declaration.isConstant)
        }
    }

    private mutating func expressionStatement(_ id: ExpressionID) {
        if case .assign(let target, let value) = tree[id].kind, case .name(let name) = tree[target].kind {
            resolution.changesVariables[id.index] = true
            expression(value)
            assignStatement(name)
        } else {
            expression(id)
        }
    }

    private mutating func oscillate(_ operand: ExpressionID) {
        if case .name(let name) = tree[operand].kind { assign(name) }
    }

    mutating func function(_ id: FunctionID, hasThis: Bool, isThisConstant: Bool = true) {
        let function = tree[id]
        inFunction(.function(id)) { resolver in
            if hasThis, let this = resolver.tree.names.find(HypnoScript.thisName) {
                resolver.declare(this, constant: isThisConstant)
            }
            for parameter in function.parameters {
                if let value = parameter.value { resolver.expression(value) }
                resolver.declare(parameter.name, constant: false)
            }
            resolver.block(function.body)
        }
    }

    private mutating func session(_ id: SessionID) {
        let session = tree[id]
        declare(session.name, constant: false)
        for field in session.fields where field.isStatic {
            if let value = field.value { expression(value) }
        }
        inFunction(.initialiser(id)) { resolver in
            if let this = resolver.tree.names.find(HypnoScript.thisName) {
                resolver.declare(this, constant: true)
            }
            for field in session.fields where !field.isStatic {
                if let value = field.value { resolver.expression(value) }
            }
        }
        for method in session.methods { function(method.function, hasThis: !method.isStatic) }
    }
}

// MARK: Control flow

extension Resolver {
    var innermost: Int { scopes.count - 1 }

    /// What is certain afterwards is what every branch that gets to its end made certain.
    private mutating func conditional(_ branches: [ConditionalBranch], _ otherwise: Block?) {
        let mark = scopes[innermost].mark
        let wasReachable = isReachable
        var ends: [[Symbol]] = []
        for branch in branches {
            expression(branch.condition)
            finishBranch(branch.body, mark, wasReachable, &ends)
        }
        if let otherwise {
            finishBranch(otherwise, mark, wasReachable, &ends)
        } else {
            ends.append([])
        }
        isReachable = wasReachable && !ends.isEmpty
        settle(common(to: ends))
    }

    private mutating func finishBranch(
        _ body: Block, _ mark: Int, _ wasReachable: Bool, _ ends: inout [[Symbol]]
    ) {
        isReachable = wasReachable
        block(body)
        let arrived = scopes[innermost].takeBack(to: mark)
        if isReachable || !wasReachable { ends.append(arrived) }
        isReachable = wasReachable
    }

    func common(to ends: [[Symbol]]) -> [Symbol] {
        guard let first = ends.first, !first.isEmpty else { return [] }
        var counts: [Symbol: Int] = [:]
        for end in ends { for name in end { counts[name, default: 0] += 1 } }
        return first.filter { counts[$0] == ends.count }
    }

    mutating func settle(_ names: [Symbol]) {
        for name in names { scopes[innermost].settle(name) }
    }

    private mutating func whileLoop(_ id: StatementID, _ body: Block) {
        let wasReachable = isReachable
        loops.append(LoopFlow(isScoped: true, scope: scopes.count, mark: 0))
        inScope(.whileBody(id)) { $0.block(body) }
        loops.removeLast()
        isReachable = wasReachable
    }

    private mutating func loop(_ header: LoopHeader, _ body: Block) {
        if let initial = header.initial { statement(initial) }
        anticipateDeclarations(in: body)
        if let update = header.update { anticipateDeclarations(in: Block(statements: [update])) }
        let wasReachable = isReachable
        let mark = scopes[innermost].mark
        if let condition = header.condition { expression(condition) }
        loops.append(LoopFlow(isScoped: false, scope: innermost, mark: mark))
        block(body)
        let flow = loops.removeLast()
        if flow.hasSink { _ = scopes[innermost].takeBack(to: mark) }
        if let update = header.update { statement(update) }
        _ = scopes[innermost].takeBack(to: mark)
        if header.condition != nil {
            isReachable = wasReachable
        } else {
            isReachable = wasReachable && flow.atSnaps != nil
            settle(flow.atSnaps ?? [])
        }
    }

    /// A later pass of the loop finds the declarations of an earlier one in this scope.
    mutating func anticipateDeclarations(in body: Block) {
        for id in body.statements {
            switch tree[id].kind {
            case .declare(let declaration) where !declaration.isShared:
                anticipate(declaration.name, constant: declaration.isConstant)
            case .function(let function): anticipate(tree[function].name, constant: false)
            case .session(let session): anticipate(tree[session].name, constant: false)
            case .conditional(let branches, let otherwise):
                for branch in branches { anticipateDeclarations(in: branch.body) }
                if let otherwise { anticipateDeclarations(in: otherwise) }
            case .loop(let header, let inner):
                if let initial = header.initial {
                    anticipateDeclarations(in: Block(statements: [initial]))
                }
                anticipateDeclarations(in: inner)
                if let update = header.update { anticipateDeclarations(in: Block(statements: [update])) }
            case .block(let inner): anticipateDeclarations(in: inner)
            default: anticipateDocumented(tree[id].kind)
            }
        }
    }

    mutating func anticipate(_ name: Symbol, constant: Bool) {
        if !scopes[innermost].anticipate(name, constant: constant) { resolution.isFree[name.index] = true }
    }

    private mutating func snap() {
        noteExit(&loops)
        isReachable = false
    }

    /// Notes what is certain at a jump out of the innermost of these constructs.
    func noteExit(_ flows: inout [LoopFlow]) {
        guard let last = flows.indices.last, !flows[last].isScoped else { return }
        let scope = scopes[flows[last].scope]
        let soFar = flows[last].atSnaps ?? Array(scope.arrivals(since: flows[last].mark))
        flows[last].atSnaps = soFar.filter(scope.isCertain)
    }

    private mutating func sink() {
        if let last = loops.indices.last { loops[last].hasSink = true }
        isReachable = false
    }
}
