extension Generator {
    mutating func session(_ id: SessionID) {
        let session = tree[id]
        if let error = duplicate(in: session) { return fail(.runtime, error) }
        layOut(id)
        let className = parts.classes[id.index].name
        generateConstruction(id)
        let register = code.allocate()
        code.emit(.session, a: register, wide: id.index)
        // The name gets a register of its own below nothing else, so it is declared while `register` is in
        // use.
        declare(session.name) { $0.code.emit(.move, a: $1, b: register) }
        staticInitialisers(id, register)
        for method in session.methods {
            function(
                method.function, className: className, classIndex: id.index, hasThis: !method.isStatic)
        }
    }

    /// What executing the declaration fails with, in source order of the members.
    private func duplicate(in session: SessionDeclaration) -> String? {
        let name = tree.names[session.name]
        var seen: [Set<Symbol>] = [[], [], []]
        var hasConstructor = false
        var fields = session.fields[...]
        var methods = session.methods[...]
        while true {
            if let field = fields.first, methods.first.map({ field.start < $0.start }) ?? true {
                fields.removeFirst()
                if !seen[0].insert(field.name).inserted {
                    return "Duplicate session field '\(tree.names[field.name])' in session '\(name)'"
                }
            } else if let method = methods.first {
                methods.removeFirst()
                if method.isConstructor {
                    if method.isStatic { return "Constructor in session '\(name)' cannot be static" }
                    if hasConstructor { return "Multiple constructors declared in session '\(name)'" }
                    hasConstructor = true
                } else if !seen[method.isStatic ? 1 : 2].insert(tree[method.function].name).inserted {
                    let kind = method.isStatic ? "static method" : "method"
                    return
                        "Duplicate \(kind) '\(tree.names[tree[method.function].name])' in session '\(name)'"
                }
            } else {
                return nil
            }
        }
    }

    private mutating func layOut(_ id: SessionID) {
        let session = tree[id]
        var layout = parts.classes[id.index]
        var staticMethods: [Symbol: ClassMember] = [:]
        var methods: [Symbol: ClassMember] = [:]
        for field in session.fields where field.isStatic {
            layout.staticMembers[field.name] = ClassMember(
                kind: .staticField(slot: layout.staticFieldCount), isPrivate: field.isPrivate)
            layout.staticFieldCount += 1
        }
        for field in session.fields where !field.isStatic {
            layout.instanceTargets[field.name] = ClassMember(
                kind: .field(slot: layout.instanceFieldCount), isPrivate: field.isPrivate)
            layout.instanceFieldCount += 1
        }
        for method in session.methods {
            let name = tree[method.function].name
            let prototype = method.function.index
            if method.isConstructor {
                layout.hasConstructor = true
                layout.hasPrivateConstructor = method.isPrivate
                layout.requiredCount = tree[method.function].requiredCount
                layout.parameterCount = tree[method.function].parameters.count
            } else if method.isStatic {
                staticMethods[name] = ClassMember(
                    kind: .staticMethod(prototype: prototype), isPrivate: method.isPrivate)
            } else {
                methods[name] = ClassMember(kind: .method(prototype: prototype), isPrivate: method.isPrivate)
            }
        }
        let staticFields = layout.staticMembers
        layout.staticMembers.merge(staticMethods) { field, _ in field }
        layout.instanceMembers = methods
        for table in [layout.instanceTargets, staticFields, staticMethods] {
            layout.instanceMembers.merge(table) { earlier, _ in earlier }
        }
        for table in [methods, staticFields] {
            layout.instanceTargets.merge(table) { earlier, _ in earlier }
        }
        parts.classes[id.index] = layout
    }

    /// Evaluated where the declaration stands, but with the rights of the session's own code.
    private mutating func staticInitialisers(_ id: SessionID, _ session: Int) {
        let start = code.position
        let hadThis = code.hasThis
        code.hasThis = false
        for field in tree[id].fields where field.isStatic {
            guard let value = field.value else { continue }
            withOperand(value, isKept: true) {
                $0.code.emit(.setField, a: $1, b: session, wide: field.name.index)
                $0.code.emit(word: InlineCache.empty.bits)
            }
        }
        code.hasThis = hadThis
        if code.position > start {
            code.sessionRanges.append(SessionRange(start: start, end: code.position, classIndex: id.index))
        }
    }
}

