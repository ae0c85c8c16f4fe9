import Database
import Effects
import HypnoScript

/// The worker's transactions.
extension Worker {
    func register() async throws {
        try await store.register(
            epoch: epoch, process: process, slots: configuration.slots, queues: configuration.queues)
    }

    func cycle(claim limit: Int) async {
        let reports = Array(results.prefix(configuration.recordBatch))
        let request = ClaimRequest(
            epoch: epoch, queues: configuration.queues, limit: limit, knownScripts: cache.versions)
        do {
            let result = try await store.cycle(record: reports, claim: request)
            results.removeFirst(reports.count)
            if result.claimed > 0 { observer.observe(.claimed(result.claimed)) }
            result.ended.forEach(count)
            dispatch(result.needScript, sources: result.sources)
            let now = effects.time.uptime()
            machine.cycled(
                now: now, recorded: reports.count, asked: result.isWorkerUnknown ? 0 : limit,
                isQueueEmpty: result.taken < limit && !result.isHeldBack,
                needScript: result.needScript.count, nextRetry: nextRetry(of: result))
            if result.taken < limit { waitForRoom(result, now: now) }
            if result.isWorkerUnknown { machine.mustPulse(now: now) }
        } catch let error as DatabaseError where error.concernsStatementOnly && !reports.isEmpty {
            await recordOneByOne(reports)
        } catch {
            databaseFailed(error)
        }
    }

    /// Claims in lanes that are this claim's alone.
    func claim(_ limit: Int) async {
        let request = ClaimRequest(
            epoch: epoch, queues: configuration.queues, limit: limit, knownScripts: cache.versions)
        // A poll finds what no news told of, also beside a lane that has work for hours.
        let start = effects.time.uptime()
        if start >= nextFullLook {
            lanes.heard(of: Lane.all)
            nextFullLook = start + configuration.pollInterval
        }
        let chosen = lanes.next()
        do {
            let result = try await store.claim(request, lanes: chosen)
            // A look from a mark on may have passed something over: who ends when nothing is left must know.
            let isSure = result.isFullLook || !configuration.stopsWhenIdle
            lanes.claimed(result.lanes, isFull: result.taken >= limit || !isSure)
            if result.claimed > 0 { observer.observe(.claimed(result.claimed)) }
            result.ended.forEach(count)
            dispatch(result.needScript, sources: result.sources)
            let now = effects.time.uptime()
            let isEmpty = !result.isWorkerUnknown && lanes.pending.isEmpty
            machine.cycled(
                now: now, recorded: 0, asked: limit, isQueueEmpty: isEmpty && !result.isHeldBack,
                needScript: result.needScript.count, nextRetry: nil)
            isHeldBack = result.isHeldBack
            if isEmpty { waitForRoom(result, now: now) }
            if !isSure, result.taken < limit { machine.pauseClaims(until: now + Worker.markPause) }
            if result.isWorkerUnknown {
                machine.mustPulse(now: now)
            } else if result.lanes.isEmpty {
                // Others are claiming: they are done in a moment.
                machine.pauseClaims(until: now + .milliseconds(10) * (0.2 + effects.random.unit()))
            }
        } catch {
            databaseFailed(error)
            if (error as? DatabaseError)?.code == .unknownCommit {
                doubtfulLanes.formUnion(chosen)
            }
        }
    }

    func startSettling(in group: inout DiscardingTaskGroup) {
        let now = effects.time.uptime()
        // A claim that is under way might be taken for one of those that are looked for.
        guard !doubtfulLanes.isEmpty, now >= settlesAt, !busy.contains(.claim), machine.mayRecord(now: now)
        else { return }
        busy.insert(.claim)
        group.addTask {
            await self.finish(.claim) { worker in
                do { try await worker.settleClaims() } catch { worker.databaseFailed(error) }
            }
        }
    }

