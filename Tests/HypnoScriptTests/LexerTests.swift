import SourceText
import Testing

@testable import HypnoScript

@Suite("The lexer")
struct LexerTests {
    @Test("finds keywords in any ASCII letter case, and their synonyms")
    func keywords() throws {
        #expect(
            try kinds("focus FOCUS Break snap RETURN surrenderTo") == [
                .focus, .focus, .snap, .snap, .awaken, .await,
            ])
    }

    @Test("folds ASCII letters only: the Kelvin sign makes a name")
    func kelvinSign() throws {
        #expect(try kinds("brea\u{212A}") == [.identifier])
    }

    @Test("reads operator words as their operators")
    func operatorWords() throws {
        #expect(
            try kinds("a youAreFeelingVerySleepy b lucidfallback c") == [
                .identifier, .equal, .identifier, .coalesce, .identifier,
            ])
    }

    @Test("takes the longest operator")
    func longestOperator() throws {
        #expect(
            try kinds("== = => ?? ?. ? ... . <= < && & || |") == [
                .equal, .assign, .arrow, .coalesce, .optionalAccess, .unused, .ellipsis, .dot, .lessOrEqual,
                .less,
                .and, .unused, .or, .unused,
            ])
    }

    @Test("needs no blanks between tokens")
    func noBlanks() throws {
        #expect(try kinds("observe\"x\";") == [.observe, .string, .semicolon])
    }

    @Test("ends a number before a letter but not before a second point")
    func numbers() throws {
        #expect(try texts("1e3 5. 1.2.3 a.5") == ["1", "e3", "5.", "1.2.3", "a", "", "5"])
    }

    @Test("takes letters and digits of all scripts into names")
    func names() throws {
        #expect(try texts("größe _x1 Ⅷ 名前 ά٣") == ["größe", "_x1", "Ⅷ", "名前", "ά٣"])
        #expect(try kinds("²") == [.number])
    }

    @Test("resolves the five escapes and drops the backslash before anything else")
    func escapes() throws {
        #expect(try texts(#""a\n\t\r\\\"\u0041\'\é""#) == ["a\n\t\r\\\"u0041'é"])
    }

    @Test("keeps line ends inside strings and skips all Unicode white space outside")
    func whiteSpace() throws {
        #expect(try texts("\"a\r\nb\"") == ["a\r\nb"])
        #expect(try kinds("a\u{3000}\u{85}\u{A0}b") == [.identifier, .identifier])
    }

    @Test("skips comments, an unterminated one to the end of the text")
    func comments() throws {
        #expect(try texts("a // b\nc /* d * / */ e /* f") == ["a", "c", "e"])
    }

    @Test("skips one byte-order mark")
    func byteOrderMark() throws {
        #expect(try kinds("\u{FEFF}Focus") == [.focus])
        #expect(message(of: "\u{FEFF}\u{FEFF}") == "Unexpected character '\u{FEFF}' at line 1, column 3")
    }

    @Test("reports a character that starts no token, counting the column after it")
    func unexpectedCharacter() {
        #expect(message(of: "a\n  é ^ b") == "Unexpected character '^' at line 2, column 6")
        #expect(message(of: "a..b") == "Unexpected character '.' at line 1, column 3")
        #expect(message(of: "😀") == "Unexpected character '😀' at line 1, column 2")
    }

    @Test("reports a string without end with the last line and points at its start")
    func unterminatedString() throws {
        let error = try #require(failure(of: "a \"b\n\nc\\"))
        #expect(error.message == "Unterminated string at line 3")
        #expect(error.diagnostic.position == SourcePosition(line: 1, column: 3))
    }

    @Test("gives equal texts equal symbols")
    func symbols() throws {
        let tokens = try Lexer.scan(SourceFile(name: "test.hyp", text: "a b a \"b\"")).tokens
        #expect(tokens[0].symbol == tokens[2].symbol)
        #expect(tokens[1].symbol == tokens[3].symbol)
        #expect(tokens[0].symbol != tokens[1].symbol)
    }

    private func kinds(_ text: String) throws -> [TokenKind] {
        try Lexer.scan(SourceFile(name: "test.hyp", text: text)).tokens.dropLast().map(\.kind)
    }

    private func texts(_ text: String) throws -> [String] {
        let scan = try Lexer.scan(SourceFile(name: "test.hyp", text: text))
        return scan.tokens.dropLast().map { scan.names[$0.symbol] }
    }

    private func message(of text: String) -> String? {
        failure(of: text)?.message
    }

    private func failure(of text: String) -> ScriptSyntaxError? {
        do throws(ScriptSyntaxError) {
            _ = try Lexer.scan(SourceFile(name: "test.hyp", text: text))
            return nil
        } catch {
            return error
        }
    }
}
