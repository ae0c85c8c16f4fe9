import Database
import Effects
import JobEngine
import Synchronization

/// The measurements of `hypjobs bench`, each on tables that the ones before have used.
final class BenchRun: Sendable {
    /// How much is measured.
    struct Size: Sendable {
        /// Executions of a drain.
        var executions: Int
        /// Executions that are enqueued one by one.
        var single: Int
        /// Executions of the drain by one claim and one record each.
        var unbatched: Int
        /// Executions whose pick-up is timed.
        var pickups: Int
        var workers: Int
        var slots: Int
    }

    /// A figure of the report.
    struct Figure: Sendable {
        let name: String
        let title: String
        let value: Double
        let unit: String
    }

    let place: BenchPlace
    let size: Size
    let progress: @Sendable (Figure) -> Void
    private let claims = Atomic(0)
    private let conflicts = Atomic(0)

    init(place: BenchPlace, size: Size, progress: @escaping @Sendable (Figure) -> Void) {
        self.place = place
        self.size = size
        self.progress = progress
    }

    private static let empty = "bench-empty"
    private static let working = "bench-1ms"
    private static let chunk = 1000

    func run() async throws -> [Figure] {
        let workplace = try place.open()
        do {
            let figures = try await measure(workplace)
            await workplace.database.close()
            return figures
        } catch {
            await workplace.database.close()
            throw error
        }
    }

    private func measure(_ workplace: Workplace) async throws -> [Figure] {
        let store = workplace.store
        try await store.synchronizeClock()
        for (name, source) in [
            (Self.empty, "Focus { } Relax"), (Self.working, "Focus { DeepTrance(1); } Relax"),
        ] {
            _ = try await store.addScript(
                name: name, source: source, file: "\(name).hyp", by: workplace.initiator)
        }
        var figures: [Figure] = []
        func add(_ name: String, _ title: String, _ value: Double, _ unit: String) {
            let figure = Figure(name: name, title: title, value: value, unit: unit)
            figures.append(figure)
            progress(figure)
        }
        add("enqueue_single", "enqueued one by one", try await enqueueSingle(workplace), "/s")
        // What was only enqueued is none of the drain's work.
        _ = try await drain(workplace, 0, alreadyThere: size.single) { _ in }
        let bulk = try await enqueueBulk(workplace, size.executions, of: Self.empty)
        add("enqueue_bulk", "enqueued by the thousand", bulk, "/s")
        let drained = try await drain(workplace, 0, alreadyThere: size.executions) { _ in }
        add("drain", "drained, batched, no work", drained, "/s")
        add(
            "drain_1ms", "drained, batched, 1 ms of work",
            try await drain(workplace, size.executions / 4) { $0.slots = max($0.slots, 16) }, "/s")
        add(
            "unbatched", "one claim and one record each, 64 in flight, 1 ms",
            try await drain(workplace, size.unbatched) { configuration in
                configuration.claimBatch = 1
                configuration.recordBatch = 1
                configuration.slots = 64
                configuration.prefetch = .zero
            }, "/s")
        let idle = try await pickups(workplace, count: size.pickups, every: .milliseconds(20))
        add("pickup_p50", "picked up by an idle worker, half within", idle.percentile(0.5), "ms")
        add("pickup_p99", "picked up by an idle worker, 99 % within", idle.percentile(0.99), "ms")
        let steady = try await pickups(workplace, count: size.pickups * 5, every: .microseconds(3333))
        add("pickup_300_p95", "picked up at 300 a second, 95 % within", steady.percentile(0.95), "ms")
        let lost = Double(conflicts.load(ordering: .relaxed))
        let all = lost + Double(claims.load(ordering: .relaxed))
        add("conflicts", "claims run again because they met another", 100 * lost / max(1, all), "%")
        return figures
    }

    // MARK: Enqueue

    private func enqueueSingle(_ workplace: Workplace) async throws -> Double {
        let start = workplace.effects.time.uptime()
        for _ in 0..<size.single {
            _ = try await workplace.store.enqueue(
                [EnqueueRequest(script: Self.empty)], by: workplace.initiator)
        }
        return rate(size.single, since: start, workplace)
    }

