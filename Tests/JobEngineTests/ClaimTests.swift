import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Claiming")
struct ClaimTests {
    private func keys(_ result: CycleResult) -> [String?] {
        result.needScript.map(\.claimed.uniqueKey)
    }

    @Test("what is due is claimed by priority, then by time, whichever queue it waits in")
    func order() async throws {
        try await withEngine { engine in
            let now = engine.time.now()
            try await engine.enqueue(priority: 5, uniqueKey: "last")
            try await engine.enqueue(queue: "mail", runAt: now - .seconds(1), uniqueKey: "third")
            try await engine.enqueue(runAt: now - .seconds(2), uniqueKey: "second")
            try await engine.enqueue(runAt: now, uniqueKey: "fourth")
            try await engine.enqueue(queue: "mail", priority: -1, uniqueKey: "first")
            let claimed = try await engine.claim(4, queues: ["default", "mail"])
            #expect(keys(claimed) == ["first", "second", "third", "fourth"])
            #expect(keys(try await engine.claim(4, queues: ["default", "mail"])) == ["last"])
        }
    }

    @Test("a worker claims from its own queues only")
    func queues() async throws {
        try await withEngine { engine in
            try await engine.enqueue(queue: "mail", uniqueKey: "theirs")
            try await engine.enqueue(queue: "slow", uniqueKey: "ours")
            #expect(keys(try await engine.claim(queues: ["default", "slow"])) == ["ours"])
            #expect(try await engine.rows("SELECT queue FROM execution_queue") == ["mail"])
        }
    }

    @Test("nothing is claimed before its time, and everything at it")
    func time() async throws {
        try await withEngine { engine in
            try await engine.enqueue(runAt: engine.time.now() + .seconds(10), uniqueKey: "later")
            engine.time.advance(by: .seconds(10) - .microseconds(1))
            #expect(try await engine.claim().claimed == 0)
            engine.time.advance(by: .microseconds(1))
            #expect(keys(try await engine.claim()) == ["later"])
        }
    }

    @Test("a claim takes no more than its limit, and two workers never the same")
    func batches() async throws {
        try await withEngine { engine in
            let requests = (0..<25).map {
                EnqueueRequest(script: "greeting", uniqueKey: "\($0)")
            }
            _ = try await engine.store.enqueue(requests, by: engine.initiator)
            let other = UniqueID(high: 0xE, low: 2)
            var seen: [String?] = []
            for (limit, epoch, expected) in [(10, engine.epoch, 10), (10, other, 10), (10, other, 5)] {
                let claimed = try await engine.claim(limit, epoch: epoch)
                #expect(claimed.claimed == expected)
                #expect(claimed.needScript.allSatisfy { $0.claimed.lease.epoch == epoch })
                seen += keys(claimed)
            }
            #expect(seen == (0..<25).map { "\($0)" })
            #expect(try await engine.claim().claimed == 0)
        }
    }

    @Test("a claim opens the attempt and takes the execution out of the queue")
    func rows() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            engine.time.advance(by: .seconds(3))
            let now = engine.time.now().sqlText
            let claimed = try await engine.claim()
            #expect(claimed.sources.values.map(\.name) == ["greeting"])
            #expect(
                try await engine.rows(
                    "SELECT id, status, attempt, worker_epoch, started_at FROM script_executions") == [
                        "\(id)|running|1|\(engine.epoch)|\(now)"
                    ])
            #expect(
                try await engine.rows(
                    """
                    SELECT execution_id, attempt, worker_epoch, claimed_at, finished_at, outcome \
                    FROM execution_attempts
                    """) == ["\(id)|1|\(engine.epoch)|\(now)|NULL|NULL"])
            #expect(try await engine.rows("SELECT * FROM execution_queue").isEmpty)
        }
    }

    @Test("the sources that a worker knows are not sent again")
    func knownScripts() async throws {
        try await withEngine { engine in
            try await engine.enqueue()
            let first = try await engine.claim()
            try await engine.enqueue()
            let request = ClaimRequest(
                epoch: engine.epoch, queues: ["default"], limit: 1, knownScripts: Set(first.sources.keys))
            let second = try await engine.store.claim(request)
            #expect(second.claimed == 1)
            #expect(second.sources.isEmpty)
        }
    }

    @Test("an execution whose template is gone fails when it is claimed, for good")
    func missingTemplate() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.change("UPDATE script_executions SET template = 'gone'")
            let result = try await engine.claim()
            #expect(result.needScript.isEmpty)
            #expect(result.ended.map(\.status) == [.failed])
            #expect(
                try await engine.rows(
                    """
                    SELECT e.id, e.status, e.error_message, a.outcome, a.error_kind \
                    FROM script_executions e JOIN execution_attempts a ON a.execution_id = e.id
                    """) == [
                        "\(id)|failed|The configuration has no template 'gone'|failed|configuration"
                    ])
        }
    }

    @Test("an execution whose version is gone fails for good instead of ending the worker")
    func missingVersion() async throws {
        try await withEngine { engine in
            let id = try await engine.enqueue()
            try await engine.change("DELETE FROM script_versions")
            let result = try await engine.claim()
            #expect(result.needScript.isEmpty)
            #expect(result.ended.map(\.status) == [.failed])
            #expect(
                try await engine.rows("SELECT id, status, error_message FROM script_executions") == [
                    "\(id)|failed|The store has no version 1 of the script any more"
                ])
        }
    }

    @Test("a row of the queue whose execution does not wait is dropped and hides none behind it")
    func strayRow() async throws {
        try await withEngine { engine in
            try await engine.enqueue(priority: -1)
            try await engine.change("UPDATE script_executions SET status = 'cancelled'")
            try await engine.enqueue(uniqueKey: "behind")
            let first = try await engine.claim(1)
            #expect(first.claimed == 0)
            #expect(first.taken == 1)
            #expect(keys(try await engine.claim(1)) == ["behind"])
            #expect(try await engine.rows("SELECT * FROM execution_queue").isEmpty)
        }
    }
}
