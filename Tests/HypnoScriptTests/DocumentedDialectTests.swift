import Glibc
import SourceText
import Testing

@testable import HypnoScript

@Suite("The documented dialect")
struct DocumentedDialectTests {
    @Test(
        "stays out of the reference dialect",
        arguments: [
            ("observe null;", "Variable 'null' not found"), ("observe PI;", "Variable 'PI' not found"),
            ("sqrt(4);", "Variable 'sqrt' not found"), ("ArrayMap([1], 2);", "Variable 'ArrayMap' not found"),
            ("induce a = [1]; a[0] = 2;", "Runtime error: Invalid assignment target"),
            ("entrance { awaken 1; }", "Return from function: 1"),
            ("entrain 1 { when x => { awaken x; } };", "Return from function: 1"),
            ("throw(1);", "Variable 'throw' not found"),
            ("Min([1]);", "Type error: Builtin 'Min' expected numeric argument at position 1"),
            ("HttpGet(1);", "Variable 'HttpGet' not found"),
            ("for (;;) { }", "Unexpected token: ';' at line 1"),
            ("observe 2 ^ 3;", "Unexpected character '^' at line 1, column 20"),
        ])
    func reference(statement: String, error: String) {
        #expect(ProgramRun("Focus { \(statement) } Relax", dialect: .reference).error == error)
    }

    @Test(
        "reports the error further on, at the same token in the reference's words",
        arguments: [
            ("for (x in [1]) { observe 1 }", "Expected ';' after observe statement at line 1"),
            ("observe 'a' 5;", "Expected ';' after observe statement at line 1"),
            ("observe 'a;", "Unterminated string at line 1"),
            (
                "label x;",
                "Unexpected token: 'label' at line 1 — "
                    + "labels and jumps are not supported; use snap, sink or awaken"
            ),
            (
                "observe 2 ^ 3;",
                "Unexpected character '^' at line 1, column 20 — "
                    + "use Pow(a, b) for powers and != for exclusive or"
            ),
        ])
    func syntaxErrors(statement: String, error: String) {
        #expect(ProgramRun("Focus { \(statement) } Relax").error == error)
    }

    @Test("passes values in and out as objects")
    func border() throws {
        let script = try HypnoScript.compile(
            SourceFile(name: "test.hyp", text: "Focus { induce result = job with { done: true }; } Relax"))
        let outcome = script.run(
            arguments: [("job", .object([("id", .number(7))]))], host: ScriptHost(output: nil),
            limits: ScriptLimits(), cancellation: nil)
        #expect(outcome.result == .object([("id", .number(7)), ("done", .bool(true))]))
    }

    @Test("forgets no value that something still refers to")
    func collection() throws {
        for expected in ConformanceCase.extensions where !expected.name.hasPrefix("62-") {
            let output = OutputCollector()
            let host = ScriptHost(
                output: output, clock: { .seconds(1_700_000_000) }, random: { 4 }, sleep: { _ in },
                input: { nil }
            ).grantingProcess(arguments: [])
            guard
                let script = try? HypnoScript.compile(
                    SourceFile(name: "test.hyp", text: expected.program))
            else { continue }
            _ = script.run(
                arguments: [], host: host, limits: ScriptLimits(), cancellation: nil, collectsAlways: true)
            #expect(output.text == expected.output, "\(expected.name)")
        }
    }

    @Test(
        "needs a capability for what it reaches",
        arguments: [
            ("Random();", "random"), ("Now();", "clock"), ("Sleep(1);", "sleep"), ("drift(1);", "sleep"),
            ("ReadLines(\"x\");", "filesystem"), ("HashFile(\"x\");", "filesystem"),
            ("GetSystemInfo();", "environment"), ("Input();", "stdin"), ("mindLink \"x\";", "modules"),
            ("Benchmark(suggestion() { });", "clock"),
        ])
    func capabilities(statement: String, capability: String) throws {
        let script = try HypnoScript.compile(
            SourceFile(
                name: "test.hyp", text: "Focus { try { \(statement) } catch (e) { observe e; } } Relax"))
        let output = OutputCollector()
        _ = script.run(host: ScriptHost(output: output), limits: ScriptLimits(), cancellation: nil)
        #expect(output.text == "Capability '\(capability)' is not granted\n")
    }

    @Test("reads JSON of any depth, and refuses what is none")
    func json() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let text = "Focus { induce d = ParseJSON(\"\(deep)\"); observe Length(StringifyJSON(d)); } Relax"
        #expect(ProgramRun(text).output == "200000\n")
        for wrong in ["{", "[1", "{\\\"a\\\" 1}", "nul", "1 2", "\\\"\\\\u12\\\"", "-", "1.", "+1", "'a'"] {
            #expect(
                ProgramRun("Focus { ParseJSON(\"\(wrong)\"); } Relax").error == "Runtime error: Invalid JSON")
        }
    }
}

@Suite("Modules")
struct ModuleTests {
    /// Programs by name; the names are their one spelling.
    struct Shelf: ModuleLoader {
        let programs: [String: String]

        func source(of path: String, for importer: String) -> SourceFile? {
            programs[path].map { SourceFile(name: path, text: $0) }
        }
    }

    private func run(_ main: String, _ programs: [String: String]) -> ProgramRun {
        ProgramRun("Focus { \(main) } Relax", modules: Shelf(programs: programs))
    }

