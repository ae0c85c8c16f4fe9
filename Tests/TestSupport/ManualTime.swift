package import Effects
internal import Synchronization

/// A clock that stands still until a test moves it; sleepers wake in the order of their deadlines.
package final class ManualTime: TimeSource {
    private let state: Mutex<State>

    private struct State {
        var now: Timestamp
        var uptime = Duration.seconds(1000)
        var lastSleeper = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        let isEager: Bool
    }

    private struct Sleeper {
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// - Parameter isEager: a sleeper moves the clock to its deadline itself and goes on at once.
    package init(
        now: Timestamp = Timestamp(microseconds: 1_795_489_323_123_456), isEager: Bool = false
    ) {
        state = Mutex(State(now: now, isEager: isEager))
    }

    package func now() -> Timestamp { state.withLock { $0.now } }

    package func uptime() -> Duration { state.withLock { $0.uptime } }

    /// Sets the wall clock alone, as an administrator may.
    package func set(_ now: Timestamp) { state.withLock { $0.now = now } }

    /// Lets time pass and wakes the sleepers whose deadline has come.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state -> [Sleeper] in
            state.now = state.now + duration
            state.uptime += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.uptime }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Returns once so many tasks sleep.
    package func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Returns once somebody sleeps until exactly then.
    package func sleeper(until deadline: Duration) async {
        while !state.withLock({ $0.sleepers.values.contains { $0.deadline == deadline } }) {
            await Task.yield()
        }
    }

    package func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                suspend(number, for: duration, continuation)
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?
                .continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock itself: a blocked thread could not wait for a test to do it.
    package func block(for duration: Duration) { advance(by: duration) }

    private func suspend(
        _ number: Int, for duration: Duration, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        let isCancelled = Task.isCancelled
        let (wakesAtOnce, watchers) = state.withLock {
            state -> (Bool, [CheckedContinuation<Void, Never>]) in
            guard !isCancelled else { return (true, []) }
            if state.isEager {
                state.now = state.now + duration
                state.uptime += duration
                return (true, [])
            }
            guard duration > .zero else { return (true, []) }
            state.sleepers[number] = Sleeper(deadline: state.uptime + duration, continuation: continuation)
            let count = state.sleepers.count
            let reached = state.watchers.filter { $0.count <= count }
            state.watchers.removeAll { $0.count <= count }
            return (false, reached.map(\.continuation))
        }
        for watcher in watchers { watcher.resume() }
        guard wakesAtOnce else { return }
        if isCancelled { continuation.resume(throwing: CancellationError()) } else { continuation.resume() }
    }
}
