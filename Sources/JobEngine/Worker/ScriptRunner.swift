import Database
import Effects
import HypnoScript
import SourceText

/// One script thread: takes tasks from the worker's queue until it is closed, and runs them one by one. The
/// scripts never touch a cooperative thread, however long they loop.
actor ScriptRunner {
    private let executor: ThreadExecutor
    private let store: JobStore
    private let modules: (@Sendable (String) -> any ModuleLoader)?
    /// How long a script may keep the only writer of its database.
    private let longestWriting: Duration

    /// Deep recursion of the compiler and of printing needs more than a thread's usual stack.
    private static let stackSizeBytes = 16 << 20

    /// - Parameter modules: finds the programs below a directory.
    init(
        index: Int, store: JobStore, configuration: WorkerConfiguration,
        modules: (@Sendable (String) -> any ModuleLoader)?
    ) {
        executor = ThreadExecutor(name: "script-\(index)", stackSizeBytes: ScriptRunner.stackSizeBytes)
        self.store = store
        self.modules = modules
        longestWriting = configuration.heartbeatTimeout / 2
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Blocks this actor's own thread, and no other.
    func run(tasks: BlockingQueue<ScriptTask>, deliver: @Sendable (Attempt) -> Void) {
        while let task = tasks.pop() { deliver(attempt(of: task)) }
    }

    /// Ends the thread. Called once, when `run` has returned.
    nonisolated func stop() {
        executor.stop()
    }

    // MARK: One attempt

    /// Runs the script; a transaction of its own that met another's runs again, and the script with it.
    private func attempt(of task: ScriptTask) -> Attempt {
        let time = store.effects.time
        let start = time.uptime()
        var retries = 0
        while true {
            var run = ScriptRun(
                task: task, store: store, modules: modules, timeout: task.timeout - (time.uptime() - start),
                longestWriting: longestWriting)
            run.perform(startedAt: start)
            guard let error = run.lostTo else { return run.attempt }
            if case .unknownCommit = error.code {
                switch whetherRecorded(run.attempt) {
                case .recorded(let result):
                    run.attempt.recorded = result
                    return run.attempt
                case .notRecorded: break
                case .unknown: return run.attempt
                }
            }
            guard !task.cancellation.isCancelled else { return run.attempt }
            if error.isAbsence {
                // The database is away, or has no connection to spare: that is no attempt's fault.
                guard time.uptime() - start + Self.absence < task.timeout else { return run.attempt }
                pause(Self.absence, task)
                continue
            }
            retries += 1
            guard retries <= Self.retry.maxRetries, error.isRetryable || error.code == .unknownCommit
            else { return run.attempt }
            pause(Self.retry.delay(beforeRetry: retries, random: store.effects.random), task)
        }
    }

    /// How often a script runs again because its transaction met another one.
    private static let retry = RetryPolicy(
        maxRetries: 10, delay: .milliseconds(10), backoff: .exponential, cap: .milliseconds(500))

    /// How long to wait before a database that is away is asked again.
    private static let absence = Duration.milliseconds(500)

    private func pause(_ duration: Duration, _ task: ScriptTask) {
        var left = duration
        while left > .zero, !task.cancellation.isCancelled {
            let slice = min(left, .milliseconds(20))
            store.effects.time.block(for: slice)
            left -= slice
        }
    }

    private enum Verdict {
        case recorded(CycleResult)
        case notRecorded
        /// The database does not say.
        case unknown
    }

    /// What became of a commit that nobody answered. Blocks this thread until the database says.
    private func whetherRecorded(_ attempt: Attempt) -> Verdict {
        let answers = BlockingQueue<Verdict>()
        let store = store
        Task {
            do {
                let result = try await store.recordedAlone(attempt)
                answers.push(result.map(Verdict.recorded) ?? .notRecorded)
            } catch {
                answers.push(.unknown)
            }
        }
        return answers.pop() ?? .unknown
    }
}

extension DatabaseError {
    /// Whether it says nothing about the transaction, only that there is no connection.
    fileprivate var isAbsence: Bool { [.connectionLost, .cannotConnect, .poolTimeout].contains(code) }
}

extension ExecutionError {
    init(_ error: ScriptSyntaxError) {
        self.init(
            kind: .syntax, message: error.message, line: error.diagnostic.position?.line,
            column: error.diagnostic.position?.column)
    }

    /// How many calls are recorded; of a deep recursion more would say nothing new.
    private static let keptCalls = 20

    /// - Parameter advice: what to do about it, behind the language's own text.
    init(_ failure: ScriptFailure, advice: String? = nil) {
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
            kind: kind, message: failure.message + (advice.map { " (\($0))" } ?? ""),
            line: failure.position?.line, column: failure.position?.column,
            calls: failure.trace.dropFirst().prefix(ExecutionError.keptCalls).map {
                Call(function: $0.function, line: $0.position.line, column: $0.position.column)
            })
    }
}
