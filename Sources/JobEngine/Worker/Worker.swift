import Database
import Effects
package import HypnoScript

/// One worker: claims executions, lets script threads run them, and records what they came to. All
/// decisions are the machine's; this actor carries them out.
///
/// Per transaction there is one hop to the writer's thread, however many executions it records and claims.
/// On a database with one writer a single transaction does both. Where many may write, heartbeat, claim and
/// record are three tasks beside each other, so that none waits until another has its answer.
package actor Worker {
    let store: JobStore
    let process: LocalProcess
    let configuration: WorkerConfiguration
    let observer: any JobObserver
    let news: AsyncStream<WorkNews>?
    let modules: (@Sendable (String) -> any ModuleLoader)?
    let effects: Effects
    let inbox = WorkerInbox()
    let tasks = BlockingQueue<ScriptTask>()
    var machine: WorkerMachine
    var cache = ScriptCache(limit: 256)
    var epoch: UniqueID
    var results: [Attempt] = []
    /// What this worker holds, so that it can be stopped: by lease, for an execution that was taken from it
    /// may be claimed again before its first script has stopped.
    var held: [Lease: ScriptCancellation] = [:]
    /// Attempts that stop because somebody cancelled them, and not because the worker gives them back.
    var cancelled: Set<Lease> = []
    var summary = WorkerSummary()
    /// What is under way beside the main loop.
    var busy: Set<WorkerMachine.Errand> = []
    var lanes: LaneRotation
    /// When to look into all lanes again, however much some of them hold.
    var nextFullLook = Duration.zero
    /// Whether the last heartbeat has seen dead workers.
    var seesDead = false
    /// When to look again for what runs in the name of a worker that is not there.
    var nextOrphanLook: Duration
    /// Whether the last claim left due work behind because of a limit.
    var isHeldBack = false
    var watch: HeartbeatWatch
    /// Lanes of claims whose COMMIT nobody answered: while there are some, this worker may hold executions
    /// that it does not know of.
    var doubtfulLanes: Set<Int> = []
    /// Before this time it is not worth looking for them again.
    var settlesAt = Duration.zero
    /// Attempts whose record may be there: the answer to its COMMIT got lost.
    var doubtfulRecords: Set<Lease> = []
    var isPruning = false
    /// When to look again for history that has been kept for long enough.
    var nextPrune = Duration.zero
    /// When to ask again what scripts may do.
    var nextBoxes = Duration.zero
    /// Why this worker cannot go on, however often it tries.
    var fatal: DatabaseError?

    /// - Parameter modules: finds the programs below a directory that `mindLink` names.
    package init(
        store: JobStore, process: LocalProcess, configuration: WorkerConfiguration, observer: any JobObserver,
        news: AsyncStream<WorkNews>? = nil, modules: (@Sendable (String) -> any ModuleLoader)? = nil
    ) {
        self.store = store
        self.process = process
        self.configuration = configuration
        self.observer = observer
        self.news = news
        self.modules = modules
        self.effects = store.effects
        self.machine = WorkerMachine(configuration: configuration, now: store.effects.time.uptime())
        self.epoch = store.effects.ids.next()
        self.lanes = LaneRotation(start: Int(epoch.low % 64))
        self.nextOrphanLook = store.effects.time.uptime() + configuration.heartbeatInterval
        self.watch = HeartbeatWatch(interval: configuration.heartbeatInterval)
    }

    /// Stops claiming; what runs may go on for the grace period. Callable from anywhere, once or often.
    nonisolated package func drain() {
        inbox.requestDrain()
    }

    /// Stops at once: running scripts are interrupted and their executions given back.
    nonisolated package func hurry() {
        inbox.requestHurry()
        // The main loop may be waiting for a database that one of these scripts holds up.
        Task { await stopHeld() }
    }

    private func stopHeld() {
        held.values.forEach { $0.cancel() }
    }

    /// Works until it is drained, or idle if the configuration says so. A cancelled task hurries.
    ///
    /// - Throws: `DatabaseError` if the worker cannot register, or if the database is damaged, may only be
    ///   read or lacks its tables; other failures are tried again.
    package func run() async throws -> WorkerSummary {
        try await register()
        observer.observe(
            .workerStarted(epoch: epoch, slots: configuration.slots, queues: configuration.queues))
        // A task of its own: cancelling the caller stops the scripts, but never the recording of what they
        // did.
        let life = Task { await live() }
        await withTaskCancellationHandler {
            await life.value
        } onCancel: {
            hurry()
        }
        observer.observe(.workerStopped(summary))
        if let fatal { throw fatal }
        return summary
    }

    func live() async {
        await withDiscardingTaskGroup { group in
            for index in 0..<configuration.slots {
                let runner = ScriptRunner(
                    index: index, store: store, configuration: configuration, modules: modules)
                group.addTask { [tasks, inbox] in
                    await runner.run(tasks: tasks) { inbox.deliver($0) }
                    runner.stop()
                }
            }
            let listening = news.map { news in
                Task {
                    for await item in news { hear(item) }
                }
            }
            await work(in: &group)
            listening?.cancel()
            tasks.close()
            // What is still under way is a heartbeat, or waits for a database that does not answer.
            group.cancelAll()
        }
        for attempt in inbox.take().results {
            if let recorded = attempt.recorded {
                recorded.ended.forEach(count)
            } else {
                results.append(attempt)
            }
        }
        summary.abandoned = results.count
        // While the row is there, others can see that its executions have lost their worker.
        if results.isEmpty, !machine.isCutOff(now: effects.time.uptime()) { await unregister() }
    }

    func work(in group: inout DiscardingTaskGroup) async {
        while true {
            takeNews()
            guard fatal == nil else { return interrupt() }
            if store.worksInSets {
                startRecording(in: &group)
                startSettling(in: &group)
                startRescuing(in: &group)
            }
            let unrecorded = store.worksInSets ? 0 : results.count
            switch machine.next(now: effects.time.uptime(), results: unrecorded, busy: busy) {
            case .pulse:
                await perform(.pulse, in: &group) { await $0.pulse() }
                await refreshBoxes(in: &group)
                await prune(in: &group)
            case .cycle(let limit):
                if store.worksInSets {
                    await perform(.claim, in: &group) { await $0.claim(limit) }
                } else {
                    await cycle(claim: limit)
                }
            case .lookForRetries: await lookForRetries()
            case .wait(let deadline): await wait(until: deadline)
            case .interrupt: interrupt()
            case .stop: return
            }
        }
    }

    /// Beside the main loop where many may write, else in it.
    func perform(
        _ errand: WorkerMachine.Errand, in group: inout DiscardingTaskGroup,
        _ body: @escaping @Sendable (isolated Worker) async -> Void
    ) async {
        guard store.worksInSets else { return await body(self) }
        busy.insert(errand)
        group.addTask { await self.finish(errand, body) }
    }

    func finish(
        _ errand: WorkerMachine.Errand, _ body: @Sendable (isolated Worker) async -> Void
    ) async {
        await body(self)
        busy.remove(errand)
        inbox.wake()
    }

    /// What was enqueued is claimed now and not at the next poll.
    func hear(_ item: WorkNews) {
        switch item {
        case .enqueued(let lanes): self.lanes.heard(of: lanes)
        case .interrupted: lanes.heard(of: Lane.all)
        case .unavailable: return observer.observe(.pollingOnly)
        }
        machine.pauseClaims(until: effects.time.uptime())
        inbox.wake()
    }

    func takeNews() {
        let news = inbox.take()
        for var attempt in news.results {
            let lease = attempt.claimed.lease
            if attempt.report?.end == .cancelled, !cancelled.contains(lease), let report = attempt.report {
                attempt.report = ScriptReport(
                    end: .released, output: report.output, duration: report.duration,
                    startedAt: report.startedAt)
            }
            if let duration = attempt.report?.duration { machine.scriptEnded(after: duration) }
            cancelled.remove(lease)
            held[lease] = nil
            guard let recorded = attempt.recorded else {
                results.append(attempt)
                continue
            }
            recorded.ended.forEach(count)
            machine.cycled(
                now: effects.time.uptime(), recorded: 1, asked: 0, isQueueEmpty: false, needScript: 0,
                nextRetry: nil)
            // It may have enqueued.
            machine.pauseClaims(until: effects.time.uptime())
        }
        let now = effects.time.uptime()
        if news.isHurryRequested {
            machine.hurry(now: now)
        } else if news.isDrainRequested, machine.drain(now: now) {
            observer.observe(.draining)
        }
    }

    func wait(until deadline: Duration) async {
        let pause = deadline - effects.time.uptime()
        guard pause > .zero else { return }
        await withDiscardingTaskGroup { [inbox, effects] group in
            group.addTask {
                do {
                    try await effects.time.sleep(for: pause)
                    inbox.wake()
                } catch {
                    // News came first: the timer is not needed.
                }
            }
            await inbox.wait()
            group.cancelAll()
        }
    }
}
