import Database
import Effects
import Glibc
import PostgresDriver
import SQL
import TestSupport
import Testing

/// Statements that are stopped, and servers that stop.
@Suite("Interrupts and broken connections on PostgreSQL", .postgres)
struct PostgresInterruptTests {
    /// Calls the body from another thread after a while.
    private func after(
        _ delay: Duration, _ body: @escaping @Sendable () -> Void
    ) -> SystemThread {
        SystemThread(name: "interrupter", stackSizeBytes: 256 << 10) {
            SystemTime().block(for: delay)
            body()
        }
    }

    private func process(_ connection: any DatabaseConnection) throws -> Int32 {
        let text = "SELECT pg_backend_pid()"
        return Int32(try connection.execute(Statement(text)).first?.int(0) ?? 0)
    }

    @Test("a request to cancel never hits a later statement")
    func lateCancel() async throws {
        try await withPostgres { connection, _ in
            let random = SeededRandom(seed: 7)
            var stopped = 0
            for _ in 0..<200 {
                let interrupt = connection.interrupt
                let thread = after(.microseconds(Int64(random.uniform(below: 3000)))) { interrupt() }
                do throws(DatabaseError) {
                    try connection.execute(Statement("SELECT pg_sleep(0.0015)"))
                } catch {
                    #expect(error.code == .cancelled)
                    stopped += 1
                }
                thread.join()
                connection.absorbInterrupt()
                for _ in 0..<3 { _ = try connection.execute(.probe) }
            }
            // Else it tried nothing.
            #expect(stopped > 10 && stopped < 190, "\(stopped) of 200 were stopped, seed \(random.seed)")
        }
    }

