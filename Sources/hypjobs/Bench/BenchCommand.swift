import ArgumentParser
import Database
import Effects
import JobEngine
import UnixSignals

/// `hypjobs bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure what this installation's database and machine can do.",
        discussion: """
            Enqueues, drains and picks up executions on the configured database: on PostgreSQL in a schema \
            of its own, which is dropped at the end, on SQLite in a file of its own beside the configured \
            one. Everything is recorded as always. The figures are of this moment: run it more than once, \
            with nothing else on the machine.
            """)

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Executions to drain.", valueName: "n"))
    var executions = 20_000
    @Option(help: ArgumentHelp("Workers, each with its own connections.", valueName: "n")) var workers = 1
    @Option(
        name: [.customShort("j"), .long],
        help: ArgumentHelp("Programs at one time, per worker.", valueName: "n"))
    var slots = 4
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        let ranges = [
            ("--executions", executions, 100...10_000_000), ("--workers", workers, 1...64),
            ("--slots", slots, 1...1000),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw ValidationError(
                "\(name) is from \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
    }

    mutating func run() async throws {
        let options = options
        let size = BenchRun.Size(
            executions: executions, single: max(50, min(500, executions / 20)),
            unbatched: max(100, executions / 10), pickups: max(20, min(200, executions / 100)),
            workers: workers, slots: slots)
        try await options.perform { terminal in
            let settings = try Settings.load(options)
            let place = BenchPlace(settings: settings, ids: Effects.live.ids)
            let figures = try await withRemoval(of: place, terminal) {
                try await place.prepare()
                return try await BenchRun(place: place, size: size) { figure in
                    if !options.json { terminal.print(figure.line) }
                }.run()
            }
            if options.json {
                let report = BenchReport(
                    figures: figures, size: size, database: settings.databaseName,
                    facts: try await facts(of: settings))
                terminal.print(report.json.prettyText)
            }
        }
    }

    private func facts(of settings: Settings) async throws -> [(name: String, value: String)] {
        let workplace = try Workplace(settings: settings, for: .looking)
        let facts = try await TemporarySchema.facts(of: workplace.database)
        await workplace.database.close()
        return facts
    }

    /// Removes what the benchmark has made, also when it fails or is interrupted.
    private func withRemoval<Result: Sendable>(
        of place: BenchPlace, _ terminal: Terminal, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let work = Task { try await body() }
        let watch = Task {
            for await _ in signals {
                terminal.note("stopping; \(place.name) is removed")
                work.cancel()
            }
        }
        let outcome = await work.result
        // In a task of its own: nothing cancels the removal.
        let removal = await Task { try await place.remove() }.result
        watch.cancel()
        let result = try outcome.get()
        try removal.get()
        return result
    }
}
