package import SourceText

/// Something that the checker has to say about a program that parses.
package struct ScriptFinding: Sendable, Hashable {
    /// How sure the checker is that the program is wrong.
    package enum Severity: Sendable, Hashable {
        /// Executing the place fails.
        case error
        /// The place does something else than it seems to, or contradicts what the program says about
        /// itself; it runs.
        case warning
    }

    package let severity: Severity
    package let code: DiagnosticCode
    /// One line; the reference's wording where it has one.
    package let message: String
    /// Where, in the main text of the program.
    package let position: SourcePosition
    /// In scalars.
    package let length: Int
    package let help: String?
    /// What repairs it: only for an error, so that no repair changes what a program does that runs.
    package let replacement: Replacement?

    /// The finding for people, with the line it is about.
    package func diagnostic(in source: SourceFile) -> Diagnostic {
        Diagnostic(
            severity: severity == .error ? .error : .warning, code: code, message: message, in: source,
            at: position, length: length, help: help, replacement: replacement)
    }
}

/// What a check found out about one program.
package struct ScriptCheck: Sendable {
    /// In the order of the text.
    package let findings: [ScriptFinding]
    /// The names that the program reads and nothing in it declares: its arguments, in order of appearance.
    package let arguments: [String]
}

/// What the checker takes names for that nothing in the program declares.
package enum UndeclaredNames: Sendable {
    /// Arguments of the job, unless they look like a misspelling of a name that is declared.
    case arguments
    /// Mistakes: the program gets no arguments.
    case mistakes
}
