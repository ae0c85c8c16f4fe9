/// Anonymous suggestions during which nobody else can look at what they captured: no code of the program but
/// their own runs. Such a one need not bind its captures; that took half the time of calling it.
extension Generator {
    /// Whether a function calls nothing but builtins, binds captured names nowhere but in its parameters and
    /// makes no functions.
    func runsAlone(_ function: FunctionDeclaration) -> Bool {
        function.parameters.allSatisfy { !$0.isOptional } && runsAlone(function.body)
    }

    private func runsAlone(_ block: Block) -> Bool {
        block.statements.allSatisfy { runsAlone(tree[$0].kind) }
    }

    private func runsAlone(_ kind: Statement.Kind) -> Bool {
        switch kind {
        case .declare(let declaration):
            return !declaration.isShared && parts.cellOfSymbol[declaration.name] == nil
                && runAlone([declaration.value])
        case .anchor(_, let value): return runAlone([value])
        case .conditional(let branches, let otherwise):
            return branches.allSatisfy { runAlone([$0.condition]) && runsAlone($0.body) }
                && otherwise.map { runsAlone($0) } ?? true
        case .loop(let header, let body):
            let statements = [header.initial, header.update].compactMap { $0 }
            return statements.allSatisfy { runsAlone(tree[$0].kind) } && runAlone([header.condition])
                && runsAlone(body)
        case .awaken(let value): return runAlone([value])
        case .expression(let value): return runAlone([value])
        case .snap, .sink, .empty: return true
        default: return false
        }
    }

    private func runAlone(_ expressions: [ExpressionID?]) -> Bool {
        expressions.allSatisfy { $0.map { runsAlone(tree[$0].kind) } ?? true }
    }

    private func runsAlone(_ kind: Expression.Kind) -> Bool {
        switch kind {
        case .number, .string, .boolean, .name: return true
        case .array(let elements): return runAlone(elements)
        case .prefix(_, let operand): return runAlone([operand])
        case .chain(let first, let links): return runAlone([first] + links.map(\.operand))
        case .assign(let target, let value):
            guard case .name = tree[target].kind else { return false }
            return runAlone([value])
        case .call(let callee, let arguments):
            guard case .name(let name) = tree[callee].kind,
                BuiltinTable.standard.index(of: tree.names[name]) != nil
            else { return false }
            return runAlone(arguments)
        case .member(let object, _, _): return runAlone([object])
        case .index(let array, let index, _): return runAlone([array, index])
        case .object(let fields): return runAlone(fields.map(\.value))
        default: return false
        }
    }
}
