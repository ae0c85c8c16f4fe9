import SourceText
import Testing

@testable import HypnoScript

@Suite("The parser")
struct ParserTests {
    @Test(
        "groups operators by precedence, from left to right",
        arguments: [
            ("1 + 2 * 3 - 4", "(1 + (2 * 3) - 4)"),
            ("a = b = c ?? d", "(a = (b = (c ?? d)))"),
            ("a || b && c == d < e", "(a || (b && (c == (d < e))))"),
            ("1 < 2 < 3", "(1 < 2 < 3)"),
            ("-a.b * !c[0]", "(-a.b * !c[0])"),
            ("await f() + 1", "(await f() + 1)"),
            ("a ?? b ?? c || d", "(a ?? b ?? (c || d))"),
            ("(a + b) * c", "((a + b) * c)"),
            ("f(x)(y)[0].z?.w?.[1]", "f(x)(y)[0].z?.w?.[1]"),
            ("T { a: 1, b: [2, 3], }", "T{a:1,b:[2,3]}"),
            ("a resistanceIsFutile b", "(a || b)"),
        ])
    func precedence(source: String, expected: String) throws {
        let tree = try parse("Focus { \(source); } Relax")
        guard case .expression(let expression) = tree[tree.items.statements[0]].kind else {
            Issue.record("not an expression statement")
            return
        }
        #expect(tree.outline(expression) == expected)
    }

    @Test("takes a name before a brace for a record only if a name or '}' follows")
    func recordOrBlock() throws {
        let tree = try parse("Focus { entrain v { when 1 => 2 otherwise => 3 }; } Relax")
        guard case .expression(let expression) = tree[tree.items.statements[0]].kind,
            case .entrain(_, let cases, let otherwise) = tree[expression].kind
        else {
            Issue.record("not an entrain")
            return
        }
        #expect(cases.count == 1)
        #expect(otherwise != nil)
    }

    @Test("ignores everything after 'Relax' that consists of tokens")
    func afterRelax() throws {
        #expect(try parse("Focus { } Relax }}} 1.2.3 \"x\" +").items.statements.isEmpty)
    }

    @Test("takes any one token for a type")
    func annotations() throws {
        let tree = try parse("Focus { induce x: + = 1; suggestion f(a: trance): { { } } Relax")
        #expect(tree.items.statements.count == 2)
    }

    @Test("remembers where accesses can fail")
    func focusOfAccess() throws {
        let tree = try parse("Focus {\n  a.b\n   .c[1];\n} Relax")
        guard case .expression(let expression) = tree[tree.items.statements[0]].kind else {
            Issue.record("not an expression statement")
            return
        }
        #expect(tree.position(of: tree[expression].start) == SourcePosition(line: 2, column: 3))
        #expect(tree.position(of: tree[expression].focus) == SourcePosition(line: 3, column: 6))
    }

    @Test("accepts long chains of operators and branches, which need no depth")
    func longChains() throws {
        let sum = Array(repeating: "1", count: 20_000).joined(separator: " + ")
        let ladder = Array(repeating: "if (false) { }", count: 5_000).joined(separator: " else ")
        #expect(try parse("Focus { observe \(sum); \(ladder) } Relax").items.statements.count == 2)
    }

    @Test("accepts four hundred levels of brackets")
    func deepBrackets() throws {
        let text = String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400)
        #expect(try parse("Focus { observe \(text); } Relax").items.statements.count == 1)
    }

    @Test(
        "refuses nesting without end instead of exhausting the stack",
        arguments: [
            "(", "[", "!", "-", "await ", "f(", "a = ", "a ?? (", "T { a: ", "entrain ",
            "entrain 1 { when x => ", "if (true) {", "loop {", "suggestion f() {", "if (false) { } else { ",
        ])
    func endlessNesting(opening: String) throws {
        let error = try #require(syntaxError(in: "Focus { " + String(repeating: opening, count: 50_000)))
        #expect(error.message.hasPrefix("Nesting deeper than 500 levels"))
    }

    @Test("refuses accesses without end", arguments: ["()", ".b", "[0]", "?.b", "?.[0]"])
    func endlessAccesses(access: String) throws {
        let error = try #require(syntaxError(in: "Focus { a" + String(repeating: access, count: 50_000)))
        #expect(error.message.hasPrefix("Nesting deeper than 500 levels"))
    }

    @Test("refuses patterns without end", arguments: ["[", "T { f: "])
    func endlessPatterns(opening: String) throws {
        let text = "Focus { entrain 1 { when " + String(repeating: opening, count: 50_000)
        #expect(try #require(syntaxError(in: text)).message.hasPrefix("Nesting deeper than 500 levels"))
    }

    @Test("refuses towers of accesses that are short each and deep all together")
    func towers() throws {
        let tower = String(repeating: ".b", count: 100) + ")"
        let text = String(repeating: "(", count: 100) + "a" + String(repeating: tower, count: 100)
        let error = try #require(syntaxError(in: "Focus { observe \(text); } Relax"))
        #expect(error.message.hasPrefix("Nesting deeper than 500 levels"))
    }

    private func parse(_ text: String) throws -> SyntaxTree {
        try Parser.parse(SourceFile(name: "test.hyp", text: text))
    }
}

extension SyntaxTree {
    /// An expression with a bracket around every chain and assignment.
    fileprivate func outline(_ id: ExpressionID) -> String {
        switch self[id].kind {
        case .number(let value): NumberText.string(value)
        case .string(let text): "\"\(names[text])\""
        case .boolean(let flag): "\(flag)"
        case .name(let name): names[name]
        case .array(let elements): "[\(list(elements))]"
        case .record(let type, let fields):
            names[type] + "{" + fields.map { "\(names[$0.name]):\(outline($0.value))" }.joined(separator: ",")
                + "}"
        case .prefix(let operation, let operand):
            ["!", "-", "await "][Int(operation.rawValue)] + outline(operand)
        case .chain(let first, let links):
            "(" + outline(first) + links.map { " \(Self.sign($0.operation)) \(outline($0.operand))" }.joined()
                + ")"
        case .assign(let target, let value): "(\(outline(target)) = \(outline(value)))"
        case .call(let callee, let arguments): "\(outline(callee))(\(list(arguments)))"
        case .member(let object, let name, let isOptional):
            outline(object) + (isOptional ? "?." : ".") + names[name]
        case .index(let array, let index, let isOptional):
            outline(array) + (isOptional ? "?." : "") + "[\(outline(index))]"
        case .entrain: "entrain"
        case .object, .with, .optionalCall, .function: "documented"
        }
    }

    private func list(_ ids: [ExpressionID]) -> String {
        ids.map(outline).joined(separator: ",")
    }

    private static func sign(_ operation: BinaryOperator) -> String {
        ["??", "||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"][Int(operation.rawValue)]
    }
}
