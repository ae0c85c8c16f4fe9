import SourceText

/// What a name means on a session or an instance of it.
enum SessionMember {
    case field(SessionField)
    case method(SessionMethod)

    var isPrivate: Bool {
        switch self {
        case .field(let field): field.isPrivate
        case .method(let method): method.isPrivate
        }
    }

    /// `Field`, `Static method` …, as messages begin.
    var description: String {
        switch self {
        case .field(let field): field.isStatic ? "Static field" : "Field"
        case .method(let method): method.isStatic ? "Static method" : "Method"
        }
    }
}

extension Checker {
    mutating func session(_ id: SessionID) {
        let session = tree[id]
        declare(session.name, as: names.session(named: session.name).map { .session($0) } ?? .unknown)
        if isReporting { checkMembers(of: session) }
        let outer = context
        for field in session.fields {
            if !field.isStatic {
                (context.session, context.hasThis, context.whileBody) = (id, true, nil)
            }
            if let value = field.value { initialise(field, value, of: session) }
            context = outer
        }
        for method in session.methods {
            let isInstance = !method.isStatic || method.isConstructor
            methodBody(method.function, of: id, hasThis: isInstance)
        }
    }

    private mutating func initialise(
        _ field: SessionField, _ value: ExpressionID, of session: SessionDeclaration
    ) {
        let type = expression(value)
        let expected = field.annotation.map { self.type(written: $0) } ?? .unknown
        if !type.fits(expected) {
            warn(
                CheckCode.typeMismatch,
                "Field '\(tree.names[field.name])' in session '\(tree.names[session.name])' expects type "
                    + "\(text(expected)), got \(text(type))", at: tree[value].start)
        }
    }

    /// What fails as soon as the declaration is executed.
    private mutating func checkMembers(of session: SessionDeclaration) {
        let name = tree.names[session.name]
        var fields: Set<Symbol> = []
        for field in session.fields where !fields.insert(field.name).inserted {
            let message = "Duplicate session field '\(tree.names[field.name])' in session '\(name)'"
            fail(CheckCode.session, message, at: field.start)
        }
        var (methods, statics): (Set<Symbol>, Set<Symbol>) = ([], [])
        var hasConstructor = false
        for method in session.methods {
            if method.isConstructor {
                if method.isStatic {
                    let message = "Constructor in session '\(name)' cannot be static"
                    fail(CheckCode.session, message, at: method.start)
                } else if hasConstructor {
                    let message = "Multiple constructors declared in session '\(name)'"
                    fail(CheckCode.session, message, at: method.start)
                }
                hasConstructor = true
                continue
            }
            let symbol = tree[method.function].name
            let isNew =
                method.isStatic ? statics.insert(symbol).inserted : methods.insert(symbol).inserted
            guard !isNew else { continue }
            let kind = method.isStatic ? "static method" : "method"
            let message = "Duplicate \(kind) '\(tree.names[symbol])' in session '\(name)'"
            fail(CheckCode.session, message, at: method.start)
        }
    }

    // MARK: Access

    /// Finds a member as the language does: on an instance method, field, static field, static method; on a
    /// session the static ones only.
    mutating func sessionMember(
        _ access: MemberAccess, of id: SessionID, isInstance: Bool
    ) -> SessionMember? {
        guard let found = lookUp(access.name, in: tree[id], isInstance: isInstance) else {
            reportMissing(access, of: tree[id], isInstance: isInstance)
            return nil
        }
        checkVisibility(of: found, access.name, in: id, at: access.start)
        return found
    }

    private func lookUp(
        _ name: Symbol, in session: SessionDeclaration, isInstance: Bool
    ) -> SessionMember? {
        func method(isStatic: Bool) -> SessionMember? {
            session.methods.first {
                $0.isStatic == isStatic && !$0.isConstructor && tree[$0.function].name == name
            }.map { .method($0) }
        }
        func field(isStatic: Bool) -> SessionMember? {
            session.fields.first { $0.isStatic == isStatic && $0.name == name }.map { .field($0) }
        }
        let ofInstance = isInstance ? method(isStatic: false) ?? field(isStatic: false) : nil
        return ofInstance ?? field(isStatic: true) ?? method(isStatic: true)
    }

