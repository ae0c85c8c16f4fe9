import Testing

@testable import HypnoScript

@Suite("A program at the greatest depth")
struct DeepProgramTests {
    @Test(
        "compiles and runs",
        arguments: [
            ("observe ", "(", "1", ")", "; "), ("observe ", "!", "1", "", ";"),
            ("observe ", "-", "1", "", ";"),
            ("observe ", "[", "1", "]", ";"), ("observe ", "Max(1, ", "1", ")", ";"),
            ("observe ", "1 + (", "1", ")", ";"), ("induce a = 1; observe ", "a ?? (", "1", ")", ";"),
            ("induce a = 1; ", "a = ", "1", "", ";"), ("", "if (true) { ", "observe 1;", "}", ""),
            ("", "loop { ", "observe 1; ", "snap; }", ""),
            ("", "while (true) { ", "observe 1; ", "snap; }", ""),
            ("", "suggestion f() { ", "observe 1; ", "} f();", ""),
            ("observe ", "entrain 1 { when x => ", "1", "}", ";"),
            ("observe entrain 1 { when ", "[", "x", "]", " => 1 otherwise => 1 };"),
            ("tranceify T { a: number; } observe ", "T { a: ", "1", "}", ";"),
            ("observe ", "{ a: ", "1", "}", ";"), ("induce x = ", "suggestion() { awaken ", "1", "; }", ";"),
            ("", "try { ", "observe 1; ", "} finally { }", ""),
            ("", "try { } finally { ", "observe 1; ", "}", ""),
            ("", "if (true) ", "observe 1;", "", ""), ("", "for (x in [1]) ", "observe x;", "", ""),
            ("observe ", "Try(", "1", ", 2)", ";"),
            ("suggestion f(x) { } observe ", "call f(", "1", ")", ";"),
            ("induce a: ", "(", "number", ")", " = 1;"), ("observe null", "?.a", "", "", ";"),
            ("observe {}", " with { a: 2 }", "", "", ";"),
        ] as [(String, String, String, String, String)])
    func nesting(before: String, open: String, core: String, close: String, after: String) {
        let levels = 240
        let program =
            "Focus { " + before + String(repeating: open, count: levels) + core
            + String(repeating: close, count: levels) + after + " } Relax"
        let run = ProgramRun(program)
        #expect(run.error.isEmpty)
        #expect(run.status == 0)
    }

    @Test("compiles and runs with five thousand operators and branches in a row")
    func longChains() {
        let sum = Array(repeating: "1", count: 5_000).joined(separator: " + ")
        let ladder = Array(repeating: "if (false) { }", count: 5_000).joined(separator: " else ")
        #expect(ProgramRun("Focus { observe \(sum); \(ladder) } Relax").output == "5000\n")
    }
}
