/// Ways out of constructs by a jump, and errors that lead somewhere.
extension Generator {
    /// `snap` or `sink`.
    mutating func leaveLoop(_ way: (Int) -> CodeExit, _ outside: String) {
        guard let loop = code.loops.indices.last else { return fail(.control, outside) }
        leave(way(loop), with: nil)
    }

    /// `awaken`: out of the function, and outside of functions out of the innermost block.
    mutating func awaken(_ value: ExpressionID?) {
        if code.isMain {
            guard let block = code.blocks.indices.last else { return failReturn(value) }
            withValue(value) { $0.leave(.block(block), with: $1) }
        } else if value == nil, code.finals.isEmpty {
            returnNull()
        } else {
            withValue(value) { $0.leave(.result, with: $1) }
        }
    }

    private mutating func failReturn(_ value: ExpressionID?) {
        let register = code.allocate()
        if let value { evaluate(value, into: register) } else { loadConstant(.null, into: register) }
        code.emit(.failReturn, a: register)
        code.release(to: register)
    }

    private mutating func withValue(_ value: ExpressionID?, _ body: (inout Generator, Int) -> Void) {
        if let value { return withOperand(value, isKept: true, body) }
        let register = code.allocate()
        loadConstant(.null, into: register)
        body(&self, register)
        code.release(to: register)
    }

    /// Jumps out, by way of the `finally` blocks on the way.
    private mutating func leave(_ exit: CodeExit, with value: Int?) {
        let depth = finallyDepth(of: exit)
        guard code.finals.count > depth else { return jump(out: exit, with: value) }
        let last = code.finals.count - 1
        let frame = code.finals[last]
        if let value { code.emit(.move, a: frame.value, b: value) }
        if let mark = code.mark(from: frame.scopeDepth) { code.emit(.unwind, a: mark) }
        let number = frame.exits.firstIndex(of: exit) ?? frame.exits.count
        if number == frame.exits.count { code.finals[last].exits.append(exit) }
        loadConstant(Value(number: Double(number + FinallyExit.firstExit)), into: frame.state)
        code.emit(.jump, to: frame.start)
    }

    private func finallyDepth(of exit: CodeExit) -> Int {
        switch exit {
        case .snap(let loop), .sink(let loop): code.loops[loop].finallyDepth
        case .block(let block): code.blocks[block].finallyDepth
        case .result: 0
        }
    }

    private mutating func jump(out exit: CodeExit, with value: Int?) {
        switch exit {
        case .snap(let loop): jump(to: code.loops[loop].atSnap, leaving: code.loops[loop].scopeDepth)
        case .sink(let loop): jump(to: code.loops[loop].atSink, leaving: code.loops[loop].scopeDepth)
        case .block(let index):
            let block = code.blocks[index]
            if let target = block.target, let value { code.emit(.move, a: target, b: value) }
            jump(to: block.end, leaving: block.scopeDepth)
        case .result:
            if code.isRecordConstructor {
                returnThis()
            } else if let value {
                emitReturn(value)
            } else {
                returnNull()
            }
        }
    }

    private mutating func jump(to label: Label, leaving scopeDepth: Int) {
        if let mark = code.mark(from: scopeDepth) { code.emit(.unwind, a: mark) }
        code.emit(.jump, to: label)
    }

    /// Runs `body` as a block that `awaken` leaves, where the dialect allows that.
    mutating func leavable(into target: Int?, _ body: (inout Generator) -> Void) {
        guard code.isMain, tree.dialect == .documented else { return body(&self) }
        let end = code.newLabel()
        code.blocks.append(
            BlockExit(
                end: end, target: target, scopeDepth: code.scopes.count, finallyDepth: code.finals.count))
        body(&self)
        code.blocks.removeLast()
        code.place(end)
    }
}

// MARK: Errors

extension Generator {
    /// `try`. What its bodies declare lives on, so the registers taken here are not given back.
    mutating func attempt(_ attempt: Attempt) {
        let error = code.allocate(2)
        let start = code.barrier()
        guard let finally = attempt.finally else { return body(of: attempt, error) }
        code.finals.append(
            FinallyExit(
                start: code.newLabel(), state: code.allocate(), value: code.allocate(),
                scopeDepth: code.scopes.count))
        body(of: attempt, error)
        let end = code.barrier()
        let frame = code.finals.removeLast()
        let atError = code.newLabel()
        loadConstant(.zero, into: frame.state)
        code.emit(.jump, to: frame.start)
        code.place(atError)
        loadConstant(Value(number: 1), into: frame.state)
        code.place(frame.start)
        code.handle(start..<end, at: atError, error: error, keepsFailure: true)
        block(finally)
        goOn(behind: frame, error: error)
    }

    private mutating func body(of attempt: Attempt, _ error: Int) {
        let start = code.barrier()
        block(attempt.body)
        guard let handler = attempt.handler else { return }
        let end = code.barrier()
        let (caught, after) = (code.newLabel(), code.newLabel())
        code.emit(.jump, to: after)
        code.place(caught)
        code.handle(start..<end, at: caught, error: error)
        if let name = attempt.name { declare(name) { $0.code.emit(.move, a: $1, b: error) } }
        block(handler)
        code.place(after)
    }

    /// Behind a `finally` block: as its state says.
    private mutating func goOn(behind frame: FinallyExit, error: Int) {
        let end = code.newLabel()
        jumpIfState(of: frame, is: 0, to: end)
        for (index, exit) in frame.exits.enumerated() {
            let next = code.newLabel()
            let number = parts.constants.index(of: Value(number: Double(index + FinallyExit.firstExit)))
            requireEqual(frame.state, number, otherwise: next)
            leave(exit, with: frame.value)
            code.place(next)
        }
        callInternal(.raiseAgain, with: [error + 1])
        code.place(end)
    }

    private mutating func jumpIfState(of frame: FinallyExit, is state: Double, to label: Label) {
        let register = code.allocate()
        loadConstant(Value(number: state), into: register)
        code.emit(.jumpIfEqual, a: frame.state, b: register, to: label)
        code.release(to: register)
    }

    /// `Try(value, alternative)`: the alternative if the value fails, or is a number that is not finite.
    mutating func tryForm(_ id: ExpressionID, _ arguments: [ExpressionID], into target: Int) {
        guard arguments.count == 2 else {
            code.focus = tree[id].focus
            return fail(.runtime, "Expected 2 arguments, received \(arguments.count)")
        }
        let start = code.nextRegister
        let (error, result) = (code.allocate(), code.allocate())
        let (alternative, end) = (code.newLabel(), code.newLabel())
        let from = code.barrier()
        evaluate(arguments[0], into: result)
        code.handle(from..<code.barrier(), at: alternative, error: error)
        callInternal(.isUsable, with: [result], into: error)
        code.emit(.jumpIfTrue, a: error, to: end)
        code.place(alternative)
        evaluate(arguments[1], into: result)
        code.place(end)
        if target != result { code.emit(.move, a: target, b: result) }
        code.release(to: start)
    }

    /// Calls a function of the library that scripts cannot name.
    mutating func callInternal(_ function: InternalFunction, with arguments: [Int], into target: Int? = nil) {
        let window = code.allocate(max(1, arguments.count))
        for (index, argument) in arguments.enumerated() {
            code.emit(.move, a: window + index, b: argument)
        }
        code.emit(.callBuiltin, a: window, b: arguments.count, wide: BuiltinTable.index(of: function))
        if let target { code.emit(.move, a: target, b: window) }
        code.release(to: window)
    }
}
