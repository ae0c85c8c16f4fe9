import ArgumentParser
import Glibc

/// `hypjobs`: the command line and the assembly of everything below it.
@main
struct HypJobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hypjobs",
        abstract: "Runs HypnoScript programs from a database queue, step by step, with everything recorded.",
        discussion: """
            First steps, in an empty folder:
              hypjobs init                          a configuration and a first program
              hypjobs up                            database, programs and a worker, until Ctrl-C
              hypjobs enqueue hello name=Ada --wait

            Results go to standard output, everything else to standard error.
            'hypjobs help exit-codes' lists what the exit status means.
            """,
        version: Version.current,
        subcommands: [
            InitCommand.self, UpCommand.self, CheckCommand.self, FormatCommand.self, MigrateCommand.self,
            ScriptCommand.self, JobCommand.self, EnqueueCommand.self, WorkerCommand.self,
            ExecutionsCommand.self, ReplayCommand.self, RepositoryCommand.self, QueuesCommand.self,
            StatusCommand.self,
            PoolCommand.self, DoctorCommand.self, PruneCommand.self, ExecCommand.self, BenchCommand.self,
            ExplainCommand.self,
            CompletionCommand.self,
        ])

    // On the main thread: as long as nothing else has to run, no pool of threads is made.
    @MainActor
    static func main() async {
        Glibc.exit(await CommandLine.run(Array(Swift.CommandLine.arguments.dropFirst())).rawValue)
    }
}

/// The program's version, in one place.
enum Version {
    static let current = "0.1.0"
}

/// Runs one command line and turns whatever it throws into messages and an exit status.
enum CommandLine {
    nonisolated(nonsending) static func run(_ arguments: [String]) async -> ExitStatus {
        // Words that people try, and the command that answers them.
        let arguments =
            switch arguments {
            case ["help", "exit-codes"]: ["explain", "exit-codes"]
            case ["version"]: ["--version"]
            default: arguments
            }
        do {
            if let request = ExecRequest(plain: arguments) {
                let terminal = Terminal(colour: .auto, environment: ProcessEnvironment.current())
                try await GlobalOptions.perform(on: terminal, json: false) {
                    try await request.perform(on: $0)
                }
                return .ok
            }
            var command = try HypJobs.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .ok
        } catch let failure as CommandFailure {
            return failure.status
        } catch {
            return report(error)
        }
    }

    /// What the parser of the command line throws: help and versions too.
    private static func report(_ error: any Error) -> ExitStatus {
        let message = HypJobs.fullMessage(for: error)
        guard HypJobs.exitCode(for: error) != .success else {
            Terminal.write(message.isEmpty ? "" : message + "\n", to: STDOUT_FILENO)
            return .ok
        }
        Terminal.write(message + "\n", to: STDERR_FILENO)
        return .usage
    }
}
