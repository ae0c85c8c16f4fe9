import SourceText

extension Checker {
    mutating func call(
        _ callee: ExpressionID, _ arguments: [ExpressionID], at start: SourceOffset
    ) -> StaticType {
        if case .name(let name) = tree[callee].kind {
            return call(named: name, callee, arguments)
        }
        if case .member(let object, let name, isOptional: false) = tree[callee].kind {
            let types = arguments.map { expression($0) }
            let container = expression(object)
            let access = MemberAccess(name: name, start: tree[callee].focus, isCall: true)
            return callMember(access, of: container, arguments, types)
        }
        let types = arguments.map { expression($0) }
        return callValue(expression(callee), "Function", arguments, types, at: tree[callee].start)
    }

    private mutating func call(
        named name: Symbol, _ callee: ExpressionID, _ arguments: [ExpressionID]
    ) -> StaticType {
        let text = tree.names[name]
        let start = tree[callee].start
        let outer = context.isCaught
        if Self.catches(text) { context.isCaught = true }
        let types = arguments.map { expression($0) }
        context.isCaught = outer
        if let signature = BuiltinSignature.of(text) {
            return callBuiltin(text, signature, arguments, types, at: start)
        }
        if names.isIntroduced(name) {
            return callValue(read(name, at: start), "Function '\(text)'", arguments, types, at: start)
        }
        guard isReporting else { return .unseen }
        if tree.dialect == .documented {
            if case .special? = Vocabulary.meaning(of: text), Vocabulary.changesItsArgument(text),
                let place = arguments.first
            {
                change(placeAt: place)
            }
            if Vocabulary.meaning(of: text) != nil || isRecordConstructor(text) { return .unknown }
        }
        guard !hasUnknownModules else { return .unknown }
        undefined(text, at: start)
        return .unknown
    }

    private static func catches(_ name: String) -> Bool {
        ["try", "tryorawaken", "assertthrows"].contains(Vocabulary.normalized(name))
    }

    private func isRecordConstructor(_ name: String) -> Bool {
        let wanted = Vocabulary.normalized(name)
        return names.recordNames.contains { Vocabulary.normalized(tree.names[$0]) == wanted }
    }

    private mutating func undefined(_ name: String, at start: SourceOffset) {
        let refused = tree.dialect == .documented ? RefusedNames.hint(forName: name) : nil
        let others = functionNames() + (callStatement == start ? OutputKind.words : [])
        let guess =
            refused == nil && mayAdvise() ? Vocabulary.guess(name, in: tree.dialect, among: others) : nil
        fail(CheckCode.unknownName, "Undefined function '\(name)'", at: start, help: refused, guess: guess)
    }

    private func functionNames() -> [String] {
        names.declaredNames.map { tree.names[$0] }
    }

    // MARK: Builtins

    private mutating func callBuiltin(
        _ name: String, _ signature: BuiltinSignature, _ arguments: [ExpressionID], _ types: [StaticType],
        at start: SourceOffset
    ) -> StaticType {
        let isOpen = signature.isOverloaded && tree.dialect == .documented
        if arguments.count < signature.required, !(isOpen && !arguments.isEmpty) {
            let message = "Function '\(name)' expects \(signature.required) arguments, got \(arguments.count)"
            fail(CheckCode.argumentCount, message, at: start)
        } else if arguments.count > signature.parameters.count, !isOpen {
            warn(
                CheckCode.surplus, "'\(name)' ignores argument \(signature.parameters.count + 1)",
                at: tree[arguments[signature.parameters.count]].start,
                help: name == "Round" && tree.dialect == .documented
                    ? "RoundTo(x, digits) rounds to digits" : nil)
        }
        guard !isOpen else { return signature.result }
        for (index, (parameter, type)) in zip(signature.parameters, types).enumerated()
        where !type.fits(parameter.type) {
            let message =
                "Function '\(name)' argument \(index + 1) type mismatch: expected \(text(parameter.type)), "
                + "got \(text(type))"
            if parameter.refuses(type) {
                fail(CheckCode.typeMismatch, message, because: type, at: tree[arguments[index]].start)
            } else {
                warn(CheckCode.typeMismatch, message, at: tree[arguments[index]].start)
            }
        }
        return signature.result
    }

    // MARK: Values

    /// A call of something whose kind may be known.
    ///
    /// - Parameter name: what messages call it.
    mutating func callValue(
        _ type: StaticType, _ name: String, _ arguments: [ExpressionID], _ types: [StaticType],
        at start: SourceOffset
    ) -> StaticType {
        switch type.bare {
        case .unseen: return .unseen
        case .unknown, .claimed: return .unknown
        case .function(let function):
            return callFunction(function, name, arguments, types, at: start)
        case .session(let session):
            construct(session, arguments, types, at: start)
            return .instance(session)
        case .number, .string, .boolean, .array, .object, .record, .instance:
            let kind = text(type)
            fail(
                CheckCode.typeMismatch, "Value is not callable: it is of type \(kind)", because: type,
                at: start)
            return .unknown
        }
    }

    private mutating func construct(
        _ id: SessionID, _ arguments: [ExpressionID], _ types: [StaticType], at start: SourceOffset
    ) {
        let session = tree[id]
        let name = tree.names[session.name]
        guard let constructor = session.methods.first(where: \.isConstructor) else {
            guard !arguments.isEmpty else { return }
            return fail(
                CheckCode.argumentCount,
                "Session '\(name)' does not define a constructor but arguments were provided", at: start)
        }
        _ = callFunction(constructor.function, "Function '\(name)'", arguments, types, at: start)
    }

    /// Compares the arguments of a call with the declaration.
    mutating func callFunction(
        _ id: FunctionID, _ name: String, _ arguments: [ExpressionID], _ types: [StaticType],
        at start: SourceOffset
    ) -> StaticType {
        let function = tree[id]
        let expected = function.requiredCount...function.parameters.count
        if !expected.contains(arguments.count) {
            let count =
                expected.count == 1
                ? "\(expected.lowerBound)" : "\(expected.lowerBound) to \(expected.upperBound)"
            fail(
                CheckCode.argumentCount, "\(name) expects \(count) arguments, got \(arguments.count)",
                at: start)
        }
        for (index, (parameter, type)) in zip(function.parameters, types).enumerated() {
            guard let annotation = parameter.annotation else { continue }
            let expected = self.type(written: annotation)
            guard !type.fits(expected) else { continue }
            warn(
                CheckCode.typeMismatch,
                "\(name) argument \(index + 1) type mismatch: expected \(text(expected)), got \(text(type))",
                at: tree[arguments[index]].start)
        }
        return function.resultAnnotation.map(self.type(written:)) ?? .unknown
    }
}

extension Vocabulary {
    /// The function that somebody who wrote this name probably meant.
    static func guess(
        _ name: String, in dialect: ScriptDialect, among others: some Sequence<String>
    ) -> Spelling.Guess? {
        let library = dialect == .documented ? callableNames : Library.builtins.map(\.name)
        return Spelling.guess(name, among: Array(others) + library)
    }
}
