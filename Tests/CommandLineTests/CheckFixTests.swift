import Glibc
import JobEngine
import Testing

@Suite("Repairing misspelt words")
struct CheckFixTests {
    private static let misspelt = """
        Focus {
            induec xs = [1, 2];  suggestoin greet(name) { obzerve "Hello, " + name; }
            gret("Ada"); observe ToSting(ArrayLenght(xs)); // gret, ToSting
            whlie (false) { snap; }
            obsreve("ToSting");
            observe Foo(1);
        } Relx

        """
    private static let repaired = """
        Focus {
            induce xs = [1, 2];  suggestion greet(name) { observe "Hello, " + name; }
            greet("Ada"); observe ToString(ArrayLength(xs)); // gret, ToSting
            while (false) { snap; }
            observe("ToSting");
            observe Foo(1);
        } Relax

        """

    @Test("words of the language and the library are put right, and the rest stays a finding")
    func program() async throws {
        try await withEmptyFolder { here in
            try here.write(Self.misspelt, to: "a.hyp")
            #expect(chmod(here.path("a.hyp"), 0o640) == 0)
            let result = try await here.run("check --fix a.hyp")
            #expect(result.status == 3)
            #expect(try here.text(of: "a.hyp") == Self.repaired)
            #expect(result.output.contains("repaired a.hyp:2:5: 'induec' to 'induce'\n"))
            #expect(result.output.contains("repaired a.hyp:3:36: 'ArrayLenght' to 'ArrayLength'\n"))
            #expect(result.output.contains("repaired a.hyp:7:3: 'Relx' to 'Relax'\n"))
            #expect(result.output.hasSuffix("\nchecked 1 program: 1 finding\n"))
            #expect(result.errors.hasPrefix("error[HJ-2021]: Undefined function 'Foo'\n"))
            var facts = stat()
            #expect(stat(here.path("a.hyp"), &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o640)
            // What is left is left: the status is that of a plain check.
            let again = try await here.run("check --fix a.hyp")
            #expect(again.status == 3)
            #expect(again.output == "checked 1 program: 1 finding\n")
            #expect(try await here.run("check a.hyp").status == 3)
        }
    }

