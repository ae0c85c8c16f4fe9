import SourceText
import Testing

@testable import HypnoScript

@Suite("What a script may catch, and what it may not")
struct ErrorHandlingTests {
    @Test(
        "a limit ends the run through every handler",
        arguments: [
            "try { LOOP } catch (e) { observe \"caught\"; } finally { observe \"finally\"; }",
            "Try(suggestion() { LOOP }(), 1);",
            "TryOrAwaken(suggestion() { LOOP }, suggestion(e) { observe e; });",
            "EnsureAwakening(suggestion() { LOOP }, suggestion() { observe \"cleanup\"; });",
            "AssertThrows(suggestion() { LOOP });",
            "ArrayMap([1, 2], suggestion(x) { LOOP });",
            "Sort([2, 1, 3], suggestion(a, b) { LOOP });",
            "RepeatUntil(suggestion() { }, suggestion() { awaken false; });",
            "RepeatAction(1 / 0, suggestion() { });",
        ])
    func instructionLimit(statement: String) {
        let text = statement.replacing("LOOP", with: "loop { induce x = 1; }")
        let run = ProgramRun("Focus { \(text) } Relax", limits: ScriptLimits(instructions: 1_000_000))
        #expect(run.error == "Runtime error: Instruction limit exceeded")
        #expect(run.output.isEmpty)
    }

    @Test("the memory limit cannot be caught, wherever it is passed")
    func memoryLimit() {
        for grow in [
            "loop { a = [a, a]; ArrayPush(all, ToString(a)); }", "loop { ArrayPush(all, [1, 2, 3]); }",
            "loop { o[\"k\" + i] = [i]; i = i + 1; }", "CreateArray(1000000000);", "Range(1, 1000000000000);",
            "ArrayMap(Range(1, 10000000), suggestion(x) { awaken [x, x, x]; });",
            "GenerateRandomString(100000000000);", "PBKDF2(\"p\", \"s\", 1, 1000000000000);",
        ] {
            let text =
                "induce a = [1]; induce all = []; induce o = {}; induce i = 0; try { \(grow) } catch (e) { }"
            let run = ProgramRun("Focus { \(text) } Relax", limits: ScriptLimits(heapBytes: 16 << 20))
            #expect(run.error == "Runtime error: Memory limit exceeded", "\(grow)")
        }
    }

    @Test("a result that is longer outside than in the program counts against the memory limit")
    func longResult() {
        for step in ["result = [result, result];", "result = {l: result, r: result};"] {
            let run = ProgramRun(
                "Focus { induce result = 1; loop (induce i = 0; i < 40; i = i + 1) { \(step) } } Relax",
                limits: ScriptLimits(heapBytes: 1 << 20))
            #expect(run.error == "Runtime error: Memory limit exceeded")
        }
    }

    @Test("cancellation ends the run through every handler")
    func cancellation() throws {
        let cancellation = ScriptCancellation()
        let output = OutputCollector()
        let program = """
            Focus { try { ArrayForEach([1], suggestion(x) { Sleep(1); loop { } }); } catch (e) { observe e; }
            finally { observe "finally"; } } Relax
            """
        let host = ScriptHost(output: output, sleep: { _ in cancellation.cancel() })
        let outcome = try HypnoScript.compile(SourceFile(name: "test.hyp", text: program)).run(
            host: host, limits: ScriptLimits(), cancellation: cancellation)
        guard case .failed(let failure) = outcome.end else {
            Issue.record("the run must fail")
            return
        }
        #expect(failure.kind == .cancelled)
        #expect(output.text.isEmpty)
    }

    @Test(
        "cancellation is seen soon: where every pass of a loop fails, and within an endless text",
        arguments: [
            "while (true) { try { Merge(); } catch { } }", "while (Try(null.x, true)) { }",
            "suggestion f() { try { f(); } catch { } Merge(); } f();",
            "induce a = [1]; loop (induce i = 0; i < 40; i = i + 1) { a = [a, a]; } ToString(a);",
        ])
    func soonCancelled(statement: String) throws {
        let cancellation = ScriptCancellation()
        cancellation.cancel()
        let program = SourceFile(name: "test.hyp", text: "Focus { \(statement) } Relax")
        let outcome = try HypnoScript.compile(program).run(
            host: ScriptHost(output: nil), limits: ScriptLimits(instructions: 1_000_000),
            cancellation: cancellation)
        guard case .failed(let failure) = outcome.end else {
            Issue.record("the run must fail")
            return
        }
        #expect(failure.kind == .cancelled)
        // About a slice, and what the last failure cost.
        #expect(outcome.instructions < 200_000)
    }

