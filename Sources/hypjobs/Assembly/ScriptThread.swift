import Database

/// A thread with a stack for deep programs, for commands that run or compile one outside a worker.
enum ScriptThread {
    /// Runs the body on such a thread, and ends the thread.
    nonisolated(nonsending) static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let runner = Runner()
        do {
            let result = try await runner.run(body)
            runner.stop()
            return result
        } catch {
            runner.stop()
            throw error
        }
    }

    private actor Runner {
        private let executor = ThreadExecutor(name: "script", stackSizeBytes: 16 << 20)

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func run<Result>(_ body: @Sendable () throws -> Result) throws -> Result { try body() }

        nonisolated func stop() { executor.stop() }
    }
}
