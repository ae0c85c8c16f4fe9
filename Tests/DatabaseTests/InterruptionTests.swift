import Synchronization
import TestSupport
import Testing

@testable import Database

@Suite("Interruption", .timeLimit(.minutes(1)))
struct InterruptionTests {
    /// Counts the interrupts that arrive.
    private final class Counter: Sendable {
        private let value = Mutex(0)

        var count: Int { value.withLock { $0 } }

        func add() { value.withLock { $0 += 1 } }
    }

    @Test("a running use is interrupted once, and the first reason counts")
    func running() throws {
        let interruption = Interruption()
        let counter = Counter()
        try interruption.begin { counter.add() }
        interruption.interrupt(.timeout)
        interruption.interrupt(.cancelled)
        #expect(counter.count == 1)
        #expect(interruption.reason == .timeout)
        #expect(interruption.finish() == .timeout)
    }

    @Test("a use that was interrupted before it began does not begin")
    func before() {
        let interruption = Interruption()
        let counter = Counter()
        interruption.interrupt(.cancelled)
        let error = #expect(throws: DatabaseError.self) { try interruption.begin { counter.add() } }
        #expect(error?.code == .cancelled)
        #expect(counter.count == 0)
    }

    @Test("a finished use is left alone")
    func finished() throws {
        let interruption = Interruption()
        let counter = Counter()
        try interruption.begin { counter.add() }
        #expect(interruption.finish() == nil)
        interruption.interrupt(.cancelled)
        #expect(counter.count == 0)
        #expect(interruption.reason == nil)
    }

    @Test("a body that takes longer than the timeout is interrupted, and what it returns counts")
    func timeout() async throws {
        let time = ManualTime()
        let interruption = Interruption()
        let stopped = AsyncStream<Void>.makeStream()
        try interruption.begin { stopped.continuation.finish() }
        async let value = interruption.withTimeout(.seconds(3), time) {
            for await _ in stopped.stream {}
            return 5
        }
        await time.sleepers(1)
        time.advance(by: .seconds(3))
        #expect(await value == 5)
        #expect(interruption.reason == .timeout)
    }

    @Test("a body that is done in time is not interrupted, and nothing is left sleeping")
    func inTime() async {
        let time = ManualTime()
        let interruption = Interruption()
        #expect(await interruption.withTimeout(.seconds(3), time) { 5 } == 5)
        time.advance(by: .seconds(3))
        #expect(interruption.reason == nil)
    }
}
