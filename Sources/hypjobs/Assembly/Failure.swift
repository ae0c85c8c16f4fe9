import Database
import HypConfig
import HypnoScript
import JobEngine
import Migrations
import SourceText

/// What went wrong, in the one shape in which the command line says it: an exit status and diagnostics.
struct Failure {
    let status: ExitStatus
    let diagnostics: [Diagnostic]

    init(_ status: ExitStatus, _ diagnostics: [Diagnostic]) {
        self.status = status
        self.diagnostics = diagnostics
    }

    /// A finding that has no place in a file.
    init(_ status: ExitStatus, _ code: DiagnosticCode, _ message: String, help: String? = nil) {
        self.init(status, [Diagnostic(code: code, message: message, file: "", help: help)])
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure.Thrown: self = failure.failure
        case let error as ConfigFailure: self.init(.configuration, error.diagnostics)
        case let error as JobEngineError: self.init(engine: error)
        case let error as DatabaseError: self.init(database: error)
        case let error as MigrationError: self.init(migration: error)
        case let error as ScriptSyntaxError: self.init(.configuration, [error.diagnostic])
        case is CancellationError:
            self.init(.interrupted, CommandCode.interrupted, "Interrupted")
        default:
            self.init(.environment, CommandCode.unexpected, "\(error)")
        }
    }

    /// Carries a failure through `throws`.
    struct Thrown: Error {
        let failure: Failure
    }

    var thrown: Thrown { Thrown(failure: self) }
}

// MARK: - The errors of the modules

extension Failure {
    private init(engine error: JobEngineError) {
        let own = Diagnostic(
            code: error.code.diagnosticCode, message: error.message, file: "", help: error.help)
        let status: ExitStatus =
            switch error.code {
            case .unknownScript, .unknownExecution: .notFound
            case .scriptArchived, .notPossible, .uniqueKeyInUse: .conflict
            case .invalidScript: .configuration
            case .invalidArguments, .invalidRequest, .unknownTemplate, .invalidBox, .unknownMethod: .usage
            }
        self.init(status, (error.diagnostic.map { [$0] } ?? []) + [own])
    }

    private init(database error: DatabaseError) {
        let status: ExitStatus =
            switch error.code {
            case .busy, .poolTimeout, .serializationFailure, .deadlock, .unknownCommit: .temporary
            case .readOnly, .accessDenied: .notPermitted
            case .timeout: .timeout
            case .cancelled: .interrupted
            case .connectionLost, .cannotConnect, .uniqueViolation, .foreignKeyViolation, .checkViolation,
                .notNullViolation, .diskFull, .corrupt, .syntax, .unknownObject, .closed, .unexpectedValue,
                .resultTooLarge,
                .other:
                .environment
            }
        self.init(
            status,
            [
                Diagnostic(
                    code: error.code.diagnosticCode, message: "\(error)", file: "", help: error.help)
            ])
    }
}

extension Failure {
    private init(migration error: MigrationError) {
        let status: ExitStatus =
            switch error.code {
            case .changed, .missing, .outOfOrder: .integrity
            case .duplicateVersion, .notPortable, .invalidSettings: .configuration
            case .statementFailed: .environment
            case .locked: .conflict
            case .unknownVersion: .notFound
            case .irreversible: .usage
            }
        let help = error.cause.map { "the database says: \($0)" }
        self.init(
            status,
            [Diagnostic(code: error.code.diagnosticCode, message: error.message, file: "", help: help)])
    }
}

// MARK: - Printing

extension Failure {
    func print(to terminal: Terminal, json: Bool) {
        guard !json else {
            let findings = diagnostics.map(\.json)
            terminal.print(
                JSON.object([
                    JSON.Member("exit", .integer(status.rawValue)), JSON.Member("errors", .array(findings)),
                ]).prettyText)
            return
        }
        let renderer = DiagnosticRenderer(colour: terminal.usesColourForErrors)
        for diagnostic in diagnostics { terminal.note(renderer.render(diagnostic)) }
    }
}

extension Diagnostic {
    /// `{"severity":…,"code":…,"message":…,"file":…,"line":…,"column":…,"help":…,
    /// "replacement":{…}}`; members without a value are left out.
    var json: JSON {
        var members = [
            JSON.Member("severity", .string(severity.rawValue)), JSON.Member("code", .string(code.label)),
            JSON.Member("message", .string(message)),
        ]
        if !file.isEmpty { members.append(JSON.Member("file", .string(file))) }
        if let position {
            members.append(JSON.Member("line", .integer(position.line)))
            members.append(JSON.Member("column", .integer(position.column)))
        }
        if let help { members.append(JSON.Member("help", .string(help))) }
        if let replacement { members.append(JSON.Member("replacement", replacement.json)) }
        return .object(members)
    }
}

extension Replacement {
    /// `{"line":…,"column":…,"old":…,"new":…}`.
    var json: JSON {
        [
            "line": .integer(position.line), "column": .integer(position.column), "old": .string(old),
            "new": .string(new),
        ]
    }
}
