import SourceText
import Testing

@testable import HypnoScript

@Suite("The checker of programs")
struct CheckerTests {
    /// `error 1:9 Undefined function 'f'`, one line a finding.
    private func findings(
        _ program: String, dialect: ScriptDialect = .documented, undeclared: UndeclaredNames = .arguments
    ) throws -> [String] {
        let check = try Checker.check(
            SourceFile(name: "test.hyp", text: program), dialect: dialect, undeclared: undeclared)
        return check.findings.map {
            "\($0.severity) \($0.position.line):\($0.position.column) \($0.message)"
        }
    }

    private func findings(in statements: String, undeclared: UndeclaredNames = .arguments) throws -> [String]
    {
        try findings("Focus {\n\(statements)\n} Relax", undeclared: undeclared)
    }

    @Test(
        "is never certain of an error in a program that runs to its end", .timeLimit(.minutes(1)),
        arguments: [ScriptDialect.documented, .reference])
    func programsThatRun(dialect: ScriptDialect) throws {
        let corpora =
            dialect == .documented
            ? ConformanceCase.language + ConformanceCase.extensions : ConformanceCase.language
        var count = 0
        for expected in corpora where expected.error == nil {
            guard dialect == .reference || !ConformanceCase.superseded.contains(expected.name) else {
                continue
            }
            let found = try findings(expected.program, dialect: dialect, undeclared: .mistakes)
            #expect(found.filter { $0.hasPrefix("error") }.isEmpty, "\(expected.name)")
            count += 1
        }
        #expect(count > 130)
    }

    @Test("says what the reference says where that is right")
    func reference() throws {
        var count = 0
        for expected in ConformanceCase.language {
            guard let wanted = expected.check else { continue }
            let found = try Checker.check(
                SourceFile(name: "test.hyp", text: expected.program), dialect: .reference,
                undeclared: .mistakes)
            #expect(found.findings.map(\.message).sorted() == wanted, "\(expected.name)")
            count += 1
        }
        #expect(count == 3)
    }

    /// Programs in which the checker is certain, with what it says.
    static let certain: [(statements: String, finding: String)] = [
        ("obzerve(1);", "2:1 Undefined function 'obzerve'"),
        ("induce f = Sqrt;", "2:12 Undefined variable 'Sqrt'"),
        ("observe this;", "2:9 Undefined variable 'this'"),
        ("Substring(\"abc\", 1);", "2:1 Function 'Substring' expects 3 arguments, got 2"),
        ("suggestion f(a, b) { awaken a; } f(1);", "2:34 Function 'f' expects 2 arguments, got 1"),
        ("suggestion f(a, b = 2) { } f();", "2:28 Function 'f' expects 1 to 2 arguments, got 0"),
        (
            "induce a = [1]; observe a - 1;",
            "2:27 Arithmetic operator '-' requires numeric operands, got "
                + "[Number] and Number"
        ),
        ("observe -[1];", "2:10 Unary minus requires numeric operand, got [Number]"),
        (
            "observe [1] + 1;",
            "2:13 Operator '+' requires either two numbers or at least one string, got "
                + "[Number] and Number"
        ),
        (
            "observe ArrayLength(\"abc\");",
            "2:21 Function 'ArrayLength' argument 1 type mismatch: expected "
                + "[Unknown], got String"
        ),
        (
            "observe ToUpper(5);",
            "2:17 Function 'ToUpper' argument 1 type mismatch: expected String, got Number"
        ),
        ("induce s = \"abc\"; observe s[0];", "2:28 Cannot index non-array"),
        (
            "induce s = \"abc\"; observe s.length;",
            "2:29 Cannot access member 'length' on a value of type String"
        ),
        ("freeze x = 1; x = 2;", "2:15 Cannot reassign constant variable 'x'"),
        ("5 = 6;", "2:1 Invalid assignment target"),
        ("induce n = 5; n(1);", "2:15 Value is not callable: it is of type Number"),
        ("snap;", "2:1 Break statement outside of loop"),
        ("suggestion f() { sink; } loop { f(); snap; }", "2:18 Continue statement outside of loop"),
        ("awaken 5;", "2:1 'awaken' outside of a function"),
        ("induce b = 5; oscillate b;", "2:25 Oscillate target must be boolean, got Number"),
        ("for (x in 5) { }", "2:11 Cannot iterate over a value of type Number"),
        ("induce [a, b] = 5;", "2:17 Cannot destructure non-array"),
        ("observe Pnt { x: 1 };", "2:9 Undefined tranceify type 'Pnt' in record literal"),
        (
            "tranceify P { x: number; } induce p = P { x: 1 }; p.x = 2;",
            "2:53 Assignment target is not a session member"
        ),
        (
            "session S { conceal f: number = 1; } induce s = S(); observe s.f;",
            "2:64 Field 'f' of session 'S' is not visible here"
        ),
        (
            "session S { } induce s = S(1);",
            "2:26 Session 'S' does not define a constructor but arguments were provided"
        ),
        ("session S { expose f = 1; expose f = 2; }", "2:27 Duplicate session field 'f' in session 'S'"),
        ("session S { suggestion m() { } suggestion m() { } }", "2:32 Duplicate method 'm' in session 'S'"),
        (
            "session S { dominant suggestion constructor() { } }",
            "2:13 Constructor in session 'S' cannot be static"
        ),
        (
            "session S { suggestion m(a) { } } induce s = S(); s.m();",
            "2:53 Method 'm' of session 'S' expects 1 arguments, got 0"
        ),
        ("session S { suggestion m() { } } induce s = S(); s.n();", "2:52 Session 'S' has no method 'n'"),
        ("session S { expose f = 1; } observe S.f;", "2:39 Session 'S' has no static member 'f'"),
        (
            "session S { dominant expose c = 1; } induce s = S(); s.c = 2;",
            "2:56 Assign static field 'c' through session 'S', not an instance"
        ),
        ("observe 5 with { a: 1 };", "2:9 Cannot copy a value of type Number with changes"),
        ("mindLink \"missing.hyp\";", "2:1 Cannot load module 'missing.hyp'"),
    ]

