import ArgumentParser
import Effects
import JobEngine

/// `hypjobs queues …`: what waits in each queue, and what queues are told.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "Show queues, pause them, and set their limits.",
        discussion: """
            Examples:
              hypjobs queues list
              hypjobs queues pause mail --reason "the relay is down"
              hypjobs queues set mail --max-running 4 --rate 10 --burst 20
              hypjobs queues set mail --rate none
            """, subcommands: [List.self, Pause.self, Resume.self, Set.self, Apply.self],
        defaultSubcommand: nil)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the queues that hold work or were told something.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, for: .looking) { workplace in
                    let view = QueueView(
                        queues: try await workplace.store.queues(), now: workplace.effects.time.now(),
                        terminal: terminal)
                    if options.json { terminal.print(view.json.prettyText) } else { view.print() }
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let no worker claim from a queue; what runs goes on.")
        @Argument(help: "The queue.") var name: String
        @Option(help: ArgumentHelp("Why; everybody who looks reads it.", valueName: "text")) var reason:
            String
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard reason.contains(where: { !$0.isWhitespace }) else {
                throw ValidationError("--reason says why, found ''")
            }
        }

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    try await workplace.store.pause(name, reason: reason, by: workplace.initiator)
                    QueuesCommand.report(name, "paused", changed: true, options, terminal)
                }
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let workers claim from a queue again.")
        @Argument(help: "The queue.") var name: String
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let wasPaused = try await workplace.store.resume(name, by: workplace.initiator)
                    QueuesCommand.report(name, "resumed", changed: wasPaused, options, terminal)
                }
            }
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the limits that the block 'queues' of the configuration states.",
            discussion: "'hypjobs up' does the same. A queue that the block does not name keeps its limits.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let changed = try await workplace.applyQueues()
                    guard !options.json else {
                        let document: JSON = ["changed": .array(changed.map(JSON.string))]
                        terminal.print(document.prettyText)
                        return
                    }
                    changed.forEach { terminal.print("limits of queue \($0) set") }
                    if changed.isEmpty { terminal.note("the queues have these limits already") }
                }
            }
        }
    }

    /// Says what was done to a queue, or that nothing was to do.
    static func report(
        _ name: String, _ verb: String, changed: Bool, _ options: GlobalOptions, _ terminal: Terminal
    ) {
        if options.json {
            let document: JSON = ["queue": .string(name), "changed": .bool(changed)]
            terminal.print(document.prettyText)
        } else if changed {
            terminal.print("queue \(name) \(verb)")
        } else {
            terminal.note("queue \(name): nothing to change")
        }
    }
}
