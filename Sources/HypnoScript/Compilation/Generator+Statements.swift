extension Generator {
    mutating func block(_ block: Block) {
        for statement in block.statements { self.statement(statement) }
    }

    mutating func statement(_ id: StatementID) {
        let statement = tree[id]
        code.focus = statement.start
        switch statement.kind {
        case .declare(let declaration): declare(declaration)
        case .anchor(let name, let value): assign(name, value, result: nil)
        case .function(let function):
            declare(tree[function].name) { $0.code.emit(.function, a: $1, wide: function.index) }
            self.function(function)
        case .session(let session): self.session(session)
        case .record(let record): self.record(record)
        case .conditional(let branches, let otherwise): conditional(branches, otherwise)
        case .whileLoop(let condition, let body): whileLoop(id, condition, body)
        case .loop(let header, let body): loop(header, body)
        case .snap: leaveLoop(CodeExit.snap, "Break statement outside of loop")
        case .sink: leaveLoop(CodeExit.sink, "Continue statement outside of loop")
        case .suspend: code.emit(.suspend)
        case .awaken(let value): awaken(value)
        case .oscillate(let operand): oscillate(operand)
        case .output(let kind, let value):
            withOperand(value) { generator, register in
                generator.code.focus = statement.start
                generator.code.emit(.output, a: register, b: Int(kind.rawValue))
            }
        case .expression(let value): expressionStatement(value)
        case .block(let body): leavable(into: nil) { $0.block(body) }
        default: documentedStatement(id)
        }
    }

    private mutating func declare(_ declaration: VariableDeclaration) {
        if declaration.isShared {
            let register = code.allocate()
            initialValue(declaration.value, into: register)
            if let cell = parts.cellOfSymbol[declaration.name] {
                code.emit(.declareShared, a: register, b: declaration.isConstant ? 1 : 0, wide: cell)
            }
            code.release(to: register)
        } else {
            declare(declaration.name, constant: declaration.isConstant) {
                $0.initialValue(declaration.value, into: $1)
            }
        }
    }

    private mutating func initialValue(_ value: ExpressionID?, into register: Int) {
        if let value {
            evaluate(value, into: register, isVariable: true)
        } else {
            loadConstant(.null, into: register)
        }
    }

    /// An expression whose value nobody looks at.
    private mutating func expressionStatement(_ id: ExpressionID) {
        if case .assign(let target, let value) = tree[id].kind, case .name(let name) = tree[target].kind {
            assign(name, value, result: nil)
            return
        }
        if case .call(let callee, let arguments) = tree[id].kind, case .name(let name) = tree[callee].kind,
            case .special(let form)? = meaning(ofCallee: name)
        {
            code.focus = tree[id].focus
            return special(id, form, arguments, into: nil)
        }
        if case .assign(let place, let value) = tree[id].kind,
            case .index(_, _, isOptional: false) = tree[place].kind, let root = tree.root(ofPlace: place)
        {
            return assign(toPlace: place, root, value, focus: tree[id].focus, into: nil)
        }
        let temporary = code.allocate()
        evaluate(id, into: temporary)
        code.release(to: temporary)
    }

    private mutating func oscillate(_ operand: ExpressionID) {
        guard case .name(let name) = tree[operand].kind else {
            return fail(.runtime, "Oscillate requires a variable identifier")
        }
        code.focus = tree[operand].focus
        if let cell = parts.cellOfSymbol[name] {
            let register = code.allocate()
            code.emit(.getCell, a: register, wide: cell)
            code.emit(.toggle, a: register, wide: name.index)
            code.emit(.setCell, a: register, b: code.bindingScope, wide: cell)
            code.release(to: register)
        } else if let local = code.local(name) {
            if local.isConstant {
                let register = code.allocate()
                code.emit(.move, a: register, b: local.register)
                code.emit(.toggle, a: register, wide: name.index)
                code.release(to: register)
                failConstant(name)
            } else {
                code.emit(.toggle, a: local.register, wide: name.index)
            }
        }
    }

    mutating func failConstant(_ name: Symbol) {
        fail(.runtime, "Cannot reassign constant variable '\(tree.names[name])'")
    }
}

