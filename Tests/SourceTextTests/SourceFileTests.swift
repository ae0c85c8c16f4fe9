import SourceText
import Testing

@Suite("Source files")
struct SourceFileTests {
    private let file = SourceFile(name: "a.hyp", text: "one\r\nzwölf\n\n日本 x")

    @Test("lines come without their endings", arguments: [(1, "one"), (2, "zwölf"), (3, ""), (4, "日本 x")])
    func lines(number: Int, expected: String) {
        #expect(file.line(number) == expected)
    }

    @Test("a line that does not exist is empty", arguments: [0, -1, 5, Int.max])
    func missingLines(number: Int) {
        #expect(file.line(number) == "")
    }

    @Test("the empty text has one empty line")
    func emptyText() {
        let empty = SourceFile(name: "", text: "")
        #expect(empty.lineCount == 1)
        #expect(empty.line(1) == "")
        #expect(empty.position(ofUTF8Offset: 0) == SourcePosition(line: 1, column: 1))
    }

    @Test(
        "columns count scalars, not bytes",
        arguments: [
            (0, 1, 1), (4, 1, 5), (5, 2, 1), (9, 2, 4), (12, 3, 1), (13, 4, 1), (16, 4, 2), (20, 4, 4),
            (21, 4, 5),
        ])
    func positions(offset: Int, line: Int, column: Int) {
        #expect(file.position(ofUTF8Offset: offset) == SourcePosition(line: line, column: column))
    }

    @Test("an offset outside the text is moved into it")
    func offsetsOutside() {
        #expect(file.position(ofUTF8Offset: -5) == SourcePosition(line: 1, column: 1))
        #expect(file.position(ofUTF8Offset: 1000) == SourcePosition(line: 4, column: 5))
    }
}
