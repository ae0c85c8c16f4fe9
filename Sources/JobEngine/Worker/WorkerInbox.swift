import Synchronization

/// Where the script threads leave their results and others their wishes, and where the worker waits for them.
final class WorkerInbox: Sendable {
    /// What has come in since the worker looked last.
    struct Content {
        var results: [Attempt] = []
        var isDrainRequested = false
        var isHurryRequested = false
    }

    private struct State {
        var content = Content()
        var isSignalled = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func deliver(_ result: Attempt) {
        signal { $0.results.append(result) }
    }

    func requestDrain() {
        signal { $0.isDrainRequested = true }
    }

    func requestHurry() {
        signal { $0.isHurryRequested = true }
    }

    /// Ends a wait without news: a timer's call.
    func wake() {
        signal { _ in }
    }

    func take() -> Content {
        state.withLock { state in
            state.isSignalled = false
            let content = state.content
            state.content.results = []
            return content
        }
    }

    /// Returns at the next call of any of the above, at once if there was one since the last `take`.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isSignalled = state.withLock { state in
                guard !state.isSignalled else { return true }
                precondition(state.waiter == nil, "One worker waits at one inbox.")
                state.waiter = continuation
                return false
            }
            if isSignalled { continuation.resume() }
        }
    }

    private func signal(_ change: (inout Content) -> Void) {
        let waiter = state.withLock { state in
            change(&state.content)
            state.isSignalled = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
