import ArgumentParser
import Effects
import HypnoScript
import JobEngine
import SourceText

/// `hypjobs script …`.
struct ScriptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script", abstract: "Add, list, show and archive the programs that can be run.",
        subcommands: [Add.self, List.self, Show.self, Box.self, Archive.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add programs, or new versions of them.",
            discussion: """
                A program's name is its file's, without '.hyp'. A name that exists gets a new version, \
                unless the text is the same; executions keep the version that they were enqueued with. \
                Either all of the programs parse or none is added.

                Examples:
                  hypjobs script add jobs/*.hyp
                  hypjobs script add jobs/report.hyp --allow files=data --limit seconds=30
                """)

        @Argument(help: "The programs' files.", completion: .file(extensions: ["hyp"])) var files: [String]
        @Option(help: "Another name than the file's; for one file only.") var name: String?
        @OptionGroup var box: BoxOptions
        @Flag(help: "Add what parses, whatever else the check finds.") var unchecked = false
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard name == nil || files.count == 1 else {
                throw ValidationError("--name goes with one file, found \(files.count)")
            }
        }

        mutating func run() async throws {
            try await options.perform { terminal in
                let rules = try box.rules()
                let sources = try files.map { SourceFile(name: $0, text: try InputFile.text($0)) }
                let reports = try await ScriptFile.approve(
                    sources, unchecked: unchecked, on: options.json ? nil : terminal)
                try await Workplace.use(options) { workplace in
                    var results: [JSON] = []
                    for (source, report) in zip(sources, reports) {
                        let name = name ?? ScriptFile.name(of: source.name)
                        let addition = try await workplace.store.addScript(
                            name: name, source: source.text, file: source.name, box: rules,
                            by: workplace.initiator)
                        results.append(addition.json(name: name, findings: report.findings))
                        if !options.json { terminal.print(addition.line(name: name)) }
                    }
                    if options.json { terminal.print(JSON.array(results).prettyText) }
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the programs.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let scripts = try await workplace.store.scripts()
                    guard !options.json else {
                        terminal.print(JSON.array(scripts.map { $0.json(source: false) }).prettyText)
                        return
                    }
                    guard !scripts.isEmpty else {
                        terminal.note("No programs yet. Add some: hypjobs script add FILE.hyp")
                        return
                    }
                    var table = Table([
                        ("SCRIPT", .left), ("VERSION", .right), ("STATUS", .left), ("UPDATED", .left),
                    ])
                    let now = workplace.effects.time.now()
                    for script in scripts {
                        let updated = script.updatedAt.map { Format.relative($0, to: now) } ?? ""
                        table.add(
                            [script.name, String(script.version), script.status, updated].map {
                                Table.Cell($0)
                            })
                    }
                    table.lines(colour: terminal.usesColour).forEach(terminal.print)
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print a program's source.")
        @Argument(help: "The program's name.") var name: String
        @Option(help: "Which version; the newest by default.") var version: Int?
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let script = try await workplace.store.script(name, version: version)
                    if options.json {
                        terminal.print(script.json(source: true).prettyText)
                    } else {
                        terminal.write(script.content)
                    }
                }
            }
        }
    }

    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "archive", abstract: "Take a program out of use; what is enqueued still runs.")
        @Argument(help: "The program's name.") var name: String
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    try await workplace.store.archiveScript(name, by: workplace.initiator)
                    if options.json {
                        terminal.print(JSON.object([JSON.Member("archived", .string(name))]).prettyText)
                    } else {
                        terminal.print("archived \(name)")
                    }
                }
            }
        }
    }
}

/// Programs as files.
enum ScriptFile {
    /// The file's name without folders and without `.hyp`.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".hyp") ? String(file.dropLast(4)) : file
    }

    /// What is to be said about a program: its syntax error, or all that the checker finds.
    ///
    /// - Parameter modules: what `mindLink` finds; nil as in a worker, which loads none.
    static func check(
        _ source: SourceFile, _ dialect: ScriptDialect = .documented, modules: (any ModuleLoader)?
    ) -> ProgramReport {
        do {
            let check = try Checker.check(source, dialect: dialect, modules: modules)
            return ProgramReport(
                file: source.name, findings: check.findings.map { $0.diagnostic(in: source) },
                arguments: check.arguments)
        } catch {
            return ProgramReport(file: source.name, findings: [error.diagnostic], arguments: [])
        }
    }
}

extension ScriptFile {
    /// Checks programs that are to be added to the database, and refuses them all if one has an error.
    ///
    /// - Parameters:
    ///   - unchecked: whether what parses is good enough.
    ///   - terminal: where the findings of programs that are not refused are shown; nil for nowhere.
    static func approve(
        _ sources: [SourceFile], unchecked: Bool, on terminal: Terminal?
    ) async throws -> [ProgramReport] {
        // On a thread with a big stack: programs may nest deeply.
        let reports = try await ScriptThread.run { sources.map { check($0, modules: nil) } }
        let findings = reports.flatMap(\.findings)
        let errors = findings.filter { finding in
            !finding.isWarning && !(unchecked && CheckCode.all.contains(finding.code))
        }
        guard errors.isEmpty else { throw Failure(.configuration, findings).thrown }
        if let terminal {
            let renderer = DiagnosticRenderer(colour: terminal.usesColourForErrors)
            for finding in findings { terminal.note(renderer.render(finding) + "\n") }
        }
        return reports
    }
}

/// The findings of one program.
struct ProgramReport: Sendable {
    let file: String
    let findings: [Diagnostic]
    /// The names that it expects from outside.
    let arguments: [String]
}

extension Diagnostic {
    /// Whether the finding is no more than advice.
    var isWarning: Bool { severity != .error }
}

extension ScriptAddition {
    fileprivate func line(name: String) -> String {
        switch self {
        case .created: "added \(name), version 1"
        case .newVersion(_, let version): "added \(name), version \(version)"
        case .unchanged(_, let version): "unchanged \(name), version \(version)"
        }
    }

    fileprivate func json(name: String, findings: [Diagnostic]) -> JSON {
        let (id, version, isNew) =
            switch self {
            case .created(let id): (id, 1, true)
            case .newVersion(let id, let version): (id, version, true)
            case .unchanged(let id, let version): (id, version, false)
            }
        return [
            "name": .string(name), "id": .string(id.description), "version": .integer(version),
            "added": .bool(isNew), "findings": .array(findings.map(\.json)),
        ]
    }
}

extension ScriptRecord {
    fileprivate func json(source: Bool) -> JSON {
        var members = [
            JSON.Member("name", .string(name)), JSON.Member("id", .string(id.description)),
            JSON.Member("version", .integer(version)), JSON.Member("status", .string(status)),
            JSON.Member("created_at", createdAt.map { .string($0.rfc3339) } ?? .null),
            JSON.Member("updated_at", updatedAt.map { .string($0.rfc3339) } ?? .null),
        ]
        if source { members.append(JSON.Member("source", .string(content))) }
        return .object(members)
    }
}
