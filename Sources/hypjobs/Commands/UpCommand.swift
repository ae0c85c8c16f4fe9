import ArgumentParser
import JobEngine
import Migrations

/// `hypjobs up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start everything in this process: database, programs, a worker.",
        discussion:
            "Brings the schema up to date, adds what is new or changed in the jobs folder, sets the limits "
            + "of the block 'queues', and works until Ctrl-C."
    )

    @Option(name: [.customShort("j"), .long], help: ArgumentHelp("Programs at one time.", valueName: "n"))
    var slots: Int?
    @Flag(help: "End when nothing is due and no retry is waiting.") var once = false
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

    private func addScripts(to workplace: Workplace, _ terminal: Terminal) async throws {
        let directory = workplace.settings.jobs.directory
        var added = 0
        let files = try InputDirectory.scripts(in: directory)
        let archived = Set(
            try await workplace.store.scripts().filter { $0.status == "archived" }.map(\.name))
        for file in files {
            guard !archived.contains(ScriptFile.name(of: file)) else {
                terminal.note("programs  \(ScriptFile.name(of: file)) is archived and stays so")
                continue
            }
            let addition = try await workplace.store.addScript(
                name: ScriptFile.name(of: file), source: try InputFile.text(file), file: file,
                by: workplace.initiator)
            if case .unchanged = addition { continue }
            added += 1
        }
        terminal.note("programs  \(Format.count(files.count)) in \(directory), \(added) new or changed")
    }
}
