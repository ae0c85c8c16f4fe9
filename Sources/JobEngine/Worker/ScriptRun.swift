import Database
import Effects
import HypnoScript
import SQL
import SourceText

/// One run of a script, on the calling thread, from its compiled program to what it came to.
struct ScriptRun {
    let task: ScriptTask
    let store: JobStore
    let modules: (@Sendable (String) -> any ModuleLoader)?
    /// What is left of the attempt's time.
    let timeout: Duration
    let longestWriting: Duration

    /// The attempt with its report; also with its record, where the script's own transaction holds it.
    var attempt: Attempt
    /// The failure of the script's transaction that was not the script's doing.
    private(set) var lostTo: DatabaseError?

    init(
        task: ScriptTask, store: JobStore, modules: (@Sendable (String) -> any ModuleLoader)?,
        timeout: Duration, longestWriting: Duration
    ) {
        self.task = task
        self.store = store
        self.modules = modules
        self.timeout = timeout
        self.longestWriting = longestWriting
        attempt = task.attempt
    }

    /// - Parameter start: when the first run of this attempt began, by the clock that only goes forward.
    mutating func perform(startedAt start: Duration) {
        guard !task.cancellation.isCancelled else {
            attempt.report = ScriptReport(end: .cancelled)
            return
        }
        let program: CompiledScript
        switch task.script.program(modules: task.box.modules, modules) {
        case .success(let compiled): program = compiled
        case .failure(let error):
            attempt.report = ScriptReport(end: .failed(ExecutionError(error)), startedAt: start)
            return
        }
        let arguments: [(String, ScriptValue)]
        do {
            arguments = try ScriptArguments.values(of: task.attempt.claimed.arguments)
        } catch {
            let failure = ExecutionError(kind: .configuration, message: error.message)
            attempt.report = ScriptReport(end: .failed(failure), startedAt: start)
            return
        }
        run(program, arguments, startedAt: start)
    }

    private mutating func run(
        _ program: CompiledScript, _ arguments: [(String, ScriptValue)], startedAt start: Duration
    ) {
        let output = CapturedOutput()
        var host = BoxHost.host(for: task.box, output: output, arguments: arguments, store.effects)
        let session = task.box.database ? ScriptSession(setting) : nil
        host.database = session
        let recorder = task.box.recording == .none ? nil : RunRecorder(store.effects.random)
        if let recorder {
            host.journal = recorder.journal
            if host.random != nil { host.random = recorder.random }
        }
        let outcome = program.run(
            arguments: arguments, host: host,
            limits: task.box.limits(time: min(timeout, task.box.time.value ?? timeout)),
            cancellation: task.cancellation)
        let end = end(of: outcome)
        let report = ScriptReport(
            end: end, output: output.text, duration: store.effects.time.uptime() - start, startedAt: start)
        attempt.report = report
        attempt.recording = recorder?.text(of: outcome, report, in: task.box)
        guard let session, session.isOpen else { return }
        close(session, end)
        // A commit that failed made a failure of the run.
        if let report = attempt.report, attempt.recorded == nil {
            attempt.recording = recorder?.text(of: outcome, report, in: task.box)
        }
    }

    private var setting: ScriptSession.Setting {
        let claimed = attempt.claimed
        let isAlone = store.database.dialect.hasSingleWriter
        return ScriptSession.Setting(
            store: store, isolation: attempt.run?.template.isolation ?? .serializable,
            timeout: isAlone ? min(store.timeout, longestWriting) : store.timeout, patience: timeout,
            lease: claimed.lease,
            script: task.script.name, user: claimed.user, keepsAlive: isAlone)
    }

    private func end(of outcome: ScriptOutcome) -> ScriptReport.End {
        ScriptReport.End(outcome) { failure in
            task.box.advice(on: failure, script: task.script.name, template: attempt.run?.template)
        }
    }

    /// What a script wrote commits with the record that it ran, or not at all.
    private mutating func close(_ session: ScriptSession, _ end: ScriptReport.End) {
        guard case .succeeded = end else {
            lostTo = session.failure as? DatabaseError
            session.abandon()
            return
        }
        let (store, attempt) = (store, attempt)
        switch session.finish({ try store.recordAlone(attempt, in: $0) }) {
        case .success(let result): self.attempt.recorded = result
        case .failure(let error as DatabaseError):
            lostTo = error
            fail(ExecutionError(kind: .database, message: error.message))
        case .failure(let error as ExecutionError): fail(error)
        case .failure(let error): fail(ExecutionError(kind: .database, message: String(describing: error)))
        }
    }

    private mutating func fail(_ error: ExecutionError) {
        guard let report = attempt.report else { return }
        attempt.report = ScriptReport(
            end: .failed(error), output: report.output, duration: report.duration, startedAt: report.startedAt
        )
    }
}

extension ScriptReport.End {
    /// - Parameter advice: what to do about a failure, where there is something.
    init(_ outcome: ScriptOutcome, advice: (ScriptFailure) -> String?) {
        switch outcome.end {
        case .finished: self = .succeeded(result: ScriptArguments.text(of: outcome.result))
        case .exited(code: 0): self = .succeeded(result: nil)
        case .exited(let code):
            self = .failed(
                ExecutionError(kind: .script, message: "The script ended itself with Exit(\(code))"))
        case .failed(let failure):
            // Which of the two it was, the worker knows.
            self =
                failure.kind == .cancelled
                ? .cancelled : .failed(ExecutionError(failure, advice: advice(failure)))
        }
    }
}

/// What a run got from outside, while it runs.
private struct RunRecorder {
    let journal = ScriptJournal(recordingAtMost: Recording.limit)
    private let keyed: KeyedRandom

    init(_ random: any RandomSource) {
        keyed = KeyedRandom(from: random)
    }

    var random: @Sendable () -> UInt64 {
        { [keyed] in keyed.next() }
    }

    /// The recording's text, if this run is to leave one.
    func text(of outcome: ScriptOutcome, _ report: ScriptReport, in box: ScriptBox) -> String? {
        switch (box.recording, report.end) {
        case (.all, .succeeded), (.all, .failed), (.failed, .failed):
            Recording(
                key: keyed.key, entries: journal.entries, rules: box.rules,
                outcome: RunOutcome(outcome, output: report.output), isComplete: journal.isComplete
            ).text
        default: nil
        }
    }
}

/// Keeps what a script prints. Its size is bounded by the script's output limit.
///
/// Safe because one script thread writes it and reads it after the run, and nobody else holds it meanwhile.
final class CapturedOutput: ScriptOutput, @unchecked Sendable {
    private var bytes: [UInt8] = []

    func write(_ bytes: UnsafeRawBufferPointer) {
        self.bytes.append(contentsOf: bytes)
    }

    func flush() {}

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
