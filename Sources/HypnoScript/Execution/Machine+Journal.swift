import SourceText

/// As `native`, for a builtin whose result depends on the world outside, or that changes it: a recording
/// host gets to know what it came to, a replaying one says so in its place.
@inline(__always)
func external(
    _ machine: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer, _ count: Int,
    _ body: (BuiltinCall) throws(Raised) -> Value
) -> UInt64 {
    native(machine, arguments, count) { call throws(Raised) in
        guard let journal = call.machine.pointee.host.journal else { return try body(call) }
        return try call.journaled(in: journal, body)
    }
}

extension BuiltinCall {
    @inline(never)
    fileprivate func journaled(
        in journal: ScriptJournal, _ body: (BuiltinCall) throws(Raised) -> Value
    ) throws(Raised) -> Value {
        let digest = try digestOfArguments()
        if journal.isReplay {
            return try made(try replayed(name, digest, in: journal))
        }
        do throws(Raised) {
            let value = try body(self)
            record(.value(try outside(value)), of: name, digest, in: journal)
            return value
        } catch {
            if case .failure(let failure)? = machine.pointee.stop, failure.isCatchable {
                let isOfCapability = failure.kind == .capability
                record(
                    .refusal(isOfCapability: isOfCapability, failure.text), of: name, digest, in: journal)
            } else if case .failure(let failure)? = machine.pointee.stop,
                let end = ScriptJournal.End(failure.kind)
            {
                record(.end(end, failure.text), of: name, digest, in: journal)
            }
            throw error
        }
    }

    /// What the host's function says, or said when the run was recorded.
    func observed(
        _ function: String, _ body: () throws(Raised) -> ScriptValue
    ) throws(Raised) -> ScriptValue {
        guard let journal = machine.pointee.host.journal else { return try body() }
        if journal.isReplay { return try replayed(function, 0, in: journal) }
        let value = try body()
        record(.value(value), of: function, 0, in: journal)
        return value
    }

    private func replayed(
        _ function: String, _ digest: UInt64, in journal: ScriptJournal
    ) throws(Raised) -> ScriptValue {
        guard let entry = journal.take() else {
            if journal.endsByTime { throw raise(.timeout, "Time limit exceeded") }
            throw raise(.diverged, "'\(function)' was not asked for in the recorded run, which ended before")
        }
        guard entry.function == function else {
            throw raise(
                .diverged,
                "'\(function)' was not asked for in the recorded run, but '\(entry.function)' in line "
                    + "\(entry.line)"
            )
        }
        guard entry.arguments == digest else {
            throw raise(
                .diverged,
                "'\(function)' had other arguments in the recorded run, where line \(entry.line) asked for it"
            )
        }
        switch entry.outcome {
        case .value(let value): return value
        case .refusal(let isOfCapability, let text):
            throw raise(isOfCapability ? .capability : .runtime, text)
        case .end(let end, let text): throw raise(end.kind, text)
        }
    }

    private func record(
        _ outcome: ScriptJournal.Outcome, of function: String, _ digest: UInt64, in journal: ScriptJournal
    ) {
        journal.record(
            ScriptJournal.Entry(
                function: function, arguments: digest, outcome: outcome, line: machine.pointee.line))
    }

    /// A value as the world outside gets it.
    func outside(_ value: Value) throws(Raised) -> ScriptValue {
        guard let result = machine.pointee.exported(value) else { throw .raised }
        return result
    }

    /// A value of the script for one from outside.
    func made(_ value: ScriptValue) throws(Raised) -> Value {
        guard let value = machine.pointee.makeValue(value) else {
            throw outOfMemory()
        }
        return value
    }

    /// What kind each argument is, and how it is printed.
    private func digestOfArguments() throws(Raised) -> UInt64 {
        var hash = SipHash()
        var text = TextBuilder(self)
        for position in 0..<count {
            let value = arguments[position]
            text.removeAll()
            try text.append(value.has(.string) ? 1 : value.isNumber ? 2 : 3)
            try text.append(printed: value)
            let bytes = text.bytes
            try inParts(of: bytes.count) { hash.append(bytes.part($0)) }
            hash.append(0xFF)
        }
        return hash.finish()
    }
}

extension ScriptJournal.End {
    init?(_ kind: ScriptFailure.Kind) {
        switch kind {
        case .limit: self = .limit
        case .timeout: self = .timeout
        case .cancelled: self = .cancelled
        case .abandoned: self = .abandoned
        case .syntax, .undefined, .control, .type, .runtime, .capability, .diverged: return nil
        }
    }

    var kind: ScriptFailure.Kind {
        switch self {
        case .limit: .limit
        case .timeout: .timeout
        case .cancelled: .cancelled
        case .abandoned: .abandoned
        }
    }
}

extension Machine {
    /// The line of the call under way, 0 where it is not known.
    var line: Int {
        var line = 0
        forEachFrame { number, position, _ in
            let prototype = program.prototypes[number]
            guard !prototype.isLibrary, let offset = program.offset(at: position) else { return true }
            line = program.sources.position(of: offset).line
            return false
        }
        return line
    }
}
