import ArgumentParser
import Effects
import JobEngine
import Migrations

extension MigrationStatus {
    fileprivate var json: JSON {
        [
            "version": .string(version), "name": .string(name), "state": .string(stateName),
            "applied_at": .time(appliedAt), "applied_by": appliedBy.map(JSON.string) ?? .null,
        ]
    }
}

/// `hypjobs migrate …`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's schema up to date, or look at its history.",
        subcommands: [Up.self, Down.self, Status.self, Verify.self])

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "up", abstract: "Apply the migrations that are pending.",
            discussion:
                "Each runs in a transaction of its own with its row of the history: all of it or nothing.")
        @Option(help: ArgumentHelp("Up to and with this version.", valueName: "version")) var to: String?
        @Flag(help: "Only say what would be done.") var dryRun = false
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, needsTables: false, createsDatabase: true) { workplace in
                    let migrator = try workplace.migrator()
                    guard !dryRun else {
                        let pending = try await migrator.status().filter(\.isPending)
                        MigrateCommand.report(
                            pending.map { ($0.version, $0.name) }, verb: "pending", options, terminal)
                        return
                    }
                    let isQuiet = options.json
                    let applied = try await migrator.up(to: to) { step in
                        guard !isQuiet else { return }
                        let time = Format.duration(step.duration)
                        terminal.print("applied \(step.migration.version) \(step.migration.name) in \(time)")
                    }
                    MigrateCommand.report(
                        applied.map { ($0.version, $0.name) }, verb: "applied", options, terminal,
                        printsRows: false)
                }
            }
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "down",
            abstract: "Take the newest migrations back. Their tables go with everything in them.")
        @Option(help: ArgumentHelp("How many.", valueName: "n")) var steps = 1
        @Flag(help: "Only say what would be done.") var dryRun = false
        @Flag(help: "Do it without asking.") var yes = false
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard steps >= 1 else { throw ValidationError("--steps is at least 1, found \(steps)") }
        }

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, needsTables: false) { workplace in
                    let migrator = try workplace.migrator()
                    let newest = try await migrator.status().filter { $0.appliedAt != nil }.suffix(steps)
                        .reversed()
                    guard !dryRun, !newest.isEmpty else {
                        MigrateCommand.report(
                            newest.map { ($0.version, $0.name) }, verb: "to take back", options, terminal)
                        return
                    }
                    guard yes else {
                        let names = newest.map(\.name).joined(separator: ", ")
                        throw Failure(
                            .usage, CommandCode.needsYes,
                            "This takes back \(names), with all data in their tables",
                            help: "add --yes to do it, --dry-run to look"
                        ).thrown
                    }
                    let reverted = try await migrator.down(steps: steps)
                    MigrateCommand.report(
                        reverted.map { ($0.version, $0.name) }, verb: "taken back", options, terminal)
                }
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show what is applied and what is pending.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, needsTables: false) { workplace in
                    let all = try await workplace.migrator().status()
                    guard !options.json else {
                        terminal.print(JSON.array(all.map(\.json)).prettyText)
                        return
                    }
                    var table = Table([
                        ("VERSION", .left), ("NAME", .left), ("STATE", .left), ("APPLIED", .left),
                        ("BY", .left),
                    ])
                    for status in all {
                        table.add(
                            [
                                status.version, status.name, status.stateName,
                                status.appliedAt?.rfc3339 ?? "", status.appliedBy ?? "",
                            ]
                            .map { Table.Cell($0) })
                    }
                    table.lines(colour: terminal.usesColour).forEach(terminal.print)
                }
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Compare the history with the files; status 6 if they disagree.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, needsTables: false) { workplace in
                    try await workplace.migrator().verify()
                    if options.json {
                        terminal.print(JSON.object([JSON.Member("verified", .bool(true))]).prettyText)
                    } else {
                        terminal.print("the history and the files agree")
                    }
                }
            }
        }
    }

    private static func report(
        _ migrations: [(version: String, name: String)], verb: String, _ options: GlobalOptions,
        _ terminal: Terminal, printsRows: Bool = true
    ) {
        guard !options.json else {
            let rows = migrations.map { row -> JSON in
                ["version": .string(row.version), "name": .string(row.name)]
            }
            let key = verb.replacing(" ", with: "_")
            terminal.print(JSON.object([JSON.Member(key, .array(rows))]).prettyText)
            return
        }
        if printsRows { migrations.forEach { terminal.print("\(verb) \($0.version) \($0.name)") } }
        if migrations.isEmpty { terminal.note("nothing \(verb)") }
    }
}