    @Test("run once, in the global scope, and declare for everybody")
    func scopes() {
        let library = """
            Focus { observe "loaded"; induce factor = 3; suggestion scale(x) { awaken x * factor; } } Relax
            """
        let main =
            "suggestion f() { induce factor = 100; mindLink \"m\"; awaken factor; } observe f(); "
            + "mindLink \"m\"; observe factor; observe scale(2);"
        #expect(run(main, ["m": library]).output == "loaded\n100\n3\n6\n")
    }

    @Test("do not see the locals of who loads them")
    func locals() {
        let main =
            "suggestion f() { induce x = 1; try { mindLink \"m\"; } "
            + "catch (e) { observe e; } observe x; } f(); "
            + "induce x = 5; f(); observe x;"
        let result = run(main, ["m": "Focus { y = x; } Relax"])
        #expect(result.output == "Variable 'x' not found\n1\n1\n5\n")
    }

    @Test("have an object of their names")
    func alias() {
        let main = "induce seen = 0; mindLink \"m\" as lib; observe lib; observe lib.twice(4);"
        let library = "Focus { induce a = 1; suggestion twice(x) { awaken x * 2; } seen = 7; } Relax"
        #expect(run(main, ["m": library]).output == "{a: 1, twice: <function twice>, seen: 7}\n8\n")
    }

    @Test("may name one another in a circle")
    func circle() {
        let programs = [
            "a": "Focus { observe \"a\"; mindLink \"b\"; } Relax",
            "b": "Focus { observe \"b\"; mindLink \"a\"; observe \"c\"; } Relax",
        ]
        #expect(run("import \"a\";", programs).output == "a\nb\nc\n")
    }

    @Test("that are no programs stop the run when they are loaded, with their name")
    func faulty() {
        let result = run("observe 1; try { mindLink \"m\"; } catch (e) { observe e; }", ["m": "Focus {"])
        #expect(result.output == "1\n")
        #expect(result.error == "m: Expected '}' before 'Relax' at line 1")
    }

    @Test("give errors their own place")
    func places() throws {
        let script = try HypnoScript.compile(
            SourceFile(name: "main", text: "Focus { mindLink \"m\"; } Relax"),
            modules: Shelf(programs: ["m": "Focus {\n\n  nope();\n} Relax"]))
        var host = ScriptHost(output: nil)
        host.loadsModules = true
        guard
            case .failed(let failure) = script.run(
                host: host, limits: ScriptLimits(), cancellation: nil
            ).end
        else {
            Issue.record("the run must fail")
            return
        }
        #expect(failure.source?.name == "m")
        #expect(failure.position == SourcePosition(line: 3, column: 3))
    }
}

@Suite("Defects of the documented dialect that were found by reading")
struct DocumentedDefectTests {
    private func run(_ statements: String) -> ProgramRun { ProgramRun("Focus { \(statements) } Relax") }

    @Test(
        "throw takes an object, also where the rest of the program is the reference's",
        arguments: [
            ("throw {code: 1};", "", "Runtime error: {code: 1}"),
            ("throw { code: 1, text: \"a\" + \"b\" };", "", "Runtime error: {code: 1, text: ab}"),
            ("try { throw {code: 1}; } catch (e) { observe e.code; }", "1\n", ""),
            // A type of that name is a type.
            ("tranceify throw { code: number; } throw { code: 1 }; observe 2;", "2\n", ""),
            ("induce throw = 1; throw { code: 1 };", "", "Runtime error: Undefined tranceify type 'throw'"),
        ])
    func thrownObjects(statements: String, output: String, error: String) {
        let result = run(statements)
        #expect(result.output == output)
        #expect(result.error == error)
    }

    @Test("GetMemoryUsage counts in MiB")
    func memoryUsage() {
        #expect(
            run("observe GetMemoryUsage() >= 1; observe GetMemoryUsage() < 100000;").output == "true\ntrue\n")
    }

    @Test(
        "a question that may not be asked is not shown",
        arguments: [
            "Input(\"name? \")", "CliPrompt(\"q\")",
            "CliConfirm(\"q\")",
        ])
    func refusedQuestions(call: String) throws {
        let collector = OutputCollector()
        let script = try HypnoScript.compile(
            SourceFile(name: "test.hyp", text: "Focus { try { \(call); } catch (e) { observe e; } } Relax"))
        let host = ScriptHost(output: collector)
        _ = script.run(host: host, limits: ScriptLimits(), cancellation: nil)
        #expect(collector.text == "Capability 'stdin' is not granted\n")
    }

    @Test(
        "the library at its edges",
        arguments: [
            ("RoundTo(1.5, 400)", "1.5"), ("RoundTo(-12345, -400)", "0"), ("RoundTo(2.345, 2)", "2.35"),
            ("HTMLDecode(\"&#+65;&#x-1;&#65;\")", "&#+65;&#x-1;A"),
        ])
    func edges(call: String, expected: String) {
        #expect(run("observe \(call);").output == "\(expected)\n")
    }

    @Test("DeleteDirectory leaves alone what a link leads to")
    func deletedLink() throws {
        var template = Array("\(P_tmpdir)/hypnoscript-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let result = run(
            "CreateDirectory(\"\(folder)/real\"); WriteFile(\"\(folder)/real/kept.txt\", \"x\"); observe 1;")
        #expect(result.output == "1\n", "\(result)")
        #expect(symlink("\(folder)/real", "\(folder)/link") == 0)
        #expect(run("DeleteDirectory(\"\(folder)/link\", true);").error.contains("Not a directory"))
        #expect(run("observe FileExists(\"\(folder)/real/kept.txt\");").output == "true\n")
        unlink("\(folder)/link")
        #expect(run("DeleteDirectory(\"\(folder)\", true);").error.isEmpty)
        #expect(access(folder, F_OK) != 0)
    }
}
