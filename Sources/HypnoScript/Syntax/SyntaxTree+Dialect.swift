package import SourceText

extension SyntaxTree {
    /// Parses a program with its modules.
    ///
    /// In the documented dialect the reference's grammar comes first, and its tree is used where there is
    /// one: so a program of the reference cannot change its meaning. The extended grammar is tried on the
    /// rest only.
    package static func parse(
        _ source: SourceFile, _ dialect: ScriptDialect, modules: (any ModuleLoader)? = nil
    ) throws(ScriptSyntaxError) -> SyntaxTree {
        var empty = SyntaxTree(source: source, names: NameTable())
        empty.dialect = dialect
        guard dialect == .documented else {
            return try Parser.parse(source, .reference, into: empty, base: 0)
        }
        var tree = try parseDocumented(source, into: empty, base: 0)
        tree.loadModules(with: modules)
        return tree
    }

    /// Adds one text to a tree.
    static func parseDocumented(
        _ source: SourceFile, into tree: SyntaxTree, base: Int
    ) throws(ScriptSyntaxError) -> SyntaxTree {
        let strict: ScriptSyntaxError
        do throws(ScriptSyntaxError) {
            let parsed = try Parser.parse(source, .reference, into: tree, base: base)
            guard parsed.throwsByName(from: tree) else { return parsed }
            let again = Result { () throws(ScriptSyntaxError) in
                try Parser.parse(source, .referenceWithThrow, into: tree, base: base)
            }
            return (try? again.get()) ?? parsed  // Where that grammar fails, the strict tree stays.
        } catch {
            strict = error
        }
        do throws(ScriptSyntaxError) {
            return try Parser.parse(source, .extended, into: tree, base: base)
        } catch {
            throw Self.better(strict, error, source, base)
        }
    }

    /// The error further on; at the same token the reference's. Its hint, if there is one, comes behind it.
    private static func better(
        _ strict: ScriptSyntaxError, _ extended: ScriptSyntaxError, _ source: SourceFile, _ base: Int
    ) -> ScriptSyntaxError {
        let isStrictLexical = strict.reach == ScriptSyntaxError.lexical
        let error = extended.reach > strict.reach || isStrictLexical ? extended : strict
        if error.reach == ScriptSyntaxError.lexical {
            return error.message.hasPrefix("Unexpected character '^'")
                ? error.advising(RefusedNames.caret) : error
        }
        let word = word(at: max(extended.reach, 0) - base, in: source)
        if let hint = RefusedNames.hint(forWord: word) { return error.advising(hint) }
        // The reference knows fewer words that somebody may have meant.
        return extended.reach == strict.reach ? strict.advised(as: extended) : error
    }

    /// The letters at an offset, in lower case.
    private static func word(at offset: Int, in source: SourceFile) -> String {
        let bytes = source.text.utf8.dropFirst(offset).prefix { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
        return String(decoding: bytes.map { $0 | 0x20 }, as: UTF8.self)
    }
}

// MARK: Throw as a name

extension SyntaxTree {
    /// Whether a statement of the part that came after `before` begins with the undeclared name `throw`: in
    /// the reference it could only fail.
    func throwsByName(from before: SyntaxTree) -> Bool {
        guard let name = names.find("throw") else { return false }
        let new = statements[before.statements.count...]
        let isUsed = new.contains { statement in
            if case .expression(let value) = statement.kind { return leftmost(value) == name }
            return false
        }
        let isType = records[before.records.count...].contains { $0.name == name }
        return isUsed && !isType && !introduces(name, from: before)
    }

    private func leftmost(_ id: ExpressionID) -> Symbol? {
        var id = id
        while true {
            switch self[id].kind {
            case .name(let name): return name
            // `throw { code: 1 }`, which reads like a literal of a record type.
            case .record(let type, _): return type
            case .call(let inner, _), .member(let inner, _, _), .index(let inner, _, _),
                .chain(let inner, _), .assign(let inner, _):
                id = inner
            default: return nil
            }
        }
    }

    /// Whether a declaration, parameter, pattern or assignment anywhere makes `name` a variable.
    private func introduces(_ name: Symbol, from before: SyntaxTree) -> Bool {
        statements[before.statements.count...].contains { declares($0.kind, name) }
            || functions[before.functions.count...].contains { function in
                function.parameters.contains { $0.name == name }
            }
            || patterns[before.patterns.count...].contains { binds($0.kind, name) }
            || expressions[before.expressions.count...].contains { expression in
                guard case .assign(let target, _) = expression.kind, case .name(name) = self[target].kind
                else { return false }
                return true
            }
    }

    private func declares(_ kind: Statement.Kind, _ name: Symbol) -> Bool {
        switch kind {
        case .declare(let declaration): declaration.name == name
        case .anchor(let target, _): target == name
        case .function(let function): self[function].name == name
        case .session(let session): self[session].name == name
        default: false
        }
    }

    private func binds(_ kind: Pattern.Kind, _ name: Symbol) -> Bool {
        switch kind {
        case .name(name), .typed(name, _), .array(_, .bound(name)): true
        case .record(_, let fields): fields.contains { $0.name == name && $0.pattern == nil }
        default: false
        }
    }
}
