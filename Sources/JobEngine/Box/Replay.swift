import Effects
package import HypnoScript
import SourceText

/// A recorded run, run again: what it got from outside comes from the recording, and nothing reaches outside.
package struct Replay: Sendable {
    package enum Verdict: Sendable {
        /// Output, end and every question were the same.
        case same
        /// The script asked for something else than it did then.
        case diverged(ScriptFailure)
        /// It ended before it had asked for everything.
        case endedBefore(function: String, line: Int)
        /// It asked for the same, and came to something else.
        case other(then: RunOutcome, now: RunOutcome)
    }

    package let verdict: Verdict
    package let output: String
    /// How often it asked.
    package let questions: Int

    /// Runs on the calling thread, which needs a big stack.
    ///
    /// - Parameters:
    ///   - script: the name that the run had for its program.
    ///   - time: the most that it may take.
    /// - Throws: `JobEngineError`, `ScriptSyntaxError`.
    package init(
        _ recording: Recording, script: String, source: String, arguments: String,
        modules: (@Sendable (String) -> any ModuleLoader)?, time: Duration
    ) throws {
        let box = ScriptBox().applying(recording.rules, from: .script)
        let cached = CachedScript(ScriptSource(name: script, content: source))
        let program = try cached.program(modules: box.modules, modules).get()
        let values = try ScriptArguments.values(of: arguments)
        let captured = CapturedOutput()
        let random = KeyedRandom(key: recording.key)
        var host = ScriptHost(output: box.output ? captured : nil)
        // Whatever these would answer, the journal does in their place.
        if box.clock { host.clock = { .zero } }
        if box.stdin { host.input = { nil } }
        if box.random { host.random = { random.next() } }
        if box.sleep { host.sleep = { _ in } }
        if box.process { host.processArguments = [] }
        host.loadsModules = box.modules != nil
        let journal = ScriptJournal(replaying: recording.entries)
        journal.endsByTime = recording.outcome.isByTime
        host.journal = journal
        let outcome = program.run(
            arguments: values, host: host, limits: box.limits(time: min(time, box.time.value ?? time)),
            cancellation: nil)
        output = captured.text
        questions = recording.entries.count
        let now = RunOutcome(outcome, output: output)
        if case .failed(let failure) = outcome.end, failure.kind == .diverged {
            verdict = .diverged(failure)
        } else if let rest = journal.rest {
            verdict = .endedBefore(function: rest.function, line: rest.line)
        } else {
            // Where a run stops whose time is over is a matter of the machine.
            let isSame = now == recording.outcome || now.isByTime && recording.outcome.isByTime
            verdict = isSame ? .same : .other(then: recording.outcome, now: now)
        }
    }
}
