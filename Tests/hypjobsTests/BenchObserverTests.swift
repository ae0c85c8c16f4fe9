import JobEngine
import Testing

@testable import hypjobs

@Suite("What a benchmark waits for", .timeLimit(.minutes(1)))
struct BenchObserverTests {
    private struct Refusal: Error {}

    @Test("a worker that cannot begin ends the wait, whether it comes before or after")
    func failed() async {
        let early = BenchObserver()
        early.failed(Refusal())
        await early.wait(forEnded: 1)
        let late = BenchObserver()
        async let wait: Void = late.wait(forEnded: 1)
        await Task.yield()
        late.failed(Refusal())
        await wait
        #expect(late.failures.count == 1)
    }

    @Test("a database that fails ends the wait")
    func databaseFailed() async {
        let observer = BenchObserver()
        async let wait: Void = observer.wait(forEnded: 1)
        observer.observe(.databaseFailed("gone"))
        await wait
        #expect(observer.failures == ["gone"])
    }

    @Test("a benchmark that is stopped waits no longer")
    func cancelled() async {
        let observer = BenchObserver()
        let waiting = Task { await observer.wait(forEnded: 1) }
        waiting.cancel()
        await waiting.value
        #expect(observer.failures.isEmpty)
    }
}
