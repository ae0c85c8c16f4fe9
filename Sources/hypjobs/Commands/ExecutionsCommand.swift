import ArgumentParser
import Effects
import JobEngine

extension ExecutionStatus: ExpressibleByArgument {}

/// `hypjobs executions …`.
struct ExecutionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "executions", abstract: "List, show, watch, cancel and retry executions.",
        subcommands: [List.self, Show.self, Watch.self, Logs.self, Cancel.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List executions, newest first.",
            discussion: """
                Examples:
                  hypjobs executions list --status failed --since 1h
                  hypjobs executions list --script hello --limit 10 --json
                """)

        @Option(help: "Only those in this state; may be given several times.") var status: [ExecutionStatus] =
            []
        @Option(help: "Only those of this program.") var script: String?
        @Option(help: "Only those of this queue.") var queue: String?
        @Option(help: ArgumentHelp("Only those queued since: 30s, 10m, 2h, 7d or a time.", valueName: "time"))
        var since: String?
        @Option(help: "At most so many.") var limit = 50
        @Option(help: ArgumentHelp("Only those before this one: the next page.", valueName: "id")) var before:
            String?
        @Flag(help: "Times as they are instead of relative.") var absolute = false
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit is from 1 to 10000, found \(limit)")
            }
        }

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, for: .looking) { workplace in
                    var filter = ExecutionFilter()
                    filter.statuses = Set(status)
                    filter.script = script
                    filter.queue = queue
                    filter.limit = limit
                    let now = workplace.effects.time.now()
                    filter.since = try since.map { try RequestTime.past($0, now: now) }
                    if let before { filter.before = try await workplace.store.execution(matching: before) }
                    let found = try await workplace.store.executions(filter)
                    if options.json {
                        terminal.print(JSON.array(found.map(\.json)).prettyText)
                    } else {
                        ExecutionTable(rows: found, now: now, isAbsolute: absolute).print(on: terminal)
                        if found.count == limit, let last = found.last {
                            terminal.note("More: --before \(last.id)")
                        }
                    }
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show everything about one execution.",
            discussion: "The first characters of the identifier are enough where they belong to one only.")
        @Argument(help: "The execution.") var id: String
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, for: .looking) { workplace in
                    let id = try await workplace.store.execution(matching: id)
                    let details = try await workplace.store.execution(id)
                    guard !options.json else {
                        terminal.print(details.json.prettyText)
                        return
                    }
                    let view = ExecutionView(
                        details: details, now: workplace.effects.time.now(), terminal: terminal)
                    view.printAll(logs: try await workplace.store.logs(id))
                }
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "watch", abstract: "Follow an execution to its end.")
        @Argument(help: "The execution.") var id: String
        @Flag(help: "End with status 1 if the execution does not complete.") var exitStatus = false
        @Option(help: ArgumentHelp("Give up after so many seconds, with status 124.", valueName: "seconds"))
        var timeout: Int?
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let id = try await workplace.store.execution(matching: id)
                    let waiter = ExecutionWaiter(workplace: workplace, options: options, terminal: terminal)
                    try await waiter.wait(
                        for: id, timeout: timeout.map { .seconds($0) }, setsStatus: exitStatus)
                }
            }
        }
    }

    struct Logs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logs", abstract: "Print what an execution printed.")
        @Argument(help: "The execution.") var id: String
        @Option(help: "Which attempt; all of them by default.") var attempt: Int?
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, for: .looking) { workplace in
                    let id = try await workplace.store.execution(matching: id)
                    let logs = try await workplace.store.logs(id).filter {
                        attempt == nil || $0.attempt == attempt
                    }
                    guard !options.json else {
                        let parts = logs.map { log -> JSON in
                            ["attempt": .integer(log.attempt), "output": .string(log.content)]
                        }
                        terminal.print(JSON.array(parts).prettyText)
                        return
                    }
                    for log in logs {
                        if logs.count > 1 { terminal.note("attempt \(log.attempt)") }
                        terminal.write(log.content)
                    }
                }
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel", abstract: "Cancel executions: what waits never runs, what runs is stopped."
        )
        @Argument(help: "The executions.") var ids: [String]
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await ExecutionsCommand.change(ids, options) { store, id, initiator in
                switch try await store.cancel(id, by: initiator) {
                case .cancelled: "cancelled"
                case .requested: "cancel_requested"
                }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Give executions that have ended another attempt.")
        @Argument(help: "The executions.") var ids: [String]
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await ExecutionsCommand.change(ids, options) { store, id, initiator in
                try await store.retry(id, by: initiator)
                return "queued"
            }
        }
    }

    /// Changes executions one by one and prints the state of each; the first that cannot be changed ends it.
    private static func change(
        _ ids: [String], _ options: GlobalOptions,
        _ body: @escaping (JobStore, UniqueID, Initiator) async throws -> String
    ) async throws {
        try await options.perform { terminal in
            try await Workplace.use(options) { workplace in
                var results: [JSON] = []
                for prefix in ids {
                    let id = try await workplace.store.execution(matching: prefix)
                    let state = try await body(workplace.store, id, workplace.initiator)
                    results.append(["id": .string(id.description), "status": .string(state)])
                    if !options.json { terminal.print("\(state.replacing("_", with: " ")) \(id)") }
                }
                if options.json { terminal.print(JSON.array(results).prettyText) }
            }
        }
    }
}

/// Executions as a table.
struct ExecutionTable {
    let rows: [ExecutionSummary]
    let now: Timestamp
    let isAbsolute: Bool

    func print(on terminal: Terminal) {
        guard !rows.isEmpty else {
            terminal.note("No executions.")
            return
        }
        var table = Table([
            ("STATE", .left), ("EXECUTION", .left), ("SCRIPT", .left), ("ATTEMPT", .right),
            ("DURATION", .right),
            ("QUEUED", .left), ("ERROR", .left),
        ])
        for row in rows {
            let state = row.visibleState(now: now)
            let queued = row.queuedAt.map { isAbsolute ? $0.rfc3339 : Format.relative($0, to: now) }
            let colour = terminal.usesColour
            table.add([
                Table.Cell("\(state.glyph) \(state.rawValue)", style: state.style, colour: colour),
                Table.Cell(row.id.description), Table.Cell(row.script),
                Table.Cell("\(row.countedAttempts)/\(row.maxAttempts)"),
                Table.Cell(row.durationMicroseconds.map { Format.duration(microseconds: $0) } ?? ""),
                Table.Cell(queued ?? ""), Table.Cell(ExecutionTable.short(row.error ?? "")),
            ])
        }
        table.lines(colour: terminal.usesColour).forEach(terminal.print)
    }

    /// The first line of an error, cut to what a row can hold.
    private static func short(_ text: String) -> String {
        let line = text.prefix { $0 != "\n" }
        return line.count > 60 ? line.prefix(59) + "…" : String(line)
    }
}

extension RequestTime {
    /// `30s`, `10m`, `2h`, `7d` back from now, or a time.
    static func past(_ text: String, now: Timestamp) throws -> Timestamp {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count >= 0 {
            let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
            guard !overflow, seconds < 1_000_000_000_000 else { return Timestamp(microseconds: 0) }
            return Timestamp(microseconds: now.microseconds - Int64(seconds) * 1_000_000)
        }
        return try parse(text)
    }
}
