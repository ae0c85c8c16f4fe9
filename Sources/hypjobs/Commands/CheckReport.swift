import HypConfig
import HypnoScript
import JobEngine
import Migrations
import SourceText

/// What a check looked at and found, and what it repaired if that was wanted.
struct CheckReport: Sendable {
    /// What the check is to do.
    struct Task: Sendable {
        var dialect: ScriptDialect
        /// Whether to repair what has one repair.
        var repairs: Bool
        /// Whether to leave the files as they are all the same.
        var isDry: Bool
    }

    private(set) var findings: [Diagnostic] = []
    /// Of the first file that could not be read or written.
    private var trouble: ExitStatus?

    private let task: Task
    private var repairs = Repairs()
    private var configurations = 0
    private var migrations = 0
    private var scripts: [ProgramReport] = []
    /// Whether no files were named: then it is worth saying that there are no programs.
    private let isInstallation: Bool
    /// A configuration that is wrong does not say where the programs are.
    private var knowsPrograms = true

    /// Nil when all is well.
    func status(strict: Bool) -> ExitStatus? {
        if let trouble { return trouble }
        // Only errors are repaired; as long as that is not written, they are still there.
        let isUnwritten = task.isDry && !repairs.all.isEmpty
        return isUnwritten || findings.contains { strict || !$0.isWarning } ? .configuration : nil
    }

    /// The configuration, and the programs that it names.
    init(installation options: GlobalOptions, _ task: Task) throws {
        self.task = task
        isInstallation = true
        configurations = 1
        do {
            let settings = try load(options)
            migrations = settings.migrations.count
            do { try Workplace(settings: settings).migrator().check() } catch let error as MigrationError {
                findings += Failure(error).diagnostics
            }
            let programs = try InputDirectory.scripts(in: settings.jobs.directory)
            checkDirectory(settings.jobs)
            // The programs of an installation are for workers, which load no modules.
            for path in programs { check(path, text: try repairs.text(path), modules: nil) }
            checkDefinitions(settings, programs: programs.map(ScriptFile.name))
        } catch let error as ConfigFailure {
            findings += error.diagnostics
            knowsPrograms = false
        } catch let error as Failure.Thrown where error.failure.status == .configuration {
            findings += error.failure.diagnostics
            knowsPrograms = false
        }
        writeRepairs()
    }

    init(files: [String], _ task: Task) throws {
        self.task = task
        isInstallation = false
        for path in files {
            let text: String
            do { text = try repairs.text(path) } catch {
                // The others are worth a look all the same.
                note(Failure(error))
                continue
            }
            if ConfigDialect.isScript(SourceFile(name: path, text: text)) {
                check(path, text: text, modules: ModuleFolder(of: path))
            } else {
                configurations += 1
                check(configuration: path, text: text)
            }
        }
        writeRepairs()
    }

    private mutating func note(_ failure: Failure) {
        trouble = trouble ?? failure.status
        findings += failure.diagnostics
    }

    private mutating func writeRepairs() {
        guard !task.isDry else { return }
        for failure in repairs.write() { note(failure) }
    }

    // MARK: Configuration

    private mutating func load(_ options: GlobalOptions) throws -> Settings {
        while true {
            do {
                return try Settings.load(options, reading: repairs.configFiles)
            } catch let error as ConfigFailure {
                guard task.repairs, repairs.apply(error.diagnostics) else { throw error }
            }
        }
    }

    private mutating func check(configuration path: String, text: String) {
        var text = text
        while true {
            do {
                return try SettingsLoader.current.check(text: text, file: path)
            } catch {
                guard task.repairs, repairs.apply(error.diagnostics), let repaired = try? repairs.text(path)
                else {
                    findings += error.diagnostics
                    return
                }
                text = repaired
            }
        }
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
            let guess = Spelling.guess(job.script, among: programs)
            findings.append(
                Diagnostic(
                    code: EngineCode.unknownScript,
                    message:
                        "job '\(job.name)' runs '\(job.script)', and \(settings.jobs.directory) has no such "
                        + "program",
                    file: "jobs", help: guess?.question))
        }
    }

    // MARK: Programs

    private mutating func check(_ path: String, text: String, modules: (any ModuleLoader)?) {
        func check(_ text: String) -> ProgramReport {
            ScriptFile.check(SourceFile(name: path, text: text), task.dialect, modules: modules)
        }
        let report = task.repairs ? repairs.apply(to: path, text: text, check: check) : check(text)
        scripts.append(report)
        findings += report.findings
    }
}

// MARK: - Printing

extension CheckReport {
    func print(on terminal: Terminal, json: Bool) {
        guard !json else { return terminal.print(self.json.prettyText) }
        guard !task.isDry else {
            for file in repairs.files { terminal.write(repairs.difference(of: file)) }
            return
        }
        let renderer = DiagnosticRenderer(colour: terminal.usesColourForErrors)
        for finding in findings { terminal.note(renderer.render(finding) + "\n") }
        for repair in repairs.all { terminal.print(repair.line) }
        var parts: [String] = []
        if configurations > 0 { parts.append(Format.count(configurations, "configuration")) }
        if migrations > 0 { parts.append(Format.count(migrations, "migration")) }
        if knowsPrograms, !scripts.isEmpty || parts.isEmpty || isInstallation {
            parts.append(Format.count(scripts.count, "program"))
        }
        let rest = knowsPrograms ? "" : "; the programs are checked once that is right"
        terminal.print("checked \(parts.joined(separator: ", ")): \(verdict)\(rest)")
    }

    private var json: JSON {
        var members = [
            JSON.Member("findings", .array(findings.map(\.json))),
            JSON.Member("configurations", .integer(configurations)),
            JSON.Member("migrations", knowsPrograms ? .integer(migrations) : .null),
            JSON.Member("scripts", knowsPrograms ? .integer(scripts.count) : .null),
            JSON.Member("programs", knowsPrograms ? .array(scripts.map(\.json)) : .null),
        ]
        if task.repairs { members.append(JSON.Member("repairs", .array(repairs.all.map(\.json)))) }
        return .object(members)
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

extension Repairs.Repair {
    /// `repaired FILE:LINE:COLUMN: 'old' to 'new'`, the place being that of the new word.
    fileprivate var line: String {
        let place = replacement.position
        return "repaired \(path):\(place.line):\(place.column): '\(replacement.old)' to '\(replacement.new)'"
    }

    fileprivate var json: JSON {
        [
            "file": .string(path), "line": .integer(replacement.position.line),
            "column": .integer(replacement.position.column), "old": .string(replacement.old),
            "new": .string(replacement.new),
        ]
    }
}
