import SourceText

extension Checker {
    mutating func block(_ block: Block) {
        for statement in block.statements { self.statement(statement) }
    }

    mutating func statement(_ id: StatementID) {
        let start = tree[id].start
        switch tree[id].kind {
        case .declare(let declaration): declare(declaration, at: start)
        case .anchor(let name, let value): assign(name, expression(value), at: start)
        case .function(let function):
            declare(tree[function].name, as: .function(function))
            self.function(function)
        case .session(let session): self.session(session)
        case .record(let record): self.record(record)
        case .conditional(let branches, let otherwise):
            for branch in branches {
                condition(branch.condition, of: "If")
                block(branch.body)
            }
            if let otherwise { block(otherwise) }
        case .whileLoop(let condition, let body): whileLoop(condition, body)
        case .loop(let header, let body): loop(header, body)
        case .snap: jump("Break", at: start)
        case .sink: jump("Continue", at: start)
        case .suspend: break
        case .awaken(let value): awaken(value, at: start)
        case .oscillate(let operand): oscillate(operand)
        case .output(_, let value): expression(value)
        case .expression(let value):
            callStatement = start
            expression(value, isUsed: false)
        case .block(let body):
            let outer = context
            context.isInEntrance = tree.dialect == .documented
            block(body)
            context.isInEntrance = outer.isInEntrance
        default: documentedStatement(tree[id].kind, at: start)
        }
    }

    // MARK: Findings

    /// Reports what is certain to fail; where errors are caught, failing may be the purpose.
    ///
    /// - Parameter types: what it follows from; annotations alone make nothing certain.
    mutating func fail(
        _ code: DiagnosticCode, _ message: String, because types: StaticType..., at start: SourceOffset,
        length: Int? = nil, help: String? = nil, guess: Spelling.Guess? = nil
    ) {
        guard isReporting else { return }
        let isCertain = !context.isCaught && !types.contains(where: \.isClaimed)
        reports.add(
            isCertain ? .error : .warning, code, message, at: start, length: length, help: help, guess: guess)
    }

    /// Reports what runs and is probably not meant.
    mutating func warn(
        _ code: DiagnosticCode, _ message: String, at start: SourceOffset, length: Int? = nil,
        help: String? = nil, guess: Spelling.Guess? = nil
    ) {
        guard isReporting else { return }
        reports.add(.warning, code, message, at: start, length: length, help: help, guess: guess)
    }

    // MARK: Variables

    /// Declares a name in the scope that is innermost here.
    mutating func declare(
        _ name: Symbol, constant: Bool = false, as type: StaticType, annotation: Symbol? = nil,
        isShared: Bool = false
    ) {
        names.declare(
            name, in: isShared ? CheckContext.global : context.function, constant: constant, as: type,
            annotation: annotation.map(self.type(written:)))
        if !isShared { context.whileBody?.insert(name) }
    }

    private mutating func declare(_ declaration: VariableDeclaration, at start: SourceOffset) {
        let name = declaration.name
        var type = StaticType.unknown
        if let value = declaration.value {
            let outerWatch = watch
            watch = (name, false)
            type = expression(value)
            if let body = context.whileBody, watch?.isSeen == true, !body.contains(name),
                !declaration.isShared
            {
                let text = tree.names[name]
                warn(
                    CheckCode.newInEveryPass, "'\(text)' is declared anew in every pass of 'while'",
                    at: start, help: "without the first word this changes the outer one: \(text) = …")
            }
            watch = outerWatch
        } else if declaration.isConstant {
            warn(
                CheckCode.assignment, "Constant variable '\(tree.names[name])' must be initialized",
                at: tree.source.offset(ofWord: tree.names[name], from: start))
        }
        declare(
            name, constant: declaration.isConstant, as: type, annotation: declaration.annotation,
            isShared: declaration.isShared)
        let expected = declaration.annotation.map { self.type(written: $0) } ?? .unknown
        if let value = declaration.value, !type.fits(expected) {
            warn(
                CheckCode.typeMismatch,
                "Type mismatch for variable '\(tree.names[name])': expected \(text(expected)), "
                    + "got \(text(type))", at: tree[value].start)
        }
    }

    /// An assignment to a variable, which is made if it does not exist.
    mutating func assign(_ name: Symbol, _ type: StaticType, at start: SourceOffset) {
        names.assign(name, type)
        guard isReporting else { return }
        let text = tree.names[name]
        let expected = names.declaredType(of: name, in: context.function)
        if names.isConstant(name) {
            fail(CheckCode.assignment, "Cannot reassign constant variable '\(text)'", at: start)
        } else if !type.fits(expected) {
            warn(
                CheckCode.typeMismatch,
                "Cannot assign value of type \(self.text(type)) to variable '\(text)' of type "
                    + self.text(expected), at: start)
        } else if !names.isDeclared(name), !hasUnknownModules, text != HypnoScript.resultName {
            checkAssignment(toUndeclared: name, at: start)
        }
    }

