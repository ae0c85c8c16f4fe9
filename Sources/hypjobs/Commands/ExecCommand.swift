import ArgumentParser
import Effects
import Glibc
import HypnoScript
import JobEngine
import SourceText

/// `hypjobs exec FILE.hyp`: runs one program with no store, as the language's own runner does.
struct ExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run one program, without database or queue.",
        discussion: """
            Prints exactly what the program prints, and nothing else on standard output; an error ends it \
            with status 1. Unlike a worker it grants the program everything that a program can ask for.
            With --json the output is a member of the one document that is printed, beside the result.

            Examples:
              hypjobs exec jobs/fizz-countdown.hyp start=15
              hypjobs exec jobs/readings-report.hyp station=Harbour 'readings=[3, 4.5, 12]'
            """)

    /// The languages that a program may be read as.
    enum Dialect: String, CaseIterable, ExpressibleByArgument {
        case documented, reference

        var meaning: ScriptDialect {
            switch self {
            case .documented: .documented
            case .reference: .reference
            }
        }
    }

    @Option(help: "The language to read the program as: documented or reference.") var dialect =
        Dialect.documented
    @Argument(help: "The program.", completion: .file(extensions: ["hyp"])) var file: String
    @Argument(help: ArgumentHelp("Arguments, as name=value.", valueName: "name=value")) var arguments:
        [String] = []
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        let request = ExecRequest(
            file: file, arguments: arguments, dialect: dialect.meaning, json: options.json)
        try await options.perform { try await request.perform(on: $0) }
    }
}

/// What `exec` is asked to do.
struct ExecRequest: Sendable {
    let file: String
    let arguments: [String]
    let dialect: ScriptDialect
    let json: Bool

    init(file: String, arguments: [String], dialect: ScriptDialect, json: Bool) {
        self.file = file
        self.arguments = arguments
        self.dialect = dialect
        self.json = json
    }

    /// `exec FILE name=value …` with no option, nil for any other command line.
    ///
    /// It does not go through the parser of command lines, whose reflection takes longer than most programs
    /// run: 3 of 5 ms.
    init?(plain arguments: [String]) {
        guard arguments.count >= 2, arguments[0] == "exec", !arguments.contains(where: { $0.hasPrefix("-") })
        else { return nil }
        self.init(file: arguments[1], arguments: Array(arguments[2...]), dialect: .documented, json: false)
    }

    /// Runs the program; a status other than 0 is thrown.
    nonisolated(nonsending) func perform(on terminal: Terminal) async throws {
        let source = try InputFile.text(file)
        let values = try ScriptArguments.values(of: ArgumentList.object(arguments))
        // A thread with a big stack: the program may nest deeply.
        let status = try await ScriptThread.run {
            ExecRun(
                source: SourceFile(name: file, text: source), dialect: dialect, arguments: values,
                terminal: terminal, json: json
            ).run()
        }
        guard status != 0 else { return }
        // `Exit(n)` gives the process any status, also one that means something else elsewhere.
        guard let known = ExitStatus(rawValue: status) else { exit(status) }
        throw CommandFailure(known)
    }
}

/// One run of `exec`.
private struct ExecRun {
    let source: SourceFile
    let dialect: ScriptDialect
    let arguments: [(String, ScriptValue)]
    let terminal: Terminal
    let json: Bool

    func run() -> Int32 {
        let program: CompiledScript
        do {
            program = try HypnoScript.compile(
                source, dialect: dialect, modules: ModuleFolder(of: source.name))
        } catch {
            terminal.note("Error: \(error.message)")
            terminal.note(DiagnosticRenderer(colour: terminal.usesColourForErrors).render(error.diagnostic))
            if json {
                print(
                    output: "", result: .null, instructions: 0, exit: 1,
                    error: Self.error(error.message, at: error.diagnostic.position))
            }
            return 1
        }
        let output = StandardOutput(keepsAll: json)
        let time = SystemTime()
        let random = SystemRandom()
        let host = ScriptHost(
            output: output, clock: { .microseconds(time.now().microseconds) }, random: { random.next() },
            sleep: { time.block(for: $0) }, input: { readLine() }
        ).grantingProcess(arguments: Swift.CommandLine.arguments)
        let outcome = program.run(arguments: arguments, host: host, limits: ScriptLimits(), cancellation: nil)
        output.flush()
        if json { print(outcome, output.text) }
        switch outcome.end {
        case .finished: return 0
        case .exited(let code): return Int32(truncatingIfNeeded: code) & 0xFF
        case .failed(let failure):
            terminal.note("Error: \(failure.message)")
            explain(failure)
            return 1
        }
    }

    private func print(_ outcome: ScriptOutcome, _ output: String) {
        var error = JSON.null
        var exit = 0
        switch outcome.end {
        case .finished: break
        case .exited(let code): exit = Int(Int32(truncatingIfNeeded: code) & 0xFF)
        case .failed(let failure):
            exit = 1
            error = Self.error(failure.message, at: failure.position)
        }
        print(
            output: output, result: JSON(outcome.result), instructions: outcome.instructions, exit: exit,
            error: error)
    }

    private static func error(_ message: String, at position: SourcePosition?) -> JSON {
        [
            "message": .string(message), "line": position.map { .integer($0.line) } ?? .null,
            "column": position.map { .integer($0.column) } ?? .null,
        ]
    }

    private func print(output: String, result: JSON, instructions: Int, exit: Int, error: JSON) {
        let document: JSON = [
            "output": .string(output), "result": result, "error": error,
            "instructions": .integer(instructions), "exit": .integer(exit),
        ]
        terminal.print(document.prettyText)
    }

    /// Where it happened, and by which calls the program came there.
    private func explain(_ failure: ScriptFailure) {
        guard let position = failure.position else { return }
        let source = failure.source ?? source
        let diagnostic = Diagnostic(
            code: RunTimeCode.code(for: failure.kind), message: failure.message, in: source, at: position,
            length: source.wordLength(at: position),
            help: ErrorAdvice.help(for: failure.message, at: position, in: source))
        terminal.note(DiagnosticRenderer(colour: terminal.usesColourForErrors).render(diagnostic))
        let calls = failure.trace.dropFirst()
        for entry in calls.prefix(20) {
            let place = "\(entry.file):\(entry.position.line):\(entry.position.column)"
            terminal.note("  called from \(entry.function) at \(place)")
        }
        if calls.count > 20 { terminal.note("  …") }
    }
}

/// Standard output with a buffer: a program that prints a million lines makes a few hundred system calls.
///
/// With `keepsAll` nothing is written, and everything kept for a document.
///
/// Safe because one script thread uses it, and the caller only after that thread has ended.
private final class StandardOutput: ScriptOutput, @unchecked Sendable {
    private var bytes: [UInt8] = []
    private let keepsAll: Bool

    init(keepsAll: Bool) {
        self.keepsAll = keepsAll
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(_ chunk: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: chunk)
        if bytes.count > 32_768 { flush() }
    }

    func flush() {
        guard !keepsAll else { return }
        bytes.withUnsafeBytes { Terminal.write($0, to: STDOUT_FILENO) }
        bytes.removeAll(keepingCapacity: true)
    }
}