    /// Finds out what claims have taken whose COMMIT nobody answered, and gives it back.
    func settleClaims() async throws {
        guard !doubtfulLanes.isEmpty else { return }
        let known = Set(held.keys).union(results.map(\.claimed.lease))
        let settled = try await store.settleClaims(of: epoch, lanes: doubtfulLanes, held: known)
        doubtfulLanes.subtract(settled.lanes)
        settled.released.forEach(count)
        let now = effects.time.uptime()
        // Others are claiming in the lanes that are left, or it is under way on the server still.
        settlesAt = now + .milliseconds(100)
        if !settled.released.isEmpty {
            lanes.heard(of: settled.released.map { Lane.of($0.execution) })
            machine.pauseClaims(until: now)
        }
    }

    /// What a limit holds back is looked at again when a rate lets it go, when an execution of this worker
    /// has ended, or at the next poll: others' executions end as well.
    func waitForRoom(_ result: CycleResult, now: Duration) {
        guard result.isHeldBack else { return }
        let pause = result.roomAt.map { max(.zero, $0 - effects.time.now()) } ?? configuration.pollInterval
        machine.pauseClaims(until: now + min(pause, configuration.pollInterval))
    }

    func startRecording(in group: inout DiscardingTaskGroup) {
        guard !results.isEmpty, !busy.contains(.record), machine.mayRecord(now: effects.time.uptime()) else {
            return
        }
        busy.insert(.record)
        group.addTask { await self.finish(.record) { await $0.recordResults() } }
    }

    /// Records whatever is there, until nothing is.
    func recordResults() async {
        while let epoch = results.first?.claimed.lease.epoch {
            // The fence is told one worker's name a transaction.
            let reports = Array(
                results.prefix(configuration.recordBatch).prefix { $0.claimed.lease.epoch == epoch })
            let leases = reports.map(\.claimed.lease)
            do {
                let result = try await store.record(
                    reports, isRepeated: !doubtfulRecords.isDisjoint(with: leases))
                results.removeFirst(reports.count)
                doubtfulRecords.subtract(leases)
                result.ended.forEach(count)
                dispatch(result.needScript, sources: result.sources)
                machine.cycled(
                    now: effects.time.uptime(), recorded: reports.count, asked: 0, isQueueEmpty: false,
                    needScript: result.needScript.count, nextRetry: nextRetry(of: result))
                if isHeldBack { machine.pauseClaims(until: effects.time.uptime()) }
            } catch let error as DatabaseError where error.concernsStatementOnly {
                guard await recordOneByOne(reports) else { return }
            } catch {
                if (error as? DatabaseError)?.code == .unknownCommit { doubtfulRecords.formUnion(leases) }
                return databaseFailed(error)
            }
            takeNews()
        }
    }

    /// When the first of the attempts that failed may be tried again, by the monotonic clock.
    func nextRetry(of result: CycleResult) -> Duration? {
        guard let retry = result.ended.compactMap(\.retryAt).min() else { return nil }
        return effects.time.uptime() + max(.zero, retry - effects.time.now())
    }

    /// One of several attempts holds what the database refuses: it fails alone, the others are recorded.
    /// False if the database fails meanwhile.
    @discardableResult
    func recordOneByOne(_ reports: [Attempt]) async -> Bool {
        for report in reports {
            do {
                let result: CycleResult
                do {
                    result = try await store.record(
                        [report], isRepeated: doubtfulRecords.contains(report.claimed.lease))
                } catch let error as DatabaseError where error.concernsStatementOnly {
                    var refused = CycleResult()
                    refused.ended = [try await store.giveUp(report, because: error)]
                    result = refused
                }
                results.removeAll { $0.claimed.lease == report.claimed.lease }
                doubtfulRecords.remove(report.claimed.lease)
                result.ended.forEach(count)
                dispatch(result.needScript, sources: result.sources)
                machine.cycled(
                    now: effects.time.uptime(), recorded: 1, asked: 0, isQueueEmpty: false,
                    needScript: result.needScript.count, nextRetry: nil)
            } catch {
                if (error as? DatabaseError)?.code == .unknownCommit {
                    doubtfulRecords.insert(report.claimed.lease)
                }
                databaseFailed(error)
                return false
            }
        }
        return true
    }

