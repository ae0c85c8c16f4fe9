import Synchronization

/// A switch that stops a run from any thread, within about 50 ms.
package final class ScriptCancellation: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    package var isCancelled: Bool {
        flag.load(ordering: .relaxed)
    }
}
