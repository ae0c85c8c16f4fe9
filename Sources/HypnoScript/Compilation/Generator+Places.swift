/// Assignments to parts of variables: `a[i] = v`, `o.k.l = v`. Arrays, objects and records are values, so the
/// parts are stored from the inside out into copies, and the last copy becomes the variable's value.
extension Generator {
    /// A place whose containers and keys were evaluated, from the variable inwards.
    struct OpenPlace {
        let root: Symbol
        /// The container of each step.
        var containers: [Int] = []
        var steps: [Step] = []
        /// The variable's value is changed itself, not something within it.
        var isOwn: Bool { steps.count == 1 }

        /// One access on the way.
        enum Step {
            case member(Symbol, focus: SourceOffset)
            case element(key: Int, focus: SourceOffset)
        }
    }

    /// `place = value`, where the place has at least one step.
    ///
    /// - Parameter target: where the value goes; nil if nobody looks at it.
    mutating func assign(
        toPlace id: ExpressionID, _ root: Symbol, _ value: ExpressionID, focus: SourceOffset,
        into target: Int?
    ) {
        let start = code.nextRegister
        if let variable = ownRegister(root), case .index(let container, let index, _) = tree[id].kind,
            case .name = tree[container].kind, !isOwnRecord(root), !mayChange(root, id, value)
        {
            let key = operand(index, before: value)
            if target == nil, let constant = constant(value) {
                code.focus = tree[id].focus
                code.emit(.setOwnElementConstant, a: key, b: variable, c: constant)
                return code.release(to: start)
            }
            let register = operand(value, isKept: true)
            code.focus = tree[id].focus
            code.emit(.setOwnElement, a: key, b: variable, c: register)
            if let target, target != register { code.emit(.move, a: target, b: register) }
            return code.release(to: start)
        }
        let place = open(id, root)
        if mayChange(root, id, value) { code.emit(.share, a: place.containers[0]) }
        let register = code.allocate()
        evaluate(value, into: register)
        code.focus = focus
        store(register, in: place)
        if let target, target != register { code.emit(.move, a: target, b: register) }
        code.release(to: start)
    }

    /// The register that is a variable's own, if the variable may change.
    func ownRegister(_ name: Symbol) -> Int? {
        guard parts.cellOfSymbol[name] == nil, let local = code.local(name), !local.isConstant else {
            return nil
        }
        return local.register
    }

    /// Evaluates what a place consists of; the caller gives the registers back.
    mutating func open(_ id: ExpressionID, _ root: Symbol) -> OpenPlace {
        var place = OpenPlace(root: root)
        let path = path(to: id)
        var container = code.allocate()
        code.focus = tree[path.root].focus
        read(root, into: container)
        for (position, access) in path.steps.enumerated() {
            place.containers.append(container)
            place.steps.append(open(access))
            guard position < path.steps.count - 1 else { break }
            let inner = code.allocate()
            load(place.steps[position], of: container, into: inner)
            container = inner
        }
        return place
    }

    /// The accesses that lead to a place, from the variable on.
    private func path(to id: ExpressionID) -> (root: ExpressionID, steps: [ExpressionID]) {
        var steps: [ExpressionID] = []
        var id = id
        while true {
            switch tree[id].kind {
            case .member(let object, _, _):
                steps.append(id)
                id = object
            case .index(let array, _, _):
                steps.append(id)
                id = array
            default: return (id, steps.reversed())
            }
        }
    }

    private mutating func open(_ access: ExpressionID) -> OpenPlace.Step {
        switch tree[access].kind {
        case .member(_, let name, _): return .member(name, focus: tree[access].focus)
        case .index(let container, let index, _):
            // `this["f"]` of a record under construction is `this.f`.
            if case .name(let root) = tree[container].kind, isOwnRecord(root),
                case .string(let name) = tree[index].kind
            {
                return .member(name, focus: tree[access].focus)
            }
            let key = code.allocate()
            evaluate(index, into: key)
            return .element(key: key, focus: tree[access].focus)
        default: preconditionFailure("a place has no other steps")
        }
    }

    private mutating func load(_ step: OpenPlace.Step, of container: Int, into target: Int) {
        switch step {
        case .member(let name, let focus):
            code.focus = focus
            code.emit(.getField, a: target, b: container, wide: name.index)
            code.emit(word: InlineCache.empty.bits)
        case .element(let key, let focus):
            code.focus = focus
            code.emit(.index, a: target, b: container, c: key)
        }
    }

    /// Reads what the place holds now.
    mutating func load(_ place: OpenPlace, into target: Int) {
        guard let step = place.steps.last, let container = place.containers.last else {
            return read(place.root, into: target)
        }
        load(step, of: container, into: target)
    }

    /// Stores R[value] in the place.
    mutating func store(_ value: Int, in place: OpenPlace) {
        let end = code.newLabel()
        var new = value
        for position in place.steps.indices.reversed() {
            let container = place.containers[position]
            if position == 0, isOwnRecord(place.root), let name = memberName(place.steps[0]) {
                storeInOwnRecord(new, name, container)
            } else {
                let isOwn = place.isOwn
                store(new, place.steps[position], of: container, isOwn: isOwn, instanceEndsAt: end)
            }
            new = container
        }
        assign(place.root, from: new)
        code.place(end)
    }

    private mutating func store(
        _ value: Int, _ step: OpenPlace.Step, of container: Int, isOwn: Bool, instanceEndsAt end: Label
    ) {
        switch step {
        case .member(let name, _):
            code.emit(.setMember, a: value, b: container, wide: name.index)
            code.emit(word: InlineCache.empty.bits)
            code.emit(
                .jump, b: isOwn ? Instruction.skippedByCopies : Instruction.skippedByInnerCopies, to: end)
        case .element(let key, _):
            code.emit(isOwn ? .setOwnElement : .setElement, a: key, b: container, c: value)
        }
    }

