/// Statements that only the documented dialect has.
extension Resolver {
    mutating func documentedStatement(_ kind: Statement.Kind) {
        switch kind {
        case .raise(let value):
            expression(value)
            isReachable = false
        case .attempt(let attempt): self.attempt(attempt)
        case .assert(let condition, let message):
            expression(condition)
            if let message { expression(message) }
        case .pause(let value): expression(value)
        case .forEach(let name, let container, let body): forEach(name, container, body)
        case .destructure(let names, let isConstant, let value):
            expression(value)
            for name in names { declare(name, constant: isConstant) }
        case .module(_, let alias):
            if let alias { declare(alias, constant: false) }
        default: break
        }
    }

    /// An error may leave the body anywhere, so only its beginning is certain in what follows an error.
    private mutating func attempt(_ attempt: Attempt) {
        let mark = scopes[innermost].mark
        let wasReachable = isReachable
        block(attempt.body)
        var certain = scopes[innermost].takeBack(to: mark)
        var isEndReachable = isReachable
        if let handler = attempt.handler {
            isReachable = wasReachable
            if let name = attempt.name { declare(name, constant: false) }
            block(handler)
            let arrived = scopes[innermost].takeBack(to: mark)
            certain =
                !isEndReachable ? arrived : !isReachable ? certain : common(to: [certain, arrived])
            isEndReachable = isEndReachable || isReachable
        }
        isReachable = wasReachable
        if let finally = attempt.finally { block(finally) }
        isReachable = isReachable && isEndReachable
        settle(certain)
    }

    /// The variable exists only if the container holds something.
    private mutating func forEach(_ name: Symbol, _ container: ExpressionID, _ body: Block) {
        expression(container)
        let wasReachable = isReachable
        anticipate(name, constant: false)
        anticipateDeclarations(in: body)
        let mark = scopes[innermost].mark
        loops.append(LoopFlow(isScoped: false, scope: innermost, mark: mark))
        declare(name, constant: false)
        block(body)
        loops.removeLast()
        _ = scopes[innermost].takeBack(to: mark)
        isReachable = wasReachable
    }

    mutating func anticipateDocumented(_ kind: Statement.Kind) {
        switch kind {
        case .attempt(let attempt):
            anticipateDeclarations(in: attempt.body)
            if let name = attempt.name { anticipate(name, constant: false) }
            if let handler = attempt.handler { anticipateDeclarations(in: handler) }
            if let finally = attempt.finally { anticipateDeclarations(in: finally) }
        case .forEach(let name, _, let body):
            anticipate(name, constant: false)
            anticipateDeclarations(in: body)
        case .destructure(let names, let isConstant, _):
            for name in names { anticipate(name, constant: isConstant) }
        case .module(_, let alias):
            if let alias { anticipate(alias, constant: false) }
        default: break
        }
    }

    /// A block that `awaken` leaves: what is certain at its end must be so wherever it is left.
    mutating func leavableBlock(_ body: Block) {
        let mark = scopes[innermost].mark
        let wasReachable = isReachable
        blocks.append(LoopFlow(isScoped: false, scope: innermost, mark: mark))
        block(body)
        let flow = blocks.removeLast()
        guard tree.dialect == .documented, let atExits = flow.atSnaps else { return }
        let arrived = Set(scopes[innermost].takeBack(to: mark))
        settle(isReachable ? atExits.filter(arrived.contains) : atExits)
        isReachable = wasReachable
    }

    mutating func record(_ id: RecordID) {
        for method in tree[id].methods {
            let isConstructor = tree.names[tree[method].name] == RecordDeclaration.constructorName
            function(method, hasThis: true, isThisConstant: !isConstructor)
        }
    }
}

extension RecordDeclaration {
    /// The method that `T(…)` runs.
    static let constructorName = "constructor"
}

extension SyntaxTree {
    /// Whether a place is a variable or directly within one.
    func isDirect(place id: ExpressionID) -> Bool {
        switch self[id].kind {
        case .member(let container, _, _), .index(let container, _, _):
            if case .name = self[container].kind { true } else { false }
        default: true
        }
    }

    /// The variable that a place is part of, in the dialect that has places: a name followed by any number
    /// of members and indices.
    func root(ofPlace id: ExpressionID) -> Symbol? {
        guard dialect == .documented else { return nil }
        var id = id
        while true {
            switch self[id].kind {
            case .name(let name): return name
            case .member(let object, _, isOptional: false): id = object
            case .index(let array, _, isOptional: false): id = array
            default: return nil
            }
        }
    }
}
