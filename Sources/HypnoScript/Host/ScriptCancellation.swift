import Synchronization

/// A switch that stops a run from any thread, within 50 ms.
package final class ScriptCancellation: Sendable {
    private let flag = Atomic(false)
    private let condition: (@Sendable () -> Bool)?

    /// - Parameter condition: turns the switch, too. Asked at every look at it, on the thread that runs the
    ///   script; so it also shows how often a run looks.
    package init(when condition: (@Sendable () -> Bool)? = nil) {
        self.condition = condition
    }

    package func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    package var isCancelled: Bool {
        if flag.load(ordering: .relaxed) { return true }
        guard let condition, condition() else { return false }
        cancel()
        return true
    }
}
