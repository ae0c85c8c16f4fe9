import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Rescue of what dead workers left")
struct RescueTests {
    private let rescuer = UniqueID(high: 0xE, low: 2)

    @Test("a worker is dead when its heartbeat is older than the timeout, and not before")
    func heartbeat() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.register()
            try await engine.register(rescuer)
            let stale = try await engine.claimOne()
            engine.time.advance(by: .seconds(30))
            #expect(try await engine.pulse(rescuer).rescued.isEmpty)
            engine.time.advance(by: .microseconds(1))
            let now = engine.time.now().sqlText
            let rescued = try await engine.pulse(rescuer).rescued
            #expect(rescued.map(\.execution) == [id])
            #expect(rescued.map(\.status) == [.queued])
            #expect(
                try await engine.rows(
                    """
                    SELECT status, attempt, rescues, releases, worker_epoch, e.run_at, q.run_at \
                    FROM script_executions e JOIN execution_queue q ON q.execution_id = e.id
                    """) == ["queued|1|1|0|NULL|\(now)|\(now)"])
            #expect(
                try await engine.rows(
                    "SELECT finished_at, outcome, error_kind, error_message FROM execution_attempts") == [
                        "\(now)|rescued|worker_lost|Worker 7 on here died while it ran this attempt"
                    ])
            #expect(try await engine.rows("SELECT epoch FROM workers") == [rescuer.description])
            // The dead one wakes up: it is told that others took it for dead, and its write is refused.
            #expect(try await engine.pulse().isKnown == false)
            #expect(try await engine.record(stale, .succeeded(result: "1")).status == nil)
            #expect(try await engine.rows("SELECT status, result FROM script_executions") == ["queued|NULL"])
        }
    }

    @Test("a live worker is never rescued, however long it runs")
    func liveWorker() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.register()
            try await engine.register(rescuer)
            let attempt = try await engine.claimOne()
            for _ in 0..<200 {
                engine.time.advance(by: .seconds(29))
                #expect(try await engine.pulse().isKnown)
                #expect(try await engine.pulse(rescuer).rescued.isEmpty)
            }
            engine.time.advance(by: .seconds(30))
            #expect(try await engine.pulse(rescuer).rescued.isEmpty)
            #expect(try await engine.record(attempt, .succeeded(result: "1")).status == .completed)
        }
    }

    @Test("what runs in the name of no worker is seen by a heartbeat that looks for it, and by no other")
    func orphans() async throws {
        try await withEngine { engine in
            let other = UniqueID(high: 0xE, low: 3)
            for _ in 0..<3 { try await engine.enqueue() }
            for epoch in [engine.epoch, other] {
                #expect(try await engine.claim(1, epoch: epoch).claimed == 1)
            }
            try await engine.register(rescuer)
            #expect(try await engine.claim(1, epoch: rescuer).claimed == 1)
            func look(_ findsOrphans: Bool) async throws -> Bool {
                try await engine.store.heartbeat(
                    epoch: rescuer, process: EngineFixture.process, timeout: .seconds(30),
                    watch: HeartbeatWatch(interval: .zero), held: nil, findsOrphans: findsOrphans
                ).seesDead
            }
            #expect(try await !look(true))
            try await engine.change("DELETE FROM workers WHERE epoch = '\(other)'")
            #expect(try await !look(false))
            #expect(try await look(true))
            #expect(try await engine.pulse(rescuer).rescued.count == 1)
            #expect(try await !look(true))
        }
    }

    @Test("a heartbeat hears of the cancellation of what it holds, by name or by all that runs")
    func cancellations() async throws {
        try await withEngine { engine in
            var ids: [UniqueID] = []
            for _ in 0..<3 { ids.append(try await engine.enqueue()) }
            #expect(try await engine.claim().claimed == 3)
            _ = try await engine.store.cancel(ids[1], by: engine.initiator)
            for held in [nil, ids, [ids[1]]] {
                #expect(try await engine.pulse(held: held).pulse.cancelRequests == [ids[1]])
            }
            if engine.store.worksInSets {
                #expect(try await engine.pulse(held: [ids[0]]).pulse.cancelRequests == [])
                try await engine.register(rescuer)
                #expect(try await engine.pulse(rescuer, held: ids).pulse.cancelRequests == [])
            }
        }
    }

    @Test("a process that this machine has no more is dead at once; of others only the heartbeat tells")
    func deadProcess() async throws {
        try await withEngine { engine in
            let looks = LocalProcess(
                host: "here", scope: "this boot", pid: 8, version: "test", isAlive: { $0 != 7 })
            let places = [
                ("here", "this boot", true), ("here", "older boot", false), ("there", "this boot", false),
            ]
            for (host, scope, isRescued) in places {
                try await engine.enqueue()
                let process = LocalProcess(
                    host: host, scope: scope, pid: 7, version: "test", isAlive: { _ in true })
                let epoch = UniqueID(high: 0xD, low: UInt64(host.utf8.count + scope.utf8.count * 100))
                try await engine.register(epoch, process)
                let result = try await engine.claim(epoch: epoch)
                let rescued = try await engine.pulse(rescuer, looks).rescued
                #expect(rescued.isEmpty == !isRescued, "\(host) \(scope)")
                if let attempt = result.needScript.first, !isRescued {
                    #expect(try await engine.record(attempt, .succeeded(result: nil)).status == .completed)
                } else {
                    try await engine.record(engine.claimOne(), .succeeded(result: nil))
                }
            }
        }
    }

    @Test("a rescue counts as an attempt: after the last one the execution fails")
    func lastAttempt() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(uniqueKey: "k", maxAttempts: 1)
            try await engine.register()
            _ = try await engine.claimOne()
            engine.time.advance(by: .seconds(31))
            #expect(try await engine.pulse(rescuer).rescued.map(\.status) == [.failed])
            #expect(
                try await engine.rows("SELECT new_values FROM audit_logs WHERE action = 'execution.failed'")
                    == [
                        """
                        {"error":"Worker 7 on here died while it ran this attempt","status":"failed",\
                        "attempt":1}
                        """
                    ])
            #expect(try await engine.rows("SELECT unique_key FROM execution_unique_keys").isEmpty)
            #expect(try await engine.store.status(of: id) == .failed)
        }
    }

    @Test("what has killed its workers so often as allowed is quarantined, and an operator may free it")
    func quarantine() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue(maxAttempts: 100)
            for rescue in 1...3 {
                let epoch = UniqueID(high: 0xD, low: UInt64(rescue))
                try await engine.register(epoch)
                #expect(try await engine.claim(epoch: epoch).claimed == 1)
                engine.time.advance(by: .seconds(31))
                let rescued = try await engine.pulse(rescuer).rescued
                #expect(rescued.map(\.status) == [rescue == 3 ? .failed : .queued])
            }
            #expect(
                try await engine.rows(
                    """
                    SELECT status, rescues, error_message FROM script_executions UNION ALL \
                    SELECT outcome, attempt, error_kind FROM execution_attempts
                    """) == [
                        """
                        failed|3|Quarantined: 3 workers died with it. Worker 7 on here died while it ran \
                        this attempt
                        """,
                        "rescued|1|worker_lost", "rescued|2|worker_lost", "rescued|3|quarantined",
                    ])
            try await engine.store.retry(id, by: engine.initiator)
            #expect(
                try await engine.rows("SELECT status, rescues FROM script_executions") == ["queued|0"])
        }
    }

    @Test("what somebody wanted cancelled when its worker died is cancelled")
    func cancelRequested() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.register()
            _ = try await engine.claimOne()
            _ = try await engine.store.cancel(id, by: engine.initiator)
            engine.time.advance(by: .seconds(31))
            #expect(try await engine.pulse(rescuer).rescued.map(\.status) == [.cancelled])
            #expect(try await engine.rows("SELECT execution_id FROM execution_queue").isEmpty)
        }
    }

    @Test("a worker that says goodbye leaves nothing to rescue")
    func unregister() async throws {
        try await withEngine { engine in
            try await engine.register()
            #expect(try await engine.store.workers().map(\.pid) == [7])
            try await engine.store.unregister(epoch: engine.epoch)
            #expect(try await engine.store.workers().isEmpty)
        }
    }
}
