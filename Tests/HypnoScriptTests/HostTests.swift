import Glibc
import SourceText
import Testing

@testable import HypnoScript

@Suite("What a host grants")
struct HostTests {
    /// Runs a program in a directory of its own, with files below its folder `box`.
    private func output(_ program: String, _ prepare: (String) -> Void = { _ in }) throws -> String {
        let folder = String(cString: try #require(mkdtemp(strdup("/tmp/hypjobs-host-XXXXXX"))))
        defer { try? FileAccess(scope: .everywhere).deleteDirectory(folder, recursively: true) { _ in } }
        mkdir("\(folder)/box", 0o700)
        prepare(folder)
        var host = ScriptHost(output: nil)
        host.files = .below("\(folder)/box")
        return run(program.replacing("ROOT", with: folder), host).output
    }

    private func run(
        _ program: String, _ host: ScriptHost
    ) -> (output: String, failure: ScriptFailure?) {
        var host = host
        let output = OutputCollector()
        host.output = output
        do {
            let script = try HypnoScript.compile(
                SourceFile(name: "test.hyp", text: "Focus {\(program)} Relax"))
            guard
                case .failed(let failure) = script.run(
                    host: host, limits: ScriptLimits(), cancellation: nil
                ).end
            else { return (output.text, nil) }
            return (output.text + failure.message, failure)
        } catch {
            return (error.message, nil)
        }
    }

    private let outside = "Runtime error: Capability 'filesystem' does not reach outside of its directory"

    @Test("files below a directory can be made, read, listed and deleted")
    func insideOfTheDirectory() throws {
        let program = """
            CreateDirectory("a/b"); WriteFile("a/b/one", "1"); AppendFile("ROOT/box/a/b/one", "2");
            WriteFile("./a/../two", "22"); CopyFile("two", "a/three"); RenameFile("a/three", "a/four");
            observe ReadFile("a/b/one"); observe GetFileSize("/" + "two") ?? "";
            """
        #expect(try output(program) == "12\n\(outside)")
        let rest = """
            WriteFile("x/y", "1"); observe ListDirectory(".");
            observe IsDirectory("x"); observe IsFile("x/y");
            DeleteDirectory("x", true); observe ListDirectory("");
            observe FileExists("nothing/at/all"); observe GetFileInfo(".").isDirectory;
            """
        #expect(try output(rest) == "[x]\ntrue\ntrue\n[]\nfalse\ntrue\n")
    }

    @Test(
        "nothing outside of the directory can be reached",
        arguments: [
            "ReadFile(\"../secret\")", "ReadFile(\"a/../../secret\")", "ReadFile(\"/etc/passwd\")",
            "ReadFile(\"ROOT/secret\")", "ReadFile(\"ROOT/box/../secret\")", "ReadFile(\"ROOT/boxes\")",
            "WriteFile(\"../new\", \"\")", "FileExists(\"../secret\")", "RenameFile(\"../secret\", \"mine\")",
            "CopyFile(\"../secret\", \"mine\")", "DeleteFile(\"../secret\")", "ListDirectory(\"..\")",
            "CreateDirectory(\"../folder\")", "DeleteDirectory(\"..\", true)",
            "HashFile(\"../secret\", \"MD5\")",
            "GetFileInfo(\"../secret\")", "ReadFile(\"../\u{301}\u{600}/../secret\")",
            "WriteFile(\"../\u{301}x\", \"\")",
            "RenameFile(\"a\", \"../\u{301}\")", "CreateDirectory(\"../\u{301}\u{600}\")",
            "WriteLines(\"../new\", [1])", "ReadLines(\"../secret\")",
        ])
    func outsideOfTheDirectory(call: String) throws {
        let text = try output("observe \(call);") { folder in
            for name in ["secret", "boxes"] { close(open("\(folder)/\(name)", O_CREAT | O_WRONLY, 0o600)) }
        }
        #expect(text == outside)
    }

    @Test("links are not followed, and pipes do not hold a script up")
    func links() throws {
        let program = """
            try { observe ReadFile("link"); } catch (error) { observe error; }
            try { observe ReadFile("folder/secret"); } catch (error) { observe error; }
            try { WriteFile("link", "x"); } catch (error) { observe error; }
            observe IsFile("link");
            observe ReadFile("pipe") == "";
            DeleteFile("link"); DeleteDirectory(".", true);
            """
        let text = try output(program) { folder in
            close(open("\(folder)/secret", O_CREAT | O_WRONLY, 0o600))
            symlink("../secret", "\(folder)/box/link")
            symlink("..", "\(folder)/box/folder")
            mkfifo("\(folder)/box/pipe", 0o600)
        }
        let loop = "Too many levels of symbolic links (os error 40)"
        let noDirectory = "Not a directory (os error 20)"
        #expect(
            text == """
                \(loop)
                \(noDirectory)
                \(loop)
                false
                true
                Runtime error: Invalid argument (os error 22)
                """)
    }

