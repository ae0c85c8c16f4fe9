import Glibc
import JobEngine
import Testing

@Suite("Workers and waiting on the command line", .timeLimit(.minutes(2)))
struct WorkerCommandTests {
    /// Polls often, and gives up after the first failure.
    private static let quick = """
        worker { poll_interval_ms: 20, grace_period: 0.2 }
        transactions { settings: { max_retries: 0 } }
        """

    /// A worker beside the body, until the body has ended.
    private func withWorker(
        _ here: Installation, _ body: @Sendable () async throws -> Void
    ) async throws -> CommandResult {
        let run = Task {
            try await here.run(
                "worker",
                signalWhen: { errors in
                    // The body's last execution ends the worker.
                    errors.contains("goodbye") ? SIGTERM : nil
                })
        }
        try await body()
        let goodbye = try await here.run("enqueue goodbye")
        #expect(goodbye.status == 0, "\(goodbye.errors)")
        return try await run.value
    }

    @Test("to wait is to end as the execution ends, with its output on standard output")
    func wait() async throws {
        try await withInstallation { here in
            try here.write(Self.quick, to: "config/z.hyp")
            try here.write("Focus { observe goodbye; } Relax\n", to: "goodbye.hyp")
            _ = try await here.run("script add goodbye.hyp")
            let worker = try await withWorker(here) {
                let good = try await here.run("enqueue hello name=Ada --wait")
                #expect(good.status == 0)
                #expect(good.output == "Hello, Ada!\n")
                #expect(good.errors.contains("✓ completed in "), "\(good.errors)")
                #expect(good.errors.contains("result \"Hello, Ada!\"\n"), "\(good.errors)")
                let bad = try await here.run("enqueue broken --wait")
                #expect(bad.status == 1)
                #expect(bad.output == "")
                #expect(
                    bad.errors.contains(
                        """
                        error[HJ-2101]: Variable 'missing' not found
                         --> broken.hyp:2:13
                          |
                        2 |     observe missing;
                          |             ^
                        """), "\(bad.errors)")
                let json = try await here.run("enqueue hello name=Bob --wait --json")
                #expect(json.status == 0)
                #expect(json.errors == "")
                #expect(here.member("status", of: json) == "completed", "\(json.output)")
                #expect(here.member("result", of: json) == "Hello, Bob!")
            }
            #expect(worker.status == 0, "\(worker.errors)")
        }
    }

    @Test("whoever has waited long enough gets status 124, and the execution stays")
    func timeout() async throws {
        try await withInstallation { here in
            let result = try await here.run("enqueue hello --wait --timeout 0")
            #expect(result.status == 124)
            #expect(result.output == "")
            #expect(result.errors.contains("error[HJ-5008]: Execution "))
            #expect(result.errors.contains(" is still queued\n"))
            let listed = try await here.run("executions list --status queued --json")
            guard case .array(let rows)? = here.json(listed), case .string(let id)? = rows.first?[key: "id"]
            else {
                Issue.record("\(listed.output)")
                return
            }
            #expect(try await here.run("executions watch \(id) --timeout 0").status == 124)
        }
    }

    @Test("two workers on one file share the work, and nothing runs twice")
    func twoWorkers() async throws {
        try await withInstallation { here in
            try here.write(
                "Focus { induce x = 0; loop (induce i = 0; i < 300; i = i + 1) { x = x + i; } } Relax",
                to: "count.hyp")
            _ = try await here.run("script add count.hyp")
            let lines = String(repeating: "{\"script\":\"count\"}\n", count: 400)
            #expect(try await here.run("enqueue -", input: lines).output == "queued 400 executions\n")
            // Small claims, so that neither takes it all at once.
            try here.write("worker { claim_batch: 5, prefetch_ms: 0 }", to: "config/z.hyp")
            async let first = here.run("worker --once -j 2 --json")
            async let second = here.run("worker --once -j 2 --json")
            let results = [try await first, try await second]
            #expect(results.map(\.status) == [0, 0])
            let completed = results.map { result -> Int in
                guard case .number(let count)? = here.json(result)?[key: "completed"] else { return 0 }
                return Int(count) ?? 0
            }
            #expect(completed.reduce(0, +) == 400)
            #expect(completed.allSatisfy { $0 > 0 }, "\(completed)")
            let status = try await here.run("status --json")
            guard case .array(let scripts)? = here.json(status)?[key: "scripts"], let script = scripts.first
            else {
                Issue.record("\(status.output)")
                return
            }
            #expect(script[key: "completed"] == .integer(400))
            #expect(script[key: "retries"] == .integer(0))
            #expect(here.json(status)?[key: "workers"] == .array([]))
        }
    }

    @Test("a program that does not parse when it runs fails at its line, for good")
    func syntaxErrorAtRun() async throws {
        try await withInstallation { here in
            _ = try await here.run("enqueue hello name=Ada")
            let configuration = SQLFile(path: here.path("hypjobs.sqlite"))
            try configuration.execute("UPDATE script_versions SET content = 'Focus { observe ;'")
            let worker = try await here.run("worker --once")
            #expect(worker.status == 0)
            #expect(worker.errors.contains("attempt 1 at line 1: "), "\(worker.errors)")
            #expect(worker.errors.contains("\n0 completed · 1 failed · "), "\(worker.errors)")
        }
    }

    @Test("a failed execution keeps the calls that led to its error, and shows what was meant")
    func storedCallChain() async throws {
        try await withInstallation { here in
            let program = """
                Focus {
                    suggestion inner(total) { awaken totl + 1; }
                    suggestion outer(n) { awaken inner(n); }
                    observe outer(1);
                } Relax

                """
            try here.write(program, to: "chain.hyp")
            #expect(try await here.run("script add chain.hyp").status == 0)
            let id = here.member("id", of: try await here.run("enqueue chain --json")) ?? ""
            let worker = try await here.run("worker --once")
            #expect(worker.errors.contains("attempt 1 at line 2: "), "\(worker.errors)")
            let shown = try await here.run("executions show \(id)")
            #expect(
                shown.output.contains(
                    """
                    error[HJ-2101]: Variable 'totl' not found
                     --> chain.hyp:2:38
                      |
                    2 |     suggestion inner(total) { awaken totl + 1; }
                      |                                      ^^^^
                    help: did you mean 'total'?
                    see: hypjobs explain HJ-2101
                      called from outer at chain.hyp:3:39
                      called from Focus at chain.hyp:4:18
                    """), "\(shown.output)")
            let json = try await here.run("executions show \(id) --json")
            guard case .array(let attempts)? = here.json(json)?[key: "attempts"],
                case .array(let steps)? = attempts.first?[key: "steps"],
                let failed = steps.first(where: { $0[key: "calls"] != nil })
            else {
                Issue.record("\(json.output)")
                return
            }
            let calls: JSON = [
                ["function": "outer", "line": .integer(3), "column": .integer(39)],
                ["function": "Focus", "line": .integer(4), "column": .integer(18)],
            ]
            #expect(failed[key: "calls"] == calls)
            #expect(attempts.first?[key: "error"] == .string("Variable 'totl' not found"))
        }
    }

    @Test("SIGTERM lets a worker finish; a program that goes on after the grace period is given back")
    func sigterm() async throws {
        try await withInstallation { here in
            try here.write(Self.quick, to: "config/z.hyp")
            try here.write("Focus { while (true) { induce x = 1; } } Relax", to: "endless.hyp")
            _ = try await here.run("script add endless.hyp")
            _ = try await here.run("enqueue broken --max-attempts 1")
            _ = try await here.run("enqueue endless --max-attempts 1 --priority -1")
            // The failure of the second program says that the first is running.
            let result = try await here.run(
                "worker -j 2", signalWhen: { $0.contains("missing") ? SIGTERM : nil })
            #expect(result.status == 0)
            #expect(result.errors.contains("stopping: no more claims; once more interrupts what runs\n"))
            #expect(result.errors.contains("interrupting 1 execution\n"), "\(result.errors)")
            #expect(result.errors.contains(" · 1 given back · "), "\(result.errors)")
            let listed = try await here.run("executions list --status queued --json")
            #expect(listed.output.contains("\"script\": \"endless\""), "\(listed.output)")
        }
    }

    @Test("what a worker runs is chosen by queue, and a worker without queues is refused")
    func queues() async throws {
        try await withInstallation { here in
            _ = try await here.run("enqueue hello name=Ada --queue mail")
            let other = try await here.run("worker --once --json")
            #expect(here.json(other)?[key: "completed"] == .integer(0))
            let own = try await here.run("worker --once --json --queues default,mail")
            #expect(here.json(own)?[key: "completed"] == .integer(1), "\(own.output) \(own.errors)")
            for words in [["--queues", ""], ["--queues", ","], ["-j", "0"], ["--json", "--jsonl"]] {
                let wrong = try await here.run("worker --once", words)
                #expect(wrong.status == 2, "\(words)")
                #expect(wrong.output == "", "\(words)")
                #expect(wrong.errors.hasPrefix("Error: "), "\(words)")
            }
        }
    }

    @Test("with --jsonl every line of a worker is a document of its own")
    func events() async throws {
        try await withInstallation { here in
            _ = try await here.run("enqueue hello name=Ada")
            let result = try await here.run("worker --once --jsonl")
            #expect(result.status == 0)
            #expect(result.errors == "")
            let events = try result.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
            #expect(
                events.map { $0[key: "event"] } == ["worker_started", "claimed", "ended", "worker_stopped"])
        }
    }
}
