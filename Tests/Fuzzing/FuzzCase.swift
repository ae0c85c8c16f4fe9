import Effects
import HypConfig
import HypnoScript
import SourceText
import Synchronization

/// One program or configuration that nobody wrote, and what must hold for it.
///
/// The same number gives the same case. A crash is a finding by itself; everything else that must hold and
/// does not is returned as a text.
package struct FuzzCase {
    /// What a case is about.
    package enum Subject: String, CaseIterable, Sendable {
        /// Valid programs; the same with damages.
        case program, damaged
        /// Programs that run to their end: those of the reference, and those of the documented dialect.
        case reference, documented
        /// Calls of the library, regular expressions among them.
        case builtins
        case configuration
    }

    package let subject: Subject
    /// The input.
    package let text: String
    private let random: SeededRandom

    package init(_ subject: Subject, seed: UInt64) {
        self.subject = subject
        random = SeededRandom(seed: seed)
        switch subject {
        case .program: text = Self.program(random)
        case .reference: text = Self.running(random, documented: false)
        case .documented: text = Self.running(random, documented: true)
        case .damaged:
            var generator = ProgramGenerator(random)
            let nodes = 5 + Int(random.uniform(below: 40))
            let tokens = Mutation(random: random).damage(generator.program(nodes: nodes))
            let text = ProgramGenerator.text(of: tokens, random)
            self.text = random.uniform(below: 4) == 0 ? Mutation(random: random).damage(text) : text
        case .builtins:
            text = LibraryGenerator(random: random).program()
        case .configuration:
            var generator = ConfigGenerator(random)
            let text = generator.file(nodes: 3 + Int(random.uniform(below: 40)))
            self.text = random.uniform(below: 2) == 0 ? Mutation(random: random).damage(text) : text
        }
    }

    private static func program(_ random: SeededRandom) -> String {
        var generator = ProgramGenerator(random)
        let nodes = 5 + Int(random.uniform(below: 80))
        return ProgramGenerator.text(of: generator.program(nodes: nodes), random)
    }

    private static func running(_ random: SeededRandom, documented: Bool) -> String {
        var generator = ReferenceGenerator(random, documented: documented)
        let tokens = generator.program(nodes: 10 + Int(random.uniform(below: 120)))
        return tokens.flatMap { $0.split(separator: " ") }.joined(separator: " ")
    }

    /// What does not hold; nil if all is well.
    ///
    /// - Parameter timed: whether to look at how long runs take, which a debug build says nothing about.
    package func finding(timed: Bool) -> String? {
        subject == .configuration ? configurationFinding() : programFinding(timed: timed)
    }

    // MARK: Configuration

    private func configurationFinding() -> String? {
        let source = SourceFile(name: "fuzz.hyp", text: text)
        _ = ConfigDialect.isScript(source)
        do throws(ConfigFailure) {
            let formatted = try ConfigFormatter.format(source)
            let again = try ConfigFormatter.format(SourceFile(name: "fuzz.hyp", text: formatted))
            return formatted == again ? nil : "formatting twice is not formatting once"
        } catch {
            if error.diagnostics.isEmpty { return "a refusal without a reason" }
            return error.diagnostics.lazy.compactMap { self.repairFinding($0.replacement, lines: .any) }.first
        }
    }

    // MARK: Programs

    /// A replacement names a word that stands in the text.
    private func repairFinding(_ replacement: Replacement?, lines: Replacement.LineEndings) -> String? {
        guard let replacement else { return nil }
        return replacement.applied(to: text, lines: lines) != nil ? nil : "no place for \(replacement)"
    }

    private func programFinding(timed: Bool) -> String? {
        let source = SourceFile(name: "fuzz.hyp", text: text)
        let script: CompiledScript
        do throws(ScriptSyntaxError) {
            script = try HypnoScript.compile(source)
        } catch {
            guard ![.program, .reference, .documented].contains(subject) else {
                return "a valid program is refused: \(error.message)"
            }
            if let finding = repairFinding(error.diagnostic.replacement, lines: .newline) { return finding }
            return isRefused { () throws(ScriptSyntaxError) in _ = try Checker.check(source) }
                && isRefused { () throws(ScriptSyntaxError) in _ = try ScriptFormatter.format(source) }
                ? nil : "the checker or the formatter takes what the compiler refuses"
        }
        return formatFinding(source) ?? checkFinding(source) ?? runFinding(source, script)
            ?? (timed ? timeFinding(script) : nil)
    }

    private func isRefused(_ body: () throws(ScriptSyntaxError) -> Void) -> Bool {
        do throws(ScriptSyntaxError) {
            try body()
            return false
        } catch {
            return true
        }
    }

    private func formatFinding(_ source: SourceFile) -> String? {
        do throws(ScriptSyntaxError) {
            let formatted = try ScriptFormatter.format(source)
            let again = try ScriptFormatter.format(SourceFile(name: "fuzz.hyp", text: formatted))
            return formatted == again ? nil : "formatting twice is not formatting once"
        } catch {
            return "what was formatted does not parse: \(error.message)"
        }
    }

    private func checkFinding(_ source: SourceFile) -> String? {
        do throws(ScriptSyntaxError) {
            return try Checker.check(source).findings.lazy.compactMap {
                self.repairFinding($0.replacement, lines: .newline)
            }.first
        } catch {
            return "the checker refuses what the compiler takes: \(error.message)"
        }
    }

    private func runFinding(_ source: SourceFile, _ script: CompiledScript) -> String? {
        let first = Run(of: script)
        // Where garbage is collected must not show.
        if random.uniform(below: 8) == 0, first.instructions < 20_000 {
            let second = Run(of: script, collectsAlways: true)
            guard first.isSame(second) else { return "collecting garbage changes the run:\n\(second.text)" }
        }
        // What is known of names must make programs fast, and nothing else.
        if let unresolved = unresolved(source) {
            let second = Run(of: unresolved)
            guard first.isSame(second) else {
                return "the analysis of names changes the run:\n\(first.text)\n---\n\(second.text)"
            }
        }
        // What the reference runs to its end does the same in the documented dialect.
        guard let reference = compiled(source, .reference) else { return nil }
        let strict = Run(of: reference)
        guard strict.isComplete, !first.isStopped else { return nil }
        return strict.isSame(first) ? nil : "the dialects differ:\n\(strict.text)\n---\n\(first.text)"
    }

    /// A run ends soon after its time is over. Of its thread's CPU, because a run that others interrupt is
    /// late through no fault of its own.
    private func timeFinding(_ script: CompiledScript) -> String? {
        guard random.uniform(below: 4) == 0 else { return nil }
        let start = ThreadTime.milliseconds
        _ = Run(
            of: script,
            limits: ScriptLimits(
                callDepth: 500, heapBytes: 16 << 20, outputBytes: 1 << 20, time: .milliseconds(20)))
        let used = ThreadTime.milliseconds - start
        return used <= 120 ? nil : "a run with 20 ms took \(used) ms of CPU"
    }

    private func unresolved(_ source: SourceFile) -> CompiledScript? {
        do throws(ScriptSyntaxError) {
            return try HypnoScript.compileUnresolved(source, dialect: .documented)
        } catch {
            // More cells than the machine has.
            return nil
        }
    }

    private func compiled(_ source: SourceFile, _ dialect: ScriptDialect) -> CompiledScript? {
        do throws(ScriptSyntaxError) {
            return try HypnoScript.compile(source, dialect: dialect)
        } catch {
            // Most programs are none of the reference's.
            return nil
        }
    }
}

