import SourceText
import Testing

@testable import HypnoScript

/// One program that is none, and what is said about it.
struct SyntaxErrorCase: Sendable, CustomTestStringConvertible {
    let program: String
    let message: String
    let position: SourcePosition

    init(_ program: String, _ message: String, _ line: Int, _ column: Int) {
        self.program = program
        self.message = message
        position = SourcePosition(line: line, column: column)
    }

    /// A body that stands in a program of its own, on line 2.
    static func body(_ text: String, _ message: String, _ column: Int) -> SyntaxErrorCase {
        SyntaxErrorCase("Focus {\n\(text)\n} Relax", message, 2, column)
    }

    var testDescription: String { program.split(separator: "\n").joined(separator: " ⏎ ") }
}

@Suite("A syntax error")
struct SyntaxErrorTests {
    @Test("has the wording of the language and the place of the token", arguments: frames + statements)
    func statement(_ error: SyntaxErrorCase) throws { try check(error) }

    @Test("in a declaration has the wording of the language and the place", arguments: declarations)
    func declaration(_ error: SyntaxErrorCase) throws { try check(error) }

    @Test("in an expression has the wording of the language and the place", arguments: expressions)
    func expression(_ error: SyntaxErrorCase) throws { try check(error) }

    @Test("names the word that was probably meant")
    func suggestion() throws {
        let error = try #require(syntaxError(in: "Focus { obzerve \"x\"; } Relax"))
        #expect(error.diagnostic.help == "did you mean 'observe' instead of 'obzerve'?")
        #expect(error.diagnostic.code.label == "HJ-2005")
    }

    @Test("after a trigger's block says that no semicolon belongs there")
    func semicolonAfterTrigger() throws {
        let error = try #require(syntaxError(in: "Focus { trigger t = suggestion() { }; } Relax"))
        #expect(error.message == "Unexpected token: ';' at line 1")
        #expect(error.diagnostic.help?.contains("without ';'") == true)
    }

    private func check(_ expected: SyntaxErrorCase) throws {
        let error = try #require(syntaxError(in: expected.program))
        #expect(error.message == expected.message)
        #expect(error.diagnostic.position == expected.position)
    }

    static let frames = [
        SyntaxErrorCase("observe 1;", "Program must start with 'Focus'", 1, 1),
        SyntaxErrorCase("", "Program must start with 'Focus'", 1, 1),
        SyntaxErrorCase("Focus\nx", "Expected '{' after 'Focus' at line 2", 2, 1),
        SyntaxErrorCase("Focus {\n Relax", "Expected '}' before 'Relax' at line 2", 2, 2),
        SyntaxErrorCase("Focus { }", "Program must end with 'Relax'", 1, 10),
        SyntaxErrorCase("Focus { if (true) {\nRelax", "Expected '}' after block at line 2", 2, 1),
    ]

    static let statements: [SyntaxErrorCase] = [
        .body("induce = 1;", "Expected variable name at line 2", 8),
        .body("induce x = 1 observe x;", "Expected ';' after variable declaration at line 2", 14),
        .body("anchor a = 1 }", "Expected ';' after anchor declaration at line 2", 14),
        .body("oscillate o.f;", "Expected ';' after oscillate statement at line 2", 12),
        .body("observe 1 2;", "Expected ';' after observe statement at line 2", 11),
        .body("whisper 1 2;", "Expected ';' after whisper at line 2", 11),
        .body("command 1 2;", "Expected ';' after command at line 2", 11),
        .body("murmur 1 2;", "Expected ';' after murmur at line 2", 10),
        .body("awaken 1 2;", "Expected ';' after return statement at line 2", 10),
        .body("snap 1;", "Expected ';' after 'snap' at line 2", 6),
        .body("continue 1;", "Expected ';' after 'sink' at line 2", 10),
        .body("suspend 1;", "Expected ';' after 'suspend' at line 2", 9),
        .body("f() g();", "Expected ';' after expression at line 2", 5),
        .body(
            "sharedTrance x = 1;", "'sharedTrance' must be followed by induce/implant/embed/freeze",
            14),
        .body("if (1 { }", "Expected ')' after if condition at line 2", 7),
        .body("if (true) x;", "Expected '{' after if condition at line 2", 11),
        .body("if (true) { } else x;", "Expected '{' after 'else' at line 2", 20),
        .body("if (true) { } else deepFocus { }", "Expected '{' after 'else' at line 2", 20),
        .body("while (true) x;", "Expected '{' after while condition at line 2", 14),
        .body("pendulum { }", "Expected '(' after 'pendulum' at line 2", 10),
        .body("pendulum (;;) { }", "pendulum loop requires a condition expression", 12),
        .body(
            "if (true) { entrance { } }", "'entrance' blocks are only allowed at the top level", 13),
        .body(
            "while (true) { finale { } }", "'finale' blocks are only allowed at the top level", 16),
        .body("loop { trigger t = 1; }", "Triggers can only be declared at the top level", 8),
        .body("entrance { finale { } }", "Unexpected token: 'finale' at line 2", 12),
        .body("if (true) { };", "Unexpected token: ';' at line 2", 14),
        .body("drift(1);", "Unexpected token: 'drift' at line 2", 1),
        .body("x += 1;", "Unexpected token: '=' at line 2", 4),
    ]

