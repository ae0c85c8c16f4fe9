import Effects
import Fuzzing
import SourceText
import Testing

@testable import HypnoScript

@Suite("The formatter of programs")
struct ScriptFormatterTests {
    private func format(
        _ text: String, _ dialect: ScriptDialect = .documented
    ) throws(ScriptSyntaxError) -> String {
        try ScriptFormatter.format(SourceFile(name: "test.hyp", text: text), dialect: dialect)
    }

    /// The tokens of a text without their places, and its comments without blanks at the ends of lines.
    private func contents(_ text: String) throws -> [String] {
        let source = SourceFile(name: "test.hyp", text: text)
        let bytes = Array(source.text.utf8)
        var (found, end): ([String], Int) = ([], 0)
        for token in try Lexer.scan(source, singleQuotes: true).tokens {
            found += TriviaReader(bytes[end..<Int(token.start.utf8)]).comments.map(\.text)
            found.append(
                "\(token.kind) " + String(decoding: bytes[Int(token.start.utf8)..<token.end], as: UTF8.self))
            end = token.end
        }
        return found
    }

    /// A whole tree without the places of its nodes.
    private func tree(_ text: String) throws -> String {
        let tree = try SyntaxTree.parse(SourceFile(name: "test.hyp", text: text), .documented)
        let dump =
            "\(tree.items)\(tree.statements)\(tree.expressions)\(tree.patterns)\(tree.functions)"
            + "\(tree.sessions)\(tree.records)"
        return dump.split(separator: "SourceOffset(utf8: ").enumerated().map { index, part in
            index == 0 ? String(part) : String(part.drop { $0.isNumber })
        }.joined()
    }

    @Test("lays programs out", arguments: FormattedProgram.all)
    func layout(program: FormattedProgram) throws {
        #expect(try format(program.written) == program.formatted)
        #expect(try format(program.formatted) == program.formatted)
    }

    @Test("changes no token, comment or node of the corpora, and settles at once")
    func corpora() throws {
        var count = 0
        for expected in ConformanceCase.language + ConformanceCase.extensions {
            guard let text = try? format(expected.program) else { continue }  // Programs that do not parse.
            #expect(try contents(text) == contents(expected.program), "\(expected.name)")
            #expect(try tree(text) == tree(expected.program), "\(expected.name)")
            #expect(try format(text) == text, "\(expected.name)")
            count += 1
        }
        #expect(count > 250)
    }

    @Test("leaves programs do what they did")
    func outputs() throws {
        for expected in ConformanceCase.language + ConformanceCase.extensions
        where !expected.usesFiles && !expected.name.hasPrefix("62-") {
            guard !ConformanceCase.superseded.contains(expected.name),
                let text = try? format(expected.program)  // Programs that do not parse.
            else { continue }
            let run = ProgramRun(text)
            #expect(run.output == expected.output, "\(expected.name)")
            #expect(run.status == expected.status, "\(expected.name)")
        }
    }

    @Test("changes no token, comment or node of generated programs, and settles at once")
    func generated() throws {
        for seed in 0..<200 {
            let random = SeededRandom(seed: UInt64(seed))
            var generator = ProgramGenerator(random)
            let program = ProgramGenerator.text(of: generator.program(nodes: 5 + seed / 2), random)
            let text: String
            do throws(ScriptSyntaxError) { text = try format(program) } catch {
                Issue.record("seed \(seed): \(error.message)\n\(program)")
                continue
            }
            let again = try format(text)
            #expect(try contents(text) == contents(program), "seed \(seed)")
            if seed % 4 == 0 { #expect(try tree(text) == tree(program), "seed \(seed)") }
            #expect(again == text, "seed \(seed)")
        }
    }

    @Test("has the reference's dialect, too")
    func reference() throws {
        #expect(try format("Focus{observe 1;}Relax", .reference) == "Focus {\n    observe 1;\n} Relax\n")
        #expect(throws: ScriptSyntaxError.self) {
            try format("Focus { observe { a: 1 }; } Relax", .reference)
        }
    }

    @Test("refuses what is no program")
    func syntaxErrors() {
        #expect(throws: ScriptSyntaxError.self) { try format("Focus { observe 1 } Relax") }
    }
}

