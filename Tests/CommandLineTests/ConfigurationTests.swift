import Glibc
import JobEngine
import Testing

@Suite("Wrong configurations on the command line")
struct ConfigurationTests {
    @Test("an unknown key is refused at its place, with the nearest known one")
    func unknownKey() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write("connection_pooling {\n  general: { max_conections: 3 }\n}\n", to: "config/z.hyp")
            for command in ["status", "check", "worker --once", "migrate up"] {
                let result = try await here.run(command)
                #expect(result.status == 3, "\(command)")
                #expect(
                    result.errors.hasPrefix(
                        """
                        error[HJ-1101]: unknown key 'max_conections'
                         --> config/z.hyp:2:14
                          |
                        2 |   general: { max_conections: 3 }
                          |              ^^^^^^^^^^^^^^
                        help: did you mean 'max_connections'?
                        see: hypjobs explain HJ-1101
                        """), "\(command): \(result.errors)")
            }
        }
    }

    @Test("an environment variable that is not set is named, and its value is never shown when it is")
    func environment() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write("worker {\n  slots: env.HYPJOBS_SLOTS\n}\n", to: "config/z.hyp")
            let unset = try await here.run("check")
            #expect(unset.status == 3)
            #expect(unset.errors.contains("config/z.hyp:2:10"), "\(unset.errors)")
            #expect(unset.errors.contains("HYPJOBS_SLOTS"), "\(unset.errors)")
            let wrong = try await here.run("check", environment: ["HYPJOBS_SLOTS": "hunter2"])
            #expect(wrong.status == 3)
            #expect(!wrong.errors.contains("hunter2") && !wrong.output.contains("hunter2"))
            let right = try await here.run("check", environment: ["HYPJOBS_SLOTS": "3"])
            #expect(right.status == 0, "\(right.errors)")
        }
    }

    @Test("a configuration that is not there is named")
    func missingDirectory() async throws {
        try await withEmptyFolder { here in
            for (words, name) in [("status", "config"), ("worker --config elsewhere", "elsewhere")] {
                let result = try await here.run(words)
                #expect(result.status == 3)
                #expect(result.output == "")
                #expect(
                    result.errors == """
                        error[HJ-1014]: cannot read the directory: No such file or directory
                         --> \(name)
                        help: name a directory with configuration files
                        see: hypjobs explain HJ-1014

                        """)
            }
        }
    }

    @Test("each file of the repository's configuration is in order by itself, too")
    func shippedFiles() async throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        try await withEmptyFolder { here in
            let names = ["hypjobs", "migrations", "optimization", "pooling", "transactions"]
            let result = try await here.run("check", names.map { "\(root)/config/\($0).hyp" })
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output == "checked 5 configurations: no findings\n")
        }
    }

    @Test("the repository's own configuration and programs are in order")
    func shipped() async throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        try await withEmptyFolder { here in
            let result = try await here.run("check --config", ["\(root)/config"])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.hasSuffix(": no findings\n"))
            #expect(result.errors == "")
        }
    }

    @Test("a check finds every program that does not parse, and nothing else")
    func brokenPrograms() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write("Focus {\n  observe 1\n} Relax\n", to: "jobs/one.hyp")
            try here.write("Focus {\n  observe \"open;\n} Relax\n", to: "jobs/two.hyp")
            let result = try await here.run("check")
            #expect(result.status == 3)
            #expect(result.errors.contains(" --> jobs/one.hyp:3:1\n"), "\(result.errors)")
            #expect(result.errors.contains(" --> jobs/two.hyp:2:"), "\(result.errors)")
            #expect(result.output == "checked 1 configuration, 6 migrations, 3 programs: 2 findings\n")
            let json = try await here.run("check --json")
            #expect(json.status == 3)
            #expect(json.errors == "")
            guard case .array(let findings)? = here.json(json)?[key: "findings"] else {
                Issue.record("\(json.output)")
                return
            }
            #expect(findings.map { $0[key: "file"] } == ["jobs/one.hyp", "jobs/two.hyp"])
        }
    }

    @Test("single files are checked by what they are")
    func singleFiles() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write("worker {\n  slots: [\n", to: "broken.hyp")
            let good = try await here.run("check jobs/hello.hyp config/hypjobs.hyp")
            #expect(good.status == 0)
            #expect(good.output == "checked 1 configuration, 1 program: no findings\n")
            let broken = try await here.run("check broken.hyp")
            #expect(broken.status == 3)
            #expect(broken.errors.contains("broken.hyp:"))
            try here.write("worker {\n  slot: 3\n}\n", to: "config/z.hyp")
            let unknown = try await here.run("check config/z.hyp")
            #expect(unknown.status == 3)
            #expect(unknown.errors.hasPrefix("error[HJ-1101]: unknown key 'slot'\n --> config/z.hyp:2:3\n"))
            let migration = "config/migrations/20240103000001_add_audit_logging.hyp"
            #expect(try await here.run("check \(migration)").status == 0)
            let text = try here.text(of: migration)
            try here.write(text.replacing("description:", with: "descripton:"), to: migration)
            let misspelt = try await here.run("check \(migration)")
            #expect(misspelt.status == 3)
            #expect(misspelt.errors.contains("did you mean 'description'?"), "\(misspelt.errors)")
            let missing = try await here.run("check nowhere.hyp")
            #expect(missing.status == 7)
            #expect(missing.errors.hasPrefix("error[HJ-5003]: Cannot read 'nowhere.hyp': No such file"))
        }
    }

    @Test("a template that makes no sense is refused")
    func template() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write(
                """
                transactions { templates: { odd: { steps: [
                    { name: "a", operation: "run_script", rollback_on_failure: true },
                    { name: "b", operation: "insert_script", rollback_on_failure: true }
                ] } } }
                """, to: "config/z.hyp")
            for command in ["check", "status"] {
                let result = try await here.run(command)
                #expect(result.status == 3)
                #expect(
                    result.errors.hasPrefix(
                        "error[HJ-5009]: Template 'odd' is about execution, but its step 'b' is not\n"),
                    "\(result.errors)")
            }
        }
    }

    @Test("init writes what works at once, and never writes over anything")
    func initialise() async throws {
        try await withEmptyFolder { here in
            let first = try await here.run("init")
            #expect(first.status == 0)
            #expect(first.output.split(separator: "\n").allSatisfy { $0.hasPrefix("wrote ") })
            #expect(first.output.split(separator: "\n").count == 8)
            try here.write("// mine\n", to: "jobs/hello.hyp")
            let second = try await here.run("init")
            #expect(second.status == 0)
            #expect(second.output == "")
            #expect(second.errors.split(separator: "\n").filter { $0.hasPrefix("kept ") }.count == 8)
            #expect(try here.text(of: "jobs/hello.hyp") == "// mine\n")
            let other = try await here.run("init other/place --json")
            #expect(other.status == 0)
            #expect(here.json(other)?[key: "kept"] == .array([]))
            #expect(try here.text(of: "other/place/config/hypjobs.hyp").contains("database {"))
        }
    }

    @Test("after init, up runs what was enqueued")
    func up() async throws {
        try await withEmptyFolder { here in
            _ = try await here.run("init")
            let up = try await here.run("up --once")
            #expect(up.status == 0, "\(up.errors)")
            #expect(up.output == "")
            #expect(up.errors.contains("database  hypjobs.sqlite, 6 migrations applied\n"))
            #expect(up.errors.contains("programs  1 in jobs, 1 new or changed\n"))
            let enqueued = try await here.run("enqueue greeting")
            #expect(enqueued.output.hasPrefix("queued "), "\(enqueued.errors)")
            let again = try await here.run("up --once")
            #expect(again.errors.contains("database  hypjobs.sqlite, up to date\n"))
            #expect(again.errors.contains("\n1 completed · 0 failed · "), "\(again.errors)")
            let listed = try await here.run("executions list --status completed")
            #expect(listed.output.contains("✓ completed"))
        }
    }

    @Test("up adds nothing new while a new program has an error, and keeps what was added unchecked")
    func upChecks() async throws {
        try await withEmptyFolder { here in
            _ = try await here.run("init")
            try here.write("Focus { gret(); } Relax\n", to: "jobs/faulty.hyp")
            let refused = try await here.run("up --once")
            #expect(refused.status == 3)
            #expect(refused.errors.contains("error[HJ-2021]: Undefined function 'gret'\n"))
            #expect(
                try await here.run("script list").errors
                    == "No programs yet. Add some: hypjobs script add FILE.hyp\n")
            let forced = try await here.run("up --once --unchecked")
            #expect(forced.status == 0)
            #expect(forced.errors.contains("programs  2 in jobs, 2 new or changed\n"))
            let again = try await here.run("up --once")
            #expect(again.status == 0)
            #expect(again.errors.contains("programs  2 in jobs, 0 new or changed\n"), "\(again.errors)")
            #expect(!again.errors.contains("HJ-2021"))
        }
    }

    @Test("a file that the disk has no room for is reported and not called written")
    func initOnFullDisk() async throws {
        try await withEmptyFolder { here in
            // The migrations are longer than one block of 512 bytes.
            let result = try await here.run("init", shellPrefix: "trap '' XFSZ; ulimit -f 1")
            #expect(result.status == 4)
            #expect(result.errors.hasPrefix("error[HJ-5006]: Cannot write 'config/"), "\(result.errors)")
            #expect(result.errors.contains("File too large"), "\(result.errors)")
        }
    }
}
