import Effects
import Glibc
import JobEngine
import TestSupport
import Testing

@Suite(
    "A worker whose primary dies",
    .enabled(
        if: PostgresServer.fromEnvironment != nil, "\(ReachableDatabase.postgresql.howToReach)"),
    .timeLimit(.minutes(3)))
struct FailoverCommandTests {
    @Test("it goes on with the promoted standby, nothing is lost, and people can look meanwhile")
    func failover() async throws {
        try await PostgresPair.use { pair in
            try await withInstallation(isMigrated: false) { here in
                try here.write(configuration(pair), to: "config/z.hyp")
                let environment = ["XDG_RUNTIME_DIR": here.directory]
                #expect(try await here.run("migrate up").status == 0)
                #expect(try await here.run("script add jobs/hello.hyp").status == 0)
                try await enqueue(100, here)
                async let worker = here.run("worker", environment: environment)
                _ = try await completed(1, here)
                let pid = try await pid(of: here, environment)
                try await enqueue(100, here)
                try await pair.order(.killPrimary)
                let looked = try await here.run("executions list --limit 200 --json")
                #expect(looked.status == 0, "\(looked.errors)")
                #expect(list(looked, here).count == 200)
                let refused = try await here.run("enqueue hello name=Ada")
                #expect(refused.status == 4, "\(refused.errors)")
                #expect(refused.errors.hasPrefix("error[HJ-3002]: Cannot connect to "), "\(refused.errors)")
                try await pair.order(.promote)
                try await enqueue(100, here)
                #expect(try await completed(300, here) == 300)
                kill(pid, SIGTERM)
                let ended = try await worker
                #expect(ended.status == 0, "\(ended.errors)")
                let all = list(try await here.run("executions list --limit 1000 --json"), here)
                #expect(all.count == 300)
                #expect(all.allSatisfy { $0[key: "status"] == .string("completed") })
            }
        }
    }

    private func configuration(_ pair: PostgresPair) -> String {
        """
        database {
            sqlite: null
            postgresql {
                primary {
                    host: ["127.0.0.1:\(pair.primaryPort)", "127.0.0.1:\(pair.standbyPort)"]
                    database: "postgres"
                    username: "hypjobs"
                }
                replica { host: "127.0.0.1:\(pair.standbyPort)" }
            }
        }
        connection_pooling { optimization { load_balancing { max_replica_lag: 3600 } } }
        """
    }

    private func enqueue(_ count: Int, _ here: Installation) async throws {
        let line = #"{"script":"hello","arguments":{"name":"Ada"}}"# + "\n"
        let result = try await here.run("enqueue -", input: String(repeating: line, count: count))
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Waits until so many executions are completed.
    private func completed(_ count: Int, _ here: Installation) async throws -> Int {
        while true {
            let found = list(
                try await here.run("executions list --status completed --limit 1000 --json"), here)
            if found.count >= count { return found.count }
            try await Effects.live.time.sleep(for: .milliseconds(100))
        }
    }

    private func pid(of here: Installation, _ environment: [String: String]) async throws -> pid_t {
        while true {
            let top = try await here.run("pool top --json", environment: environment)
            if case .array(let processes)? = here.json(top)?[key: "processes"],
                case .number(let text)? = processes.first?[key: "pid"], let pid = pid_t(text)
            {
                return pid
            }
        }
    }

    private func list(_ result: CommandResult, _ here: Installation) -> [JSON] {
        guard case .array(let rows)? = here.json(result) else { return [] }
        return rows
    }
}
