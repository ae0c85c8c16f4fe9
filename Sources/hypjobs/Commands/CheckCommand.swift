import ArgumentParser
import HypConfig
import HypnoScript
import JobEngine
import Migrations
import SourceText

/// `hypjobs check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration and all programs, without a database.",
        discussion: """
            Without files: the configuration directory, its migrations, and every program in the jobs \
            directory. With files: those programs and single configuration files. Status 3 when something \
            is wrong. Warnings are about what runs and is probably not meant; they count with --strict \
            only.

            Examples:
              hypjobs check
              hypjobs check jobs/hello.hyp
              hypjobs check --strict --dialect reference lesson.hyp
            """)

    @Argument(help: "Programs or configuration files.", completion: .file(extensions: ["hyp"]))
    var files: [String] = []
    @Flag(help: "Let warnings count as errors.") var strict = false
    @Option(help: "The language of the programs: documented or reference.") var dialect =
        ExecCommand.Dialect.documented
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            let files = files
            let (options, dialect) = (options, dialect.meaning)
            // On a thread with a big stack: programs may nest deeply.
            let report = try await ScriptThread.run {
                files.isEmpty
                    ? try CheckReport(installation: options, dialect)
                    : try CheckReport(files: files, dialect)
            }
            report.print(on: terminal, json: options.json)
            if let status = report.status(strict: strict) { throw CommandFailure(status) }
        }
    }
}

/// What a check looked at and found.
private struct CheckReport: Sendable {
    private(set) var findings: [Diagnostic] = []
    /// Of the first file that could not be read.
    private var unreadable: ExitStatus?

    private let dialect: ScriptDialect
    private var configurations = 0
    private var migrations = 0
    private var scripts: [ProgramReport] = []

    /// Nil when all is well.
    func status(strict: Bool) -> ExitStatus? {
        unreadable ?? (findings.contains { strict || !$0.isWarning } ? .configuration : nil)
    }

    /// The configuration, and the programs that it names.
    init(installation options: GlobalOptions, _ dialect: ScriptDialect) throws {
        self.dialect = dialect
        configurations = 1
        do {
            let settings = try Settings.load(options)
            try Workplace(settings: settings).migrator().check()
            migrations = settings.migrations.count
            let programs = try InputDirectory.scripts(in: settings.jobs.directory)
            checkDirectory(settings.jobs)
            for path in programs { try check(script: path) }
            checkDefinitions(settings, programs: programs.map(ScriptFile.name))
        } catch let error as ConfigFailure {
            findings += error.diagnostics
        } catch let error as MigrationError {
            findings += Failure(error).diagnostics
        } catch let error as Failure.Thrown where error.failure.status == .configuration {
            findings += error.failure.diagnostics
        }
    }

    init(files: [String], _ dialect: ScriptDialect) throws {
        self.dialect = dialect
        for path in files {
            let text: String
            do { text = try InputFile.text(path) } catch {
                // The others are worth a look all the same.
                let failure = Failure(error)
                unreadable = unreadable ?? failure.status
                findings += failure.diagnostics
                continue
            }
            let source = SourceFile(name: path, text: text)
            if ConfigDialect.isScript(source) {
                check(source, modules: ModuleFolder(of: path))
            } else {
                configurations += 1
                do {
                    try SettingsLoader.current.check(text: source.text, file: path)
                } catch {
                    findings += error.diagnostics
                }
            }
        }
    }

    private mutating func check(script path: String) throws {
        // The programs of an installation are for workers, which load no modules.
        check(SourceFile(name: path, text: try InputFile.text(path)), modules: nil)
    }

    private mutating func check(_ script: SourceFile, modules: (any ModuleLoader)?) {
        let report = ScriptFile.check(script, dialect, modules: modules)
        scripts.append(report)
        findings += report.findings
    }

    /// Nobody asked for the default directory; one that was named must be there.
    private mutating func checkDirectory(_ jobs: JobSettings) {
        guard jobs.isDirectoryNamed, !InputDirectory.exists(jobs.directory) else { return }
        findings.append(
            Diagnostic(
                code: CommandCode.missingFile, message: "there is no directory '\(jobs.directory)'",
                file: "jobs", help: "make it, or correct 'directory' in the block 'jobs'"))
    }

    /// A definition's script must lie in the jobs directory, where `hypjobs up` finds it.
    private mutating func checkDefinitions(_ settings: Settings, programs: [String]) {
        for job in settings.jobs.definitions where !programs.contains(job.script) {
            let nearest = Spelling.nearest(job.script, among: programs)
            findings.append(
                Diagnostic(
                    code: EngineCode.unknownScript,
                    message:
                        "job '\(job.name)' runs '\(job.script)', and \(settings.jobs.directory) has no such "
                        + "program",
                    file: "jobs", help: nearest.map { "did you mean '\($0)'?" }))
        }
    }

    func print(on terminal: Terminal, json: Bool) {
        guard !json else {
            terminal.print(
                JSON.object([
                    JSON.Member("findings", .array(findings.map(\.json))),
                    JSON.Member("configurations", .integer(configurations)),
                    JSON.Member("migrations", .integer(migrations)),
                    JSON.Member("scripts", .integer(scripts.count)),
                    JSON.Member("programs", .array(scripts.map(\.json))),
                ]).prettyText)
            return
        }
        let renderer = DiagnosticRenderer(colour: terminal.usesColourForErrors)
        for finding in findings { terminal.note(renderer.render(finding) + "\n") }
        var parts: [String] = []
        if configurations > 0 { parts.append(Format.count(configurations, "configuration")) }
        if migrations > 0 { parts.append(Format.count(migrations, "migration")) }
        parts.append(Format.count(scripts.count, "program"))
        terminal.print("checked \(parts.joined(separator: ", ")): \(verdict)")
    }

    private var verdict: String {
        let warnings = findings.count(where: \.isWarning)
        let errors = findings.count - warnings
        switch (errors, warnings) {
        case (0, 0): return "no findings"
        case (_, 0): return Format.count(errors, "finding")
        case (0, _): return Format.count(warnings, "warning")
        default: return "\(Format.count(errors, "finding")), \(Format.count(warnings, "warning"))"
        }
    }
}

extension ProgramReport {
    /// `{"file":…,"arguments":[…]}`: what the program expects from outside.
    fileprivate var json: JSON {
        ["file": .string(file), "arguments": .array(arguments.map(JSON.string))]
    }
}
