package import HypnoScript
package import SourceText

/// The codes of errors that happen while a script runs.
package enum RunTimeCode {
    package static let script = DiagnosticCode(
        2101, "run-time error of a script",
        """
        The program did something that the language does not allow: an unknown name, a value of the wrong \
        kind, an index outside an array. The line is where it happened; variables are looked up through \
        the callers.
        """)
    package static let limit = DiagnosticCode(
        2201, "limit of a script exceeded",
        """
        The program used more than its box allows: instructions, memory, call depth or output. The \
        message names the limit and where it was set. `hypjobs script box NAME --limit name=value` raises it \
        for one program, the block `worker { limits { … } }` of the configuration for all.
        """)
    package static let capability = DiagnosticCode(
        2202, "capability refused",
        """
        The program asked for something that its host does not grant, for example files or the \
        environment. Workers grant output, clock and random numbers, and more to programs that were given \
        it: `hypjobs script box NAME --allow …`, or the block `scripts`. `hypjobs exec` grants everything \
        but the database.
        """)
    package static let timeout = DiagnosticCode(
        2203, "time is over",
        """
        The attempt took longer than the `timeout` of its transaction template, or than `seconds` in the \
        block `worker { limits { … } }`, whichever is shorter.
        """)
    package static let attempt = DiagnosticCode(
        4010, "attempt that failed outside its script",
        """
        The database refused a step, the worker died, or the configuration no longer fits the execution. The \
        message says which.
        """)

    package static let all = [script, limit, capability, timeout, attempt]

    package static func code(for kind: ScriptFailure.Kind) -> DiagnosticCode {
        switch kind {
        case .limit: limit
        case .timeout: timeout
        case .capability: capability
        // The program itself parses, or it would not run: a module does not.
        case .syntax: CheckCode.module
        case .undefined, .control, .type, .runtime, .cancelled, .abandoned, .diverged: script
        }
    }
}

extension ExecutionError.Kind {
    package var diagnosticCode: DiagnosticCode {
        switch self {
        case .syntax: SyntaxCode.unexpectedToken
        case .script: RunTimeCode.script
        case .limit: RunTimeCode.limit
        case .capability: RunTimeCode.capability
        case .timeout: RunTimeCode.timeout
        case .database, .configuration, .quarantined, .workerLost: RunTimeCode.attempt
        }
    }
}
