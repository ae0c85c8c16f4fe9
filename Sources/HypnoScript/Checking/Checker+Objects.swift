import SourceText

/// `object.name`, read or called.
struct MemberAccess {
    let name: Symbol
    let start: SourceOffset
    var isCall = false
}

// MARK: - Functions

extension Checker {
    /// Code of its own: what is around it says nothing about where it runs.
    private mutating func inFunction(_ id: FunctionID, _ change: (inout CheckContext) -> Void) {
        let function = tree[id]
        let outer = context
        let outerWatch = watch
        watch = nil
        context.function = id.index
        (context.loops, context.whileBody, context.isInEntrance, context.cases) = (0, nil, false, 0)
        change(&context)
        for parameter in function.parameters {
            var type = StaticType.unknown
            if let value = parameter.value { type = expression(value) }
            declare(
                parameter.name, as: parameter.annotation == nil ? .unknown : type,
                annotation: parameter.isOptional ? nil : parameter.annotation)
        }
        block(function.body)
        context = outer
        watch = outerWatch
    }

    /// The body of a suggestion or an anonymous suggestion.
    mutating func function(_ id: FunctionID) {
        let isAnonymous = tree[id].isAnonymous
        inFunction(id) { context in
            guard !isAnonymous else { return }
            // Whoever calls it may have a `this`, and may catch its errors or not.
            context.session = nil
            context.hasThis = nil
            context.isCaught = false
        }
    }

    /// The body of a method.
    mutating func methodBody(_ id: FunctionID, of session: SessionID?, hasThis: Bool) {
        inFunction(id) { context in
            context.session = session
            context.hasThis = hasThis
            context.isCaught = false
        }
    }
}

// MARK: - Records

extension Checker {
    mutating func record(_ id: RecordID) {
        for method in tree[id].methods { methodBody(method, of: nil, hasThis: true) }
    }

    /// A record literal.
    mutating func record(
        _ type: Symbol, _ fields: [RecordField], at start: SourceOffset
    ) -> StaticType {
        let types = fields.map { expression($0.value) }
        let name = tree.names[type]
        guard names.recordNames.contains(type) else {
            guard !hasUnknownModules, !["Ok", "Err"].contains(name) || tree.dialect == .reference else {
                return .unknown
            }
            let guess =
                mayAdvise() ? Spelling.guess(name, among: names.recordNames.map { tree.names[$0] }) : nil
            fail(
                CheckCode.record, "Undefined tranceify type '\(name)' in record literal", at: start,
                guess: guess)
            return .unknown
        }
        guard let id = names.record(named: type) else { return .unknown }
        compare(fields, types, with: tree[id], at: start)
        return .record(id)
    }

    private mutating func compare(
        _ fields: [RecordField], _ types: [StaticType], with declaration: RecordDeclaration,
        at start: SourceOffset
    ) {
        guard isReporting else { return }
        let name = tree.names[declaration.name]
        for (field, type) in zip(fields, types) {
            let text = tree.names[field.name]
            guard let declared = declaration.fields.first(where: { $0.name == field.name }) else {
                warn(
                    CheckCode.record, "Field '\(text)' does not exist in tranceify type '\(name)'",
                    at: field.start,
                    guess: Spelling.guess(text, among: declaration.fields.map { tree.names[$0.name] }))
                continue
            }
            let expected = self.type(written: declared.annotation)
            if !type.fits(expected) {
                warn(
                    CheckCode.record,
                    "Field '\(text)' in record '\(name)' expects type \(self.text(expected)), "
                        + "got \(self.text(type))", at: field.start)
            }
        }
        for declared in declaration.fields
        where !declared.isOptional && !fields.contains(where: { $0.name == declared.name }) {
            warn(
                CheckCode.record,
                "Missing field '\(tree.names[declared.name])' in record literal for type '\(name)'",
                at: start)
        }
    }

    private mutating func recordMember(_ access: MemberAccess, of id: RecordID) -> StaticType {
        let record = tree[id]
        if let field = record.fields.first(where: { $0.name == access.name }) {
            return field.isOptional ? .unknown : type(written: field.annotation)
        }
        guard !record.methods.contains(where: { tree[$0].name == access.name }) else { return .unknown }
        let text = tree.names[access.name]
        warn(
            CheckCode.record, "Record type '\(tree.names[record.name])' has no field '\(text)'",
            at: access.start, guess: Spelling.guess(text, among: record.fields.map { tree.names[$0.name] }))
        return .unknown
    }
}

// MARK: - Members

extension Checker {
    mutating func member(_ object: ExpressionID, _ name: Symbol, at focus: SourceOffset) -> StaticType {
        readMember(MemberAccess(name: name, start: focus), of: expression(object))
    }

    private mutating func readMember(_ access: MemberAccess, of container: StaticType) -> StaticType {
        switch container.bare {
        case .unseen: return .unseen
        case .unknown, .object, .claimed: return .unknown
        case .record(let id): return recordMember(access, of: id)
        case .instance(let id), .session(let id):
            let isInstance = container.bare == .instance(id)
            guard !container.isClaimed, let found = sessionMember(access, of: id, isInstance: isInstance)
            else { return .unknown }
            switch found {
            case .field(let field): return field.annotation.map(type(written:)) ?? .unknown
            case .method(let method): return .function(method.function)
            }
        case .number, .string, .boolean, .array, .function:
            let name = tree.names[access.name]
            fail(
                CheckCode.typeMismatch,
                "Cannot access member '\(name)' on a value of type \(text(container))", because: container,
                at: access.start,
                help: name.lowercased() == "length" ? "the length is Length(value)" : nil)
            return .unknown
        }
    }

    /// A call of a member.
    mutating func callMember(
        _ access: MemberAccess, of container: StaticType, _ arguments: [ExpressionID], _ types: [StaticType]
    ) -> StaticType {
        let member = readMember(access, of: container)
        switch (container, member) {
        case (.instance(let id), .function(let function)), (.session(let id), .function(let function)):
            let session = tree.names[tree[id].name]
            return callFunction(
                function, "Method '\(tree.names[access.name])' of session '\(session)'", arguments, types,
                at: access.start)
        default:
            return callValue(member, "Function", arguments, types, at: access.start)
        }
    }

    /// `object.name = value`.
    mutating func assign(
        _ name: Symbol, of container: StaticType, _ type: StaticType, _ target: ExpressionID,
        at focus: SourceOffset
    ) {
        switch container.bare {
        case .unseen, .unknown, .object, .claimed: return
        case .instance where container.isClaimed, .session where container.isClaimed: return
        case .instance(let id): assignField(name, of: id, isInstance: true, type, at: focus)
        case .session(let id): assignField(name, of: id, isInstance: false, type, at: focus)
        case .record, .number, .string, .boolean, .array, .function:
            fail(
                CheckCode.assignment, "Assignment target is not a session member", because: container,
                at: focus,
                help: container.bare.isRecord ? "make a changed copy: record with { field: value }" : nil)
        }
    }
}

extension StaticType {
    fileprivate var isRecord: Bool {
        if case .record = self { true } else { false }
    }
}
