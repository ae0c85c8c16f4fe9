import HypnoScript
import SourceText
import Testing

/// Programs with one misspelt word, and what is to stand in its place.
@Suite("Misspelt words")
struct MisspeltWordTests {
    /// The replacement of the first finding that has one, as `LINE:COLUMN old new`.
    private func repair(_ text: String, dialect: ScriptDialect = .documented) -> String? {
        let source = SourceFile(name: "test.hyp", text: text)
        let replacement: Replacement?
        do throws(ScriptSyntaxError) {
            let findings = try Checker.check(source, dialect: dialect).findings
            replacement = findings.lazy.compactMap(\.replacement).first
        } catch {
            replacement = error.diagnostic.replacement
        }
        return replacement.map { "\($0.position.line):\($0.position.column) \($0.old) \($0.new)" }
    }

    @Test(
        "words that begin a statement or a part of one",
        arguments: [
            ("obzerve 1;", "2:1 obzerve observe"), ("induec x = 1;", "2:1 induec induce"),
            ("retrun;", nil), ("whlie (false) { }", "2:1 whlie while"),
            ("lop (;false;) { }", "2:1 lop loop"),
            ("pendulm (induce i = 0; i < 1; i = 1) { }", "2:1 pendulm pendulum"),
            ("fro (induce i = 0; i < 1; i = 1) { }", "2:1 fro for"), ("fro (x in [1]) { }", "2:1 fro for"),
            ("if (true) { } esle { observe 1; }", "2:15 esle else"),
            ("suggestoin f() { }", "2:1 suggestoin suggestion"),
            ("functon f() { }", "2:1 functon function"), ("sesion S { }", "2:1 sesion session"),
            ("session S { exopse x; }", "2:13 exopse expose"),
            ("session S { sugestion f() { } }", "2:13 sugestion suggestion"),
            ("observe entrain 1 { whn 1 => 2, otherwise => 3 };", "2:21 whn when"),
            ("observe entrain 1 { when 1 => 2, otherwse => 3 };", "2:34 otherwse otherwise"),
            ("try { } cacth { }", "2:9 cacth catch"), ("obsreve(1);", "2:1 obsreve observe"),
        ])
    func keywords(statement: String, expected: String?) {
        #expect(repair("Focus {\n\(statement)\n} Relax") == expected)
    }

    @Test(
        "names of the library, of functions and of members",
        arguments: [
            ("observe ToSting(1);", "2:9 ToSting ToString"), ("observe Sqrtt(4);", "2:9 Sqrtt Sqrt"),
            ("suggestion greet() { } gret();", "2:24 gret greet"),
            ("session S { expose total = 1; } induce s = S(); observe s.totl;", "2:59 totl total"),
            ("session S { expose total = 1; } induce s = S(); s.totl = 2;", "2:51 totl total"),
            ("tranceify Person { name: string; } observe Persn { name: \"Ada\" };", "2:44 Persn Person"),
        ])
    func names(statement: String, expected: String?) {
        #expect(repair("Focus {\n\(statement)\n} Relax") == expected)
    }

    @Test(
        "nothing is certain where two words are as near, the program may run, or the ';' is missing",
        arguments: [
            "suggestion bat() { } suggestion hat() { } cat();", "induce amount = 1; observe amout;",
            "induce amount = 1; amuont = 2;", "try { ArrayLenght([]); } catch { }",
            "induce loops = 1;\nloops\nobserve loops;", "observe 1 2;", "foo(1; 2);", "HttpGet(\"x\");",
            "tranceify P { name: string; } observe P { nmae: 1 };",
        ])
    func choices(statement: String) {
        #expect(repair("Focus {\n\(statement)\n} Relax") == nil)
    }

    @Test("the reference knows its own words only, and names by their letters' case")
    func reference() {
        #expect(repair("Focus { functon f() { } } Relax", dialect: .reference) == nil)
        #expect(repair("Focus { observe sqrt(4); } Relax", dialect: .reference) == "1:17 sqrt Sqrt")
        #expect(repair("Focus { } Relx") == "1:11 Relx Relax")
    }
}
