import ArgumentParser
import Effects
import HypnoScript
import JobEngine
import SourceText

/// `hypjobs replay ID`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Run a recorded execution again, without any effect.",
        discussion: """
            What the run got from outside then, it gets again: the time, random numbers, variables, files, \
            results of the database. Nothing is written and nobody waits. The run has to print the same and \
            to ask for the same in the same order; where it does not, the line is shown, and the status is 6.

            Runs are recorded where the box of the program says so:
              hypjobs script box report --record failed
              hypjobs replay 0193a7f2
            """)

    @Argument(help: "The execution.") var id: String
    @Option(help: "Which attempt; the newest that was recorded by default.") var attempt: Int?
    @Flag(help: "Print the output of the replay.") var output = false
    @Option(help: ArgumentHelp("Stop after so many seconds.", valueName: "seconds")) var timeout = 300
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            try await Workplace.use(options, for: .looking) { workplace in
                let id = try await workplace.store.execution(matching: id)
                let details = try await workplace.store.execution(id)
                guard let found = try await workplace.store.recording(of: id, attempt: attempt) else {
                    throw Failure(
                        .notFound, CommandCode.notRecorded,
                        "Execution \(id) has no recording\(attempt.map { " of attempt \($0)" } ?? "")",
                        help: "hypjobs script box \(details.summary.script) --record all"
                    ).thrown
                }
                let replay = try await replay(found.recording, details)
                show(replay, of: found.attempt, found.recording, details, on: terminal)
                guard case .same = replay.verdict else { throw CommandFailure(.integrity) }
            }
        }
    }

    private func replay(_ recording: Recording, _ details: ExecutionDetails) async throws -> Replay {
        let (script, source) = (details.summary.script, details.source ?? "")
        let (arguments, time) = (details.arguments ?? "{}", Duration.seconds(timeout))
        return try await ScriptThread.run {
            try Replay(
                recording, script: script, source: source, arguments: arguments,
                modules: { ModuleFolder(of: "\($0)/") }, time: time)
        }
    }

    private func show(
        _ replay: Replay, of attempt: Int, _ recording: Recording, _ details: ExecutionDetails,
        on terminal: Terminal
    ) {
        let difference = difference(replay, recording)
        if options.json {
            let document: JSON = [
                "execution": .string(details.summary.id.description), "attempt": .integer(attempt),
                "same": .bool(difference == nil), "difference": difference.map(JSON.string) ?? .null,
                "answers": .integer(replay.questions), "output": .string(replay.output),
            ]
            return terminal.print(document.prettyText)
        }
        if output { terminal.write(replay.output) }
        guard let difference else {
            let answers = Format.count(replay.questions, "answer")
            let bytes = Format.count(recording.outcome.outputBytes, "byte")
            return terminal.note("attempt \(attempt) replays: \(answers), \(bytes) of output, the same end")
        }
        guard case .diverged(let failure) = replay.verdict, let position = failure.position else {
            return terminal.note("attempt \(attempt) differs: \(difference)")
        }
        let source =
            failure.source ?? SourceFile(name: details.summary.script, text: details.source ?? "")
        let diagnostic = Diagnostic(
            code: CommandCode.diverged, message: difference, in: source, at: position,
            length: source.wordLength(at: position))
        terminal.note(DiagnosticRenderer(colour: terminal.usesColourForErrors).render(diagnostic))
    }

    /// What was other than in the recorded run; nil where nothing was.
    private func difference(_ replay: Replay, _ recording: Recording) -> String? {
        switch replay.verdict {
        case .same: return nil
        case .diverged(let failure):
            guard recording.isComplete else {
                return "the recording was full here: what came then is not known"
            }
            return failure.message
        case .endedBefore(let function, let line):
            return "it ended before '\(function)', which the recorded run asked for in line \(line)"
        case .other(let then, let now):
            guard then.end == now.end else {
                return "it ended with '\(now.end)', and then with '\(then.end)'"
            }
            return "it printed \(Format.count(now.outputBytes, "byte")) that are not the "
                + "\(then.outputBytes) of then"
        }
    }
}