    private mutating func oscillate(_ operand: ExpressionID) {
        guard case .name(let name) = tree[operand].kind else {
            expression(operand)
            let message = "Oscillate requires a variable identifier"
            return fail(CheckCode.assignment, message, at: tree[operand].start)
        }
        let type = read(name, at: tree[operand].start)
        if type.isKnown, type.bare != .boolean {
            fail(
                CheckCode.typeMismatch, "Oscillate target must be boolean, got \(text(type))",
                because: type, at: tree[operand].start)
        } else if names.isConstant(name) {
            fail(
                CheckCode.assignment, "Cannot reassign constant variable '\(tree.names[name])'",
                at: tree[operand].start)
        }
    }

    // MARK: Control

    /// A condition; anything has a truth value, but only a boolean says what is meant.
    mutating func condition(_ id: ExpressionID, of construct: String) {
        let type = expression(id)
        if type.isKnown, type.bare != .boolean {
            warn(
                CheckCode.typeMismatch, "\(construct) condition must be boolean, got \(text(type))",
                at: tree[id].start)
        }
    }

    private mutating func whileLoop(_ condition: ExpressionID, _ body: Block) {
        self.condition(condition, of: "While")
        let outer = context.whileBody
        context.whileBody = []
        inLoop(body)
        context.whileBody = outer
    }

    private mutating func loop(_ header: LoopHeader, _ body: Block) {
        if let initial = header.initial { statement(initial) }
        if let condition = header.condition { self.condition(condition, of: "Loop") }
        inLoop(body)
        if let update = header.update { statement(update) }
    }

    mutating func inLoop(_ body: Block) {
        context.loops += 1
        block(body)
        context.loops -= 1
    }

    private mutating func jump(_ name: String, at start: SourceOffset) {
        guard context.loops == 0 else { return }
        fail(CheckCode.control, "\(name) statement outside of loop", at: start)
    }

    private mutating func awaken(_ value: ExpressionID?, at start: SourceOffset) {
        let type = value.map { expression($0) }
        guard context.function != CheckContext.global else {
            let isDocumentedCase = tree.dialect == .documented && context.cases > 0
            guard !context.isInEntrance, !isDocumentedCase else { return }
            return fail(CheckCode.control, "'awaken' outside of a function", at: start)
        }
        if tree.dialect == .documented, context.cases > 0 {
            warn(
                CheckCode.awakenInCase, "'awaken' ends the function here, not only the case", at: start,
                help: "for the value of the case leave the braces out: => awaken …")
        }
        let function = tree[FunctionID(index: context.function)]
        guard let value, let type, let annotation = function.resultAnnotation else { return }
        let expected = self.type(written: annotation)
        if !type.fits(expected) {
            warn(
                CheckCode.typeMismatch,
                "Return type mismatch: expected \(text(expected)), got \(text(type))", at: tree[value].start)
        }
    }
}

// MARK: - The documented dialect's own

extension Checker {
    private mutating func documentedStatement(_ kind: Statement.Kind, at start: SourceOffset) {
        switch kind {
        case .raise(let value): expression(value)
        case .attempt(let attempt): self.attempt(attempt)
        case .assert(let condition, let message):
            expression(condition)
            if let message { expression(message) }
        case .pause(let value):
            let type = expression(value)
            if !type.mayBecomeNumber {
                fail(
                    CheckCode.typeMismatch, "drift needs a number, got \(text(type))", because: type,
                    at: tree[value].start)
            }
        case .forEach(let name, let container, let body): forEach(name, container, body)
        case .destructure(let targets, let constant, let value):
            destructure(targets, constant, value)
        case .module(let reference, let alias):
            module(reference, at: start)
            if let alias { declare(alias, as: .object) }
        default: break
        }
    }

    private mutating func attempt(_ attempt: Attempt) {
        let outer = context.isCaught
        if attempt.handler != nil { context.isCaught = true }
        block(attempt.body)
        context.isCaught = outer
        if let name = attempt.name { declare(name, as: .unknown) }
        if let handler = attempt.handler { block(handler) }
        if let finally = attempt.finally { block(finally) }
    }

    private mutating func forEach(_ name: Symbol, _ container: ExpressionID, _ body: Block) {
        let type = expression(container)
        var element = StaticType.unknown
        switch type.bare {
        case .array(let known): element = known.asCertain(as: type)
        case .object, .record, .unknown, .unseen: break
        default:
            fail(
                CheckCode.typeMismatch, "Cannot iterate over a value of type \(text(type))",
                because: type, at: tree[container].start, help: "for (x in …) goes through arrays and objects"
            )
        }
        declare(name, as: element)
        inLoop(body)
    }

    private mutating func destructure(_ targets: [Symbol], _ constant: Bool, _ value: ExpressionID) {
        let type = expression(value)
        if type.isKnown, !type.fits(.array(.unknown)) {
            fail(CheckCode.typeMismatch, "Cannot destructure non-array", because: type, at: tree[value].start)
        }
        for name in targets { declare(name, constant: constant, as: .unknown) }
    }

    private mutating func module(_ reference: ModuleReference, at start: SourceOffset) {
        switch reference {
        case .loaded: break
        case .missing(let path), .path(let path):
            fail(CheckCode.module, "Cannot load module '\(path)'", at: start)
        case .faulty(let why):
            fail(CheckCode.module, why, at: start)
        }
    }
}
