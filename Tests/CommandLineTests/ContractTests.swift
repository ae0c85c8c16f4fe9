import JobEngine
import Testing

@Suite("What holds for every command")
struct ContractTests {
    static let commands = [
        "init", "up", "check", "fmt", "migrate", "migrate up", "migrate down", "migrate status",
        "migrate verify",
        "script", "script add", "script list", "script show", "script box", "script archive", "job",
        "job list",
        "enqueue", "worker",
        "executions", "executions list", "executions show", "executions watch", "executions logs",
        "executions cancel", "executions retry", "replay", "repo", "repo list", "repo call", "queues",
        "queues list", "queues pause",
        "queues resume",
        "queues set", "queues apply", "status", "pool", "pool top", "doctor", "prune", "exec", "bench",
        "explain", "completion",
    ]

    @Test("every command explains itself on standard output", arguments: commands)
    func help(command: String) async throws {
        try await withEmptyFolder { here in
            let result = try await here.run("\(command) --help")
            #expect(result.status == 0)
            #expect(result.errors == "")
            #expect(result.output.hasPrefix("OVERVIEW: "))
            #expect(result.output.contains("\nUSAGE: hypjobs \(command)"))
        }
    }

    @Test("the list of commands is the one that is tested here")
    func listOfCommands() async throws {
        try await withEmptyFolder { here in
            let result = try await here.run("--help")
            let part = result.output.split(separator: "SUBCOMMANDS:\n").last ?? ""
            let names = part.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
                .compactMap { $0.split(separator: " ").first.map(String.init) }
                .filter { $0 != "See" }
            #expect(
                names
                    == Self.commands.filter { !$0.contains(" ") }.sorted { a, b in
                        (names.firstIndex(of: a) ?? 0) < (names.firstIndex(of: b) ?? 0)
                    })
        }
    }

    @Test(
        "a wrong command line is status 2, and says on standard error how it is written",
        arguments: [
            "frobnicate", "enqueue", "enqueue hello --frobnicate", "status --color pink",
            "executions list --limit 0", "executions list --status odd", "enqueue - name=Ada",
            "enqueue hello --timeout 3", "completion tcsh", "migrate down --steps 0", "up -j 1001",
        ])
    func usage(words: String) async throws {
        try await withEmptyFolder { here in
            let result = try await here.run(words)
            #expect(result.status == 2)
            #expect(result.output == "")
            #expect(result.errors.hasPrefix("Error: "))
            #expect(result.errors.contains("\nUsage: hypjobs"))
        }
    }

    @Test(
        "with --json there is one document on standard output and nothing on standard error",
        arguments: [
            "status", "pool top", "check", "fmt jobs/hello.hyp",
            "migrate status", "migrate up", "migrate up --dry-run",
            "migrate down --dry-run", "migrate verify", "script list", "script show hello",
            "script add jobs/hello.hyp", "script archive broken", "enqueue hello", "executions list",
            "explain", "explain HJ-4001", "init",
        ])
    func json(words: String) async throws {
        try await withInstallation { here in
            let result = try await here.run("\(words) --json")
            #expect(result.status == 0, "\(result.errors)")
            #expect(here.json(result) != nil, "\(result.output)")
            #expect(result.errors == "")
        }
    }

    @Test("with --json an execution's verbs print one document, too")
    func jsonOfExecutions() async throws {
        try await withInstallation { here in
            let id = here.member("id", of: try await here.run("enqueue hello name=Ada --json")) ?? ""
            let worker = try await here.run("worker --once --json")
            #expect(here.json(worker)?[key: "completed"] == .integer(1), "\(worker.output)")
            for verb in ["show", "logs", "watch", "retry", "cancel"] {
                let result = try await here.run("executions \(verb) \(id) --json")
                #expect(result.status == 0, "\(verb): \(result.output)")
                #expect(here.json(result) != nil, "\(verb): \(result.output)")
                #expect(result.errors == "", "\(verb)")
            }
        }
    }

    @Test("an error in JSON has its code, its place and the exit status")
    func jsonErrors() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write("worker {\n  slot: 3\n}\n", to: "config/z.hyp")
            let result = try await here.run("status --json")
            #expect(result.status == 3)
            #expect(result.errors == "")
            guard case .array(let errors)? = here.json(result)?[key: "errors"], let error = errors.first
            else {
                Issue.record("\(result.output)")
                return
            }
            #expect(here.json(result)?[key: "exit"] == .integer(3))
            #expect(error[key: "code"] == "HJ-1101")
            #expect(error[key: "file"] == "config/z.hyp")
            #expect(error[key: "line"] == .integer(2))
            #expect(error[key: "column"] == .integer(3))
        }
    }

    @Test("nothing is coloured that nobody watches, unless somebody insists")
    func colour() async throws {
        try await withInstallation { here in
            _ = try await here.run("enqueue hello")
            func isColoured(_ words: String, _ environment: [String: String] = [:]) async throws -> Bool {
                let listed = try await here.run("executions list \(words)", environment: environment)
                let failed = try await here.run("executions show zzzz \(words)", environment: environment)
                #expect(listed.status == 0)
                #expect(failed.status == 7)
                let isListed = listed.output.contains("\u{1B}[")
                #expect(isListed == failed.errors.contains("\u{1B}["), "\(words) \(environment)")
                return isListed
            }
            #expect(try await isColoured("") == false)
            #expect(try await isColoured("", ["CLICOLOR_FORCE": "1"]))
            #expect(try await isColoured("", ["CLICOLOR_FORCE": "0"]) == false)
            #expect(try await isColoured("--color always", ["NO_COLOR": "1"]))
            #expect(try await isColoured("--color never", ["CLICOLOR_FORCE": "1"]) == false)
            #expect(try await isColoured("", ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]) == false)
        }
    }

    @Test(
        "completion scripts are what their shells expect",
        arguments: [("bash", "complete "), ("zsh", "#compdef hypjobs"), ("fish", "complete -c 'hypjobs'")])
    func completion(shell: String, part: String) async throws {
        try await withEmptyFolder { here in
            let result = try await here.run("completion \(shell)")
            #expect(result.status == 0)
            #expect(result.errors == "")
            #expect(result.output.contains(part))
            #expect(result.output.contains("enqueue"))
        }
    }

    @Test("every code that exists is explained, and an unknown one is not found")
    func explain() async throws {
        try await withEmptyFolder { here in
            let list = try await here.run("explain")
            #expect(list.status == 0)
            let lines = list.output.split(separator: "\n")
            #expect(lines.count > 80)
            for line in lines {
                let code = String(line.prefix { $0 != " " })
                let title = line.dropFirst(code.count + 2)
                let result = try await here.run("explain \(code.lowercased())")
                #expect(result.status == 0, "\(code)")
                #expect(result.output.hasPrefix("\(code): \(title)\n\n"), "\(code)")
                #expect(result.output.split(separator: "\n").count >= 2, "\(code)")
            }
            let unknown = try await here.run("explain HJ-4099")
            #expect(unknown.status == 7)
            #expect(unknown.output == "")
            #expect(unknown.errors.hasPrefix("error[HJ-5007]: Unknown code 'HJ-4099'\n"))
        }
    }

    @Test("the exit statuses are listed under both names of their page", arguments: ["help", "explain"])
    func exitCodes(word: String) async throws {
        try await withEmptyFolder { here in
            let result = try await here.run("\(word) exit-codes")
            #expect(result.status == 0)
            let numbers = result.output.split(separator: "\n").dropFirst()
                .compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
            #expect(numbers == [0, 1, 2, 3, 4, 5, 6, 7, 8, 75, 124, 130])
        }
    }
}
