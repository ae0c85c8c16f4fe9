import Effects
import SQL
import Testing

@Suite("SQL tokens")
struct SQLTokenizerTests {
    @Test("the tokens of any text are the text, or the place of what has no end")
    func coverage() {
        let random = SeededRandom(seed: 41)
        let pieces = [
            "SELECT", " ", "'it''s'", "\"a\"\"b\"", "--x\n", "/*y/*z*/*/", "?", "1.5e-3", "0xFF", "::", "->>",
            "$1",
            "$$ ; $$", "E'\\''", "[a b]", "é", "'", "\"", "/*", ".", "||", "\t", ";", "(", ")",
        ]
        for _ in 0..<3000 {
            let text = (0..<random.uniform(below: 12)).reduce(into: "") { text, _ in
                text += pieces[Int(random.uniform(below: UInt64(pieces.count)))]
            }
            do {
                var end = 0
                for token in try SQLTokenizer.tokens(of: text) {
                    #expect(
                        token.range.lowerBound == end && !token.range.isEmpty, "\(text), seed \(random.seed)")
                    end = token.range.upperBound
                }
                #expect(end == text.utf8.count, "\(text), seed \(random.seed)")
            } catch {
                #expect(error.code == .unterminated && error.line >= 1 && error.column >= 1)
            }
        }
    }

    @Test(
        "each kind of token is recognised",
        arguments: [
            ("select_1", SQLToken.Kind.word), ("größe", .word), ("'a''b'", .string),
            ("\"a\"\"b\"", .quotedName),
            ("`a`", .quotedName), ("[a b]", .quotedName), ("E'\\'x'", .escapeString),
            ("$a$ ' ; $a$", .dollarString),
            ("12", .number), (".5", .number), ("1e10", .number), ("0x1F", .number), ("?", .marker),
            ("->>", .symbol),
            ("$1", .symbol), ("-- a ' b", .comment), ("/* /* */ ' */", .comment), (" \n\t", .whitespace),
        ])
    func kinds(text: String, kind: SQLToken.Kind) throws {
        let tokens = try SQLTokenizer.tokens(of: text)
        #expect(tokens.map(\.kind) == [kind])
    }

    @Test(
        "what has no end is reported where it begins",
        arguments: [
            ("SELECT\n  'abc", "2:3: This string has no end"),
            ("SELECT \"abc", "1:8: This quoted name has no end"),
            ("é /* /* */", "1:3: This comment has no end"),
            ("$x$ $y$", "1:1: This string has no end"),
        ])
    func unterminated(text: String, message: String) {
        #expect {
            try SQLTokenizer.tokens(of: text)
        } throws: {
            "\($0)" == message
        }
    }

    @Test(
        "a script is cut at the semicolons that separate statements",
        arguments: [
            ("", []),
            (" ;; -- nothing\n;", []),
            ("SELECT 1", ["SELECT 1"]),
            ("SELECT ';' ; -- a;b\n SELECT \";\";", ["SELECT ';'", "SELECT \";\""]),
            ("a /* ; */ b; c", ["a /* ; */ b", "c"]),
            (
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 3; END; "
                    + "SELECT 4",
                [
                    "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 3; END",
                    "SELECT 4",
                ]
            ),
            ("BEGIN; SELECT 1; END;", ["BEGIN", "SELECT 1", "END"]),
        ])
    func splitting(text: String, statements: [String]) throws {
        #expect(try StatementSplitter.statements(of: text) == statements)
    }

    @Test("layout and comments do not count in the canonical text, strings do")
    func canonical() {
        #expect(CanonicalSQL.text(of: "\n SELECT  a -- x\n ,'b  c'/**/FROM t ") == "SELECT a ,'b  c' FROM t")
        #expect(CanonicalSQL.text(of: "SELECT 'open") == "SELECT 'open")
    }
}
