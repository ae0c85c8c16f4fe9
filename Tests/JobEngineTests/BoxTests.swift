import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("What a script may do and use")
struct BoxTests {
    private func rules(_ text: String) throws -> BoxRules { try BoxRules(try JSON(parsing: text)) }

    @Test("rules keep their meaning as text, and wrong ones are refused by name")
    func text() throws {
        let text = """
            {"output":false,"sleep":true,"files":"/srv","modules":false,"environment":["HOME"],\
            "instructions":5,"memory_bytes":65536,"call_depth":10,"output_bytes":0,"seconds":1.5,\
            "record":"all"}
            """
        #expect(try rules(text).json.text == text)
        for (text, message) in [
            (#"{"slep":true}"#, "A box has no rule 'slep'"),
            (#"{"sleep":1}"#, "'sleep' of a box is true or false"),
            (#"{"files":"data"}"#, "'files' of a box is an absolute path of a directory, or false"),
            (#"{"environment":["A=B"]}"#, "'environment' of a box is names of variables, or false"),
            (#"{"memory_bytes":1}"#, "'memory_bytes' of a box is a whole number from 65536 to \(Int.max)"),
            (#"{"seconds":0}"#, "'seconds' of a box is a number of seconds from 0.001 to 604800"),
            (#"{"record":"some"}"#, "'record' of a box is none, failed or all"),
            ("[]", "The rules of a box are one object"),
        ] {
            let error = #expect(throws: JobEngineError.self) { _ = try rules(text) }
            #expect(error?.reason == message)
        }
    }

    @Test("the configuration has the last word, and a queue only takes away")
    func layers() throws {
        var register = BoxRegister()
        register.scripts["report"] = try rules(#"{"sleep":false,"call_depth":50,"database":true}"#)
        var queue = QueueBox()
        queue.denied = [.files, .database]
        queue.limits = try rules(#"{"memory_bytes":100000,"call_depth":90,"seconds":3}"#)
        register.queues["narrow"] = queue
        let stored = try rules(#"{"sleep":true,"files":"/srv","memory_bytes":70000,"seconds":9}"#)

        let box = register.box(of: "report", stored: stored, in: "default")
        #expect((box.sleep, box.database, box.files) == (false, true, "/srv"))
        #expect((box.memoryBytes.value, box.memoryBytes.source) == (70_000, .script))
        #expect((box.callDepth.value, box.callDepth.source) == (50, .configuration))
        #expect((box.outputBytes.value, box.outputBytes.source) == (1_048_576, .worker))

        let narrow = register.box(of: "report", stored: stored, in: "narrow")
        #expect((narrow.database, narrow.files) == (false, nil))
        #expect(narrow.memoryBytes.value == 70_000)
        #expect(narrow.callDepth.value == 50)
        #expect((narrow.time.value, narrow.time.source) == (.seconds(3), .queue("narrow")))
        #expect(register.box(of: "other", stored: .none, in: "default") == ScriptBox())
    }

    @Test(
        "each capability is refused unless it is granted, with the line and what to do",
        arguments: [
            ("sleep", #"Sleep(1);"#), ("stdin", "observe Input();"), ("process", "Exit(0);"),
            ("filesystem", #"observe FileExists("a");"#), ("environment", #"observe GetEnv("HOME");"#),
            ("database", #"observe DatabaseQuery("SELECT 1 AS one");"#),
            ("output", #"observe 1;"#), ("clock", "induce a = CurrentTimestamp();"),
            ("random", "induce a = Random();"),
            ("modules", #"mindLink "other";"#),
        ])
    func capabilities(name: String, statement: String) async throws {
        try await withTemporaryDirectory { folder in
            try await check(name, statement, folder)
        }
    }

    private func check(_ name: String, _ statement: String, _ folder: String) async throws {
        try await withEngine(isEager: true, on: [.sqlite]) { engine in
            try await engine.add("probe", "Focus {\n    \(statement)\n} Relax")
            let id = try await engine.enqueue("probe", maxAttempts: 1)
            let worker = engine.worker(once: true) {
                $0.boxes.base = $0.boxes.base.applying(.nothing, from: .worker)
            }
            #expect(try await worker.run().failed == 1)
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            #expect(attempt.errorKind == "capability")
            #expect(attempt.line == 2)
            let values = [
                "filesystem": "files=DIRECTORY", "modules": "modules=DIRECTORY",
                "environment": "environment=NAME",
            ]
            let option = values[name] ?? name
            #expect(
                attempt.error == """
                    Runtime error: Capability '\(name)' is not granted ('hypjobs script box probe --allow \
                    \(option)' grants it, unless the queue or the configuration denies it)
                    """)
            // The same with everything granted.
            var all = BoxRules.nothing
            (all.output, all.clock, all.random, all.sleep) = (true, true, true, true)
            (all.stdin, all.process, all.database) = (true, true, true)
            (all.files, all.environment) = (.granted(folder), .granted(["HOME"]))
            // No module is found, which is another matter.
            if name == "modules" { return }
            _ = try await engine.store.setBox(of: "probe", all, by: engine.initiator)
            try await engine.enqueue("probe", maxAttempts: 1)
            #expect(try await engine.worker(once: true).run().completed == 1)
        }
    }

    @Test(
        "each limit is named with its value and where to raise it",
        arguments: [
            (
                #"{"instructions":100000}"#, "Instruction limit exceeded", "instructions is 100000",
                "while (true) { }"
            ),
            (
                #"{"memory_bytes":1000000}"#, "Memory limit exceeded", "memory_bytes is 1000000",
                #"induce a = "x"; while (true) { a = a + a; }"#
            ),
            (
                #"{"call_depth":20}"#, "Call depth limit exceeded", "call_depth is 20",
                "suggestion f(n) { awaken f(n + 1) + 1; } observe f(1);"
            ),
            (
                #"{"output_bytes":10}"#, "Output limit exceeded", "output_bytes is 10",
                #"observe "more than ten";"#
            ),
            (#"{"seconds":0.02}"#, "Time limit exceeded", "seconds is 0.02", "while (true) { }"),
        ])
    func limits(box: String, message: String, value: String, statement: String) async throws {
        let rules = try rules(box)
        try await withEngine(isEager: true, on: [.sqlite]) { engine in
            try await engine.add("probe", "Focus {\n    \(statement)\n} Relax")
            _ = try await engine.store.setBox(of: "probe", rules, by: engine.initiator)
            let id = try await engine.enqueue("probe", maxAttempts: 1)
            #expect(try await engine.worker(once: true).run().failed == 1)
            let attempt = try #require(try await engine.store.execution(id).attempts.first)
            let name = value.split(separator: " ")[0]
            #expect(
                attempt.error == "Runtime error: \(message) "
                    + "(\(value); raise it with 'hypjobs script box probe --limit \(name)=…')")
            #expect(attempt.line == 2)
        }
    }

    @Test("a change is audited, and a running worker hears of it with a heartbeat")
    func changes() async throws {
        try await withEngine(isEager: true) { engine in
            try await engine.add("sleeper", "Focus { Sleep(1); } Relax")
            try await engine.enqueue("sleeper", maxAttempts: 1)
            let story = RecordingObserver()
            let worker = engine.worker(slots: 1, observer: story) {
                $0.heartbeatInterval = .milliseconds(200)
                $0.pollInterval = .milliseconds(20)
            }
            async let summary = worker.run()
            await story.wait { if case .ended = $0 { true } else { false } }
            var rules = BoxRules()
            rules.sleep = true
            _ = try await engine.store.setBox(of: "sleeper", rules, by: engine.initiator)
            let all = try await engine.store.allBoxRules()
            #expect(all.values.map(\.sleep) == [true])
            // One of these begins after the worker has heard of it.
            var isCompleted = false
            while !isCompleted {
                let id = try await engine.enqueue("sleeper", maxAttempts: 1)
                await story.wait { if case .ended(let ended) = $0 { ended.execution == id } else { false } }
                isCompleted = try await engine.store.status(of: id) == .completed
            }
            worker.drain()
            _ = try await summary
            #expect(
                try await engine.rows(
                    "SELECT old_values, new_values FROM audit_logs WHERE action = 'script.box_changed'"
                ).map { $0.filter { $0 != " " } } == [#"{}|{"sleep":true}"#])
        }
    }

    @Test("rules that nobody can read grant nothing")
    func unreadable() {
        #expect(BoxRules(stored: "what") == .nothing)
        #expect(BoxRules(stored: #"{"fils":"/"}"#) == .nothing)
    }
}