    /// Gives a variable that exists the value of a register.
    private mutating func assign(_ name: Symbol, from register: Int) {
        if let cell = parts.cellOfSymbol[name] {
            code.emit(.setCell, a: register, b: code.bindingScope, wide: cell)
        } else if let local = code.local(name) {
            if local.isConstant { return failConstant(name) }
            if local.register != register { code.emit(.move, a: local.register, b: register) }
        }
    }

    // MARK: One step

    /// `name.member = value`. An instance is changed where it is; a copy of anything else becomes the
    /// variable's value.
    mutating func assignMember(
        _ id: ExpressionID, ofVariable root: Symbol, _ object: ExpressionID, _ name: Symbol,
        _ value: ExpressionID, into target: Int
    ) {
        let start = code.nextRegister
        let end = code.newLabel()
        let container = operand(object, before: value)
        if mayChange(root, nil, value) { code.emit(.share, a: container) }
        let register = operand(value, isKept: true)
        code.focus = tree[id].focus
        let local = parts.cellOfSymbol[root] == nil ? code.local(root) : nil
        code.emit(.setMember, a: register, b: container, wide: name.index)
        code.emit(word: InlineCache.empty.bits)
        if local?.register != container || local?.isConstant ?? true {
            code.emit(.jump, b: Instruction.skippedByCopies, to: end)
            assign(root, from: container)
        }
        code.place(end)
        if target != register { code.emit(.move, a: target, b: register) }
        code.release(to: start)
    }

    /// Whether the variable may get another value between the evaluation of the place and the store: then the
    /// store must not change what it is by then.
    func mayChange(_ root: Symbol, _ place: ExpressionID?, _ value: ExpressionID) -> Bool {
        let parts = [place, value].compactMap { $0 }
        if self.parts.cellOfSymbol[root] == nil {
            return resolution.changesVariables[value.index]
                || place.map { keys(of: $0).contains { resolution.changesVariables[$0.index] } } ?? false
        }
        return !parts.allSatisfy { callsNothing($0) }
    }

    private func keys(of place: ExpressionID) -> [ExpressionID] {
        path(to: place).steps.compactMap { step in
            if case .index(_, let key, _) = tree[step].kind { key } else { nil }
        }
    }

    /// Whether evaluating an expression runs no code of the script but its own, and assigns nothing.
    private func callsNothing(_ id: ExpressionID) -> Bool {
        switch tree[id].kind {
        case .number, .string, .boolean, .name: return true
        case .array(let elements): return elements.allSatisfy(callsNothing)
        case .prefix(_, let operand): return callsNothing(operand)
        case .chain(let first, let links):
            return callsNothing(first) && links.allSatisfy { callsNothing($0.operand) }
        case .member(let object, _, _): return callsNothing(object)
        case .index(let array, let index, _): return callsNothing(array) && callsNothing(index)
        case .call(let callee, let arguments):
            guard case .name(let name) = tree[callee].kind,
                BuiltinTable.standard.index(of: tree.names[name]) != nil
            else { return false }
            return arguments.allSatisfy(callsNothing)
        default: return false
        }
    }

    // MARK: The constructor of a record

    /// Whether the variable is the `this` that a record's constructor is making.
    func isOwnRecord(_ root: Symbol) -> Bool {
        (code.isRecordConstructor || code.isWithinRecordConstructor)
            && tree.names[root] == HypnoScript.thisName
    }

    private func memberName(_ step: OpenPlace.Step) -> Symbol? {
        if case .member(let name, _) = step { name } else { nil }
    }

    private mutating func storeInOwnRecord(_ value: Int, _ name: Symbol, _ container: Int) {
        let keys = code.allocate()
        loadConstant(Value(number: Double(keyList([name]))), into: keys)
        callInternal(.copy, with: [container, keys, value], into: container)
        code.release(to: keys)
    }
}

// MARK: Objects

extension Generator {
    /// `{ k: e, … }`
    mutating func object(_ fields: [RecordField], into target: Int) {
        let focus = code.focus
        let (names, first) = evaluate(fields)
        code.focus = focus
        code.emit(.object, a: target, b: first, wide: keyList(names))
        code.release(to: first)
    }

    /// `e with { k: e, … }`
    mutating func copy(_ base: ExpressionID, _ fields: [RecordField], into target: Int) {
        let focus = code.focus
        let original = code.allocate()
        evaluate(base, into: original)
        let (names, first) = evaluate(fields)
        let keys = code.allocate()
        loadConstant(Value(number: Double(keyList(names))), into: keys)
        code.focus = focus
        callInternal(.copy, with: [original, keys] + (0..<names.count).map { first + $0 }, into: target)
        code.release(to: original)
    }

    /// The values of fields in registers from `first` on; a field named twice has one.
    private mutating func evaluate(_ fields: [RecordField]) -> (names: [Symbol], first: Int) {
        var slots: [Symbol: Int] = [:]
        var names: [Symbol] = []
        for field in fields where slots[field.name] == nil {
            slots[field.name] = names.count
            names.append(field.name)
        }
        let first = code.allocate(names.count)
        for field in fields {
            if let slot = slots[field.name] { evaluate(field.value, into: first + slot) }
        }
        return (names, first)
    }

    /// The number of a list of keys: the same keys in the same order are the same list.
    mutating func keyList(_ names: [Symbol]) -> Int {
        let constants = names.map { parts.constants.index(ofString: $0) }
        let list = KeyList(symbols: names, constants: constants)
        if let known = parts.keyListIndices[list] { return known }
        parts.keyListIndices[list] = parts.keyLists.count
        parts.keyLists.append(list)
        return parts.keyLists.count - 1
    }
}
