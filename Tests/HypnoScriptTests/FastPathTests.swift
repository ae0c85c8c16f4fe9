import Glibc
import SourceText
import Testing

@testable import HypnoScript

@Suite("The short ways of the machine give what the long ones give")
struct FastPathTests {
    @Test(
        "a remainder by a whole constant is that of C",
        arguments: [2.0, 3, 7, 10, 65_537, 1_000_003, 2_147_483_647, 4_294_967_296, 0x1p51])
    func remainders(divisor: Double) {
        var state: UInt64 = 42
        var dividends = [
            0, 1, divisor - 1, divisor, divisor + 1, 2 * divisor - 1, 0x1p32, 0x1p51 - 1, 0x1p53,
        ]
        for bits in 1...52 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            dividends.append(Double(state >> UInt64(64 - bits)))
        }
        dividends += [0.5, -1, -divisor, -0.0, 1e300, .infinity]
        let list = dividends.map { text($0) }.joined(separator: ", ")
        let program = """
            Focus {
                loop (induce i = 0; i < \(dividends.count); i = i + 1) {
                    induce x = [\(list)][i];
                    observe x % \(text(divisor));
                    observe (x + 0) % \(text(divisor));
                }
            } Relax
            """
        let expected = dividends.map { "\(printed(fmod($0, divisor)))\n\(printed(fmod($0 + 0, divisor)))\n" }
        #expect(ProgramRun(program).output == expected.joined())
    }

    private func text(_ number: Double) -> String {
        if number == .infinity { return "(1 / 0)" }
        return number.sign == .minus ? "(-\(printed(-number)))" : printed(number)
    }

    private func printed(_ number: Double) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 400) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let count = NumberText.write(number, to: start)
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    @Test(
        "an error in a sum is the sum's, one in its remainder the remainder's",
        arguments: [
            ("observe (null + 1) % 7;", "Type error: Cannot convert to number"),
            ("observe (\"a\" + 1) % 7;", "Type error: Cannot convert 'a1' to number"),
            ("induce x = 3; try { x = (\"a\" + x) % 7; } catch { } observe x + null;", "Type error: "),
        ])
    func sums(statements: String, error: String) {
        #expect(ProgramRun("Focus { \(statements) } Relax").error.hasPrefix(error))
    }

    @Test(
        "a suggestion that runs alone finds what it captured",
        arguments: [
            // The innermost of two scopes first, and one that gets the name later.
            (
                "suggestion f(n) { induce out = []; while (n > 0) { induce n = 5; out = [suggestion () "
                    + "{ awaken n; }]; "
                    + "n = 0; snap; } awaken out[0]; } induce g = f(2); observe g();", "0\n"
            ),
            (
                "suggestion f() { induce late = suggestion () { awaken x; }; induce x = 4; awaken late; } "
                    + "induce x = 1; induce g = f(); observe g();", "4\n"
            ),
            // Not captured: the caller's, then the global one; an assignment goes where the variable is.
            (
                "suggestion make() { awaken suggestion () { y = y + 1; awaken y; }; } induce g = make(); "
                    + "induce y = 1; suggestion enter() { induce y = 10; awaken g(); } observe enter() "
                    + "+ g() + y;",
                "15\n"
            ),
            // Nowhere: it is a new variable of the call, gone with it.
            (
                "suggestion make() { induce a = 1; awaken suggestion () { z = a; awaken z; }; } induce "
                    + "g = make(); "
                    + "observe g(); try { observe z; } catch (e) { observe e; } suggestion free() { "
                    + "awaken z; }",
                "1\nVariable 'z' not found\n"
            ),
            // Two calls share one variable, and a constant stays one.
            (
                "suggestion make() { induce n = 0; awaken [suggestion () { n = n + 1; awaken n; }, "
                    + "suggestion () "
                    + "{ awaken n; }]; } induce p = make(); p[0](); p[0](); observe p[1]();", "2\n"
            ),
            (
                "suggestion make() { freeze n = 1; awaken suggestion () { n = 2; }; } induce g = make(); "
                    + "try { g(); } catch (e) { observe e; }", "Cannot reassign constant variable 'n'\n"
            ),
            // A parameter of the name of a captured variable, which others use freely.
            (
                "suggestion make(x) { awaken suggestion (x) { x = x + 1; awaken x; }; } suggestion "
                    + "see() { awaken x; } "
                    + "induce g = make(7); observe g(1);", "2\n"
            ),
        ])
    func captures(statements: String, output: String) {
        let run = ProgramRun("Focus { \(statements) } Relax")
        #expect(run.error.isEmpty)
        #expect(run.output == output)
    }

    @Test(
        "elements, ends and counts of arrays are those of values",
        arguments: [
            ("induce a = [1]; induce b = a; ArrayPush(a, 2); observe a; observe b;", "[1, 2]\n[1]\n"),
            ("induce a = []; ArrayPush(a, a); ArrayPush(a, a); observe a;", "[[], [[]]]\n"),
            ("induce a = [0]; a[0] = 1; induce b = [a]; ArrayPush(a, 3); observe b;", "[[1]]\n"),
            ("induce a = []; ArrayPush(a, 1); for (x in a) { ArrayPush(a, 2); } observe a;", "[1, 2]\n"),
            (
                "induce a = [1, 2]; a[1] = null; observe a; observe ArrayLength(a) + Length(\"abc\");",
                "[1, null]\n5\n"
            ),
            (
                "induce a = 5; try { a[0] = 1; } catch (e) { observe e; } observe a;",
                "Cannot index non-array\n5\n"
            ),
            (
                "freeze a = [1]; try { ArrayPush(a, 2); } catch (e) { observe e; } observe a;",
                "Cannot reassign constant variable 'a'\n[1]\n"
            ),
            (
                "induce o = null; observe o == null; if (o != null) { observe 1; } if (null == o) { "
                    + "observe 2; }",
                "true\n2\n"
            ),
        ])
    func arrays(statements: String, output: String) {
        let run = ProgramRun("Focus { \(statements) } Relax")
        #expect(run.error.isEmpty)
        #expect(run.output == output)
    }

    @Test("fields with plain initial values are there before the constructor runs")
    func fields() {
        let program = """
            Focus {
                session S {
                    expose a = 1; expose b = "t"; conceal c = null; expose d: boolean = false; expose e;
                    suggestion constructor(x) { this.e = this.a + x; }
                    suggestion all() { awaken [this.a, this.b, this.c, this.d, this.e]; }
                }
                observe S(2).all();
            } Relax
            """
        #expect(ProgramRun(program).output == "[1, t, null, false, 3]\n")
    }

    @Test("letters change case in a long text as in a short one")
    func cases() {
        let program = """
            Focus {
                induce t = Repeat("ΟΔΟΣ ß", 20000);
                observe ToLower(t) == Repeat("οδος ß", 20000);
                observe ToUpper(t) == Repeat("ΟΔΟΣ SS", 20000);
                observe IsUppercase(ToUpper(t)) && !IsUppercase(t + "a");
                observe TitleCase("  ab  cd\\té ") + "|" + ReverseWords(" ab  cd ");
                observe Trim("\\t\\r a b \\n") + "|";
            } Relax
            """
        #expect(ProgramRun(program).output == "true\ntrue\ntrue\nAb Cd É|cd ab\na b|\n")
    }

    @Test("ten thousand machines one after another need no more memory than a thousand")
    func memory() throws {
        let source = """
            Focus {
                induce a = [];
                loop (induce i = 0; i < 100; i = i + 1) { ArrayPush(a, "number "
                    + "" + i); induce o = {x: i, y: [i]}; }
                induce result = a;
            } Relax
            """
        let script = try HypnoScript.compile(
            SourceFile(name: "test.hyp", text: source), dialect: .documented, modules: nil)
        let host = ScriptHost(
            output: OutputCollector(), clock: { .zero }, random: { 4 }, sleep: { _ in }, input: { nil })
        func run(_ count: Int) {
            for _ in 0..<count { _ = script.run(host: host, limits: ScriptLimits(), cancellation: nil) }
        }
        run(1000)
        let before = residentPages()
        run(10_000)
        // Other tests run beside this one, so a little may be theirs: a leak of one machine a run is 100 MB.
        #expect(residentPages() - before < 8192)
    }

    private func residentPages() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap {
            Int($0)
        } ?? 0
    }

    @Test("a script that keeps replacing what it holds stays within its memory")
    func liveSet() {
        let program = """
            Focus {
                induce keep = [];
                loop (induce i = 0; i < 500; i = i + 1) { ArrayPush(keep, [i]); }
                loop (induce n = 0; n < 300000; n = n + 1) { keep[n % 500] = [n, "text " + n, {k: n}]; }
                observe keep[499][0];
            } Relax
            """
        let run = ProgramRun(program, limits: ScriptLimits(heapBytes: 12 << 20))
        #expect(run.error.isEmpty)
        #expect(run.output == "299999\n")
    }
}