    /// Gives attempts to the script threads.
    func dispatch(_ attempts: [Attempt], sources: [ScriptVersion: ScriptSource]) {
        let fresh = attempts.filter { $0.script == nil }.map(\.claimed.script)
        let scripts = cache.scripts(Set(fresh), from: sources)
        for var attempt in attempts {
            guard let script = attempt.script ?? scripts[attempt.claimed.script], let run = attempt.run else {
                preconditionFailure("A claim brings the source of every script the worker does not know.")
            }
            attempt.script = script
            let cancellation = ScriptCancellation()
            held[attempt.claimed.lease] = cancellation
            // A claim that was under way when the worker was told to stop, or was taken for dead.
            if machine.isEnding || attempt.claimed.lease.epoch != epoch { cancellation.cancel() }
            tasks.push(
                ScriptTask(
                    attempt: attempt, script: script,
                    box: configuration.boxes.box(
                        of: script.name, stored: script.box, in: attempt.claimed.queue),
                    timeout: run.template.timeout, cancellation: cancellation))
        }
    }

    func pulse() async {
        do {
            let start = effects.time.uptime()
            let findsOrphans = start >= nextOrphanLook
            let mine = held.keys.filter { $0.epoch == epoch }.map(\.execution)
            let pulse = try await store.heartbeat(
                epoch: epoch, process: process, timeout: configuration.heartbeatTimeout, watch: watch,
                held: mine, findsOrphans: findsOrphans)
            if findsOrphans { orphansSought(from: start) }
            watch = pulse.watch
            cancelHeld(Set(pulse.cancelRequests))
            lanes.share(among: pulse.workers)
            if !pulse.isKnown { try await beginNewEpoch() }
            machine.pulsed(now: effects.time.uptime(), nextDeath: pulse.nextDeath)
            seesDead = pulse.seesDead
        } catch {
            return databaseFailed(error)
        }
        // Where many may write it is an errand of its own: no heartbeat waits for it.
        if seesDead, !store.worksInSets { await rescue() }
    }

    /// Learns with a heartbeat what operators have changed about boxes, beside the work where many may write.
    func refreshBoxes(in group: inout DiscardingTaskGroup) async {
        let now = effects.time.uptime()
        guard now >= nextBoxes, !cache.versions.isEmpty, !machine.isEnding else { return }
        nextBoxes = now + configuration.heartbeatInterval
        guard store.worksInSets else { return await refreshBoxes() }
        group.addTask { await self.refreshBoxes() }
    }

    private func refreshBoxes() async {
        do {
            cache.refresh(try await store.allBoxRules())
        } catch {
            // The next heartbeat asks again; until then what was known holds.
            observer.observe(.databaseFailed("Boxes: \(error)"))
        }
    }

    /// The look for orphans takes the longer the more a transaction elsewhere keeps from being removed: at
    /// most a hundredth of the time goes into it.
    private func orphansSought(from start: Duration) {
        let end = effects.time.uptime()
        nextOrphanLook = end + max(configuration.heartbeatInterval, (end - start) * 100)
    }

    func startRescuing(in group: inout DiscardingTaskGroup) {
        guard seesDead, !busy.contains(.rescue), machine.mayRecord(now: effects.time.uptime()) else { return }
        busy.insert(.rescue)
        group.addTask { await self.finish(.rescue) { await $0.rescue() } }
    }

    /// Takes over what dead workers left.
    func rescue() async {
        seesDead = false
        do {
            let rescued = try await store.rescue(
                besides: epoch, process: process, timeout: configuration.heartbeatTimeout,
                rescueLimit: configuration.rescueLimit, watch: watch)
            rescued.forEach { observer.observe(.rescued($0)) }
            guard !rescued.isEmpty else { return }
            lanes.heard(of: rescued.map { Lane.of($0.execution) })
            machine.pauseClaims(until: effects.time.uptime())
        } catch {
            databaseFailed(error)
        }
    }