    static let declarations: [SyntaxErrorCase] = [
        .body("suggestion (x) { }", "Expected function name at line 2", 12),
        .body("suggestion f(1) { }", "Expected parameter name at line 2", 14),
        .body("suggestion f(a b) { }", "Expected ')' after parameters at line 2", 16),
        .body("suggestion f() x", "Expected '{' after function signature at line 2", 16),
        .body("trigger t = 5;", "Expected 'suggestion' after '=' at line 2", 13),
        .body("session { }", "Expected session name at line 2", 9),
        .body("session S x", "Expected '{' after session name at line 2", 11),
        .body("session S { x: number; }", "Expected 'suggestion' inside session at line 2", 13),
        .body("session S { constructor() { } }", "Expected 'suggestion' inside session at line 2", 13),
        .body("session S { expose 1; }", "Expected field name in session at line 2", 20),
        .body("session S { expose dominant x; }", "Expected field name in session at line 2", 20),
        .body("session S { expose x }", "Expected ';' after session field declaration at line 2", 22),
        .body("session S { suggestion 1() { } }", "Expected method name at line 2", 24),
        .body("tranceify T { 1: number; }", "Expected field name at line 2", 15),
        .body("tranceify T { a number; }", "Expected ':' after field name at line 2", 17),
        .body("tranceify T { a: trance; }", "Expected type annotation, got 'trance' at line 2", 18),
        .body("tranceify T { a: number }", "Expected ';' after field declaration at line 2", 25),
    ]

    static let expressions: [SyntaxErrorCase] = [
        .body("observe 1.2.3;", "Invalid number: 1.2.3", 9),
        .body("observe ²;", "Invalid number: ²", 9),
        .body("observe f(1;", "Expected ')' after arguments at line 2", 12),
        .body("observe [1, 2;", "Expected ']' after array elements at line 2", 14),
        .body("observe [1,];", "Unexpected token: ']' at line 2", 12),
        .body("observe a[1;", "Expected ']' after array index at line 2", 12),
        .body("observe m.from;", "Expected property name after '.' at line 2", 11),
        .body("observe m?.(1);", "Expected property name or '[' after '?.' at line 2", 12),
        .body("observe T { a 1 };", "Expected ':' after field name at line 2", 15),
        .body("observe entrain 1 x;", "Expected '{' after entrain subject at line 2", 19),
        .body("observe entrain v { };", "Expected '{' after entrain subject at line 2", 22),
        .body("observe entrain 1 { x };", "Expected 'when' or 'otherwise' at line 2", 21),
        .body("observe entrain 1 { when 1 x };", "Expected '=>' after pattern at line 2", 28),
        .body("observe entrain 1 { when -1 => 2 };", "Expected pattern, got '-' at line 2", 26),
        .body("observe entrain 1 { when x: 5 => 2 };", "Expected type annotation, got '5' at line 2", 29),
        .body("observe entrain 1 { otherwise 2 };", "Expected '=>' after 'otherwise' at line 2", 31),
        .body(
            "observe entrain 1 { otherwise => 2 when 1 => 3 };", "Expected '}' after entrain cases at line 2",
            36),
    ]
}

/// The error of a text, nil if it is a program.
func syntaxError(in text: String) -> ScriptSyntaxError? {
    do throws(ScriptSyntaxError) {
        _ = try Parser.parse(SourceFile(name: "test.hyp", text: text))
        return nil
    } catch {
        return error
    }
}