    private mutating func reportMissing(
        _ access: MemberAccess, of session: SessionDeclaration, isInstance: Bool
    ) {
        guard isReporting else { return }
        let text = tree.names[access.name]
        let isOfInstances = !isInstance && lookUp(access.name, in: session, isInstance: true) != nil
        let all = session.fields.map(\.name) + session.methods.map { tree[$0.function].name }
        let guess = Spelling.guess(text, among: all.map { tree.names[$0] }.filter { $0 != text })
        let kind = (isInstance ? "" : "static ") + (access.isCall ? "method" : "member")
        fail(
            CheckCode.session, "Session '\(tree.names[session.name])' has no \(kind) '\(text)'",
            at: access.start,
            help: isOfInstances
                ? "it belongs to the instances: make one with \(tree.names[session.name])(…)" : nil,
            guess: isOfInstances ? nil : guess)
    }

    /// Only the program's own code certainly runs outside of every session.
    private mutating func checkVisibility(
        of member: SessionMember, _ name: Symbol, in id: SessionID, at start: SourceOffset
    ) {
        guard member.isPrivate, context.function == CheckContext.global, context.session == nil else {
            return
        }
        fail(
            CheckCode.session,
            "\(member.description) '\(tree.names[name])' of session '\(tree.names[tree[id].name])' is not "
                + "visible here", at: start)
    }

    mutating func assignField(
        _ name: Symbol, of id: SessionID, isInstance: Bool, _ type: StaticType, at focus: SourceOffset
    ) {
        let session = tree[id]
        let (text, owner) = (tree.names[name], tree.names[session.name])
        if let field = session.fields.first(where: { $0.name == name && $0.isStatic != isInstance }) {
            checkVisibility(of: .field(field), name, in: id, at: focus)
            let expected = field.annotation.map { self.type(written: $0) } ?? .unknown
            guard !type.fits(expected) else { return }
            return warn(
                CheckCode.typeMismatch,
                "Cannot assign value of type \(self.text(type)) to field '\(text)' of session '\(owner)' "
                    + "(expected \(self.text(expected)))", at: focus)
        }
        let found = lookUp(name, in: session, isInstance: isInstance)
        let message =
            switch found {
            case .method?: "Cannot assign to \(isInstance ? "" : "static ")method '\(text)'"
            case .field?: "Assign static field '\(text)' through session '\(owner)', not an instance"
            case nil: "Session '\(owner)' has no \(isInstance ? "" : "static ")field '\(text)'"
            }
        let fields = session.fields.filter { $0.isStatic != isInstance }.map { tree.names[$0.name] }
        let guess = found == nil ? Spelling.guess(text, among: fields) : nil
        fail(CheckCode.session, message, at: focus, guess: guess)
    }

    // MARK: Types

    /// The type that an annotation names; anything that is more than a name or array is not looked at.
    func type(written annotation: Symbol) -> StaticType {
        type(written: Substring(tree.names[annotation])).asClaim
    }

    private func type(written text: Substring) -> StaticType {
        if text.hasSuffix("[]"), text.utf8.count < 64 { return .array(type(written: text.dropLast(2))) }
        switch text.lowercased() {
        case "number": return .number
        case "string": return .string
        case "boolean": return .boolean
        default:
            guard let name = tree.names.find(String(text)) else { return .unknown }
            if let record = names.record(named: name) { return .record(record) }
            return names.session(named: name).map { .instance($0) } ?? .unknown
        }
    }

    /// A type as messages name it.
    func text(_ type: StaticType) -> String {
        switch type.bare {
        case .unseen, .unknown, .claimed: "Unknown"
        case .number: "Number"
        case .string: "String"
        case .boolean: "Boolean"
        case .array(let element): "[\(text(element))]"
        case .object: "Object"
        case .record(let id): tree.names[tree[id].name]
        case .function: "Function"
        case .session(let id), .instance(let id): tree.names[tree[id].name]
        }
    }
}
