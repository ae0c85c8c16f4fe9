import ArgumentParser
import Glibc
import SourceText

extension Terminal.ColourChoice: ExpressibleByArgument {}

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("The folder of the configuration.", valueName: "dir"),
        completion: .directory)
    var config = "config"

    @Flag(name: .long, help: "Print the result as one JSON document.")
    var json = false

    @Option(name: .long, help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color = Terminal.ColourChoice.auto

    var terminal: Terminal {
        Terminal(colour: color, environment: ProcessEnvironment.current())
    }

    /// Runs a command's body; what it throws is printed here, once and in one shape.
    func perform(_ body: (Terminal) async throws -> Void) async throws {
        try await Self.perform(on: terminal, json: json) { try await body($0) }
    }

    /// The same where the options are known.
    nonisolated(nonsending) static func perform(
        on terminal: Terminal, json: Bool,
        _ body: nonisolated(nonsending) (Terminal) async throws -> Void
    ) async throws {
        do {
            try await body(terminal)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            let failure = Failure(error)
            failure.print(to: terminal, json: json)
            throw CommandFailure(failure.status)
        }
    }
}

/// A command ended with this status, and has said why.
struct CommandFailure: Error {
    let status: ExitStatus

    init(_ status: ExitStatus) {
        self.status = status
    }
}

/// The environment, read where it is needed and handed on as a value.
enum ProcessEnvironment {
    static func current() -> [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                values[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry += 1
        }
        return values
    }
}