    @Test("finds what fails whenever it is executed, and that does fail", arguments: certain)
    func certainErrors(statements: String, finding: String) throws {
        #expect(try findings(in: statements) == ["error \(finding)"])
        #expect(ProgramRun("Focus {\n\(statements)\n} Relax").status == 1)
    }

    @Test("takes back its certainty where errors are caught", arguments: certain)
    func caught(statements: String, finding: String) throws {
        // Suggestions, sessions and jumps are about where they are called or stand.
        guard !statements.contains("suggestion"), !finding.contains("outside of") else { return }
        let found = try findings(in: "try {\n\(statements)\n} catch { }")
        #expect(found.allSatisfy { $0.hasPrefix("warning") } && found.count == 1, "\(found)")
    }

    @Test(
        "warns about what runs and is probably not meant",
        arguments: [
            (
                "induce n = 0; while (n < 3) { induce n = n + 1; snap; }",
                "2:31 'n' is declared anew in every pass of 'while'"
            ),
            ("observe Round(2.345, 2);", "2:22 'Round' ignores argument 2"),
            ("observe entrain 1 { when null => 1 };", "2:26 The pattern 'null' matches everything"),
            (
                "suggestion f(x) { observe entrain x { when 1 => { awaken 5; } otherwise => 2 }; } f(1);",
                "2:51 'awaken' ends the function here, not only the case"
            ),
            ("induce try = 1; observe try;", "2:8 'try' is also a word of the language"),
            (
                "suggestion Max(a, b) { awaken a; }",
                "2:12 A call of 'Max' reaches the builtin of that name, not this function"
            ),
            ("induce n: number = \"a\";", "2:20 Type mismatch for variable 'n': expected Number, got String"),
            (
                "induce n = 1; n = \"a\";",
                "2:15 Cannot assign value of type String to variable 'n' of type Number"
            ),
            (
                "suggestion f(a: number): number { awaken \"x\"; }",
                "2:42 Return type mismatch: expected Number, got String"
            ),
            (
                "suggestion f(a: number) { } f(\"x\");",
                "2:31 Function 'f' argument 1 type mismatch: expected Number, got String"
            ),
            ("induce n = 1; if (n) { }", "2:19 If condition must be boolean, got Number"),
            (
                "observe 0 || 42;",
                "2:11 Logical operator '||' requires boolean operands, got Number and Number"
            ),
            ("observe [1] == [1];", "2:13 '==' between [Number] and [Number] is always false"),
            (
                "observe \"5\" * 2;",
                "2:13 Arithmetic operator '*' requires numeric operands, got String and Number"
            ),
            (
                "tranceify P { x: number; } observe P { y: 1, x: 2 };",
                "2:40 Field 'y' does not exist in tranceify type 'P'"
            ),
            (
                "tranceify P { x: number; y: number; } observe P { x: 1 };",
                "2:47 Missing field 'y' in record literal for type 'P'"
            ),
            ("induce counter = 1; observe countr;", "2:29 Undefined variable 'countr'"),
            ("induce counter = 1; countr = 2;", "2:21 Cannot assign to undefined variable 'countr'"),
            ("freeze c;", "2:8 Constant variable 'c' must be initialized"),
        ])
    func warnings(statements: String, finding: String) throws {
        #expect(try findings(in: statements) == ["warning \(finding)"])
    }

