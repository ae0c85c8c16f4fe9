import JobEngine
import Testing

@Suite("Queues, pruning and examinations on the command line")
struct QueueCommandTests {
    @Test("a queue is paused with a reason, listed, and resumed")
    func pause() async throws {
        try await withInstallation { here in
            let silent = try await here.run("queues pause mail")
            #expect(silent.status == 2)
            let paused = try await here.run("queues pause mail --reason", ["the relay is down"])
            #expect(paused.output == "queue mail paused\n", "\(paused.errors)")
            _ = try await here.run("enqueue hello name=Ada --queue mail")
            let list = try await here.run("queues list")
            #expect(list.output.contains("⏸ "))
            #expect(list.output.contains(": the relay is down"))
            let document = here.json(try await here.run("queues list --json"))
            guard case .array(let queues)? = document else { throw SystemFailure("queues list --json", 0) }
            #expect(queues.first?[key: "name"] == .string("mail"))
            #expect(queues.first?[key: "due"] == .number("1"))
            #expect(queues.first?[key: "paused"]?[key: "reason"] == .string("the relay is down"))
            let worker = try await here.run("worker --once --queues mail")
            #expect(worker.errors.contains("0 completed"), "\(worker.errors)")
            #expect(try await here.run("queues resume mail").output == "queue mail resumed\n")
            let again = try await here.run("queues resume mail --json")
            #expect(here.json(again) == ["queue": "mail", "changed": .bool(false)])
            let done = try await here.run("worker --once --queues mail")
            #expect(done.errors.contains("1 completed"), "\(done.errors)")
        }
    }

    @Test("limits are set and removed, and the configuration states them")
    func limits() async throws {
        try await withInstallation { here in
            let set = try await here.run("queues set mail --max-running 2 --rate 2.5")
            #expect(set.output == "queue mail limited\n", "\(set.errors)")
            _ = try await here.run("queues set mail --max-running none --aging 60")
            let list = try await here.run("queues list")
            #expect(
                list.output.contains("2.5 a second, 3 at once, a step of priority each 60 s"),
                "\(list.output)\(list.errors)")
            for words in [
                "queues set mail", "queues set mail --max-running 0", "queues set mail --max-running two",
                "queues set mail --burst 2 --rate none", "queues set slow --burst 2",
                "queues set no/queue --aging 1",
            ] {
                #expect(try await here.run(words).status == 2, "\(words)")
            }
            try here.write("queues { slow { max_running: 3 } }\n", to: "config/queues.hyp")
            #expect(try await here.run("queues apply").output == "limits of queue slow set\n")
            #expect(try await here.run("queues apply").output == "")
            #expect(try await here.run("queues list").output.contains("3 at one time"))
        }
    }

    @Test("what waits under a unique key is replaced or moved, and the key of a queue's limit is kept")
    func unique() async throws {
        try await withInstallation { here in
            let first = try await here.run("enqueue hello name=Ada --unique k --json")
            let id = try #require(here.member("id", of: first))
            #expect(try await here.run("enqueue hello name=Bob --unique k").status == 5)
            let replaced = try await here.run(
                "enqueue hello name=Bob --unique k --unique-mode replace --key bob")
            #expect(replaced.output == "replaced \(id) in queue default\n", "\(replaced.errors)")
            let moved = try await here.run(
                "enqueue hello --unique k --unique-mode reschedule --at 2001-01-01T00:00:00Z --json")
            #expect(here.member("changed", of: moved) == "rescheduled", "\(moved.errors)")
            let lines =
                #"{"script":"hello","unique":"k","unique_mode":"replace","key":"eve"}"# + "\n"
                + #"{"script":"hello","arguments":{"name":"Eve"},"key":"eve"}"# + "\n"
            let bulk = try await here.run("enqueue -", input: lines)
            #expect(bulk.output == "queued 1 execution, 1 changed that waited\n", "\(bulk.errors)")
            #expect(try await here.run("enqueue hello --unique-mode replace").status == 2)
            let wrong = try await here.run(
                "enqueue -", input: #"{"script":"hello","unique_mode":"replace"}"#)
            #expect(wrong.errors.contains("The unique mode 'replace' needs a unique key"), "\(wrong.errors)")
        }
    }

    @Test("history is removed once it is confirmed, and only what is old enough")
    func prune() async throws {
        try await withInstallation { here in
            let silent = try await here.run("prune")
            #expect(silent.status == 2)
            #expect(silent.errors.hasPrefix("error[HJ-5004]: Nothing says how long history is kept"))
            _ = try await here.run("enqueue hello name=Ada")
            _ = try await here.run("worker --once")
            let young = try await here.run("prune --completed-days 1 --yes")
            #expect(young.output == "removed 0 executions and 0 entries of the audit trail\n")
            let counted = try await here.run("prune --completed-days 0 --dry-run")
            #expect(counted.output == "would remove 1 execution and 0 entries of the audit trail\n")
            let asked = try await here.run("prune --completed-days 0")
            #expect(asked.status == 2)
            #expect(
                asked.errors.hasPrefix(
                    "error[HJ-5010]: This removes 1 execution and 0 entries of the audit trail"))
            try here.write("worker { retention { completed_days: 0 } }\n", to: "config/retention.hyp")
            let removed = try await here.run("prune --yes --json")
            #expect(
                here.json(removed) == ["removed": ["executions": .integer(1), "audit_logs": .integer(0)]])
            #expect(try await here.run("executions list --json").output == "[]\n")
        }
    }

    @Test("doctor finds a sound installation sound, and a damaged one not")
    func doctor() async throws {
        try await withInstallation { here in
            let sound = try await here.run("doctor")
            #expect(sound.status == 0, "\(sound.output)\(sound.errors)")
            #expect(sound.output.contains("✓ integrity"))
            #expect(!sound.output.contains("✗"))
            _ = try await here.run("enqueue hello name=Ada --queue mail")
            let warned = try await here.run("doctor")
            #expect(warned.status == 0)
            #expect(warned.output.contains("1 due in 'mail', which no living worker serves"))
            let file = SQLFile(path: here.path("hypjobs.sqlite"))
            try file.execute("DELETE FROM execution_queue")
            let broken = try await here.run("doctor --json")
            #expect(broken.status == 4)
            guard case .array(let findings)? = here.json(broken) else {
                throw SystemFailure("doctor --json", 0)
            }
            let problems = findings.filter { $0[key: "level"] == .string("problem") }
            #expect(problems.map { $0[key: "check"] } == [.string("executions")])
        }
    }
}
