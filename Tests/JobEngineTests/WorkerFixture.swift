import Effects
import Synchronization
import TestSupport

@testable import JobEngine

/// Remembers what a worker told, and lets a test wait until it has told something.
final class RecordingObserver: JobObserver {
    private struct State {
        var events: [JobEvent] = []
        var waiters:
            [(condition: @Sendable (JobEvent) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
                []
    }

    private let state = Mutex(State())

    var events: [JobEvent] { state.withLock { $0.events } }

    func observe(_ event: JobEvent) {
        let reached = state.withLock { state in
            state.events.append(event)
            let reached = state.waiters.filter { $0.condition(event) }
            state.waiters.removeAll { $0.condition(event) }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    /// Returns once an event of this kind was told, at once if it was told before.
    func wait(for condition: @escaping @Sendable (JobEvent) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.events.contains(where: condition) { return true }
                state.waiters.append((condition, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

extension EngineFixture {
    /// A program that never ends by itself.
    static let endless = "Focus { observe \"on\"; while (true) { induce x = 1; } } Relax"

    /// A worker over this engine's store.
    func worker(
        slots: Int = 2, once: Bool = false, observer: RecordingObserver = RecordingObserver(),
        _ configure: (inout WorkerConfiguration) -> Void = { _ in }
    ) -> Worker {
        var configuration = WorkerConfiguration()
        configuration.slots = slots
        configuration.stopsWhenIdle = once
        configure(&configuration)
        return Worker(
            store: store, process: EngineFixture.process, configuration: configuration, observer: observer)
    }
}
