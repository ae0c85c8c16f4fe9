import Database
import Glibc
import JobEngine
import SQL
import SQLiteDriver
import Testing

@Suite("A database in trouble", .timeLimit(.minutes(2)))
struct DatabaseTroubleTests {
    /// Says that nobody waits for a lock.
    private static let impatient = """
        database { sqlite: { primary: { busy_timeout: 0 } } }
        transactions { settings: { max_retries: 0 } }
        """

    private func commands(_ here: Installation) -> [String] {
        ["status", "executions list", "enqueue hello name=Ada", "worker --once", "script list"]
    }

    @Test("a database that another program has locked is temporary trouble")
    func locked() async throws {
        try await withInstallation { here in
            try here.write(Self.impatient, to: "config/z.hyp")
            let configuration = SQLiteConfiguration(path: here.path("hypjobs.sqlite"))
            let holder = try SQLiteDriver(configuration).connect(for: .writing)
            try holder.execute(Statement("BEGIN EXCLUSIVE"))
            let enqueued = try await here.run("enqueue hello name=Ada")
            try holder.execute(Statement("ROLLBACK"))
            holder.close()
            #expect(enqueued.status == 75)
            #expect(enqueued.output == "")
            #expect(
                enqueued.errors == """
                    error[HJ-3009]: Another connection holds the database's lock [SQLITE_BUSY (5)]
                    help: another process is writing for long; try again, or raise 'busy_timeout'
                    see: hypjobs explain HJ-3009

                    """)
            #expect(try await here.run("enqueue hello name=Ada").status == 0)
        }
    }

    @Test("a migration waits for the one that runs, and says so when it takes too long")
    func lockedMigration() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write(Self.impatient, to: "config/z.hyp")
            let configuration = SQLiteConfiguration(path: here.path("hypjobs.sqlite"))
            let holder = try SQLiteDriver(configuration).connect(for: .writing)
            try holder.execute(Statement("BEGIN EXCLUSIVE"))
            let migrated = try await here.run("migrate up")
            try holder.execute(Statement("ROLLBACK"))
            holder.close()
            #expect(migrated.status == 5)
            #expect(
                migrated.errors == """
                    error[HJ-3107]: Another migration is running, or another program holds the database's lock
                    help: the database says: Another connection holds the database's lock [SQLITE_BUSY (5)]
                    see: hypjobs explain HJ-3107

                    """)
            #expect(try await here.run("migrate up").status == 0)
        }
    }

    @Test("two migrations at one time end well, and each is applied once")
    func twoMigrations() async throws {
        try await withInstallation(isMigrated: false) { here in
            async let first = here.run("migrate up --json")
            async let second = here.run("migrate up --json")
            let results = [try await first, try await second]
            #expect(results.map(\.status) == [0, 0])
            var applied: [String] = []
            for result in results {
                guard case .array(let rows)? = here.json(result)?[key: "applied"] else { continue }
                applied += rows.compactMap { row in
                    guard case .string(let version)? = row[key: "version"] else { return nil }
                    return version
                }
            }
            #expect(
                applied.sorted() == applied.sorted().reduce(into: []) { if $0.last != $1 { $0.append($1) } })
            #expect(applied.count == 6)
            #expect(try await here.run("migrate verify").status == 0)
        }
    }

    @Test("a database without the tables names the command that makes them", arguments: 0..<5)
    func notMigrated(index: Int) async throws {
        try await withInstallation(isMigrated: false) { here in
            let result = try await here.run(commands(here)[index])
            #expect(result.status == 4)
            #expect(result.output == "")
            #expect(
                result.errors == """
                    error[HJ-5005]: There is no database 'hypjobs.sqlite' yet
                    help: hypjobs migrate up
                    see: hypjobs explain HJ-5005

                    """)
            #expect(access(here.path("hypjobs.sqlite"), F_OK) != 0, "a command that only reads makes no file")
        }
    }

    @Test("a schema of a newer version is left alone, and may be looked at")
    func newerSchema() async throws {
        try await withInstallation { here in
            let newest = "config/migrations/20990101000001_tomorrow.hyp"
            try here.write(
                "tomorrow { version: \"20990101000001\", up: [\"CREATE TABLE tomorrow (id INTEGER)\"] }",
                to: newest)
            #expect(try await here.run("migrate up").status == 0)
            try here.write("", to: newest)
            #expect(unlink(here.path(newest)) == 0)
            for words in ["enqueue hello", "worker --once", "script add jobs/hello.hyp"] {
                let result = try await here.run(words)
                #expect(result.status == 4, "\(words)")
                #expect(
                    result.errors.hasPrefix(
                        "error[HJ-5014]: The database has a newer schema than this configuration: migration "
                            + "20990101000001 tomorrow was applied, the newest known is "),
                    "\(words): \(result.errors)")
            }
            #expect(try await here.run("status").status == 0)
            #expect(try await here.run("executions list").status == 0)
        }
    }

    @Test("a file that is no database is refused, and left as it is", arguments: 0..<5)
    func corrupt(index: Int) async throws {
        try await withInstallation(isMigrated: false) { here in
            let rubbish = String(repeating: "This is a letter, not a database. ", count: 200)
            try here.write(rubbish, to: "hypjobs.sqlite")
            let result = try await here.run(commands(here)[index])
            #expect(result.status == 4)
            #expect(
                result.errors == """
                    error[HJ-3014]: Cannot open 'hypjobs.sqlite': The file is not a database \
                    [SQLITE_NOTADB (26)]
                    help: the file is no sound SQLite database: restore a backup, or name another file
                    see: hypjobs explain HJ-3014

                    """)
            #expect(try here.text(of: "hypjobs.sqlite") == rubbish)
        }
    }

    @Test("a database whose folder is not there is named")
    func missingFolder() async throws {
        try await withInstallation { here in
            let result = try await here.run(
                "status", environment: ["HYPJOBS_DATABASE": "nowhere/jobs.sqlite"])
            #expect(result.status == 4)
            #expect(
                result.errors == """
                    error[HJ-3002]: Cannot open 'nowhere/jobs.sqlite': the directory 'nowhere' does not \
                    exist [SQLITE_CANTOPEN (14)]
                    help: look at the block 'database' of the configuration, or at HYPJOBS_DATABASE
                    see: hypjobs explain HJ-3002

                    """)
        }
    }

    @Test("a database that may not be made is not made")
    func notCreated() async throws {
        try await withInstallation(isMigrated: false) { here in
            try here.write("database { sqlite: { primary: { create: false } } }", to: "config/z.hyp")
            let result = try await here.run("migrate up")
            #expect(result.status == 4)
            #expect(result.errors.hasPrefix("error[HJ-3002]: Cannot open 'hypjobs.sqlite': "))
            #expect(access(here.path("hypjobs.sqlite"), F_OK) != 0)
        }
    }

    @Test(
        "a database that may only be read says why it is not written, and 'init' where it may not write",
        .enabled(
            if: CommandRun.asNobody != nil,
            "permissions do not bind root, and the program cannot be run as anybody else here"))
    func readOnly() async throws {
        try await withInstallation { here in
            guard chmod(here.path("hypjobs.sqlite"), 0o444) == 0, chmod(here.directory, 0o777) == 0 else {
                throw SystemFailure("chmod")
            }
            let readOnlyFile = try await here.run("enqueue hello", shellPrefix: CommandRun.asNobody)
            #expect(readOnlyFile.status == 8)
            #expect(
                readOnlyFile.errors == """
                    error[HJ-3012]: Cannot open 'hypjobs.sqlite': the file may only be read, and was to be \
                    written
                    help: give this user the right to write the file and its folder
                    see: hypjobs explain HJ-3012

                    """)
            guard chmod(here.path("hypjobs.sqlite"), 0o666) == 0, chmod(here.directory, 0o555) == 0 else {
                throw SystemFailure("chmod")
            }
            let readOnlyFolder = try await here.run("enqueue hello", shellPrefix: CommandRun.asNobody)
            #expect(readOnlyFolder.status == 8)
            #expect(
                readOnlyFolder.errors.contains("The database may only be read [SQLITE_READONLY"),
                "\(readOnlyFolder.errors)")
            let initialised = try await here.run("init below", shellPrefix: CommandRun.asNobody)
            chmod(here.directory, 0o755)
            #expect(initialised.status == 8)
            #expect(
                initialised.errors.hasPrefix(
                    "error[HJ-5006]: Cannot make the folder 'below': Permission denied\n"))
        }
    }

    @Test("a disk that is full fails the command, and loses nothing that was there")
    func diskFull() async throws {
        try await withInstallation { here in
            #expect(try await here.run("enqueue hello name=Ada").status == 0)
            // The program may write no file beyond 64 blocks of 512 bytes, and is not killed for trying.
            let limit = "trap '' XFSZ; ulimit -f 64"
            let lines = String(repeating: "{\"script\":\"hello\"}\n", count: 2000)
            let result = try await here.run("enqueue -", input: lines, shellPrefix: limit)
            #expect(result.status == 4)
            // SQLite has a code for a full disk, and calls this limit of a process a failed write.
            #expect(
                result.errors.hasPrefix("error[HJ-3013]: There is no room left for the database"),
                "\(result.errors)")
            let listed = try await here.run("executions list --json")
            guard case .array(let rows)? = here.json(listed) else {
                Issue.record("\(listed.output) \(listed.errors)")
                return
            }
            #expect(rows.count == 1)
        }
    }
}
