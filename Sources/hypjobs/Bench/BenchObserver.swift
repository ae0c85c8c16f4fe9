import Effects
import JobEngine
import Synchronization

/// Counts what the workers of a benchmark end, and remembers when each script began.
final class BenchObserver: JobObserver {
    private struct State {
        var ended = 0
        var claims = 0
        var failures: [String] = []
        var isCancelled = false
        var starts: [UniqueID: Duration] = [:]
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?

        /// Whether nobody needs to wait for so many ends any more.
        func isOver(_ count: Int) -> Bool { ended >= count || !failures.isEmpty || isCancelled }
    }

    private let state = Mutex(State())

    func observe(_ event: JobEvent) {
        change { state in
            switch event {
            case .ended(let attempt):
                if attempt.status?.isFinal == true { state.ended += 1 }
                if let start = attempt.startedAt { state.starts[attempt.execution] = start }
                if let error = attempt.error { state.failures.append(error.message) }
            case .claimed: state.claims += 1
            case .databaseFailed(let message): state.failures.append(message)
            default: break
            }
        }
    }

    /// A worker has ended by an error: what it was to do is not waited for.
    func failed(_ error: any Error) {
        change { $0.failures.append("\(error)") }
    }

    /// Returns when so many executions have ended, when something went wrong, and when the task is cancelled.
    func wait(forEnded count: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    guard !state.isOver(count) else { return true }
                    precondition(state.waiter == nil, "One task waits for the workers.")
                    state.waiter = (count, continuation)
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            change { $0.isCancelled = true }
        }
    }

    /// Changes the state, and wakes who waits for it.
    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            body(&state)
            guard let waiter = state.waiter, state.isOver(waiter.count) else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    /// When the script of each execution began, by the clock that only goes forward.
    var starts: [UniqueID: Duration] { state.withLock { $0.starts } }

    /// Claims that have found something.
    var claims: Int { state.withLock { $0.claims } }

    /// What went wrong, in the order in which it did.
    var failures: [String] { state.withLock { $0.failures } }
}
