import SourceText
import Testing

@Suite("Replacements")
struct ReplacementTests {
    private func replacement(_ line: Int, _ column: Int) -> Replacement {
        Replacement(position: SourcePosition(line: line, column: column), old: "gret", new: "greet")
    }

    @Test("the word is replaced and everything else stays byte by byte")
    func applied() {
        let text = "é\r\n\te\u{301} gret();  \r\n"
        #expect(replacement(2, 5).applied(to: text, lines: .newline) == "é\r\n\te\u{301} greet();  \r\n")
    }

    @Test("a place where the word does not stand is left alone", arguments: [(1, 2), (1, 9), (2, 1)])
    func elsewhere(line: Int, column: Int) {
        #expect(replacement(line, column).applied(to: "gret", lines: .newline) == nil)
    }

    @Test("configuration counts lines at a lone CR, too, and no byte order mark")
    func lineEndings() {
        let text = "\u{FEFF}a: 1\rb: 2\r\ngret: 3"
        #expect(replacement(3, 1).applied(to: text, lines: .any) == "\u{FEFF}a: 1\rb: 2\r\ngreet: 3")
        #expect(replacement(1, 1).applied(to: "\u{FEFF}gret: 1", lines: .any) == "\u{FEFF}greet: 1")
        #expect(replacement(3, 1).applied(to: text, lines: .newline) == nil)
    }
}
