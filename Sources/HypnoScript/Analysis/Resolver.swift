/// Finds the names that need a cell: a definite-declaration analysis of the whole program in one walk.
///
/// A use is certain when, going outwards through the scopes of the function it stands in, the first scope
/// whose text declares the name so far certainly holds it. Every other use is free. The rule errs towards
/// "free", never the other way, and a code generator that resolves certain uses in textual order finds the
/// same scope.
struct Resolver {
    let tree: SyntaxTree
    var resolution: Resolution

    /// The open scopes of the function under analysis; for the program itself the global one comes first.
    var scopes: [NameScope] = []
    var loops: [LoopFlow] = []
    /// The `entrance` and `finale` blocks around the current point, which `awaken` leaves.
    var blocks: [LoopFlow] = []
    /// Whether a module is under analysis: all it declares is for everybody.
    private var isModule = false
    /// Whether control can get to the current point at all.
    var isReachable = true

    /// Which scopes may bind which names, if these turn out to be free.
    private var bindings: [ScopeKey: Set<Symbol>] = [:]
    private var declarationCounts: [Int]
    private var isAssigned: [Bool]
    private var globalFunctions: [FunctionID?]

    /// What is known at the jumps of an enclosing loop.
    struct LoopFlow {
        let isScoped: Bool
        let scope: Int
        let mark: Int
        /// Names certain at every `snap` so far, beyond those at the start; nil before the first.
        var atSnaps: [Symbol]?
        var hasSink = false
    }

    static func resolve(_ tree: SyntaxTree) -> Resolution {
        var resolver = Resolver(tree)
        resolver.program()
        return resolver.finished()
    }

    /// Takes every name for free and every variable for shared: right for any program, and slow. What a
    /// program does must not depend on which of the two resolutions it was compiled with.
    static func resolveNothing(_ tree: SyntaxTree) -> Resolution {
        var resolver = Resolver(tree)
        resolver.program()
        let count = tree.names.count
        resolver.resolution.isFree = Array(repeating: true, count: count)
        var resolution = resolver.finished()
        resolution.directFunctions = Array(repeating: nil, count: count)
        resolution.isChangedInPlace = Array(repeating: true, count: count)
        resolution.isNullLiteral = false
        resolution.changesVariables = Array(repeating: true, count: tree.expressions.count)
        return resolution
    }

    private init(_ tree: SyntaxTree) {
        self.tree = tree
        let count = tree.names.count
        resolution = Resolution(
            isFree: Array(repeating: false, count: count), bindingScopes: [],
            directFunctions: Array(repeating: nil, count: count),
            changesVariables: Array(repeating: false, count: tree.expressions.count))
        resolution.isChangedInPlace = Array(repeating: false, count: count)
        declarationCounts = Array(repeating: 0, count: count)
        isAssigned = Array(repeating: false, count: count)
        globalFunctions = Array(repeating: nil, count: count)
    }

    private mutating func program() {
        scopes = [NameScope(.global)]
        block(tree.items)
        isModule = true
        for module in tree.modules { inFunction(.global) { $0.block(module.items) } }
        isModule = false
        scopes = [scopes[0]]
        // The host reads the variable `result` when the program has ended.
        if let result = tree.names.find(HypnoScript.resultName) { use(result) }
    }

    private func finished() -> Resolution {
        var resolution = resolution
        resolution.isIntroduced = zip(declarationCounts, isAssigned).map { $0 > 0 || $1 }
        if tree.dialect == .documented, let null = tree.names.find(HypnoScript.nullName) {
            resolution.isNullLiteral = !resolution.isIntroduced[null.index]
        }
        for (key, names) in bindings where names.contains(where: { resolution.isFree[$0.index] }) {
            resolution.bindingScopes.insert(key)
        }
        for index in globalFunctions.indices where declarationCounts[index] == 1 && !isAssigned[index] {
            resolution.directFunctions[index] = globalFunctions[index]
        }
        return resolution
    }
}

// MARK: Names

extension Resolver {
    /// A read of `name` at this point.
    mutating func use(_ name: Symbol) {
        for scope in scopes.reversed() where scope.declared[name] != nil {
            if !scope.isCertain(name) { resolution.isFree[name.index] = true }
            return
        }
        resolution.isFree[name.index] = true
    }

    /// An assignment that, unless the binding is certain, may create the variable in the innermost scope.
    mutating func assign(_ name: Symbol) {
        isAssigned[name.index] = true
        use(name)
        noteBinding(of: name)
    }

    /// An assignment that finds the variable, because it was read just before.
    mutating func assignExisting(_ name: Symbol) {
        isAssigned[name.index] = true
        use(name)
    }

    /// An assignment as a statement of its own. In the global scope, where nothing is further out, it
    /// declares.
    mutating func assignStatement(_ name: Symbol) {
        if scopes.count == 1, scopes[0].key == .global, scopes[0].declared[name] == nil {
            isAssigned[name.index] = true
            declare(name, constant: false)
        } else {
            assign(name)
        }
    }

    mutating func declare(_ name: Symbol, constant: Bool) {
        declarationCounts[name.index] += 1
        noteBinding(of: name)
        // A name that is now constant, now variable in one scope keeps its constness with its binding, in a
        // cell.
        let innermost = scopes.count - 1
        if !scopes[innermost].declare(name, constant: constant)
            || isModule && scopes[innermost].key == .global
        {
            resolution.isFree[name.index] = true
        }
    }

    /// A declaration in the shared table: seen by everybody who finds no other binding.
    mutating func declareShared(_ name: Symbol) {
        declarationCounts[name.index] += 1
        resolution.isFree[name.index] = true
    }

    mutating func declare(function id: FunctionID) {
        let name = tree[id].name
        declare(name, constant: false)
        if scopes.count == 1, scopes[0].key == .global { globalFunctions[name.index] = id }
    }

    private mutating func noteBinding(of name: Symbol) {
        let key = scopes[scopes.count - 1].key
        if key != .global { bindings[key, default: []].insert(name) }
    }

    /// Runs `body` in a new innermost scope.
    mutating func inScope(_ key: ScopeKey, _ body: (inout Resolver) -> Void) {
        scopes.append(NameScope(key))
        body(&self)
        scopes.removeLast()
    }

    /// Runs `body` as code of its own, which sees none of the scopes around it as certain.
    mutating func inFunction(_ key: ScopeKey, _ body: (inout Resolver) -> Void) {
        let outer = (scopes, loops, blocks, isReachable)
        (scopes, loops, blocks, isReachable) = ([NameScope(key)], [], [], true)
        body(&self)
        (scopes, loops, blocks, isReachable) = outer
    }
}
