import Database
import JobEngine
import TestSupport
import Testing

@Suite("hypjobs bench")
struct BenchCommandTests {
    private static let figures = [
        "enqueue_single", "enqueue_bulk", "drain", "drain_1ms", "unbatched", "pickup_p50", "pickup_p99",
        "pickup_300_p95", "conflicts",
    ]

    private func check(_ result: CommandResult, _ here: Installation) {
        #expect(result.status == 0, "\(result.errors)\(result.output)")
        let report = here.json(result)
        for name in Self.figures {
            guard case .number(let value)? = report?[key: "figures"]?[key: name]?[key: "value"] else {
                Issue.record("\(name) is missing")
                continue
            }
            #expect((Double(value) ?? -1) >= 0, "\(name)")
        }
        #expect(report?[key: "environment"]?[key: "cores"] != nil)
    }

    @Test("on SQLite it measures in a file of its own and leaves nothing behind")
    func sqlite() async throws {
        try await withInstallation { here in
            check(try await here.run("bench -n 200 --workers 2 --json"), here)
            let overview = try await here.run("status")
            #expect(overview.output.contains("0 completed"), "\(overview.output)")
            let files = try here.files()
            #expect(files.filter { $0.contains("bench") }.isEmpty)
        }
    }

    @Test(
        "on PostgreSQL it measures in a schema of its own and leaves nothing behind",
        .enabled(
            if: PostgresServer.fromEnvironment != nil, "\(ReachableDatabase.postgresql.howToReach)"))
    func postgresql() async throws {
        try await withPostgresInstallation { here, _ in
            let result = try await here.run("bench -n 200 --workers 2 --json")
            check(result, here)
            #expect(here.json(result)?[key: "environment"]?[key: "server_version"] != nil)
            let left = try PostgresServer.fromEnvironment?.administer(
                "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'hypjobs_bench_%'")
            #expect(try left?.first?.int(0) == 0)
        }
    }

    @Test("what it is asked has limits")
    func limits() async throws {
        try await withInstallation { here in
            let result = try await here.run("bench -n 1")
            #expect(result.status == 2)
            #expect(result.errors.contains("--executions is from 100 to 10000000, found 1"))
        }
    }
}