    @Test("--dry-run prints the difference, which patch applies, and writes nothing")
    func dryRun() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus {\n    obzerve 1;\n} Relx", to: "a.hyp")
            let result = try await here.run("check --fix --dry-run a.hyp")
            #expect(result.status == 3)
            #expect(result.errors == "")
            #expect(
                result.output == """
                    --- a.hyp
                    +++ a.hyp
                    @@ -2 +2 @@
                    -    obzerve 1;
                    +    observe 1;
                    @@ -3 +3 @@
                    -} Relx
                    \\ No newline at end of file
                    +} Relax
                    \\ No newline at end of file

                    """)
            #expect(try here.text(of: "a.hyp") == "Focus {\n    obzerve 1;\n} Relx")
            let real = try await here.run("check --fix a.hyp")
            #expect(real.status == 0)
            #expect(try here.text(of: "a.hyp") == "Focus {\n    observe 1;\n} Relax")
            let nothing = try await here.run("check --fix --dry-run a.hyp")
            #expect(nothing.status == 0)
            #expect(nothing.output == "")
        }
    }

    @Test("where two words are as near, or the program may be right, nothing changes")
    func choices() async throws {
        let programs = [
            // Equally near to both.
            "Focus { suggestion bat() { } suggestion hat() { } cat(); } Relax\n",
            // An argument of the job, a new variable, an error that somebody catches.
            "Focus { induce amount = 1; observe amout; } Relax\n",
            "Focus { induce amount = 1; amuont = 2; observe amount; } Relax\n",
            "Focus { try { ArrayLenght([]); } catch { } } Relax\n",
            // The ';' is missing, on the line before.
            "Focus { induce loops = 1;\nloops\nobserve loops; } Relax\n",
            // Another word makes it no better.
            "Focus { obzerve observe 1; } Relax\n",
        ]
        try await withEmptyFolder { here in
            for program in programs {
                try here.write(program, to: "a.hyp")
                let plain = try await here.run("check a.hyp")
                let fixing = try await here.run("check --fix a.hyp")
                #expect(try here.text(of: "a.hyp") == program)
                #expect(fixing.status == plain.status, "\(program)")
                #expect(fixing.output == plain.output)
                #expect(fixing.errors == plain.errors)
            }
        }
    }

    @Test("keys and operations of an installation are put right, in all its files")
    func installation() async throws {
        try await withInstallation(isMigrated: false) { here in
            let slots = try here.text(of: "config/hypjobs.hyp").replacingOnce("slots", by: "slotz")
            try here.write(slots, to: "config/hypjobs.hyp")
            let extra = """
                \u{FEFF}wroker { "poll_intervall_ms": 3, retry_atempts: 1 }\r
                transactions { templates { t { steps: [ { nmae: "x", operation: "run_scrpt" } ] } } }\r

                """
            try here.write(extra, to: "config/extra.hyp")
            try here.write("Focus { obzerve 1; } Relax\n", to: "jobs/hello.hyp")
            let wrong = try await here.run("check")
            #expect(wrong.status == 3)
            #expect(
                wrong.output.hasPrefix("checked 1 configuration: ")
                    && wrong.output.hasSuffix(" findings; the programs are checked once that is right\n"),
                "\(wrong.output)")
            let result = try await here.run("check --fix")
            let expected = extra.replacingOnce("wroker", by: "worker")
                .replacingOnce("intervall", by: "interval").replacingOnce("nmae", by: "name")
                .replacingOnce("scrpt", by: "script")
            let found = try here.text(of: "config/extra.hyp")
            #expect(found == expected, "\(result.output)")
            #expect(try here.text(of: "config/hypjobs.hyp") == slots.replacingOnce("slotz", by: "slots"))
            #expect(result.output.contains("repaired config/extra.hyp:2:66: 'run_scrpt' to 'run_script'\n"))
            #expect(result.errors.contains("unknown key 'retry_atempts'"))
            #expect(result.status == 3)
        }
    }

    @Test("a line that holds a secret is never shown")
    func secrets() async throws {
        try await withEmptyFolder { here in
            let text = "database { postgresql { primary { usrname: \"u\", pasword: \"hunter2\" } } }\n"
            try here.write(text, to: "a.hyp")
            let plain = try await here.run("check a.hyp")
            #expect(plain.errors.contains("unknown key 'pasword'"))
            let dry = try await here.run("check --fix --dry-run a.hyp")
            #expect(dry.output.contains("-…pasword…\n+…password…\n"), "\(dry.output)")
            let real = try await here.run("check --fix a.hyp")
            let repaired = try here.text(of: "a.hyp")
            #expect(repaired.contains("username: \"u\", password: \"hunter2\""))
            for result in [plain, dry, real] {
                #expect(!(result.output + result.errors).contains("hunter2"))
            }
        }
    }

    @Test("with --json the repairs are a member of the one document")
    func json() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus { obzerve 1; } Relax\n", to: "a.hyp")
            let plain = try #require(here.json(try await here.run("check --json a.hyp")))
            guard case .array(let findings)? = plain[key: "findings"] else {
                Issue.record("\(plain)")
                return
            }
            let replacement: JSON = [
                "line": .integer(1), "column": .integer(9), "old": "obzerve", "new": "observe",
            ]
            #expect(findings.first?[key: "replacement"] == replacement)
            let result = try await here.run("check --fix --json a.hyp")
            #expect(result.status == 0)
            let document = try #require(here.json(result))
            let repairs: JSON = [
                [
                    "file": "a.hyp", "line": .integer(1), "column": .integer(9), "old": "obzerve",
                    "new": "observe",
                ]
            ]
            #expect(document[key: "repairs"] == repairs)
            #expect(document[key: "findings"] == .array([]))
        }
    }

    @Test(
        "a file that cannot be written is reported, and keeps its text",
        .enabled(if: CommandRun.asNobody != nil, "permissions bind nobody here"))
    func unwritable() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus { obzerve 1; } Relax\n", to: "a.hyp")
            #expect(chmod(here.path("a.hyp"), 0o444) == 0)
            #expect(chmod(here.directory, 0o755) == 0)
            let result = try await here.run("check --fix a.hyp", shellPrefix: CommandRun.asNobody)
            #expect(result.status == 8)
            #expect(result.errors.contains("Cannot write 'a.hyp'"))
            #expect(!result.output.contains("repaired"))
            #expect(try here.text(of: "a.hyp") == "Focus { obzerve 1; } Relax\n")
        }
    }

    @Test("--dry-run goes with --fix, and --fix not with standard input")
    func usage() async throws {
        try await withEmptyFolder { here in
            let alone = try await here.run("check --dry-run")
            #expect(alone.status == 2)
            let piped = try await here.run("check --fix -", input: "Focus { } Relax")
            #expect(piped.status == 2)
        }
    }
}

extension String {
    fileprivate func replacingOnce(_ old: String, by new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return String(self[..<range.lowerBound]) + new + self[range.upperBound...]
    }
}
