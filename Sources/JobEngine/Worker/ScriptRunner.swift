import Database
import Effects
import HypnoScript
import SourceText

/// One script thread: takes tasks from the worker's queue until it is closed, and runs them one by one. The
/// scripts never touch a cooperative thread, however long they loop.
actor ScriptRunner {
    private let executor: ThreadExecutor
    private let box: ScriptBox
    private let time: any TimeSource
    private let random: any RandomSource

    /// Deep recursion of the compiler and of printing needs more than a thread's usual stack.
    private static let stackSizeBytes = 16 << 20

    init(index: Int, box: ScriptBox, effects: Effects) {
        self.executor = ThreadExecutor(
            name: "script-\(index)", stackSizeBytes: ScriptRunner.stackSizeBytes)
        self.box = box
        self.time = effects.time
        self.random = effects.random
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Blocks this actor's own thread, and no other.
    func run(tasks: BlockingQueue<ScriptTask>, deliver: @Sendable (Attempt) -> Void) {
        while let task = tasks.pop() {
            var attempt = task.attempt
            attempt.report = report(of: task)
            deliver(attempt)
        }
    }

    /// Ends the thread. Called once, when `run` has returned.
    nonisolated func stop() {
        executor.stop()
    }

    private func report(of task: ScriptTask) -> ScriptReport {
        guard !task.cancellation.isCancelled else { return ScriptReport(end: .cancelled) }
        let start = time.uptime()
        let output = CapturedOutput()
        let end = self.end(of: task, output: output)
        return ScriptReport(
            end: end, output: output.text, duration: time.uptime() - start, startedAt: start)
    }

    private func end(of task: ScriptTask, output: CapturedOutput) -> ScriptReport.End {
        let program: CompiledScript
        switch task.script.program() {
        case .success(let compiled): program = compiled
        case .failure(let error): return .failed(ExecutionError(error))
        }
        let arguments: [(String, ScriptValue)]
        do {
            arguments = try ScriptArguments.values(of: task.attempt.claimed.arguments)
        } catch {
            return .failed(ExecutionError(kind: .configuration, message: error.message))
        }
        let limit = min(task.timeout, box.time ?? task.timeout)
        let outcome = program.run(
            arguments: arguments, host: host(output), limits: limits(time: limit),
            cancellation: task.cancellation)
        switch outcome.end {
        case .finished: return .succeeded(result: ScriptArguments.text(of: outcome.result))
        case .exited(code: 0): return .succeeded(result: nil)
        case .exited(let code):
            return .failed(
                ExecutionError(kind: .script, message: "The script ended itself with Exit(\(code))"))
        case .failed(let failure):
            // Which of the two it was, the worker knows.
            return failure.kind == .cancelled ? .cancelled : .failed(ExecutionError(failure))
        }
    }

    private func host(_ output: CapturedOutput) -> ScriptHost {
        let time = time
        let random = random
        return ScriptHost(
            output: output, clock: { .microseconds(time.now().microseconds) }, random: { random.next() },
            sleep: { time.block(for: $0) })
    }

    private func limits(time: Duration) -> ScriptLimits {
        ScriptLimits(
            instructions: box.instructions, callDepth: box.callDepth, heapBytes: box.memoryBytes,
            outputBytes: box.outputBytes, time: time)
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

extension ExecutionError {
    init(_ error: ScriptSyntaxError) {
        self.init(
            kind: .syntax, message: error.message, line: error.diagnostic.position?.line,
            column: error.diagnostic.position?.column)
    }

    /// How many calls are recorded; of a deep recursion more would say nothing new.
    private static let keptCalls = 20

    init(_ failure: ScriptFailure) {
        let kind: Kind =
            switch failure.kind {
            case .syntax: .syntax
            case .limit: .limit
            case .timeout: .timeout
            case .capability: .capability
            case .abandoned: .database
            case .undefined, .control, .type, .runtime, .cancelled, .diverged: .script
            }
        self.init(
            kind: kind, message: failure.message, line: failure.position?.line,
            column: failure.position?.column,
            calls: failure.trace.dropFirst().prefix(ExecutionError.keptCalls).map {
                Call(function: $0.function, line: $0.position.line, column: $0.position.column)
            })
    }
}
