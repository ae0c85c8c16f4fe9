import JobEngine
import Testing

@Suite("Enqueueing on the command line")
struct EnqueueCommandTests {
    /// A command line, its status and everything that it says.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let words: [String]
        let status: Int32
        let errors: String

        init(_ words: String..., status: Int32, _ errors: String) {
            self.words = words
            self.status = status
            self.errors = errors
        }

        var testDescription: String { words.joined(separator: " ") }
    }

    static let refusals = [
        Refusal(
            "helo", status: 7,
            """
            error[HJ-4001]: Unknown script 'helo'
            help: did you mean 'hello'?
            see: hypjobs explain HJ-4001

            """),
        Refusal(
            "hello", "--arguments", "{\"name\": Ada}", status: 2,
            """
            error[HJ-4007]: Arguments are not JSON: Expected a JSON value (text needs double quotes) at \
            column 10
            help: for example --arguments '{"name": "Ada"}'
            see: hypjobs explain HJ-4007

            """),
        Refusal(
            "hello", "--arguments", "[1]", status: 2,
            """
            error[HJ-4007]: Arguments are a JSON object, found an array
            help: for example {"name": "Ada", "count": 3}
            see: hypjobs explain HJ-4007

            """),
        Refusal(
            "hello", "Ada", status: 2,
            """
            error[HJ-5004]: Expected name=value, found 'Ada'
            help: for example count=3, name=Ada or 'readings=[1, 2.5]'
            see: hypjobs explain HJ-5004

            """),
        Refusal(
            "hello", "name=Ada", "name=Bob", status: 2,
            """
            error[HJ-5004]: Argument 'name' is given twice
            see: hypjobs explain HJ-5004

            """),
        Refusal(
            "hello", "--at", "tomorrow", status: 2,
            """
            error[HJ-5004]: Expected a time such as 2026-12-24T18:00:00Z, found 'tomorrow'
            help: a zone is needed: Z or an offset such as +01:00
            see: hypjobs explain HJ-5004

            """),
        Refusal(
            "hello", "--template", "executeScrip", status: 2,
            """
            error[HJ-4009]: Unknown template 'executeScrip'
            help: did you mean 'executeScript'?
            see: hypjobs explain HJ-4009

            """),
        Refusal(
            "hello", "--version", "2", status: 7,
            """
            error[HJ-4001]: Script 'hello' has no version 2
            help: its newest version is 1
            see: hypjobs explain HJ-4001

            """),
        Refusal(
            "hello", "--priority", "40000", status: 2,
            """
            error[HJ-4008]: A priority is a number from -1000 to 1000, found 40000
            help: smaller numbers run first; 0 is the default
            see: hypjobs explain HJ-4008

            """),
    ]

    @Test("a wrong request is refused in these words", arguments: refusals)
    func refused(refusal: Refusal) async throws {
        try await withInstallation { here in
            let result = try await here.run("enqueue", refusal.words)
            #expect(result.status == refusal.status)
            #expect(result.output == "")
            #expect(result.errors == refusal.errors)
            let json = try await here.run("enqueue --json", refusal.words)
            #expect(json.status == refusal.status)
            #expect(here.json(json)?[key: "exit"] == .integer(refusal.status))
            #expect(json.errors == "")
            #expect(try await here.run("executions list").errors == "No executions.\n")
        }
    }

    @Test("a priority may be negative", arguments: [["--priority", "-3"], ["--priority=-3"]])
    func negativePriority(words: [String]) async throws {
        try await withInstallation { here in
            let result = try await here.run("enqueue hello --json", words)
            #expect(result.status == 0, "\(result.errors)")
            #expect(here.json(result)?[key: "priority"] == .integer(-3))
        }
    }

    @Test("a unique key in use names the execution that has it")
    func uniqueKey() async throws {
        try await withInstallation { here in
            let first = try await here.run("enqueue hello --unique k --json")
            let id = here.member("id", of: first) ?? ""
            let second = try await here.run("enqueue hello --unique k")
            #expect(second.status == 5)
            #expect(
                second.errors == """
                    error[HJ-4006]: Unique key 'k' belongs to execution \(id), which has not ended
                    help: hypjobs executions show \(id)
                    see: hypjobs explain HJ-4006

                    """)
        }
    }

    @Test("a wrong line of many is named, and nothing is enqueued")
    func wrongLines() async throws {
        try await withInstallation { here in
            let lines = """
                {"script":"hello"}

                {"script":"hello","priorty":3}
                {"script":7}
                {"script":"hello",}
                ["hello"]
                {"arguments":{}}
                {"script":"hello","at":"soon"}
                {"script":"hello","priority":1.5}
                {"script":"hello","max_attempts":0}
                """
            let result = try await here.run("enqueue -", input: lines)
            #expect(result.status == 2)
            #expect(result.output == "")
            let heads = result.errors.split(separator: "\n").filter {
                $0.hasPrefix("error") || $0.hasPrefix(" -->") || $0.hasPrefix("help")
            }
            #expect(
                heads == [
                    "error[HJ-5004]: Unknown member \"priorty\"", " --> standard input:3:1",
                    "help: did you mean \"priority\"?",
                    "error[HJ-5004]: Expected \"script\" to be a string, found a number",
                    " --> standard input:4:1",
                    "error[HJ-5004]: Expected a key in double quotes", " --> standard input:5:19",
                    "error[HJ-5004]: Expected a JSON object, found an array", " --> standard input:6:1",
                    "error[HJ-5004]: Expected a member \"script\"", " --> standard input:7:1",
                    "error[HJ-5004]: Expected \"at\" to be a time such as 2026-12-24T18:00:00Z",
                    " --> standard input:8:1",
                    "error[HJ-5004]: Expected \"priority\" to be a whole number, found 1.5",
                    " --> standard input:9:1",
                    "error[HJ-5004]: The number of attempts is from 1 to 101, found 0",
                    " --> standard input:10:1",
                ])
            #expect(try await here.run("executions list").errors == "No executions.\n")
        }
    }

    @Test("a line that names an unknown script is named by its number, and nothing is enqueued")
    func unknownScriptInLine() async throws {
        try await withInstallation { here in
            let lines = "{\"script\":\"hello\"}\n\n{\"script\":\"helo\"}\n"
            let result = try await here.run("enqueue -", input: lines)
            #expect(result.status == 7)
            #expect(
                result.errors == """
                    error[HJ-4001]: Unknown script 'helo'
                     --> standard input:3:1
                      |
                    3 | {"script":"helo"}
                      | ^
                    help: did you mean 'hello'?
                    see: hypjobs explain HJ-4001

                    """)
            #expect(try await here.run("executions list").errors == "No executions.\n")
        }
    }

    @Test("many lines are enqueued with what the options say for all of them")
    func lines() async throws {
        try await withInstallation { here in
            let lines = """
                {"script":"hello","arguments":{"name":"Ada"},"unique":"a"}
                {"script":"hello","arguments":{"name":"Bob"},"unique":"a","priority":3}
                {"script":"hello","arguments":{"id":12345678901234567890},"queue":"mail"}
                """
            let result = try await here.run("enqueue - --priority 7 --json", input: lines)
            #expect(result.status == 0)
            let counts: JSON = ["queued": .integer(2), "changed": .integer(0), "duplicates": .integer(1)]
            #expect(here.json(result) == counts)
            let mail = try await here.run("executions list --queue mail --json")
            guard case .array(let rows)? = here.json(mail), let row = rows.first else {
                Issue.record("\(mail.output)")
                return
            }
            #expect(row[key: "priority"] == .integer(7))
            guard case .string(let id)? = row[key: "id"] else { return }
            let shown = try await here.run("executions show \(id) --json")
            #expect(here.json(shown)?[key: "arguments"] == ["id": .number("12345678901234567890")])
        }
    }

    @Test("a program with a syntax error is not added, and nothing beside it")
    func syntaxError() async throws {
        try await withInstallation { here in
            try here.write("Focus {\n    observe \"a\"\n} Relax\n", to: "open.hyp")
            try here.write("Focus { observe 1; } Relax\n", to: "good.hyp")
            let result = try await here.run("script add good.hyp open.hyp")
            #expect(result.status == 3)
            #expect(result.output == "")
            #expect(result.errors.contains(" --> open.hyp:3:1\n"), "\(result.errors)")
            #expect(try await here.run("script show good").status == 7)
            let missing = try await here.run("script add nowhere.hyp")
            #expect(missing.status == 7)
            #expect(
                missing.errors == """
                    error[HJ-5003]: Cannot read 'nowhere.hyp': No such file or directory
                    see: hypjobs explain HJ-5003

                    """)
        }
    }

    @Test("an execution that does not exist is not found, whatever is asked of it")
    func unknownExecution() async throws {
        try await withInstallation { here in
            let id = "01234567-89ab-7def-8123-456789abcdef"
            for verb in ["show", "watch", "logs", "cancel", "retry"] {
                let result = try await here.run("executions \(verb) \(id)")
                #expect(result.status == 7, "\(verb)")
                #expect(result.output == "", "\(verb)")
                #expect(
                    result.errors == """
                        error[HJ-4004]: There is no execution '\(id)'
                        help: 'hypjobs executions list' shows the newest
                        see: hypjobs explain HJ-4004

                        """, "\(verb)")
            }
        }
    }

    @Test("what cannot be done in its state is a conflict")
    func notPossible() async throws {
        try await withInstallation { here in
            let id = here.member("id", of: try await here.run("enqueue hello --json")) ?? ""
            let retried = try await here.run("executions retry \(id)")
            #expect(retried.status == 5)
            #expect(
                retried.errors.hasPrefix("error[HJ-4005]: Execution \(id) is queued and cannot be retried"))
            #expect(try await here.run("executions cancel \(id)").output == "cancelled \(id)\n")
            #expect(try await here.run("executions cancel \(id)").status == 5)
            #expect(try await here.run("executions retry \(id)").output == "queued \(id)\n")
        }
    }
}