// MARK: Construction

extension Generator {
    /// `S(…)` is a function of its own: make the instance, run the initialisers, check, run the constructor.
    private mutating func generateConstruction(_ id: SessionID) {
        let session = tree[id]
        let plain = plainFields(id)
        let initialiser = plain == nil ? generateInitialiser(id) : nil
        let constructor = session.methods.first { $0.isConstructor }
        let count = parts.classes[id.index].parameterCount
        let name = parts.classes[id.index].name
        parts.classes[id.index].newPrototype = hiddenPrototype(name, count)
        parts.classes[id.index].mismatchPrototype = hiddenPrototype(name, 1)
        let layout = parts.classes[id.index]
        generate(layout.newPrototype, at: session.start) { generator in
            let arguments = generator.code.allocate(count)
            let instance = generator.makeInstance(initialiser, plain ?? [])
            if let constructor {
                if constructor.isPrivate { generator.code.emit(.requireConstructor, wide: id.index) }
                let window = generator.code.allocate(3 + count)
                generator.code.emit(.move, a: window + 2, b: instance)
                for index in 0..<count {
                    generator.code.emit(.move, a: window + 3 + index, b: arguments + index)
                }
                generator.code.emit(.callThis, a: window, wide: constructor.function.index)
            }
            generator.code.emit(.return, a: instance)
        }
        generate(layout.mismatchPrototype, at: session.start) { generator in
            let received = generator.code.allocate()
            _ = generator.makeInstance(initialiser, plain ?? [])
            generator.code.emit(.constructorMismatch, a: received, wide: id.index)
        }
    }

    mutating func hiddenPrototype(_ name: String, _ parameterCount: Int) -> Int {
        parts.prototypes.append(
            Prototype(
                name: name, requiredCount: parameterCount, parameterCount: parameterCount, isHidden: true))
        return parts.prototypes.count - 1
    }

    private mutating func makeInstance(_ initialiser: Int?, _ plain: [(slot: Int, value: ExpressionID)])
        -> Int
    {
        let instance = code.allocate()
        code.emit(.instance, a: instance)
        let (value, focus) = (code.allocate(), code.focus)
        for field in plain {
            evaluate(field.value, into: value)
            code.emit(.initField, a: value, b: instance, wide: field.slot)
        }
        code.focus = focus
        code.release(to: value)
        if let initialiser {
            let window = code.allocate(3)
            code.emit(.move, a: window + 2, b: instance)
            code.emit(.callThis, a: window, wide: initialiser)
            code.release(to: window)
        }
        return instance
    }

    /// The fields with their initial values, if these are literals: then no code of the program runs between
    /// them, and they need no call of their own.
    private func plainFields(_ id: SessionID) -> [(slot: Int, value: ExpressionID)]? {
        var fields: [(slot: Int, value: ExpressionID)] = []
        for field in tree[id].fields where !field.isStatic {
            guard let value = field.value else { continue }
            switch tree[value].kind {
            case .number, .string, .boolean: break
            case .name(let name) where isNull(name): break
            default: return nil
            }
            guard case .field(let slot)? = parts.classes[id.index].instanceTargets[field.name]?.kind else {
                return nil
            }
            fields.append((slot, value))
        }
        return fields
    }

    /// The code of an instance's field initialisers; nil if there are none.
    private mutating func generateInitialiser(_ id: SessionID) -> Int? {
        let fields = tree[id].fields.filter { !$0.isStatic && $0.value != nil }
        guard !fields.isEmpty else { return nil }
        let prototype = hiddenPrototype(parts.classes[id.index].name, 0)
        generate(prototype, at: tree[id].start) { generator in
            generator.code.classIndex = id.index
            generator.code.hasThis = true
            generator.openScope(.initialiser(id))
            generator.bindThis()
            let targets = generator.parts.classes[id.index].instanceTargets
            for field in fields {
                guard let value = field.value, case .field(let slot)? = targets[field.name]?.kind else {
                    continue
                }
                generator.withOperand(value, isKept: true) { $0.code.emit(.setThisField, a: $1, wide: slot) }
            }
            generator.returnNull()
        }
        return prototype
    }
}
