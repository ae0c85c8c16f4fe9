import Effects
import JobEngine
import Synchronization

/// Counts what the workers of a benchmark end, and remembers when each script began.
final class BenchObserver: JobObserver {
    private struct State {
        var ended = 0
        var claims = 0
        var failures: [String] = []
        var starts: [UniqueID: Duration] = [:]
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    func observe(_ event: JobEvent) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch event {
            case .ended(let attempt):
                if attempt.status?.isFinal == true { state.ended += 1 }
                if let start = attempt.startedAt { state.starts[attempt.execution] = start }
                if let error = attempt.error { state.failures.append(error.message) }
            case .claimed: state.claims += 1
            case .databaseFailed(let message): state.failures.append(message)
            default: return nil
            }
            guard let waiter = state.waiter, state.ended >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    /// Returns when so many executions have ended.
    func wait(forEnded count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.ended < count else { return true }
                precondition(state.waiter == nil, "One task waits for the workers.")
                state.waiter = (count, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// When the script of each execution began, by the clock that only goes forward.
    var starts: [UniqueID: Duration] { state.withLock { $0.starts } }

    /// Claims that have found something.
    var claims: Int { state.withLock { $0.claims } }

    /// What went wrong, in the order in which it did.
    var failures: [String] { state.withLock { $0.failures } }
}
