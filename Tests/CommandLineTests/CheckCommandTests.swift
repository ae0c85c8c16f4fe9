import JobEngine
import Testing

@Suite("Checking programs")
struct CheckCommandTests {
    private static let faulty = """
        Focus {
            suggestion greet(name) { observe "Hello, " + name; }
            gret("Ada");
            observe Round(2.345, 2);
            snap;
        } Relax

        """

    @Test("all findings of a program are shown with place, caret and help; an error is status 3")
    func findings() async throws {
        try await withEmptyFolder { here in
            try here.write(Self.faulty, to: "faulty.hyp")
            let result = try await here.run("check faulty.hyp")
            #expect(result.status == 3)
            #expect(result.output == "checked 1 program: 2 findings, 1 warning\n")
            #expect(
                result.errors == """
                    error[HJ-2021]: Undefined function 'gret'
                     --> faulty.hyp:3:5
                      |
                    3 |     gret("Ada");
                      |     ^^^^
                    help: did you mean 'greet'?
                    see: hypjobs explain HJ-2021

                    warning[HJ-2032]: 'Round' ignores argument 2
                     --> faulty.hyp:4:26
                      |
                    4 |     observe Round(2.345, 2);
                      |                          ^
                    help: RoundTo(x, digits) rounds to digits
                    see: hypjobs explain HJ-2032

                    error[HJ-2026]: Break statement outside of loop
                     --> faulty.hyp:5:5
                      |
                    5 |     snap;
                      |     ^^^^
                    see: hypjobs explain HJ-2026


                    """)
        }
    }

    @Test("warnings alone are status 0, with --strict 3")
    func warnings() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus { observe Round(2.345, 2); } Relax\n", to: "round.hyp")
            let result = try await here.run("check round.hyp")
            #expect(result.status == 0)
            #expect(result.output == "checked 1 program: 1 warning\n")
            #expect(result.errors.hasPrefix("warning[HJ-2032]: "))
            #expect(try await here.run("check --strict round.hyp").status == 3)
        }
    }

    @Test("with --json the findings and the arguments of each program are one document")
    func json() async throws {
        try await withEmptyFolder { here in
            try here.write(Self.faulty, to: "faulty.hyp")
            try here.write("Focus { observe \"Hello, \" + name; } Relax\n", to: "hello.hyp")
            let result = try await here.run("check --json faulty.hyp hello.hyp")
            #expect(result.status == 3)
            #expect(result.errors == "")
            let document = try #require(here.json(result))
            guard case .array(let findings)? = document[key: "findings"] else {
                Issue.record("\(result.output)")
                return
            }
            #expect(findings.count == 3)
            #expect(findings.first?[key: "severity"] == .string("error"))
            #expect(findings.first?[key: "line"] == .integer(3))
            #expect(findings.first?[key: "help"] == .string("did you mean 'greet'?"))
            #expect(document[key: "scripts"] == .integer(2))
            let programs: JSON = [
                ["file": "faulty.hyp", "arguments": .array([])],
                ["file": "hello.hyp", "arguments": .array([.string("name")])],
            ]
            #expect(document[key: "programs"] == programs)
        }
    }

    @Test("modules are looked up beside the program")
    func modules() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus { suggestion helper() { } } Relax\n", to: "library.hyp")
            try here.write("Focus { mindLink \"library.hyp\"; helper(); } Relax\n", to: "main.hyp")
            let result = try await here.run("check main.hyp")
            #expect(result.status == 0, "\(result.errors)")
            try here.write("Focus { mindLink \"libary.hyp\"; helper(); } Relax\n", to: "main.hyp")
            let broken = try await here.run("check main.hyp")
            #expect(broken.status == 3)
            #expect(broken.errors.contains("error[HJ-2028]: Cannot load module 'libary.hyp'\n"))
            #expect(!broken.errors.contains("helper'"), "any name may be the module's")
        }
    }

    @Test("a program that declares something before Focus is checked as a program")
    func declarationsBeforeFocus() async throws {
        try await withEmptyFolder { here in
            try here.write("session Box { expose n = 1; }\nFocus { observe Box().m; } Relax\n", to: "a.hyp")
            let result = try await here.run("check a.hyp")
            #expect(result.status == 3)
            #expect(result.errors.hasPrefix("error[HJ-2025]: Session 'Box' has no member 'm'\n"))
        }
    }

    @Test("the reference's dialect is checked by its own rules")
    func reference() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus { observe sqrt(4); } Relax\n", to: "a.hyp")
            #expect(try await here.run("check a.hyp").status == 0)
            let result = try await here.run("check --dialect reference a.hyp")
            #expect(result.status == 3)
            #expect(result.errors.contains("help: did you mean 'Sqrt'?\n"))
        }
    }

    @Test("script add refuses a program with an error and adds none of the others")
    func scriptAdd() async throws {
        try await withInstallation { here in
            try here.write(Self.faulty, to: "faulty.hyp")
            try here.write("Focus { observe Round(2.345, 2); } Relax\n", to: "round.hyp")
            let refused = try await here.run("script add round.hyp faulty.hyp")
            #expect(refused.status == 3)
            #expect(refused.errors.hasPrefix("warning[HJ-2032]"))
            #expect(refused.errors.contains("error[HJ-2021]: Undefined function 'gret'\n"))
            #expect(!(try await here.run("script list").output.contains("round")))
            let warned = try await here.run("script add round.hyp")
            #expect(warned.status == 0)
            #expect(warned.output == "added round, version 1\n")
            #expect(warned.errors.hasPrefix("warning[HJ-2032]"))
            let forced = try await here.run("script add --unchecked faulty.hyp")
            #expect(forced.status == 0)
            #expect(forced.output == "added faulty, version 1\n")
            try here.write("Focus { observe 1 } Relax\n", to: "unparsed.hyp")
            #expect(try await here.run("script add --unchecked unparsed.hyp").status == 3)
        }
    }
}