    @Test("an interrupt between the statements of a batch stops the batch")
    func interruptedBatch() async throws {
        try await withPostgres { connection, _ in
            let pipelining = try #require(connection as? any PipeliningConnection)
            let interrupt = connection.interrupt
            let thread = after(.milliseconds(50)) { interrupt() }
            let error = #expect(throws: DatabaseError.self) {
                try pipelining.execute((0..<100).map { _ in Statement("SELECT pg_sleep(0.1)") })
            }
            thread.join()
            #expect(error?.code == .cancelled)
            #expect(connection.isUsable)
            #expect(try connection.execute(.probe).first?.int(0) == 1)
        }
    }

    @Test("a statement over its limit ends with 'timeout', whatever language the server speaks")
    func statementTimeout() async throws {
        try await withPostgres(configure: { $0.statementTimeout = .milliseconds(100) }) { connection, _ in
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement("SELECT pg_sleep(20)"))
            }
            #expect(error?.code == .timeout)
            #expect(connection.isUsable)
        }
    }

    @Test("a lock that is not to be had is 'busy', transactions that collide are serialization failures")
    func locks() async throws {
        try await PostgresServer.withSchema { configuration, _ in
            let first = try PostgresDriver(configuration).connect(for: .writing)
            let second = try PostgresDriver(configuration).connect(for: .writing)
            defer {
                first.close()
                second.close()
            }
            try first.execute(Statement("CREATE TABLE t (a BIGINT PRIMARY KEY)"))
            try first.execute(Statement("INSERT INTO t VALUES (1)"))
            try first.execute(Statement("BEGIN"))
            try first.execute(Statement("SELECT * FROM t FOR UPDATE"))
            let error = #expect(throws: DatabaseError.self) {
                try second.execute(Statement("SELECT * FROM t FOR UPDATE NOWAIT"))
            }
            #expect(error?.code == .busy)
            #expect(error?.isRetryable == true)
            try first.execute(Statement("ROLLBACK"))

            for connection in [first, second] {
                try connection.execute(Statement("BEGIN ISOLATION LEVEL SERIALIZABLE"))
                try connection.execute(Statement("SELECT SUM(a) FROM t"))
            }
            try first.execute(Statement("INSERT INTO t VALUES (2)"))
            try first.execute(Statement("COMMIT"))
            let collision = #expect(throws: DatabaseError.self) {
                try second.execute(Statement("INSERT INTO t VALUES (3)"))
                try second.execute(Statement("COMMIT"))
            }
            #expect(collision?.code == .serializationFailure)
        }
    }

    @Test("a session that the server ends is lost, and the connection is not lent again")
    func killedSession() async throws {
        try await withPostgres { connection, server in
            let process = try process(connection)
            try connection.execute(Statement("BEGIN"))
            try connection.execute(.probe)
            try server.administer("SELECT pg_terminate_backend(\(process))")
            let error = #expect(throws: DatabaseError.self) { try connection.execute(.probe) }
            #expect(error?.code == .connectionLost)
            #expect(!connection.isUsable)
            let second = #expect(throws: DatabaseError.self) { try connection.execute(.probe) }
            #expect(second?.code == .connectionLost)
        }
    }

    @Test("a session that dies while a statement runs is lost")
    func killedStatement() async throws {
        try await withPostgres { connection, server in
            let process = try process(connection)
            let thread = after(.milliseconds(50)) {
                // The statement that should die of it says whether it worked.
                _ = try? server.administer("SELECT pg_terminate_backend(\(process))")
            }
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement("SELECT pg_sleep(20)"))
            }
            thread.join()
            #expect(error?.code == .connectionLost)
            #expect(!connection.isUsable)
        }
    }

    @Test("a session that dies during COMMIT leaves the outcome open")
    func killedCommit() async throws {
        try await PostgresServer.withSchema { configuration, server in
            let database = Database(
                driver: PostgresDriver(configuration), pool: .standard, transactionRetry: .never,
                effects: .test(), logger: .silent)
            try await database.transaction { transaction in
                try transaction.execute("CREATE TABLE t (a BIGINT)")
                try transaction.execute(
                    """
                    CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS \
                    'BEGIN PERFORM pg_sleep(20); RETURN NULL; END'
                    """)
                try transaction.execute(
                    """
                    CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED \
                    FOR EACH ROW EXECUTE FUNCTION doze()
                    """)
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { transaction in
                    let process = try transaction.execute("SELECT pg_backend_pid()").first?.int(0) ?? 0
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    SystemThread.detached(name: "killer", stackSizeBytes: 256 << 10) {
                        SystemTime().block(for: .milliseconds(100))
                        // The statement that should die of it says whether it worked.
                        _ = try? server.administer("SELECT pg_terminate_backend(\(process))")
                    }
                }
            }
            #expect(error?.code == .unknownCommit)
            await database.close()
        }
    }

    @Test("a session that stands still is given up when it does not even take a request to cancel")
    func stoppedSession() async throws {
        try await withPostgres(configure: { $0.silenceLimit = .milliseconds(300) }) { connection, server in
            let process = try process(connection)
            try #require(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            let interrupt = connection.interrupt
            let thread = after(.milliseconds(50)) { interrupt() }
            let error = #expect(throws: DatabaseError.self) { try connection.execute(.probe) }
            thread.join()
            #expect(error?.code == .connectionLost)
            #expect(!connection.isUsable)
        }
    }

    @Test("a server that stands still for longer than a statement's limit is given up")
    func silentServer() async throws {
        let limits: (inout PostgresConfiguration) -> Void = {
            $0.statementTimeout = .milliseconds(200)
            $0.silenceLimit = .milliseconds(200)
        }
        try await withPostgres(configure: limits) { connection, _ in
            let process = try process(connection)
            try #require(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            let error = #expect(throws: DatabaseError.self) { try connection.execute(.probe) }
            #expect(error?.code == .connectionLost)
        }
    }

    @Test("a server that takes nothing of what is sent is given up, also when nobody interrupts")
    func deafServer() async throws {
        let limits: (inout PostgresConfiguration) -> Void = {
            $0.statementTimeout = .milliseconds(200)
            $0.silenceLimit = .milliseconds(200)
        }
        try await withPostgres(configure: limits) { connection, _ in
            let process = try process(connection)
            try #require(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            // More than the buffers of both kernels take.
            let text = String(repeating: "x", count: 64 << 20)
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement("SELECT length(?)", [.text(text)]))
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.message.hasSuffix("The server takes nothing") == true)
        }
    }
}
