import SourceText
import Testing

@Suite("Rendered diagnostics")
struct DiagnosticRendererTests {
    private static let code = DiagnosticCode(1042, "unknown key", "…")

    private func render(
        _ line: String, column: Int, length: Int = 1, number: Int = 14, colour: Bool = false
    ) -> String {
        let diagnostic = Diagnostic(
            code: Self.code, message: "unknown key 'x'", file: "a.hyp",
            position: SourcePosition(line: number, column: column), length: length, sourceLine: line)
        return DiagnosticRenderer(colour: colour).render(diagnostic)
    }

    /// The excerpt and the marks, without what is around them.
    private func excerpt(_ line: String, column: Int, length: Int = 1) -> [String] {
        render(line, column: column, length: length, number: 1).split(separator: "\n")[3...4].map {
            String($0.dropFirst(4))
        }
    }

    @Test("a diagnostic shows place, line, help and where to read more")
    func whole() {
        let source = SourceFile(
            name: "config/database.hyp",
            text: String(repeating: "\n", count: 13) + "            max_conections: 100\n")
        let diagnostic = Diagnostic(
            code: Self.code, message: "unknown key 'max_conections'", in: source,
            at: SourcePosition(line: 14, column: 13), length: 14, help: "did you mean 'max_connections'?")
        #expect(
            DiagnosticRenderer(colour: false).render(diagnostic) == """
                error[HJ-1042]: unknown key 'max_conections'
                 --> config/database.hyp:14:13
                   |
                14 |             max_conections: 100
                   |             ^^^^^^^^^^^^^^
                help: did you mean 'max_connections'?
                see: hypjobs explain HJ-1042
                """)
        #expect(diagnostic.oneLine == "config/database.hyp:14:13: unknown key 'max_conections'")
    }

    @Test("a diagnostic about a whole file shows no line")
    func withoutPosition() {
        let diagnostic = Diagnostic(
            severity: .warning, code: DiagnosticCode(7, "", ""), message: "file larger than 1 MiB",
            file: "a.hyp")
        #expect(
            DiagnosticRenderer(colour: false).render(diagnostic) == """
                warning[HJ-0007]: file larger than 1 MiB
                 --> a.hyp
                see: hypjobs explain HJ-0007
                """)
        #expect(diagnostic.oneLine == "a.hyp: file larger than 1 MiB")
    }

    @Test("tabs, wide and combining characters do not misplace the caret")
    func widths() {
        #expect(excerpt("\tab\tc: 1", column: 5) == ["    ab  c: 1", "        ^"])
        #expect(excerpt("名前: x", column: 5) == ["名前: x", "      ^"])
        #expect(excerpt("名前: x", column: 1, length: 2) == ["名前: x", "^^^^"])
        #expect(excerpt("e\u{301}e: x", column: 3) == ["e\u{301}e: x", " ^"])
        #expect(excerpt("😀 x", column: 3) == ["😀 x", "   ^"])
    }

    @Test("a mark beyond the end of the line stands behind it")
    func endOfLine() {
        #expect(excerpt("a {", column: 4) == ["a {", "   ^"])
        #expect(excerpt("abc", column: 2, length: 50) == ["abc", " ^^"])
        #expect(render("", column: 1).contains("14 | \n   | ^"))
    }

    @Test("a long line is cut around its mark")
    func longLine() {
        let line = String(repeating: "a", count: 500) + "MARK" + String(repeating: "b", count: 500)
        let shown = excerpt(line, column: 501, length: 4)
        #expect(
            shown[0] == "…" + String(repeating: "a", count: 40) + "MARK" + String(repeating: "b", count: 54)
                + "…")
        #expect(shown[1] == String(repeating: " ", count: 41) + "^^^^")
    }

    @Test("nothing from the source controls the terminal")
    func controlCharacters() {
        let shown = excerpt("a\u{1B}[31m\u{202E}b\u{7F}", column: 2)
        #expect(shown[0] == "a␛[31m\u{FFFD}b\u{FFFD}")
        let diagnostic = Diagnostic(code: Self.code, message: "found '\u{1B}'\nx", file: "\u{7}a")
        let rendered = DiagnosticRenderer(colour: false).render(diagnostic)
        #expect(rendered.hasPrefix("error[HJ-1042]: found '␛'␊x\n --> ␇a\n"))
    }

    @Test("colour only adds to what is said")
    func colour() {
        let coloured = render("  x: 1", column: 3, colour: true)
        #expect(coloured.contains("\u{1B}[1;31merror[HJ-1042]:\u{1B}[0m"))
        let plain = coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(plain == render("  x: 1", column: 3))
    }
}
