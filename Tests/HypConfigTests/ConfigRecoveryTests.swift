import SourceText
import Testing

@testable import HypConfig

@Suite("After the first mistake")
struct ConfigRecoveryTests {
    private func findings(_ text: String) -> [String] {
        diagnostics(text).map { String($0.oneLine.dropFirst("a.hyp:".count)) }
    }

    private func diagnostics(_ text: String) -> [Diagnostic] {
        ConfigParser.parse(SourceFile(name: "a.hyp", text: text)).findings.diagnostics
    }

    @Test("independent mistakes are all reported")
    func independentMistakes() {
        let text = """
            a {
                x = 1
                y: fast
                z: 007, w: 1
                "x": "a\\qb"
                list: [1, , +2, 3 4]
                z: env.9
            }
            b: 5
            c { ok: true }
            """
        #expect(
            findings(text) == [
                "2:7: expected ':' or '{' after key 'x', found '='",
                "3:8: unknown word 'fast' (strings need quotes)",
                "4:8: invalid number '007'",
                "5:12: unknown escape '\\q'",
                "6:15: expected a value or key, found ','",
                "6:17: expected a value, found '+'",
                "6:23: expected a newline or ',' between entries, found '4'",
                "7:8: malformed environment reference 'env.9'",
                "7:5: duplicate key 'z' (first defined at 4:5)",
                "9:4: expected '{' after top-level name 'b', found '5'",
            ])
    }

    @Test("a missing value does not hide the next entry")
    func missingValue() {
        let found = diagnostics("a {\n    x:\n    y: 2\n    z: { }\n}\n")
        #expect(found.map(\.oneLine) == ["a.hyp:3:5: unknown word 'y' (strings need quotes)"])
        #expect(found.first?.help == "'x' on the line before needs a value")
    }

    @Test("a missing opening brace is one mistake")
    func missingOpeningBrace() {
        #expect(
            findings("a\n    x: 1\n    y: { z: 2 }\n}\nb { }\n") == [
                "2:5: expected '{' after top-level name 'a', found 'x'"
            ])
    }

    @Test("a missing closing brace is one mistake, and its place is guessed from the indentation")
    func missingClosingBrace() {
        let found = diagnostics("a {\n    b: {\n        c: 1\n\n    d: {\n        e: 2\n    }\n}\n")
        #expect(found.map(\.oneLine) == ["a.hyp:9:1: unclosed '{' opened at 1:3"])
        #expect(
            found.first?.help == """
                the bracket at 8:1 closes the one of 2:8, but is indented differently; \
                is one missing before it?
                """)
    }

    @Test("a bracket of the wrong kind is one mistake")
    func wrongBracket() {
        #expect(
            findings("a { x: [1, 2 }\n}\nb { y: 1 ]\nc { }\n") == [
                "1:14: expected a newline or ',' between entries, found '}'",
                "2:1: expected a key, found '}'",
                "3:10: expected a newline or ',' between entries, found ']'",
            ])
    }

    @Test("an unterminated string ends with its line")
    func unterminatedString() {
        #expect(
            findings("a {\n    x: \"abc\n    y: 'z'\n}\n") == [
                "2:8: unterminated string", "3:8: expected a value, found '''",
            ])
    }

    @Test("no more than twenty mistakes are reported")
    func cap() {
        let text = "a {\n" + String(repeating: "    x = 1\n", count: 1000) + "}\n"
        #expect(findings(text).count == 20)
    }

    @Test("every file of a directory is looked at")
    func severalFiles() {
        let files = ConfigFiles.memory([
            "c/1.hyp": "a { x = 1 }", "c/2.hyp": "include \"nope.hyp\"\nb { y: fast }",
            "c/3.hyp": "b { z: 1 }",
        ])
        let loader = ConfigLoader(environment: [:], files: files)
        let failure = #expect(throws: ConfigFailure.self) { try loader.load(directory: "c") }
        #expect(
            failure?.diagnostics.map(\.oneLine) == [
                "1.hyp:1:7: expected ':' or '{' after key 'x', found '='",
                "2.hyp:2:8: unknown word 'fast' (strings need quotes)",
                "2.hyp:1:9: include file 'nope.hyp' not found",
            ])
    }

    @Test("every code of the syntax has a help line somewhere")
    func helpLines() {
        let found = diagnostics("# x\na { x = 1, y: 'z', t: 5min, u: Yes, v: +1 }\n")
        #expect(
            found.map(\.help) == [
                "comments begin with //", "write x: value", "texts stand in double quotes",
                "write 5: a number has no unit here, its key fixes the unit", "write true",
                "a positive number has no sign",
            ])
    }
}