    @Test(
        "does not repeat the false findings of the reference, nor invents others",
        arguments: [
            "observe ArrayLength([1]) + ArraySum([]) + Gcd(4, 6) + Lcm(2, 3);",
            "suggestion f(x) { if (x) { awaken x + 1; } awaken x.m; } induce g = f; observe g;",
            "if (true) { suggestion f() { } session S { } tranceify R { x: number; } } f(); S(); R { x: 1 };",
            "observe entrain [1, 2] { when [a, ...rest] => a + ArrayLength(rest) otherwise => 0 };",
            // Whoever calls sees his variables.
            "suggestion add(n) { total = total + n; } suggestion sum() { induce total = 0; add(1); } sum();",
            // A variable may hold anything in turn.
            "induce x; x = 1; x = \"a\"; observe x - 1;",
            "induce a = ParseJSON(\"1\"); observe a - 1; observe a.b; a(); a = []; ",
            // Arguments of the job.
            "observe name + items[0]; loop (induce i = 0; i < count; i = i + 1) { induce item = items[i]; }",
            "result = 5;",
            "induce row1 = [1]; observe row2[0] + row1[0];",
            "observe sqrt(4) + is_prime(7); observe ArrayMap([1], suggestion (x) { awaken x; });",
            "record P { x: number, suggestion constructor(x) { this.x = x; } } observe P(1).x;",
            "try { Throw(1); } catch (e) { observe e; }",
            "entrance { awaken; }",
            "induce f = suggestion () { awaken 1; }; f = suggestion (x) { awaken x; }; f(1);",
            "while (true) { induce n = 1; induce n = n + 1; snap; }",
            "observe null ?? PI; induce u = E; observe TryOrAwaken(suggestion () { awaken nothing(); }, "
                + "suggestion (e) { awaken 0; });",
        ])
    func noFalseFindings(statements: String) throws {
        #expect(try findings(in: statements).filter { !$0.hasSuffix("Undefined function 'nothing'") } == [])
    }

    @Test("names the arguments of a job")
    func arguments() throws {
        let program = "Focus { induce a = 1; observe alpha + a + beta + alpha; } Relax"
        let check = try Checker.check(SourceFile(name: "t.hyp", text: program))
        #expect(check.arguments == ["alpha", "beta"])
        #expect(check.findings.isEmpty)
        let strict = try findings(program, undeclared: .mistakes)
        #expect(strict == ["error 1:31 Undefined variable 'alpha'", "error 1:43 Undefined variable 'beta'"])
    }