    @Test("the depth of calls can be caught, also inside of callbacks")
    func callDepth() {
        let program = """
            Focus {
                suggestion down(n) { awaken down(n + 1); }
                suggestion map(n) { awaken ArrayMap([n], suggestion(x) { awaken map(x + 1); }); }
                try { down(0); } catch (e) { observe e; }
                try { map(0); } catch (e) { observe e; }
                observe TryOrAwaken(suggestion() { awaken down(0); }, suggestion(e) { awaken e != ""; });
            } Relax
            """
        let run = ProgramRun(program)
        #expect(run.output == "Call depth limit exceeded\nCall depth limit exceeded\ntrue\n")
        #expect(run.error.isEmpty)
    }

    @Test("a thousand callbacks within callbacks work")
    func nestedCallbacks() {
        let program = """
            Focus {
                suggestion sum(n) {
                    if (n == 0) { awaken 0; }
                    awaken ArrayReduce([n], suggestion(t, x) { awaken t + x + sum(x - 1); }, 0);
                }
                observe sum(1000);
            } Relax
            """
        #expect(ProgramRun(program).output == "500500\n")
    }

    @Test("what a body bound in the scope around it stays bound; scopes opened since are left")
    func bindings() {
        let program = """
            Focus {
                suggestion show() { awaken seen; }
                suggestion fail() { induce seen = "callee"; throw "x"; }
                suggestion f() {
                    try { seen = "body"; while (true) { induce seen = "loop"; fail(); } }
                    catch (e) { observe show(); } finally { observe show(); }
                    seen = Try(fail(), show());
                    awaken TryOrAwaken(fail, suggestion(e) { awaken show(); });
                }
                observe f();
                observe seen;
            } Relax
            """
        let run = ProgramRun(program)
        #expect(run.output == "body\nbody\nbody\n")
        #expect(run.error == "Variable 'seen' not found")
    }

    @Test("an error has the place where it arose, also raised again and out of callbacks")
    func places() throws {
        let cases: [(String, SourcePosition)] = [
            ("Focus {\n  throw \"x\";\n} Relax", SourcePosition(line: 2, column: 3)),
            (
                "Focus {\n  try { throw \"x\"; } finally { observe 1; }\n} Relax",
                SourcePosition(line: 2, column: 9)
            ),
            (
                "Focus {\n  ArrayMap([1], suggestion(x) {\n    awaken x.y;\n  });\n} Relax",
                SourcePosition(line: 3, column: 14)
            ),
            ("Focus {\n  observe ArrayMap(5, 6);\n} Relax", SourcePosition(line: 2, column: 19)),
            ("Focus {\n  assert 1 == 2;\n} Relax", SourcePosition(line: 2, column: 3)),
            ("Focus {\n  induce o = {};\n  o.a.b = 1;\n} Relax", SourcePosition(line: 3, column: 5)),
        ]
        for (program, position) in cases {
            let failure = try #require(stop(of: program))
            #expect(failure.position == position, "\(program)")
        }
    }

    @Test("a trace leaves the library out")
    func trace() throws {
        let program = "Focus {\n suggestion f(x) { throw x; }\n ArrayForEach([1], f);\n} Relax"
        let failure = try #require(stop(of: program))
        #expect(failure.trace.map(\.function) == ["f", "Focus"])
    }

    private func stop(of program: String) -> ScriptFailure? {
        let host = ScriptHost(output: OutputCollector())
        let script = try? HypnoScript.compile(SourceFile(name: "test.hyp", text: program))
        guard
            case .failed(let failure)? = script?.run(
                host: host, limits: ScriptLimits(), cancellation: nil
            ).end
        else { return nil }
        return failure
    }
}