    /// Removes a little history with a heartbeat, beside the work where many may write: no heartbeat waits.
    func prune(in group: inout DiscardingTaskGroup) async {
        let now = effects.time.uptime()
        guard !configuration.retention.isEmpty, !isPruning, !machine.isEnding, now >= nextPrune else {
            return
        }
        guard store.worksInSets else { return await prune() }
        isPruning = true
        group.addTask { await self.prune() }
    }

    func prune() async {
        var isMore = false
        do {
            let initiator = Initiator(agent: JobStore.workerAgent)
            isMore = try await store.prune(configuration.retention, by: initiator).isMore
        } catch {
            // The work goes on; what was not removed now is removed later.
            observer.observe(.databaseFailed("Pruning: \(error)"))
        }
        nextPrune = effects.time.uptime() + (isMore ? .zero : Worker.pruneInterval)
        isPruning = false
    }

    /// How long a worker that ends when nothing is left waits between looks from a mark on that find nothing,
    /// until the next is a look at everything.
    static let markPause = Duration.milliseconds(50)

    /// How often it is looked for more, when nothing was left.
    static let pruneInterval = Duration.seconds(60)

    func cancelHeld(_ executions: Set<UniqueID>) {
        guard !executions.isEmpty else { return }
        for (lease, cancellation) in held where lease.epoch == epoch && executions.contains(lease.execution) {
            guard cancelled.insert(lease).inserted else { continue }
            observer.observe(.cancelling(lease.execution))
            cancellation.cancel()
        }
    }

    /// Others have taken this worker's executions: what it still runs is stopped, and its leases are
    /// refused by the database from now on.
    func beginNewEpoch() async throws {
        let old = epoch
        held.values.forEach { $0.cancel() }
        epoch = effects.ids.next()
        doubtfulLanes = []
        try await register()
        observer.observe(.presumedDead(old: old, new: epoch))
    }

    func lookForRetries() async {
        let now = effects.time.uptime()
        guard doubtfulLanes.isEmpty else { return machine.foundRetry(at: max(now, settlesAt)) }
        do {
            let next = try await store.nextRetry(queues: configuration.queues)
            let pause = next.map { max(.zero, $0 - effects.time.now()) }
            machine.foundRetry(at: pause.map { effects.time.uptime() + $0 })
        } catch {
            databaseFailed(error)
        }
    }

    /// What has not begun comes back through its runner, which sees the flag before it starts.
    func interrupt() {
        if !held.isEmpty { observer.observe(.interrupting(running: held.count)) }
        held.values.forEach { $0.cancel() }
    }

    func unregister() async {
        do {
            try await settleClaims()
            try await store.unregister(epoch: epoch)
        } catch {
            // The row outlives the process; the next worker finds it dead and removes it.
            observer.observe(.databaseFailed("\(error)"))
        }
    }

    func databaseFailed(_ error: any Error) {
        // An errand that was under way when the worker ended: nothing is wrong with the database.
        if Task.isCancelled, (error as? DatabaseError)?.code == .cancelled { return }
        if let error = error as? DatabaseError, [.corrupt, .readOnly, .unknownObject].contains(error.code) {
            fatal = error
        }
        observer.observe(.databaseFailed("\(error)"))
        machine.databaseFailed(now: effects.time.uptime(), jitter: effects.random.unit())
    }

    func count(_ attempt: EndedAttempt) {
        switch attempt.status {
        case nil: summary.stale += 1
        case .completed: summary.completed += 1
        case .failed: summary.failed += 1
        case .cancelled: summary.cancelled += 1
        case .queued: if attempt.error == nil { summary.released += 1 } else { summary.retried += 1 }
        case .running: break
        }
        observer.observe(.ended(attempt))
    }
}
