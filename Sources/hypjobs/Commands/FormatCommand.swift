import ArgumentParser
import HypConfig
import HypnoScript
import JobEngine
import SourceText

/// `hypjobs fmt`.
struct FormatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Lay programs and configuration files out.",
        discussion: """
            Rewrites the files with even indentation and blanks; tokens and comments stay what they are. \
            '-' is standard input, whose formatted text goes to standard output. With --check nothing is \
            written, and status 3 says that a file would change. A file that does not parse is reported and \
            left alone.

            Examples:
              hypjobs fmt jobs/*.hyp config/*.hyp
              hypjobs fmt --check jobs/*.hyp
            """)

    @Argument(help: "Programs and configuration files.", completion: .file(extensions: ["hyp"]))
    var files: [String]
    @Flag(help: "Only say which files would change.") var check = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !files.contains("-") || files.count == 1 else {
            throw ValidationError("'-' is standard input and stands alone")
        }
    }

    mutating func run() async throws {
        try await options.perform { terminal in
            let (files, check) = (files, check)
            // On a thread with a big stack: programs may nest deeply.
            let report = try await ScriptThread.run { FormatReport(files, writes: !check) }
            report.print(on: terminal, check: check, json: options.json)
            if let status = report.status(check: check) { throw CommandFailure(status) }
        }
    }
}

/// What formatting did to some files.
private struct FormatReport: Sendable {
    private var changed: [String] = []
    private var unchanged = 0
    private var findings: [Diagnostic] = []
    /// Of the first file that could not be read or written.
    private var trouble: ExitStatus?
    /// What becomes of standard input.
    private var filtered: String?

    init(_ files: [String], writes: Bool) {
        for file in files {
            do {
                let text = try InputFile.text(file)
                let formatted = try Self.format(SourceFile(name: file, text: text))
                if file == "-" { filtered = formatted }
                if formatted.utf8.elementsEqual(text.utf8) {
                    unchanged += 1
                } else {
                    if writes, file != "-" { try RewrittenFile.write(formatted, to: file) }
                    changed.append(file)
                }
            } catch {
                // The others are formatted all the same.
                let failure = Failure(error)
                findings += failure.diagnostics
                if failure.status != .configuration { trouble = trouble ?? failure.status }
            }
        }
    }

    private static func format(_ source: SourceFile) throws -> String {
        ConfigDialect.isScript(source)
            ? try ScriptFormatter.format(source) : try ConfigFormatter.format(source)
    }

    func status(check: Bool) -> ExitStatus? {
        if let trouble { return trouble }
        return !findings.isEmpty || check && !changed.isEmpty ? .configuration : nil
    }

    func print(on terminal: Terminal, check: Bool, json: Bool) {
        guard !json else {
            var members = [
                JSON.Member("changed", .array(changed.map(JSON.string))),
                JSON.Member("unchanged", .integer(unchanged)),
                JSON.Member("findings", .array(findings.map(\.json))),
            ]
            if let filtered { members.append(JSON.Member("text", .string(filtered))) }
            terminal.print(JSON.object(members).prettyText)
            return
        }
        let renderer = DiagnosticRenderer(colour: terminal.usesColourForErrors)
        for finding in findings { terminal.note(renderer.render(finding) + "\n") }
        if let filtered, !check { return terminal.write(filtered) }
        for file in changed { terminal.print("\(check ? "would format" : "formatted") \(file)") }
        let count = changed.count + unchanged
        if changed.isEmpty, findings.isEmpty {
            terminal.print("\(Format.count(count, "file")): nothing to do")
        }
    }
}
