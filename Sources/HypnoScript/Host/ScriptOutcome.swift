package import SourceText

/// How a run ended and what it used.
package struct ScriptOutcome: Sendable {
    /// The ways a run can end.
    package enum End: Sendable {
        case finished
        /// `Exit(code)`.
        case exited(code: Int)
        case failed(ScriptFailure)
    }

    package var end: End
    /// The variable `result` at a normal end, else null.
    package var result: ScriptValue
    package var instructions: Int
    package var outputBytes: Int
}

/// Why a script stopped before its end.
package struct ScriptFailure: Error, Sendable {
    /// The classes of §13, and the runner's own.
    package enum Kind: Sendable {
        case syntax, undefined, control, type, runtime, limit, timeout, cancelled, capability
        /// The transaction of the script is lost, for a reason that is not the script's.
        case abandoned
        /// A replayed run asked for something else than the recorded one.
        case diverged
    }

    /// One function under way when the error happened, innermost first; the outermost is the program itself.
    package struct TraceEntry: Sendable {
        package var function: String
        package var position: SourcePosition
        /// The name of the text that the position belongs to.
        package var file: String
    }

    package var kind: Kind
    /// The language's own text, with its class in front: `Runtime error: Index 5 out of bounds`.
    package var message: String
    package var position: SourcePosition?
    package var trace: [TraceEntry]
    /// The text that the position belongs to: the program's own, or that of a module.
    package var source: SourceFile?

    /// What a run may use only so much of.
    package enum Limit: Sendable {
        case instructions, memory, callDepth, output, time
    }

    /// The limit that stopped the run; nil where something else did.
    package var exceeded: Limit? {
        switch (kind, message.split(separator: ": ").last) {
        case (.timeout, _): .time
        case (.limit, "Instruction limit exceeded"): .instructions
        case (.limit, "Memory limit exceeded"): .memory
        case (.limit, "Call depth limit exceeded"): .callDepth
        case (.limit, "Output limit exceeded"): .output
        default: nil
        }
    }

    package init(
        kind: Kind, message: String, position: SourcePosition?, trace: [TraceEntry] = [],
        source: SourceFile? = nil
    ) {
        self.source = source
        self.kind = kind
        self.message = message
        self.position = position
        self.trace = trace
    }
}