/// What a program did.
private struct Run {
    let output: String
    let end: ScriptOutcome.End
    let instructions: Int

    init(of script: CompiledScript, collectsAlways: Bool = false) {
        self.init(
            of: script,
            limits: ScriptLimits(
                instructions: 100_000, callDepth: 500, heapBytes: 16 << 20, outputBytes: 1 << 20,
                time: .seconds(collectsAlways ? 20 : 5)), collectsAlways: collectsAlways)
    }

    init(of script: CompiledScript, limits: ScriptLimits, collectsAlways: Bool = false) {
        let collector = OutputCollector()
        let random = SeededRandom(seed: 1)
        var host = ScriptHost(
            output: collector, clock: { .seconds(1_700_000_000) }, random: { random.next() },
            sleep: { _ in }, input: { nil })
        host.processArguments = []
        let outcome = script.run(
            arguments: [("n", .number(3)), ("s", .string("a b"))], host: host, limits: limits,
            cancellation: nil, collectsAlways: collectsAlways)
        (output, end, instructions) = (collector.text, outcome.end, outcome.instructions)
    }

    /// Whether the program ended by itself, and well.
    var isComplete: Bool {
        switch end {
        case .finished, .exited: true
        case .failed: false
        }
    }

    /// Whether a limit of the runner ended it.
    var isStopped: Bool {
        if case .failed(let failure) = end {
            failure.kind == .limit || failure.kind == .timeout
        } else {
            false
        }
    }

    var text: String { "\(output)\(end)" }

    func isSame(_ other: Run) -> Bool {
        guard !isStopped, !other.isStopped else { return true }
        guard output == other.output else { return false }
        switch (end, other.end) {
        case (.finished, .finished): return true
        case (.exited(let left), .exited(let right)): return left == right
        case (.failed(let left), .failed(let right)): return left.message == right.message
        default: return false
        }
    }
}

/// Keeps what a script prints.
final class OutputCollector: ScriptOutput {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func write(_ chunk: UnsafeRawBufferPointer) {
        bytes.withLock { $0.append(contentsOf: chunk) }
    }

    func flush() {}
}