/// A program as somebody wrote it and as it ought to look.
struct FormattedProgram: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let written: String
    let formatted: String

    static let all: [FormattedProgram] = [
        FormattedProgram(
            testDescription: "statements on lines of their own",
            written: "Focus{induce a=1;induce b : number=-2;observe a+b ;}Relax",
            formatted: "Focus {\n    induce a = 1;\n    induce b: number = -2;\n    observe a + b;\n} Relax\n"
        ),
        FormattedProgram(
            testDescription: "short blocks as they were written",
            written: """
                Focus { if(a>1){snap;} else { sink; }
                  if (a) { observe 1; observe 2; } else
                  { observe 3; }
                  suggestion f() { }
                  while (true)
                  {
                     snap; }
                } Relax
                """,
            formatted: """
                Focus {
                    if (a > 1) { snap; } else { sink; }
                    if (a) {
                        observe 1;
                        observe 2;
                    } else { observe 3; }
                    suggestion f() { }
                    while (true) {
                        snap;
                    }
                } Relax

                """),
        FormattedProgram(
            testDescription: "comments in their places",
            written: """
                // Before.
                Focus   { // after the brace


                /* own
                   line */
                observe 1;   // trailing
                // own line

                // another
                if (a) { /* inside */ }
                observe f(1, // first
                2);
                } Relax
                """,
            formatted: """
                // Before.
                Focus { // after the brace

                    /* own
                   line */
                    observe 1;   // trailing
                    // own line

                    // another
                    if (a) { /* inside */
                    }
                    observe f(1, // first
                        2);
                } Relax

                """),
        FormattedProgram(
            testDescription: "literals, cases and records as the author broke them",
            written: """
                Focus {
                tranceify P { x : number; y:string; }
                induce o = {a:1,
                b : [ 1,2 ], c:{}};
                observe entrain o.a {
                when 1=>"one",
                when [x,...rest] if x>1 =>{observe x;observe rest;}
                otherwise=>P{x:1,y:"z"}
                };
                } Relax
                """,
            formatted: """
                Focus {
                    tranceify P { x: number; y: string; }
                    induce o = { a: 1,
                        b: [1, 2], c: {} };
                    observe entrain o.a {
                        when 1 => "one",
                        when [x, ...rest] if x > 1 => {
                            observe x;
                            observe rest;
                        }
                        otherwise => P { x: 1, y: "z" }
                    };
                } Relax

                """),
        FormattedProgram(
            testDescription: "operators, types and calls",
            written: """
                Focus {
                induce f:List<number>?=suggestion (a:number[],b?){awaken - a[0]--1;};
                observe(1);observe (2) ;whisper !x?.y ??z lucidFallback w;
                assert a : "m"; for(var i=0;i<3;i=i+1)observe 5 .x;
                for(x of[1]){throw -1;}
                try{f();}catch(e){observe e;}finally{ }
                } Relax
                """,
            formatted: """
                Focus {
                    induce f: List<number>? = suggestion(a: number[], b?) { awaken -a[0] - -1; };
                    observe(1);
                    observe (2);
                    whisper !x?.y ?? z lucidFallback w;
                    assert a : "m";
                    for (var i = 0; i < 3; i = i + 1) observe 5 .x;
                    for (x of[1]) { throw -1; }
                    try { f(); } catch (e) { observe e; } finally { }
                } Relax

                """),
        FormattedProgram(
            testDescription: "continued lines one step deeper",
            written: """
                session S{expose n:number=1;suggestion m(){awaken this.n;}}
                Focus {
                induce text = "a" +
                "b" +
                      "c";
                observe Concat(
                "a",
                "b"
                );
                if (true)
                observe 1;
                } Relax   trailing garbage { ok
                """,
            formatted: """
                session S {
                    expose n: number = 1;
                    suggestion m() { awaken this.n; }
                }
                Focus {
                    induce text = "a" +
                        "b" +
                        "c";
                    observe Concat(
                        "a",
                        "b"
                    );
                    if (true)
                        observe 1;
                } Relax   trailing garbage { ok

                """),
    ]
}
