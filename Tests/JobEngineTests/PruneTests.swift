import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Pruning")
struct PruneTests {
    private func retention(_ change: (inout Retention) -> Void) -> Retention {
        var retention = Retention()
        change(&retention)
        return retention
    }

    private func statuses(_ engine: EngineFixture) async throws -> [String] {
        try await engine.rows("SELECT status FROM script_executions ORDER BY status")
    }

    @Test("each final state goes when it has been kept for its time, with everything that belongs to it")
    func states() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            try await engine.record(engine.claimOne(), .succeeded(result: "1"), output: "hello")
            try await engine.enqueue(maxAttempts: 1)
            try await engine.record(engine.claimOne(), .failed(.passing), output: "hello")
            let cancelled = try await engine.enqueue()
            _ = try await engine.store.cancel(cancelled, by: engine.initiator)
            try await engine.change(
                "INSERT INTO execution_steps (execution_id, step, name, attempt, finished_at) "
                    + "SELECT id, 0, 'first', 1, queued_at FROM script_executions")
            engine.time.advance(by: .seconds(100))
            let keep = retention {
                $0.completed = .seconds(99)
                $0.failed = .seconds(101)
            }
            #expect(try await engine.store.prunable(keep).executions == 1)
            #expect(try await engine.store.prune(keep, by: engine.initiator).executions == 1)
            #expect(try await statuses(engine) == ["cancelled", "failed"])
            let rest = retention {
                $0.failed = .seconds(1)
                $0.cancelled = .seconds(1)
            }
            #expect(try await engine.store.prune(rest, by: engine.initiator).executions == 2)
            for table in ["script_executions", "execution_attempts", "execution_logs", "execution_steps"] {
                #expect(try await engine.rows("SELECT COUNT(*) FROM \(table)") == ["0"], "\(table)")
            }
            #expect(
                try await engine.rows(
                    """
                    SELECT new_values, user_agent FROM audit_logs WHERE action = 'history.pruned' \
                    ORDER BY id
                    """
                ) == [
                    #"{"audit_logs":0,"executions":1}|the test"#,
                    #"{"audit_logs":0,"executions":2}|the test"#,
                ])
        }
    }

    @Test("what waits, runs or waits for another attempt stays, however old it is")
    func living() async throws {
        try await withEngine { engine in
            try await engine.enqueue(maxAttempts: 3)
            try await engine.record(engine.claimOne(), .failed(.passing))
            try await engine.enqueue(queue: "mail")
            _ = try await engine.claim(queues: ["mail"])
            try await engine.enqueue(queue: "slow")
            let before = try await engine.everything()
            engine.time.advance(by: .seconds(86_400 * 1000))
            let all = retention {
                $0.completed = .zero
                $0.failed = .zero
                $0.cancelled = .zero
            }
            #expect(try await engine.store.prune(all, by: engine.initiator) == Pruned())
            #expect(try await engine.everything() == before)
        }
    }

    @Test("what belongs to a batch stays until the batch has ended")
    func batches() async throws {
        try await withEngine { engine in
            let batch = UniqueID(high: 0xB, low: 1)
            try await engine.change(
                "INSERT INTO batch_executions (id, user_id, script_count, status) "
                    + "VALUES ('\(batch)', '\(UniqueID.systemUser)', 1, 'running')")
            try await engine.enqueue()
            try await engine.change("UPDATE script_executions SET batch_id = '\(batch)'")
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            engine.time.advance(by: .seconds(10))
            let keep = retention { $0.completed = .seconds(1) }
            #expect(try await engine.store.prune(keep, by: engine.initiator).executions == 0)
            let now = engine.time.now().sqlText
            try await engine.change(
                "UPDATE batch_executions SET status = 'completed', completed_at = '\(now)'")
            // On PostgreSQL the next search of everything finds it.
            engine.time.advance(by: .seconds(3600))
            #expect(try await engine.store.prune(keep, by: engine.initiator).executions == 1)
        }
    }

    @Test("one transaction removes no more than a batch, the oldest first, and says whether there is more")
    func portions() async throws {
        try await withEngine { engine in
            for _ in 0..<5 {
                try await engine.enqueue()
                try await engine.record(engine.claimOne(), .succeeded(result: nil))
                engine.time.advance(by: .seconds(1))
            }
            let ids = try await engine.rows("SELECT id FROM script_executions ORDER BY id")
            let keep = retention {
                $0.completed = .seconds(1)
                $0.batch = 2
            }
            var counts: [Int] = []
            var isMore = true
            while isMore {
                let pruned = try await engine.store.prune(keep, by: engine.initiator)
                counts.append(pruned.executions)
                isMore = pruned.isMore
                let left = try await engine.rows("SELECT id FROM script_executions ORDER BY id")
                #expect(left == Array(ids.suffix(left.count)))
            }
            // The last one ended exactly a second ago.
            #expect(counts == [2, 2, 0])
        }
    }

    @Test("the audit trail goes only where it is said")
    func audit() async throws {
        try await withEngine { engine in
            let entries = try await engine.rows("SELECT COUNT(*) FROM audit_logs")
            engine.time.advance(by: .seconds(100))
            let executions = retention { $0.completed = .zero }
            _ = try await engine.store.prune(executions, by: engine.initiator)
            #expect(try await engine.rows("SELECT COUNT(*) FROM audit_logs") == entries)
            let all = retention { $0.auditLogs = .seconds(99) }
            #expect(
                try await engine.store.prune(all, by: engine.initiator).auditLogs == Int(entries.first ?? ""))
            #expect(try await engine.rows("SELECT action FROM audit_logs") == ["history.pruned"])
        }
    }

    @Test("a worker prunes with its heartbeat")
    func worker() async throws {
        try await withEngine(isEager: true) { engine in
            try await engine.enqueue()
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            engine.time.advance(by: .seconds(10))
            try await engine.store.unregister(epoch: engine.epoch)
            let keep = retention { $0.completed = .seconds(1) }
            _ = try await engine.worker(once: true) { $0.retention = keep }.run()
            #expect(try await engine.rows("SELECT COUNT(*) FROM script_executions") == ["0"])
        }
    }

    @Test(
        "on PostgreSQL a search begins where the last ended, and what ended late goes with the next whole one"
    )
    func marks() async throws {
        try await withEngine { engine in
            guard engine.store.worksInSets else { return }
            let keep = retention { $0.failed = .seconds(100) }
            let late = try await engine.enqueue()
            for _ in 0..<5 { try await engine.enqueue() }
            for attempt in try await engine.claim().needScript where attempt.claimed.lease.execution != late {
                try await engine.record(attempt, .succeeded(result: nil))
            }
            engine.time.advance(by: .seconds(101))
            #expect(try await engine.store.prune(keep, by: engine.initiator).executions == 0)
            // Of what is kept for ever nothing is walked over again.
            let kept = try await engine.rows("SELECT max(id::text) FROM script_executions")
            var marks = engine.store.pruneMemory.marks
            let start = marks.start(.failed, kept: .seconds(100), now: engine.time.uptime())
            #expect(kept.allSatisfy { $0 < start.description })
            try await engine.change(
                """
                DO $$ BEGIN PERFORM set_config('hypjobs.epoch', '\(engine.epoch)', true); \
                UPDATE script_executions SET status = 'failed', worker_epoch = NULL, \
                completed_at = queued_at WHERE id = '\(late)'; END $$
                """)
            #expect(try await engine.store.prune(keep, by: engine.initiator).executions == 0)
            engine.time.advance(by: .seconds(3600))
            #expect(try await engine.store.prune(keep, by: engine.initiator).executions == 1)
            #expect(try await statuses(engine) == Array(repeating: "completed", count: 5))
        }
    }

    @Test("marks go with their state; a whole search is due after a tenth of the time kept, or an hour")
    func pureMarks() {
        var marks = PruneMarks()
        let first = UniqueID(high: 0, low: 0)
        let mark = UniqueID(high: 5, low: 0)
        #expect(marks.start(.completed, kept: .seconds(100_000), now: .zero) == first)
        marks.looked(.completed, upTo: mark, now: .zero)
        #expect(marks.start(.failed, kept: .seconds(10), now: .zero) == first)
        marks.looked(.failed, upTo: nil, now: .zero)
        #expect(marks.start(.failed, kept: .seconds(10), now: .seconds(1)) == first)
        #expect(marks.start(.completed, kept: .seconds(100_000), now: .seconds(9999)) == mark)
        #expect(marks.start(.completed, kept: .seconds(100_000), now: .seconds(10_000)) == first)
        #expect(marks.start(.completed, kept: .seconds(10), now: .seconds(13_599)) == first)
    }
}
