/// One finding about a text that somebody wrote: what is wrong, where, and what to do.
package struct Diagnostic: Error, Sendable {
    /// How much a finding matters.
    package enum Severity: String, Sendable {
        case error
        case warning
        case note
    }

    /// How much it matters.
    package var severity: Severity
    /// What kind of problem it is.
    package var code: DiagnosticCode
    /// One line that names the thing, what was expected and what was found.
    package var message: String
    /// The file as the reader of the message knows it; empty when the finding is about no file.
    package var file: String
    /// Where in the file; nil when the finding is about the file as a whole.
    package var position: SourcePosition?
    /// How many scalars to underline, at least one.
    package var length: Int
    /// The line the position is in, for the excerpt.
    package var sourceLine: String?
    /// What to do about it, in one line.
    package var help: String?
    /// What repairs it; nil where that is for people to decide.
    package var replacement: Replacement?

    package init(
        severity: Severity = .error, code: DiagnosticCode, message: String, file: String,
        position: SourcePosition? = nil, length: Int = 1, sourceLine: String? = nil, help: String? = nil,
        replacement: Replacement? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.file = file
        self.position = position
        self.length = max(1, length)
        self.sourceLine = sourceLine
        self.help = help
        self.replacement = replacement
    }

    /// A finding at a place in a text at hand: file name and excerpt come from it.
    package init(
        severity: Severity = .error, code: DiagnosticCode, message: String, in source: SourceFile,
        at position: SourcePosition, length: Int = 1, help: String? = nil, replacement: Replacement? = nil
    ) {
        self.init(
            severity: severity, code: code, message: message, file: source.name, position: position,
            length: length, sourceLine: String(source.line(position.line)), help: help,
            replacement: replacement)
    }

    /// The finding on one line, as compilers and editors exchange it: `FILE:LINE:COL: MESSAGE`.
    package var oneLine: String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}
