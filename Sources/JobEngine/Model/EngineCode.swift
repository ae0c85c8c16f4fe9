package import SourceText

/// The codes of what the engine refuses.
package enum EngineCode {
    package static let unknownScript = DiagnosticCode(
        4001, "unknown script",
        """
        No script of this name or version is in the store. `hypjobs script list` shows what is there, \
        `hypjobs script add FILE.hyp` adds a program under its file's name.
        """)
    package static let scriptArchived = DiagnosticCode(
        4002, "script archived",
        "Executions of an archived script cannot be enqueued. Adding the script again brings it back.")
    package static let invalidScript = DiagnosticCode(
        4003, "script that cannot be added",
        """
        The source does not parse, or a step of the template `createScript` refused it. The message, and the \
        diagnostic before it, say where and why.
        """)
    package static let unknownExecution = DiagnosticCode(
        4004, "unknown execution",
        """
        No execution has this identifier. The first characters are enough where they belong to one execution \
        only; `hypjobs executions list` shows the newest.
        """)
    package static let notPossible = DiagnosticCode(
        4005, "not possible in this state",
        """
        What has ended cannot be cancelled, and only what has ended can be retried. `hypjobs executions \
        show` tells the state.
        """)
    package static let uniqueKeyInUse = DiagnosticCode(
        4006, "unique key in use",
        """
        Another execution with the same unique key is waiting or running. The key becomes free when that one \
        ends.
        """)
    package static let invalidArguments = DiagnosticCode(
        4007, "arguments that are not JSON",
        """
        The arguments of an execution are one JSON object. On the command line `name=value` gives a single \
        one: the value is read as JSON where it is JSON, and as text otherwise.
        """)
    package static let invalidRequest = DiagnosticCode(
        4008, "request that cannot be enqueued", "A field of the request has a value outside its range.")
    package static let unknownTemplate = DiagnosticCode(
        4009, "unknown template",
        """
        Executions run through a transaction template of the configuration (block `transactions`, \
        `templates`) that runs a script; `executeScript` is the usual one.
        """)

    package static let invalidBox = DiagnosticCode(
        4011, "rule of a box that does not hold",
        """
        A box says what a script may do and use. `hypjobs script box NAME` shows it; --allow and --deny take \
        the names of capabilities, --limit takes instructions, memory_bytes, call_depth, output_bytes and \
        seconds. Directories are absolute paths.
        """)

    package static let unknownMethod = DiagnosticCode(
        4012, "unknown method of a repository",
        """
        Repositories stand in the block `repositories` of the configuration, each with its methods: a \
        statement, the names of its parameters and what it gives back. `hypjobs repo list` shows them.
        """)

    package static let all = [
        unknownScript, scriptArchived, invalidScript, unknownExecution, notPossible, uniqueKeyInUse,
        invalidArguments, invalidRequest, unknownTemplate, invalidBox,
        unknownMethod,
    ]
}

extension JobEngineError.Code {
    package var diagnosticCode: DiagnosticCode {
        switch self {
        case .unknownScript: EngineCode.unknownScript
        case .scriptArchived: EngineCode.scriptArchived
        case .invalidScript: EngineCode.invalidScript
        case .unknownExecution: EngineCode.unknownExecution
        case .notPossible: EngineCode.notPossible
        case .uniqueKeyInUse: EngineCode.uniqueKeyInUse
        case .invalidArguments: EngineCode.invalidArguments
        case .invalidRequest: EngineCode.invalidRequest
        case .invalidBox: EngineCode.invalidBox
        case .unknownMethod: EngineCode.unknownMethod
        case .unknownTemplate: EngineCode.unknownTemplate
        }
    }
}
