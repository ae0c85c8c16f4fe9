import Testing

@testable import HypnoScript

@Suite("Arrays and objects are values, also where they are changed in place")
struct ValueSemanticsTests {
    @Test(
        "a change shows in one variable only",
        arguments: [
            (
                "induce a = [1, 2]; a[0] = 5; induce b = a; a[0] = 6; observe b; observe a;",
                "[5, 2]\n[6, 2]\n"
            ),
            ("induce a = [1]; a[0] = 2; induce o = { k: a }; a[0] = 3; observe o;", "{k: [2]}\n"),
            ("induce a = [1]; a[0] = 2; f(a); a[0] = 3; observe kept;", "[2]\n"),
            ("induce a = [1]; a[0] = 2; a[0] = a; observe a;", "[[2]]\n"),
            ("induce a = [1, 1]; a[0] = 0; a[1] = (a[0] = 7); observe a;", "[0, 7]\n"),
            (
                "induce a = []; ArrayPush(a, 1); induce b = a; ArrayPush(a, 2); ArrayPush(b, 3); a[0] = 9; "
                    + "observe a; observe b;", "[9, 2]\n[1, 3]\n"
            ),
            (
                "induce o = {}; o.a = 1; induce p = o; o.a = 2; o.b = 3; p.c = 4; observe o; observe p;",
                "{a: 2, b: 3}\n{a: 1, c: 4}\n"
            ),
            ("induce a = [1]; a[0] = 2; for (x in a) { a[0] = 3; observe x; } observe a;", "2\n[3]\n"),
            (
                "induce a = [1]; a[0] = 2; induce s = suggestion() { awaken a; }; induce b = s(); a[0] = 3; "
                    + "observe b;",
                "[2]\n"
            ),
            ("g = [1, 1]; g[0] = 2; g[1] = swap(); observe g;", "[2, 5]\n"),
            ("induce a = [1]; a[0] = 2; induce r = Repeat(a, 1); a[0] = 3; observe r;", "[[2]]\n"),
        ])
    func aliases(statements: String, output: String) {
        let functions =
            "induce kept = null; suggestion f(x) { kept = x; } suggestion swap() { g[0] = 8; awaken 5; }"
        let run = ProgramRun("Focus { \(functions) \(statements) } Relax")
        #expect(run.error.isEmpty)
        #expect(run.output == output)
    }

    @Test("filling and changing large arrays and objects takes linear work")
    func linear() {
        let program = """
            Focus {
                induce a = []; induce o = {};
                for (induce i = 0; i < 100000; i = i + 1) { ArrayPush(a, i); o["k" + i] = i; }
                for (induce i = 0; i < 100000; i = i + 1) { a[i] = a[i] + 1; o["k" + i] = a[i]; }
                observe a[99999] + o.k99999;
            } Relax
            """
        let run = ProgramRun(program, limits: ScriptLimits(instructions: 30_000_000))
        #expect(run.output == "200000\n")
        #expect(run.error.isEmpty)
    }
}
