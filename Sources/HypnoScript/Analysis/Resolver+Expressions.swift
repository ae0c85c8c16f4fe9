extension Resolver {
    /// Analyses an expression; the result says whether it may change variables of the code around it.
    @discardableResult
    mutating func expression(_ id: ExpressionID) -> Bool {
        let changes = changesIn(tree[id].kind, id)
        if changes { resolution.changesVariables[id.index] = true }
        return changes
    }

    private mutating func changesIn(_ kind: Expression.Kind, _ id: ExpressionID) -> Bool {
        switch kind {
        case .number, .string, .boolean: return false
        case .name(let name):
            use(name)
            return false
        case .array(let elements): return expressions(elements)
        case .record(_, let fields): return expressions(fields.map(\.value))
        case .prefix(_, let operand): return expression(operand)
        case .chain(let first, let links): return chain(first, links)
        case .assign(let target, let value): return assignment(target, value)
        case .call(let callee, let arguments): return call(callee, arguments)
        case .member(let object, _, _): return expression(object)
        case .index(let array, let index, _): return expressions([array, index])
        case .entrain(let subject, let cases, let otherwise):
            entrain(id, subject, cases, otherwise)
            return true
        case .object(let fields): return expressions(fields.map(\.value))
        case .with(let base, let fields): return expressions([base] + fields.map(\.value))
        case .optionalCall(let callee, let arguments): return expressions([callee] + arguments)
        case .function(let function):
            anonymous(function)
            return false
        }
    }

    private mutating func expressions(_ ids: [ExpressionID]) -> Bool {
        var changes = false
        for id in ids where expression(id) { changes = true }
        return changes
    }

    private mutating func chain(_ first: ExpressionID, _ links: [ChainLink]) -> Bool {
        var changes = expression(first)
        for link in links where expression(link.operand) { changes = true }
        return changes
    }

    private mutating func assignment(_ target: ExpressionID, _ value: ExpressionID) -> Bool {
        switch tree[target].kind {
        case .name(let name):
            expression(value)
            assign(name)
            return true
        case .member(let object, _, isOptional: false):
            let changes = expressions([object, value])
            return change(placeAt: target) || changes
        case .index(let array, let index, isOptional: false) where tree.root(ofPlace: target) != nil:
            _ = expressions([array, index, value])
            return change(placeAt: target)
        default:
            return false  // Fails before anything is evaluated.
        }
    }

    /// An assignment to part of a variable, which was read just before: it never makes a new one.
    private mutating func change(placeAt target: ExpressionID) -> Bool {
        guard let root = tree.root(ofPlace: target) else { return false }
        assignExisting(root)
        if tree.isDirect(place: target), tree.names[root] != HypnoScript.thisName {
            resolution.isChangedInPlace[root.index] = true
        }
        return true
    }

    private mutating func call(_ callee: ExpressionID, _ arguments: [ExpressionID]) -> Bool {
        var changes = expressions(arguments)
        if case .name(let name) = tree[callee].kind {
            let text = tree.names[name]
            if BuiltinTable.standard.index(of: text) != nil { return changes }
            if tree.dialect == .documented, Vocabulary.changesItsArgument(text), let place = arguments.first {
                changes = change(placeAt: place) || changes
            }
        }
        return expression(callee) || changes
    }

    private mutating func anonymous(_ id: FunctionID) {
        for scope in scopes where scope.key != .global { resolution.capturedScopes.insert(scope.key) }
        function(id, hasThis: false)
    }

    private mutating func entrain(
        _ id: ExpressionID, _ subject: ExpressionID, _ cases: [EntrainCase], _ otherwise: CaseBody?
    ) {
        expression(subject)
        let wasReachable = isReachable
        for (index, choice) in cases.enumerated() {
            inScope(.entrainCase(id, index)) { resolver in
                resolver.pattern(choice.pattern)
                if let condition = choice.guardCondition { resolver.expression(condition) }
                resolver.body(choice.body)
            }
            isReachable = wasReachable
        }
        if let otherwise {
            inScope(.entrainCase(id, cases.count)) { $0.body(otherwise) }
            isReachable = wasReachable
        }
    }

    private mutating func body(_ body: CaseBody) {
        switch body {
        case .expression(let value): expression(value)
        case .block(let statements): block(statements)
        }
    }

    private mutating func pattern(_ id: PatternID) {
        switch tree[id].kind {
        case .number, .string, .boolean: break
        case .name(let name), .typed(let name, _): declare(name, constant: false)
        case .array(let elements, let rest):
            for element in elements { pattern(element) }
            if case .bound(let name) = rest { declare(name, constant: false) }
        case .record(_, let fields):
            for field in fields {
                if let inner = field.pattern { pattern(inner) } else { declare(field.name, constant: false) }
            }
        }
    }
}
