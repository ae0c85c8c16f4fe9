import ArgumentParser
import Effects
import JobEngine
import UnixSignals

/// `hypjobs worker`.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Run what is queued.",
        discussion: """
            SIGTERM or Ctrl-C stops claiming and lets running programs end within the grace period; a \
            second one interrupts them and gives their executions back. Nothing is lost either way.

            Examples:
              hypjobs worker -j 8
              hypjobs worker --once          until nothing is due and no retry is waiting
            """)

    @Option(name: [.customShort("j"), .long], help: ArgumentHelp("Programs at one time.", valueName: "n"))
    var slots: Int?
    @Flag(help: "End when nothing is due and no retry is waiting.") var once = false
    @Option(help: ArgumentHelp("Queues to serve, separated by commas.", valueName: "names")) var queues:
        String?
    @Flag(help: "Print each event as a line of JSON, as it happens.") var jsonl = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !jsonl || !options.json else { throw ValidationError("Give --json or --jsonl, not both") }
        guard queues.map({ !WorkerCommand.names(in: $0).isEmpty }) ?? true else {
            throw ValidationError("--queues names at least one queue, found '\(queues ?? "")'")
        }
        for name in queues.map(WorkerCommand.names) ?? [] where !EnqueueRequest.isQueueName(name) {
            throw ValidationError("'\(name)' is no name of a queue")
        }
        guard slots.map({ (1...1000).contains($0) }) ?? true else {
            throw ValidationError("-j is from 1 to 1000, found \(slots ?? 0)")
        }
    }

    mutating func run() async throws {
        try await options.perform { terminal in
            try await Workplace.use(options, for: .serving) { workplace in
                try await WorkerRun(
                    workplace: workplace, terminal: terminal,
                    report: WorkerReport(json: options.json, jsonl: jsonl), slots: slots,
                    queues: queues.map(WorkerCommand.names), once: once
                ).run()
            }
        }
    }

    private static func names(in list: String) -> [String] {
        var names: [String] = []
        for part in list.split(separator: ",") {
            let name = String(part.filter { $0 != " " })
            if !name.isEmpty, !names.contains(name) { names.append(name) }
        }
        return names
    }
}

/// What a worker puts on standard output.
enum WorkerReport {
    /// Nothing: a worker's news go to standard error.
    case none
    /// One document at the end.
    case summary
    /// One line for each event.
    case events

    init(json: Bool, jsonl: Bool) {
        self = jsonl ? .events : json ? .summary : .none
    }
}

/// A worker under the command line: its signals, its progress, its summary.
struct WorkerRun {
    let workplace: Workplace
    let terminal: Terminal
    let report: WorkerReport
    let slots: Int?
    let queues: [String]?
    let once: Bool

    func run() async throws {
        var configuration = workplace.workerConfiguration
        if let slots { configuration.slots = slots }
        if let queues { configuration.queues = queues }
        configuration.stopsWhenIdle = once
        let progress = WorkerProgress(
            terminal: terminal, printsEvents: report == .events, time: workplace.effects.time)
        let worker = Worker(
            store: workplace.store, process: Workplace.process, configuration: configuration,
            observer: progress, news: once ? nil : workplace.settings.news(workplace.effects),
            modules: { ModuleFolder(of: "\($0)/") })
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigpipe)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var isDraining = false
                for await signal in signals {
                    // A closed terminal or pipe is no reason to hurry, however often it says so.
                    let isAsked = signal == .sigterm || signal == .sigint
                    if isDraining, isAsked { worker.hurry() } else { worker.drain() }
                    if isAsked { isDraining = true }
                }
            }
            let summary: WorkerSummary
            do { summary = try await worker.run() } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            if report == .summary { terminal.print(summary.json.prettyText) }
            guard summary.abandoned == 0 else {
                // The one document has said it.
                if report == .summary { throw CommandFailure(.temporary) }
                throw Failure(
                    .temporary, CommandCode.abandoned,
                    "\(Format.count(summary.abandoned, "execution")) could not be recorded or given back",
                    help: "another worker takes them over once the heartbeat timeout has passed"
                ).thrown
            }
        }
    }
}
