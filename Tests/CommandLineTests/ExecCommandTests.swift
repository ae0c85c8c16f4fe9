import Testing

@Suite("Running one program without a database")
struct ExecCommandTests {
    private func exec(
        _ source: String, _ arguments: [String] = [], _ body: (CommandResult) throws -> Void
    ) async throws {
        try await withEmptyFolder { here in
            try here.write(source, to: "program.hyp")
            try body(try await here.run("exec program.hyp", arguments))
        }
    }

    @Test("standard output is exactly what the program prints, byte for byte")
    func output() async throws {
        let source = """
            Focus {
                observe "grüße " + name;
                observe 1 / 4;
                observe numbers;
                induce result = 5;
            } Relax
            """
        try await exec(source, ["name=Ada", "numbers=[1,2.5]"]) { result in
            #expect(result.status == 0)
            #expect(result.output == "grüße Ada\n0.25\n[1, 2.5]\n")
            #expect(result.errors == "")
        }
    }

    @Test("an error ends it with status 1 after what was printed, and says where")
    func runTimeError() async throws {
        try await exec("Focus {\n    observe \"before\";\n    observe missing;\n} Relax\n") { result in
            #expect(result.status == 1)
            #expect(result.output == "before\n")
            #expect(
                result.errors == """
                    Error: Variable 'missing' not found
                    error[HJ-2101]: Variable 'missing' not found
                     --> program.hyp:3:13
                      |
                    3 |     observe missing;
                      |             ^^^^^^^
                    help: nothing declares 'missing'; if it is an argument, it was not given
                    see: hypjobs explain HJ-2101

                    """)
        }
    }

    @Test("an error in a function is shown with the calls that led there and what was meant")
    func callChain() async throws {
        let source = """
            Focus {
                suggestion inner(total) { awaken totl + 1; }
                suggestion outer(n) {
                    awaken inner(n) * 2;
                }
                observe outer(1);
            } Relax

            """
        try await exec(source) { result in
            #expect(result.status == 1)
            #expect(
                result.errors == """
                    Error: Variable 'totl' not found
                    error[HJ-2101]: Variable 'totl' not found
                     --> program.hyp:2:38
                      |
                    2 |     suggestion inner(total) { awaken totl + 1; }
                      |                                      ^^^^
                    help: did you mean 'total'?
                    see: hypjobs explain HJ-2101
                      called from outer at program.hyp:4:21
                      called from Focus at program.hyp:6:18

                    """)
        }
    }

    @Test(
        "unknown names get advice where something is near",
        arguments: [
            ("induce o = { alpha: 1 }; observe o.alpah;", "help: did you mean 'alpha'?\n"),
            ("session S { expose speed = 1; } observe S().sped;", "help: did you mean 'speed'?\n"),
            (
                "tranceify Point { x: number; } induce t = \"x\"; observe Piont { x: 1 };",
                "help: did you mean 'Point'?\n"
            ),
            ("observe Lenght(\"a\");", "help: did you mean 'Length'?\n"),
            ("HttpGet(\"x\");", "not found — network access is not available to scripts\n --> "),
        ])
    func advice(statements: String, expected: String) async throws {
        try await exec("Focus { \(statements) } Relax") { result in
            #expect(result.status == 1)
            #expect(result.errors.contains(expected), "\(result.errors)")
        }
    }

    @Test(
        "errors in modules name the module as people know it, and what does not parse has a code of its own")
    func modules() async throws {
        try await withEmptyFolder { here in
            _ = try await CommandRun(
                arguments: ["init"], directory: here.directory
            ).result()
            try here.write("Focus { mindLink \"lib.hyp\"; half(\"x\"); } Relax\n", to: "jobs/main.hyp")
            try here.write("Focus { suggestion half(x) { awaken x / 2; } } Relax\n", to: "jobs/lib.hyp")
            let failed = try await here.run("exec jobs/main.hyp")
            #expect(failed.errors.contains("\n --> jobs/lib.hyp:1:39\n"), "\(failed.errors)")
            #expect(
                failed.errors.contains("\n  called from Focus at jobs/main.hyp:1:33\n"), "\(failed.errors)")
            try here.write("Focus { observe 1 } Relax\n", to: "jobs/lib.hyp")
            let faulty = try await here.run("exec jobs/main.hyp")
            #expect(faulty.status == 1)
            let message = "lib.hyp: Expected ';' after observe statement at line 1"
            #expect(
                faulty.errors.hasPrefix(
                    "Error: \(message)\nerror[HJ-2028]: \(message)\n --> jobs/main.hyp:1:9\n"))
            #expect(!faulty.errors.contains(here.directory))
        }
    }

    @Test("a program that does not parse ends with status 1 and prints nothing")
    func syntaxError() async throws {
        try await exec("Focus {\n    observe \"a\"\n} Relax\n") { result in
            #expect(result.status == 1)
            #expect(result.output == "")
            #expect(result.errors.hasPrefix("Error: "))
            #expect(result.errors.contains(" --> program.hyp:3:1\n"), "\(result.errors)")
        }
    }

    @Test("the program chooses the status with Exit", arguments: [0, 1, 7, 42, 255])
    func exit(status: Int32) async throws {
        try await exec("Focus { observe \"bye\"; Exit(\(status)); observe \"never\"; } Relax") { result in
            #expect(result.status == status)
            #expect(result.output == "bye\n")
            #expect(result.errors == "")
        }
    }

    @Test("a program that is not there is not found")
    func missing() async throws {
        try await withEmptyFolder { here in
            let result = try await here.run("exec nowhere.hyp")
            #expect(result.status == 7)
            #expect(result.output == "")
            #expect(
                result.errors == """
                    error[HJ-5003]: Cannot read 'nowhere.hyp': No such file or directory
                    see: hypjobs explain HJ-5003

                    """)
        }
    }
}
