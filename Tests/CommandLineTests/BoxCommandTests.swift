import JobEngine
import Testing

@Suite("Boxes and replays on the command line")
struct BoxCommandTests {
    @Test("a program gets what it needs with its file, and loses it again")
    func box() async throws {
        try await withInstallation { here in
            try here.write(
                "Focus { WriteFile(\"a\", \"b\"); observe GetEnv(\"HOME\") != null; } Relax", to: "w.hyp")
            let added = try await here.run("script add w.hyp --allow files=jobs --allow environment=HOME")
            #expect(added.status == 0, "\(added.errors)")
            let done = try await here.run("enqueue w")
            #expect(done.status == 0)
            #expect(try await here.run("worker --once").errors.contains("1 completed"))
            let shown = try await here.run("script box w")
            #expect(shown.output.contains("\nsleep         -\n"))
            #expect(shown.output.contains("/jobs\n"))
            #expect(shown.output.contains("\nenvironment   HOME\n"))
            #expect(shown.output.contains("\nseconds       no limit\n"))

            let denied = try await here.run("script box w --deny files --limit seconds=1.5 --json")
            let box = here.json(denied)
            #expect(box?[key: "stored"]?[key: "files"] == .bool(false))
            #expect(box?[key: "effective"]?[key: "seconds"] == .number("1.5"))
            _ = try await here.run("enqueue w --max-attempts 1")
            #expect(try await here.run("worker --once").errors.contains("1 failed"))
            let failed = try await here.run("executions list --status failed --json")
            #expect(failed.output.contains("hypjobs script box w --allow files=DIRECTORY"))

            try here.write("scripts { w { capabilities { files: \"jobs\" } } }\n", to: "config/boxes.hyp")
            _ = try await here.run("enqueue w --max-attempts 1")
            #expect(try await here.run("worker --once").errors.contains("1 completed"))
            try here.write("queues { narrow { deny: [\"files\"] } }\n", to: "config/narrow.hyp")
            _ = try await here.run("enqueue w --max-attempts 1 --queue narrow")
            #expect(try await here.run("worker --once --queues narrow").errors.contains("1 failed"))
        }
    }

    @Test(
        "what no box can have is refused with what it wants",
        arguments: [
            ("--allow slep", "There is no capability 'slep'"), ("--allow sleep=1", "'sleep' wants no value"),
            ("--allow files", "wants a directory"), ("--allow files=nowhere", "found 'nowhere'"),
            ("--allow environment", "wants names"), ("--deny networks", "There is no capability 'networks'"),
            ("--limit second=1", "There is no limit 'second'"),
            ("--limit seconds=never", "a number of seconds"),
            ("--limit memory_bytes=1", "a whole number from 65536"), ("--record some", "none, failed or all"),
        ])
    func refused(words: String, message: String) async throws {
        try await withInstallation { here in
            let result = try await here.run("script box hello \(words)")
            #expect(result.status == 2)
            #expect(result.output == "")
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }

    @Test("a recorded run is replayed by its id, and one that was not says how")
    func replay() async throws {
        try await withInstallation { here in
            try here.write("Focus { observe Random(); observe CurrentTimestamp(); } Relax", to: "dice.hyp")
            _ = try await here.run("script add dice.hyp")
            let plain = try #require(here.member("id", of: try await here.run("enqueue dice --json")))
            _ = try await here.run("script box dice --record all")
            let recorded = try #require(here.member("id", of: try await here.run("enqueue dice --json")))
            _ = try await here.run("worker --once")
            #expect(try await here.run("executions logs \(recorded)").output != "")
            let replay = try await here.run("replay \(recorded) --output")
            #expect(replay.status == 0, "\(replay.errors)")
            #expect(replay.output == (try await here.run("executions logs \(recorded)").output))
            #expect(replay.errors.contains("attempt 1 replays: 1 answer"))
            let document = here.json(try await here.run("replay \(recorded) --json"))
            #expect(document?[key: "same"] == .bool(true))
            let again = try await here.run("replay \(recorded) --attempt 2")
            #expect(again.status == 7)
            // Both began when it was recorded.
            #expect(try await here.run("replay \(plain)").status == 0)
            let none = try await here.run("enqueue hello name=Ada --json")
            let hello = try #require(here.member("id", of: none))
            let refused = try await here.run("replay \(hello)")
            #expect(refused.status == 7)
            #expect(refused.errors.contains("hypjobs script box hello --record all"))
        }
    }
}