    @Test("of the environment a script sees the variables that it was given")
    func environment() {
        setenv("HYPJOBS_TEST_SEEN", "yes", 1)
        setenv("HYPJOBS_TEST_SECRET", "no", 1)
        var host = ScriptHost(output: nil)
        host.environment = .variables(["HYPJOBS_TEST_SEEN", "HYPJOBS_TEST_UNSET"])
        #expect(run("observe GetEnv(\"HYPJOBS_TEST_SEEN\");", host).output == "yes\n")
        #expect(run("observe GetEnv(\"HYPJOBS_TEST_UNSET\");", host).output == "null\n")
        #expect(
            run("observe GetEnv(\"HYPJOBS_TEST_SECRET\");", host).output
                == "Runtime error: Environment variable 'HYPJOBS_TEST_SECRET' is not granted")
        #expect(
            run("observe Keys(GetAllEnvironmentVariables());", host).output == "[HYPJOBS_TEST_SEEN]\n")
        #expect(
            run("SetEnv(\"HYPJOBS_TEST_SEEN\", \"other\");", host).output
                == "Runtime error: Capability 'environment' lets this script read only")
        #expect(run("observe GetCpuCount() > 0;", host).output == "true\n")
    }
}

@Suite("Recording and replaying")
struct JournalTests {
    private func run(
        _ program: String, _ journal: ScriptJournal, clock: Int64 = 1_700_000_000,
        prepare: (inout ScriptHost) -> Void = { _ in }
    ) throws -> (output: String, end: ScriptOutcome.End) {
        let output = OutputCollector()
        var host = ScriptHost(output: output, clock: { .seconds(clock) }, input: { "typed" })
        host.environment = .everything
        host.files = .everywhere
        host.journal = journal
        prepare(&host)
        let script = try HypnoScript.compile(SourceFile(name: "test.hyp", text: program))
        let outcome = script.run(host: host, limits: ScriptLimits(), cancellation: nil)
        return (output.text, outcome.end)
    }

    private let program = """
        Focus {
            observe CurrentTimestamp();
            observe GetEnv("HYPJOBS_TEST_REPLAY");
            observe Input();
            try { observe ReadFile("/nothing/here"); } catch (error) { observe error; }
            observe GetFileInfo("/tmp").name;
        } Relax
        """

    @Test("a replay prints the same in another world")
    func replay() throws {
        setenv("HYPJOBS_TEST_REPLAY", "first", 1)
        let recording = ScriptJournal(recordingAtMost: 10_000)
        let first = try run(program, recording)
        #expect(recording.isComplete)
        #expect(
            recording.entries.map(\.function) == ["clock", "GetEnv", "line", "ReadFile", "GetFileInfo"])
        #expect(recording.entries.map(\.line) == [2, 3, 4, 5, 6])
        setenv("HYPJOBS_TEST_REPLAY", "second", 1)
        let replay = ScriptJournal(replaying: recording.entries)
        let second = try run(program, replay, clock: 5) { $0.input = { nil } }
        #expect(second.output == first.output)
        #expect(first.output.hasPrefix("1700000000\nfirst\ntyped\n"))
        #expect(replay.rest == nil)
    }

    @Test(
        "a replay of another program stops where it asks for something else",
        arguments: [
            (
                "observe CurrentTimestamp(); observe Input();", 1,
                "'line' was not asked for in the recorded run, but 'GetEnv' in line 3"
            ),
            (
                "observe CurrentTimestamp();\nobserve GetEnv(\"HOME\");", 2,
                "'GetEnv' had other arguments in the recorded run, where line 3 asked for it"
            ),
        ])
    func divergence(body: String, line: Int, message: String) throws {
        let recording = ScriptJournal(recordingAtMost: 10_000)
        _ = try run(program, recording)
        let other = "Focus { try { \(body) } catch (error) { observe error; } } Relax"
        let replay = try run(other, ScriptJournal(replaying: recording.entries))
        guard case .failed(let failure) = replay.end else {
            Issue.record("the replay must fail")
            return
        }
        #expect(failure.kind == .diverged)
        #expect(failure.message == message)
        #expect(failure.position?.line == line)
    }

    @Test("a recording that grows too large says so, and the run goes on")
    func limit() throws {
        let recording = ScriptJournal(recordingAtMost: 200)
        let run = try run(
            "Focus { for (induce i = 0; i < 9; i = i + 1) { observe Input(); } } Relax", recording)
        #expect(run.output == String(repeating: "typed\n", count: 9))
        #expect(!recording.isComplete)
        #expect(recording.entries.count < 9)
    }
}
