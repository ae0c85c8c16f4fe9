internal import Effects

extension Interruption {
    /// Runs the body and interrupts it when it takes longer; what the body returns counts either way.
    nonisolated(nonsending) func withTimeout<Value: Sendable>(
        _ timeout: Duration, _ time: any TimeSource, _ body: nonisolated(nonsending) () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await time.sleep(for: timeout)
                    self.interrupt(.timeout)
                } catch {
                    // Cancelled: the body was done in time.
                }
            }
            defer { group.cancelAll() }
            return await body()
        }
    }
}
