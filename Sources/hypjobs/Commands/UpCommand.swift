import ArgumentParser
import JobEngine
import Migrations
import SourceText

/// `hypjobs up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start everything in this process: database, programs, a worker.",
        discussion:
            "Brings the schema up to date, adds what is new or changed in the jobs folder unless the "
            + "check finds an error in it, sets the limits of the block 'queues', and works until Ctrl-C."
    )

    @Option(name: [.customShort("j"), .long], help: ArgumentHelp("Programs at one time.", valueName: "n"))
    var slots: Int?
    @Flag(help: "End when nothing is due and no retry is waiting.") var once = false
    @Flag(help: "Add programs that parse, whatever else the check finds.") var unchecked = false
    @Flag(help: "Print each event as a line of JSON, as it happens.") var jsonl = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !jsonl || !options.json else { throw ValidationError("Give --json or --jsonl, not both") }
        guard slots.map({ (1...1000).contains($0) }) ?? true else {
            throw ValidationError("-j is from 1 to 1000, found \(slots ?? 0)")
        }
    }

    mutating func run() async throws {
        try await options.perform { terminal in
            try await Workplace.use(options, needsTables: false, createsDatabase: true) { workplace in
                let applied = try await workplace.migrator().up()
                terminal.note(
                    "database  \(workplace.settings.databaseName), "
                        + (applied.isEmpty
                            ? "up to date" : "\(Format.count(applied.count, "migration")) applied"))
            }
            try await Workplace.use(options, for: .serving) { workplace in
                try await addScripts(to: workplace, terminal)
                let changed = try await workplace.applyQueues()
                if !changed.isEmpty {
                    terminal.note("queues    limits of \(changed.joined(separator: ", "))")
                }
                try await WorkerRun(
                    workplace: workplace, terminal: terminal,
                    report: WorkerReport(json: options.json, jsonl: jsonl), slots: slots, queues: nil,
                    once: once
                ).run()
            }
        }
    }

    /// Adds what is new or changed, if all of that passes the check of `script add`. What the database has
    /// already was accepted when it was added, perhaps unchecked.
    private func addScripts(to workplace: Workplace, _ terminal: Terminal) async throws {
        let directory = workplace.settings.jobs.directory
        let files = try InputDirectory.scripts(in: directory)
        let known = Dictionary(
            try await workplace.store.scripts().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }
        )
        var news: [SourceFile] = []
        for file in files {
            let name = ScriptFile.name(of: file)
            guard known[name]?.status != "archived" else {
                terminal.note("programs  \(name) is archived and stays so")
                continue
            }
            let source = SourceFile(name: file, text: try InputFile.text(file))
            if known[name].map({ !$0.content.utf8.elementsEqual(source.text.utf8) }) ?? true {
                news.append(source)
            }
        }
        _ = try await ScriptFile.approve(news, unchecked: unchecked, on: terminal)
        var added = 0
        for source in news {
            let addition = try await workplace.store.addScript(
                name: ScriptFile.name(of: source.name), source: source.text, file: source.name,
                by: workplace.initiator)
            if case .unchanged = addition { continue }
            added += 1
        }
        terminal.note("programs  \(Format.count(files.count)) in \(directory), \(added) new or changed")
    }
}