    @Test(
        "says what was probably meant",
        arguments: [
            ("obsrve(1);", "did you mean 'DebugPrint'?", false),
            ("Lenght(\"a\");", "did you mean 'Length'?", true),
            ("HttpGet(1);", "network access is not available to scripts", true),
            ("suggestion greet() { } gret();", "did you mean 'greet'?", true),
            ("tranceify Point { x: number; } observe Pont { x: 1 };", "did you mean 'Point'?", true),
            ("session S { suggestion run() { } } S().rnu();", "did you mean 'run'?", true),
        ])
    func suggestions(statements: String, help: String, isExpected: Bool) throws {
        let check = try Checker.check(SourceFile(name: "t.hyp", text: "Focus { \(statements) } Relax"))
        #expect((check.findings.first?.help == help) == isExpected, "\(check.findings)")
    }

    @Test("gives advice to a program that is full of unknown names, but not endlessly")
    func boundedAdvice() throws {
        var statements = ""
        for index in 0..<400 {
            statements += "suggestion known\(index)x() { }\nunknown\(index)y();\nobserve another\(index)z;\n"
        }
        let check = try Checker.check(SourceFile(name: "t.hyp", text: "Focus { \(statements) } Relax"))
        #expect(check.findings.filter { $0.severity == .error }.count == 400)
        #expect((1...100).contains(check.findings.count { $0.help != nil }))
    }

    @Test("ends for programs that would need many passes")
    func manyPasses() throws {
        // Each name depends on the next one, so that each pass learns one type.
        var statements = ""
        for index in 0..<400 { statements += "induce v\(index) = v\(index + 1);\n" }
        statements += "induce v400 = [1]; loop { v400 = v0 - 1; snap; }"
        #expect(try findings(in: statements).filter { $0.hasPrefix("error") } == [])
    }
}

@Suite("The signatures of the builtins")
struct BuiltinSignatureTests {
    @Test("are there for every builtin of the reference and no other")
    func complete() {
        #expect(Library.builtins.count == 135 || Library.builtins.count == 133)
        for builtin in Library.builtins {
            #expect(BuiltinSignature.of(builtin.name) != nil, "\(builtin.name)")
        }
        #expect(BuiltinSignature.of("ArrayMap") == nil)
    }

    /// A literal of the kind that a parameter wants.
    private func value(for parameter: BuiltinSignature.Parameter) -> String {
        switch parameter {
        case .number, .whole, .count: "1"
        case .string, .character: "\"x\""
        case .array, .numbers: "[1]"
        case .any: "1"
        }
    }

    @Test("name as many arguments as the builtin looks at")
    func counts() throws {
        let silent = ["DeepTrance", "HypnoticCountdown", "TranceInduction", "HypnoticVisualization", "Exit"]
        for builtin in Library.builtins where !silent.contains(builtin.name) {
            let signature = try #require(BuiltinSignature.of(builtin.name))
            guard signature.required > 0 else { continue }
            let given = signature.parameters.prefix(signature.required - 1).map(value(for:))
            let call = "\(builtin.name)(\(given.joined(separator: ", ")))"
            let error = ProgramRun("Focus { observe \(call); } Relax", dialect: .reference).error
            let isRefused =
                error.contains("expected argument at position \(signature.required)")
                || error.contains("requires at least 1 argument")
            #expect(isRefused, "\(call): \(error)")
        }
    }

    @Test("refuse an argument only where the builtin does")
    func kinds() throws {
        for builtin in Library.builtins {
            let signature = try #require(BuiltinSignature.of(builtin.name))
            for (index, parameter) in signature.parameters.enumerated() {
                let wrong: (literal: String, type: StaticType)
                switch parameter {
                case .number, .whole, .count: wrong = ("[1]", .array(.number))
                case .string, .character: wrong = ("5", .number)
                case .array, .numbers: wrong = ("5", .number)
                case .any: continue
                }
                #expect(parameter.refuses(wrong.type))
                var given = signature.parameters.map(value(for:))
                given[index] = wrong.literal
                let call = "\(builtin.name)(\(given.joined(separator: ", ")))"
                let run = ProgramRun("Focus { observe \(call); } Relax", dialect: .reference)
                let text = "Builtin '\(builtin.name)' expected"
                #expect(
                    run.error.contains(text) || run.error.contains("convert to number"), "\(call): \(run)")
            }
        }
    }
}
