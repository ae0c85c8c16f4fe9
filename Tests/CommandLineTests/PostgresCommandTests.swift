import JobEngine
import PostgresDriver
import SQL
import Database
import TestSupport
import Testing

@Suite(
    "The commands on a PostgreSQL server",
    .enabled(
        if: PostgresServer.fromEnvironment != nil, "\(ReachableDatabase.postgresql.howToReach)"))
struct PostgresCommandTests {
    @Test("executions are enqueued, run and shown")
    func wholeWay() async throws {
        try await withPostgresInstallation { here, _ in
            let status = try await here.run("status")
            #expect(status.status == 4)
            #expect(status.errors.hasPrefix("error[HJ-5005]: The database does not have the tables"))
            let migrated = try await here.run("migrate up")
            #expect(migrated.status == 0, "\(migrated.errors)")
            #expect(try await here.run("migrate verify").status == 0)
            #expect(try await here.run("script add jobs/hello.hyp").status == 0)
            let enqueued = try await here.run("enqueue hello name=Ada --json")
            #expect(enqueued.status == 0, "\(enqueued.errors)")
            let id = try #require(here.member("id", of: enqueued))
            let worker = try await here.run("worker --once")
            #expect(worker.status == 0, "\(worker.errors)")
            #expect(worker.errors.contains("1 completed · 0 failed"), "\(worker.errors)")
            for start in [id, String(id.prefix(13)), String(id.prefix(4)), id.uppercased()] {
                let shown = try await here.run("executions show --json", [start])
                #expect(here.json(shown)?[key: "id"] == .string(id), "\(start): \(shown.errors)")
                #expect(here.json(shown)?[key: "status"] == .string("completed"))
                #expect(here.json(shown)?[key: "result"] == .string("Hello, Ada!"))
            }
            let unknown = try await here.run("executions show", [id.prefix(8) + "x"])
            #expect(unknown.errors.hasPrefix("error[HJ-4004]: There is no execution"), "\(unknown.errors)")
            let list = try await here.run("executions list")
            #expect(list.output.contains(id))
            let overview = try await here.run("status")
            #expect(overview.output.contains("1 completed"), "\(overview.errors)")
            let down = try await here.run("migrate down --yes --steps 5")
            #expect(down.status == 0, "\(down.errors)")
        }
    }

    @Test("two runs of the migrations at once apply each of them once")
    func concurrentMigrations() async throws {
        try await withPostgresInstallation { here, _ in
            let results = try await withThrowingTaskGroup(of: CommandResult.self) { group in
                for _ in 0..<3 { group.addTask { try await here.run("migrate up") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.allSatisfy { $0.status == 0 }, "\(results.map(\.errors))")
            let applied = results.flatMap { $0.output.split(separator: "\n") }.filter {
                $0.hasPrefix("applied ")
            }
            let versions = applied.map { $0.split(separator: " ")[1] }
            #expect(versions.count >= 4)
            #expect(Set(versions).count == versions.count, "\(results.map(\.output))")
        }
    }

    @Test("a URL in the environment names the database, and is never shown")
    func url() async throws {
        let server = try #require(PostgresServer.fromEnvironment)
        try await withPostgresInstallation { here, schema in
            try here.write("", to: "config/z.hyp")
            let place = "\(server.host):\(server.port)/postgres?schema=\(schema)"
            let url = "postgresql://\(server.user):hunter2@\(place)"
            let migrated = try await here.run("migrate up", environment: ["HYPJOBS_DATABASE": url])
            #expect(migrated.status == 0, "\(migrated.errors)")
            let status = try await here.run("status", environment: ["HYPJOBS_DATABASE": url])
            #expect(status.status == 0, "\(status.errors)")
            let wrong = try await here.run("status", environment: ["HYPJOBS_DATABASE": url + "&x=hunter2"])
            #expect(wrong.status == 3)
            #expect(
                wrong.errors.hasPrefix(
                    "error[HJ-5012]: HYPJOBS_DATABASE has a parameter that is not known, 'x'\n"))
            #expect(!wrong.errors.contains("hunter2"))
        }
    }

    @Test("who waits for a lock is shown with who holds it")
    func poolTop() async throws {
        try await withPostgresInstallation { here, schema in
            #expect(try await here.run("migrate up").status == 0)
            #expect(try await here.run("script add jobs/hello.hyp").status == 0)
            let server = try #require(PostgresServer.fromEnvironment)
            var configuration = server.configuration
            configuration.schema = schema
            configuration.applicationName = "blocker"
            let blocker = try PostgresDriver(configuration).connect(for: .writing)
            defer { blocker.close() }
            try blocker.execute(Statement("BEGIN"))
            try blocker.execute(Statement("LOCK TABLE execution_queue IN ACCESS EXCLUSIVE MODE"))
            async let enqueued = here.run("enqueue hello name=Ada")
            let session = try #require(
                try blocker.execute(Statement("SELECT pg_backend_pid()")).first?.int(0))
            var waits: [JSON] = []
            while waits.isEmpty {
                let top = try await here.run("pool top --json")
                #expect(top.status == 0, "\(top.errors)")
                guard case .array(let all)? = here.json(top)?[key: "waits"] else {
                    Issue.record("\(top.output)")
                    break
                }
                waits = all.filter { $0[key: "blocker"] == .integer(session) }
            }
            #expect(waits.count == 1)
            let people = try await here.run("pool top")
            #expect(people.output.contains("──► \(session) blocker (idle in transaction)"))
            try blocker.execute(Statement("COMMIT"))
            let result = try await enqueued
            #expect(result.status == 0, "\(result.errors)")
        }
    }

    @Test("a path in the environment does not take the place of a server")
    func path() async throws {
        try await withPostgresInstallation { here, _ in
            let result = try await here.run("status", environment: ["HYPJOBS_DATABASE": "jobs.sqlite"])
            #expect(result.status == 3)
            #expect(result.errors.hasPrefix("error[HJ-5012]: HYPJOBS_DATABASE names a file"))
        }
    }
}

/// Runs the body in a folder whose configuration names a schema of its own on the server of the tests.
func withPostgresInstallation(_ body: (Installation, _ schema: String) async throws -> Void) async throws {
    guard let server = PostgresServer.fromEnvironment else {
        preconditionFailure("The suite is skipped where there is no server")
    }
    try await PostgresServer.withSchema { configuration, _ in
        try await withInstallation(isMigrated: false) { here in
            let schema = configuration.schema ?? ""
            try here.write(
                """
                database {
                    sqlite: null
                    postgresql {
                        primary {
                            host: "\(server.host)"
                            port: \(server.port)
                            database: "postgres"
                            username: "\(server.user)"
                            schema: "\(schema)"
                        }
                    }
                }
                """, to: "config/z.hyp")
            try await body(here, schema)
        }
    }
}
