package import Database
internal import Glibc
package import PostgresDriver
internal import SQL

/// A primary and its hot standby, started for one test by `scripts/postgres-pair` and gone with it. Every
/// commit that the primary acknowledges is on the standby as well.
package actor PostgresPair {
    /// What the script is told.
    package enum Order: String, Sendable {
        case killPrimary = "kill-primary"
        case promote
        case stopStandby = "stop-standby"
        case startStandby = "start-standby"
    }

    /// The script did not do what it was told.
    package struct Failure: Error {
        package let text: String
    }

    package nonisolated let primaryPort: Int
    package nonisolated let standbyPort: Int
    private let executor: ThreadExecutor
    private let orders: Int32
    private let answers: UnsafeMutablePointer<FILE>
    private let process: pid_t

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs the body with a pair of its own.
    package static func use<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: (PostgresPair) async throws -> Result
    ) async throws -> Result {
        let pair = try PostgresPair()
        do {
            let result = try await body(pair)
            await pair.stop()
            pair.executor.stop()
            return result
        } catch {
            await pair.stop()
            pair.executor.stop()
            throw error
        }
    }

    /// Starts the servers, which takes two seconds.
    private init() throws {
        executor = ThreadExecutor(name: "pair")
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        let (input, orders) = try Self.pipe()
        let (output, answer) = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, answer, 1)
        let words = [strdup("/usr/bin/env"), strdup("bash"), strdup("\(root)/scripts/postgres-pair"), nil]
        defer { words.forEach { free($0) } }
        var process = pid_t()
        let status = posix_spawn(&process, "/usr/bin/env", &actions, nil, words, environ)
        close(input)
        close(answer)
        guard status == 0, let answers = fdopen(output, "r") else {
            throw Failure(text: "cannot start the script")
        }
        self.process = process
        self.orders = orders
        self.answers = answers
        let line = Self.line(answers)
        let parts = line.split(separator: " ")
        guard parts.count == 3, parts[0] == "ready", let primary = Int(parts[1]), let standby = Int(parts[2])
        else { throw Failure(text: line) }
        primaryPort = primary
        standbyPort = standby
    }

    /// Tells the script to do something and waits until it is done.
    package func order(_ order: Order) throws {
        let text = "\(order.rawValue)\n"
        guard write(orders, text, text.utf8.count) == text.utf8.count else {
            throw Failure(text: "the script is gone")
        }
        let answer = Self.line(answers)
        guard answer == "ok" else { throw Failure(text: "\(order.rawValue): \(answer)") }
    }

    private func stop() {
        close(orders)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        fclose(answers)
    }

    /// How the servers with these ports are reached, in that order.
    package nonisolated func configuration(ports: [Int]) -> PostgresConfiguration {
        PostgresConfiguration(
            hosts: ports.map { PostgresConfiguration.Host("127.0.0.1", port: $0) }, database: "postgres",
            username: "hypjobs", tlsMode: .disable, connectionTimeout: .seconds(5))
    }

    /// Runs one statement on one of the servers, on a connection of its own.
    @discardableResult
    package nonisolated func execute(_ text: String, port: Int) throws -> ResultSet {
        let connection = try PostgresDriver(configuration(ports: [port])).connect(for: .writing)
        defer { connection.close() }
        return try connection.execute(Statement(text))
    }

    private static func line(_ file: UnsafeMutablePointer<FILE>) -> String {
        var buffer = [CChar](repeating: 0, count: 1000)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return "the script has ended" }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }
        return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw Failure(text: "pipe failed") }
        // Closed in every other child, which would keep the script's input open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
