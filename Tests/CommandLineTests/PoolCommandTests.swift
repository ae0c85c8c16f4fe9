import Effects
import Glibc
import JobEngine
import Testing

@Suite("What a worker says about its connections")
struct PoolCommandTests {
    @Test("a worker that works is asked, and one that has ended is not there any more")
    func worker() async throws {
        try await withInstallation { here in
            let environment = ["XDG_RUNTIME_DIR": here.directory]
            async let worker = here.run("worker", environment: environment)
            var process: JSON?
            while process == nil {
                let top = try await here.run("pool top --json", environment: environment)
                #expect(top.status == 0, "\(top.errors)")
                guard case .array(let processes)? = here.json(top)?[key: "processes"] else {
                    Issue.record("\(top.output)")
                    break
                }
                process = processes.first
            }
            #expect(process?[key: "database"] == .string("hypjobs.sqlite"))
            guard case .number(let text)? = process?[key: "pid"], let pid = pid_t(text),
                case .array(let pools)? = process?[key: "pools"]
            else {
                Issue.record("\(String(describing: process))")
                return
            }
            #expect(Set(pools.map { $0[key: "name"] }).isSubset(of: [.string("write"), .string("read")]))
            let people = try await here.run("pool top", environment: environment)
            #expect(people.output.hasPrefix("process \(pid)@"), "\(people.output)")
            kill(pid, SIGTERM)
            #expect(try await worker.status == 0)
            let after = try await here.run("pool top", environment: environment)
            #expect(after.output == "")
            #expect(after.errors.hasPrefix("No worker of this user works here"), "\(after.errors)")
        }
    }

    @Test("the workers of another database are not shown, and a socket without a process is removed")
    func others() async throws {
        try await withInstallation { here in
            let environment = ["XDG_RUNTIME_DIR": here.directory]
            async let worker = here.run("worker", environment: environment)
            let folder = here.path("hypjobs")
            while access(folder, F_OK) != 0 { try await Effects.live.time.sleep(for: .milliseconds(20)) }
            #expect(
                try await here.run("migrate up", environment: ["HYPJOBS_DATABASE": "other.sqlite"]).status
                    == 0)
            var other = environment
            other["HYPJOBS_DATABASE"] = "other.sqlite"
            let top = try await here.run("pool top --json", environment: other)
            #expect(here.json(top)?[key: "processes"] == .array([]))
            var pid = pid_t(0)
            while pid == 0 {
                let own = try await here.run("pool top --json", environment: environment)
                guard case .array(let processes)? = here.json(own)?[key: "processes"],
                    case .number(let text)? = processes.first?[key: "pid"]
                else { continue }
                pid = pid_t(text) ?? 0
            }
            let socket = "\(folder)/\(pid).sock"
            #expect(access(socket, F_OK) == 0)
            kill(pid, SIGKILL)
            _ = try await worker
            #expect(access(socket, F_OK) == 0)
            let after = try await here.run("pool top --json", environment: environment)
            #expect(here.json(after)?[key: "processes"] == .array([]))
            #expect(access(socket, F_OK) != 0)
        }
    }

    @Test("a folder that others may enter is not used")
    func openFolder() async throws {
        try await withInstallation { here in
            guard mkdir(here.path("hypjobs"), 0o777) == 0, chmod(here.path("hypjobs"), 0o777) == 0 else {
                throw SystemFailure("mkdir")
            }
            let result = try await here.run(
                "worker --once", environment: ["XDG_RUNTIME_DIR": here.directory])
            #expect(result.status == 0)
            // It would not be empty.
            #expect(rmdir(here.path("hypjobs")) == 0)
        }
    }
}
