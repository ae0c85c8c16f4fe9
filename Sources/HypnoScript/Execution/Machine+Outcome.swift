extension Machine {
    /// Runs the program with `execute` and sums up how it ended.
    mutating func outcome(accepting arguments: [(String, ScriptValue)], _ execute: () -> Bool)
        -> ScriptOutcome
    {
        let isFinished: Bool
        if accept(arguments) {
            isFinished = isAllowedToContinue() && run(execute)
        } else {
            _ = failMemory()
            isFinished = false
        }
        let result = isFinished ? result() : nil
        flush()
        return ScriptOutcome(
            end: end(result != nil), result: result ?? .null, instructions: meter.used,
            outputBytes: output.total)
    }

    private func end(_ isFinished: Bool) -> ScriptOutcome.End {
        if isFinished { return .finished }
        switch stop {
        case .exit(let code)?: return .exited(code: code)
        case .failure(let failure)?: return .failed(describe(failure))
        case nil: preconditionFailure("a run that stops says why")
        }
    }

    /// Executes until the program ends or nothing catches an error. The dispatch loop knows no handlers: it
    /// stops at every error, and goes on where `recover` sends it.
    private mutating func run(_ execute: () -> Bool) -> Bool {
        while !execute() {
            guard recover() else { return false }
        }
        return true
    }

    /// A failure known since compilation.
    @inline(never)
    mutating func failStatically(_ index: Int) {
        let failure = program.messages[index]
        _ = raise(failure.kind, failure.text)
    }

    @inline(never)
    mutating func failReturn(_ value: Value) {
        _ = raise(.control, "Return from function: \(text(of: value))")
    }
}