    private func enqueueBulk(_ workplace: Workplace, _ count: Int, of script: String) async throws -> Double {
        let start = workplace.effects.time.uptime()
        var left = count
        while left > 0 {
            let requests = Array(
                repeating: EnqueueRequest(script: script), count: min(left, Self.chunk))
            _ = try await workplace.store.enqueue(requests, by: workplace.initiator)
            left -= requests.count
        }
        return rate(count, since: start, workplace)
    }

    // MARK: Drain

    /// Enqueues so many executions that take a millisecond, and measures how fast these and those that wait
    /// already are ended.
    private func drain(
        _ workplace: Workplace, _ count: Int, alreadyThere: Int = 0,
        _ configure: (inout WorkerConfiguration) -> Void
    ) async throws -> Double {
        _ = try await enqueueBulk(workplace, count, of: Self.working)
        var configuration = configuration(of: workplace)
        configure(&configuration)
        let observer = BenchObserver()
        let time = workplace.effects.time
        let start = time.uptime()
        var duration = Duration.zero
        try await withWorkers(configuration, observer, news: false) {
            await observer.wait(forEnded: count + alreadyThere)
            duration = time.uptime() - start
        }
        return Double(count + alreadyThere) / (duration / .seconds(1))
    }

    private func configuration(of workplace: Workplace) -> WorkerConfiguration {
        var configuration = workplace.workerConfiguration
        configuration.slots = size.slots
        // Its own programs wait for the millisecond that stands for work.
        configuration.boxes = BoxRegister()
        configuration.boxes.base.sleep = true
        return configuration
    }

    /// Runs workers, each with connections of its own as in a process of its own, around the body.
    private func withWorkers(
        _ configuration: WorkerConfiguration, _ observer: BenchObserver, news: Bool,
        _ body: () async throws -> Void
    ) async throws {
        let places = try (0..<size.workers).map { _ in try place.open() }
        let workers = places.map { place in
            Worker(
                store: place.store, process: Workplace.process, configuration: configuration,
                observer: observer, news: news ? place.settings.news(place.effects) : nil)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, worker) in zip(places, workers) {
                group.addTask {
                    do {
                        try await place.store.synchronizeClock()
                        _ = try await worker.run()
                    } catch {
                        observer.failed(error)
                        throw error
                    }
                }
            }
            try await body()
            workers.forEach { $0.drain() }
            try await group.waitForAll()
        }
        for place in places {
            conflicts.add(place.database.conflicts, ordering: .relaxed)
            await place.database.close()
        }
        claims.add(observer.claims, ordering: .relaxed)
        try Task.checkCancellation()
        guard let failure = observer.failures.first else { return }
        throw Failure(
            .temporary, CommandCode.benchFailed, "The benchmark met an error: \(failure)",
            help: "figures of work that went wrong would mean nothing"
        ).thrown
    }

    // MARK: Pick-up

    /// From the moment at which an enqueue is acknowledged to the start of its script, in milliseconds.
    private func pickups(
        _ workplace: Workplace, count: Int, every pause: Duration
    ) async throws -> [Double] {
        let observer = BenchObserver()
        let time = workplace.effects.time
        var enqueued: [UniqueID: Duration] = [:]
        try await withWorkers(configuration(of: workplace), observer, news: true) {
            // The workers have looked and found nothing.
            try await time.sleep(for: .seconds(1))
            var next = time.uptime()
            for _ in 0..<count {
                let results = try await workplace.store.enqueue(
                    [EnqueueRequest(script: Self.empty)], by: workplace.initiator)
                if case .enqueued(let id)? = results.first { enqueued[id] = time.uptime() }
                next += pause
                let rest = next - time.uptime()
                if rest > .zero { try await time.sleep(for: rest) }
            }
            await observer.wait(forEnded: count)
        }
        let starts = observer.starts
        // A script that began before the enqueuer heard of its own commit was not waited for.
        return enqueued.compactMap { id, commit in
            starts[id].map { max(0, ($0 - commit) / .milliseconds(1)) }
        }
    }

    private func rate(_ count: Int, since start: Duration, _ workplace: Workplace) -> Double {
        Double(count) / ((workplace.effects.time.uptime() - start) / .seconds(1))
    }
}

extension [Double] {
    /// The value that so large a share of the values does not exceed; NaN of none.
    func percentile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
    }
}