// MARK: Control flow

extension Generator {
    private mutating func conditional(_ branches: [ConditionalBranch], _ otherwise: Block?) {
        let end = code.newLabel()
        for (index, branch) in branches.enumerated() {
            let next = code.newLabel()
            jump(to: next, unless: branch.condition)
            block(branch.body)
            if index < branches.count - 1 || otherwise != nil { code.emit(.jump, to: end) }
            code.place(next)
        }
        if let otherwise { block(otherwise) }
        code.place(end)
    }

    /// The test stands before the first pass and again, the other way round, behind the body: one jump per
    /// pass.
    private mutating func whileLoop(_ id: StatementID, _ condition: ExpressionID, _ body: Block) {
        let (start, test, end) = (code.newLabel(), code.newLabel(), code.newLabel())
        let isCopied = !resolution.changesVariables[condition.index]
        if isCopied { jump(to: end, unless: condition) } else { code.emit(.jump, to: test) }
        code.place(start)
        let first = code.nextRegister
        code.loops.append(
            LoopLabels(
                atSnap: end, atSink: test, scopeDepth: code.scopes.count,
                finallyDepth: code.finals.count))
        openScope(.whileBody(id))
        block(body)
        closeScope()
        code.loops.removeLast()
        code.release(to: first)
        code.placeIfUsed(test)
        jump(to: start, if: condition)
        code.place(end)
    }

    private mutating func loop(_ header: LoopHeader, _ body: Block) {
        let (start, update, test, end) = (code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel())
        if let initial = header.initial { statement(initial) }
        let isCopied = header.condition.map { !resolution.changesVariables[$0.index] } ?? true
        if isCopied {
            if let condition = header.condition { jump(to: end, unless: condition) }
        } else {
            code.emit(.jump, to: test)
        }
        code.place(start)
        code.loops.append(
            LoopLabels(
                atSnap: end, atSink: update, scopeDepth: code.scopes.count,
                finallyDepth: code.finals.count))
        block(body)
        code.loops.removeLast()
        code.place(update)
        if let step = header.update { statement(step) }
        code.placeIfUsed(test)
        if let condition = header.condition {
            jump(to: start, if: condition)
        } else {
            code.emit(.jump, to: start)
        }
        code.place(end)
    }
}

// MARK: Conditions

extension Generator {
    /// Jumps to `label` unless the condition holds.
    mutating func jump(to label: Label, unless condition: ExpressionID) {
        jump(to: label, when: false, condition)
    }

    /// Jumps to `label` if the condition holds.
    mutating func jump(to label: Label, if condition: ExpressionID) {
        jump(to: label, when: true, condition)
    }

    private mutating func jump(to label: Label, when wanted: Bool, _ condition: ExpressionID) {
        code.focus = tree[condition].focus
        switch tree[condition].kind {
        case .boolean(let value):
            if value == wanted { code.emit(.jump, to: label) }
        case .prefix(.not, let operand):
            jump(to: label, when: !wanted, operand)
        case .chain(let first, let links) where links.count == 1:
            let link = links[0]
            if let comparison = FusedComparison(link.operation, wanted) {
                compare(first, link, comparison, label)
            } else if link.operation == .and || link.operation == .or {
                both(first, link, label, wanted)
            } else {
                test(condition, label, wanted)
            }
        default:
            test(condition, label, wanted)
        }
    }

    private mutating func test(_ condition: ExpressionID, _ label: Label, _ wanted: Bool) {
        withOperand(condition) {
            $0.code.emit(wanted ? .jumpIfTrue : .jumpIfFalse, a: $1, to: label)
        }
    }

