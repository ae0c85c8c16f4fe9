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
            is wrong.

            Examples:
              hypjobs check
              hypjobs check jobs/hello.hyp
            """)

    @Argument(help: "Programs or configuration files.", completion: .file(extensions: ["hyp"]))
    var files: [String] = []
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            let files = files
            let options = options
            // On a thread with a big stack: programs may nest deeply.
            let report = try await ScriptThread.run {
                files.isEmpty ? try CheckReport(installation: options) : try CheckReport(files: files)
            }
            report.print(on: terminal, json: options.json)
            if let status = report.status { throw CommandFailure(status) }
        }
    }
}

/// What a check looked at and found.
private struct CheckReport: Sendable {
    private(set) var findings: [Diagnostic] = []
    /// Of the first file that could not be read.
    private var unreadable: ExitStatus?

    /// Nil when all is well.
    var status: ExitStatus? { unreadable ?? (findings.isEmpty ? nil : .configuration) }

    private var configurations = 0
    private var migrations = 0
    private var scripts = 0

    /// The configuration, and the programs that it names.
    init(installation options: GlobalOptions) throws {
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

    init(files: [String]) throws {
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
                check(source)
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
        check(SourceFile(name: path, text: try InputFile.text(path)))
    }

    private mutating func check(_ script: SourceFile) {
        scripts += 1
        if let finding = ScriptFile.finding(in: script) { findings.append(finding) }
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
                    JSON.Member("scripts", .integer(scripts)),
                ]).prettyText)
            return
        }
        let renderer = DiagnosticRenderer(colour: terminal.usesColourForErrors)
        for finding in findings { terminal.note(renderer.render(finding) + "\n") }
        var parts: [String] = []
        if configurations > 0 { parts.append(Format.count(configurations, "configuration")) }
        if migrations > 0 { parts.append(Format.count(migrations, "migration")) }
        parts.append(Format.count(scripts, "program"))
        let verdict = findings.isEmpty ? "no findings" : Format.count(findings.count, "finding")
        terminal.print("checked \(parts.joined(separator: ", ")): \(verdict)")
    }
}