    private mutating func compare(
        _ first: ExpressionID, _ link: ChainLink, _ comparison: FusedComparison, _ label: Label
    ) {
        let start = code.nextRegister
        let left = operand(first, before: link.operand)
        if let test = comparison.null, case .name(let name) = tree[link.operand].kind, isNull(name) {
            code.emit(test, a: left, to: label)
        } else if let constant = constant(link.operand) {
            code.focus = link.focus
            if !fuseStep(left, constant, comparison.constant, label) {
                code.emit(comparison.constant, a: left, b: constant, to: label)
            }
        } else {
            let right = operand(link.operand)
            code.focus = link.focus
            if !fuseStep(left, right, comparison.register, label) {
                code.emit(comparison.register, a: left, b: right, to: label)
            }
        }
        code.release(to: start)
    }

    /// Joins `i = i + k` and the comparison of `i` that follows it into one instruction of two words.
    private mutating func fuseStep(_ left: Int, _ right: Int, _ opcode: Opcode, _ label: Label) -> Bool {
        let fused: Opcode
        switch opcode {
        case .jumpIfLess: fused = .stepAndJumpIfLess
        case .jumpIfLessOrEqual: fused = .stepAndJumpIfLessOrEqual
        case .jumpIfLessConstant: fused = .stepAndJumpIfLessConstant
        case .jumpIfLessOrEqualConstant: fused = .stepAndJumpIfLessOrEqualConstant
        default: return false
        }
        guard let step = code.removeStep(of: left) else { return false }
        code.emit(fused, a: left, b: right, to: label)
        // An error of the addition is looked up at the second word, so it keeps its own place in the source.
        code.emit(word: step.instruction.bits, at: step.focus)
        return true
    }

    /// Both sides are evaluated always; then each alone may decide.
    private mutating func both(_ first: ExpressionID, _ link: ChainLink, _ label: Label, _ wanted: Bool) {
        let start = code.nextRegister
        let left = operand(first, before: link.operand)
        let isDecisive = (link.operation == .or) == wanted
        if isDecisive {
            // Either side alone leads to the label.
            jump(to: label, when: wanted, link.operand)
            code.emit(wanted ? .jumpIfTrue : .jumpIfFalse, a: left, to: label)
        } else {
            let beside = code.newLabel()
            jump(to: beside, when: !wanted, link.operand)
            code.emit(wanted ? .jumpIfTrue : .jumpIfFalse, a: left, to: label)
            code.place(beside)
        }
        code.release(to: start)
    }
}

/// A comparison that jumps, in its two forms.
struct FusedComparison {
    let register: Opcode
    let constant: Opcode
    /// With `null`; nil where that is an error.
    var null: Opcode? {
        switch register {
        case .jumpIfEqual: .jumpIfNull
        case .jumpIfNotEqual: .jumpIfNotNull
        default: nil
        }
    }

    /// The instruction that jumps when `operation` yields `wanted`; nil if it is no comparison.
    init?(_ operation: BinaryOperator, _ wanted: Bool) {
        switch (operation, wanted) {
        case (.equal, true), (.notEqual, false): (register, constant) = (.jumpIfEqual, .jumpIfEqualConstant)
        case (.equal, false), (.notEqual, true):
            (register, constant) = (.jumpIfNotEqual, .jumpIfNotEqualConstant)
        case (.less, true): (register, constant) = (.jumpIfLess, .jumpIfLessConstant)
        case (.less, false): (register, constant) = (.jumpIfNotLess, .jumpIfNotLessConstant)
        case (.lessOrEqual, true): (register, constant) = (.jumpIfLessOrEqual, .jumpIfLessOrEqualConstant)
        case (.lessOrEqual, false):
            (register, constant) = (.jumpIfNotLessOrEqual, .jumpIfNotLessOrEqualConstant)
        case (.greater, true): (register, constant) = (.jumpIfGreater, .jumpIfGreaterConstant)
        case (.greater, false): (register, constant) = (.jumpIfNotGreater, .jumpIfNotGreaterConstant)
        case (.greaterOrEqual, true):
            (register, constant) = (.jumpIfGreaterOrEqual, .jumpIfGreaterOrEqualConstant)
        case (.greaterOrEqual, false):
            (register, constant) = (.jumpIfNotGreaterOrEqual, .jumpIfNotGreaterOrEqualConstant)
        default: return nil
        }
    }
}
