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

    private func process(_ connection: any DatabaseConnection) throws(DatabaseError) -> Int32 {
        let text = "SELECT pg_backend_pid()"
        return Int32(try connection.execute(Statement(text)).first?.int(0) ?? 0)
    }

    @Test("a request to cancel never hits a later statement")
    func lateCancel() async throws {
        try await withPostgres { connection, _ in
            let random = SeededRandom(seed: 7)
            var stopped = 0
            for round in 0..<200 {
                // Most end at about the time of the interrupt; every eighth is surely still running then.
                let length = round % 8 == 0 ? "20" : "0.0015"
                let interrupt = connection.interrupt
                let thread = after(.microseconds(Int64(random.uniform(below: 3000)))) { interrupt() }
                do throws(DatabaseError) {
                    try connection.execute(Statement("SELECT pg_sleep(\(length))"))
                } catch {
                    #expect(error.code == .cancelled)
                    stopped += 1
                }
                thread.join()
                connection.absorbInterrupt()
                for _ in 0..<3 { _ = try connection.execute(.probe) }
            }
            #expect(stopped >= 25, "seed \(random.seed)")
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

    @Test("of two transactions that wait for each other one is told so, and the other goes on")
    func deadlock() async throws {
        try await PostgresServer.withSchema { usual, _ in
            // Beside other tests this one may wait for long between two statements.
            var patient = usual
            patient.networkTimeout = .seconds(600)
            let configuration = patient
            let first = try PostgresDriver(configuration).connect(for: .writing)
            defer { first.close() }
            try first.execute(Statement("CREATE TABLE t AS SELECT a FROM generate_series(1, 2) AS s(a)"))
            try first.execute(Statement("SET deadlock_timeout = 50"))
            try first.execute(Statement("BEGIN"))
            try first.execute(Statement("SELECT * FROM t WHERE a = 1 FOR UPDATE"))
            let hasLock = BlockingQueue<Int64>()
            let outcome = BlockingQueue<DatabaseError.Code?>()
            let thread = SystemThread(name: "second", stackSizeBytes: 1 << 20) {
                do throws(DatabaseError) {
                    let second = try PostgresDriver(configuration).connect(for: .writing)
                    defer { second.close() }
                    // Only the first looks for deadlocks soon, so the first is the one that gives way.
                    try second.execute(Statement("SET deadlock_timeout = 60000"))
                    try second.execute(Statement("BEGIN"))
                    try second.execute(Statement("SELECT * FROM t WHERE a = 2 FOR UPDATE"))
                    hasLock.push(Int64(try process(second)))
                    try second.execute(Statement("SELECT * FROM t WHERE a = 1 FOR UPDATE"))
                    outcome.push(nil)
                } catch {
                    hasLock.close()
                    outcome.push(error.code)
                }
            }
            let other = try #require(hasLock.pop())
            let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND pid = ?"
            while try first.execute(Statement(waiting, [.integer(other)])).first?.int(0) == 0 {
                try await SystemTime().sleep(for: .milliseconds(2))
            }
            let error = #expect(throws: DatabaseError.self) {
                try first.execute(Statement("SELECT * FROM t WHERE a = 2 FOR UPDATE"))
            }
            try first.execute(Statement("ROLLBACK"))
            thread.join()
            #expect(error?.code == .deadlock)
            #expect(outcome.drain() == [nil])
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

    @Test("when the server ended all sessions, the next transaction gets a new one and is run again")
    func sessionsEnded() async throws {
        try await PostgresServer.withSchema { configuration, server in
            var configuration = configuration
            configuration.applicationName = "doomed \(SystemTime().uptime())"
            let database = Database(
                driver: PostgresDriver(configuration), pool: .standard,
                transactionRetry: RetryPolicy(
                    maxRetries: 5, delay: .milliseconds(5), backoff: .fixed, cap: .milliseconds(5)),
                effects: .live, logger: .silent)
            _ = try await database.transaction { try $0.execute("CREATE TABLE t (a BIGINT)") }
            for round in 1...3 {
                try server.administer(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE application_name = '\(configuration.applicationName)'
                    """)
                _ = try await database.transaction { try $0.execute("INSERT INTO t VALUES (1)") }
                let count = try await database.read {
                    try $0.execute("SELECT COUNT(*) FROM t").first?.int(0)
                }
                #expect(count == round)
            }
            await database.close()
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

    @Test("a server that takes nothing more does not hold a large statement for ever")
    func stoppedReader() async throws {
        let limits: (inout PostgresConfiguration) -> Void = {
            $0.statementTimeout = .milliseconds(200)
            $0.silenceLimit = .milliseconds(200)
        }
        try await withPostgres(configure: limits) { connection, _ in
            let process = try process(connection)
            try #require(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            // More than the buffers of the socket hold.
            let text = SQLValue.text(String(repeating: "x", count: 32 << 20))
            let error = #expect(throws: DatabaseError.self) {
                try connection.execute(Statement("SELECT length(?::text)", [text]))
            }
            #expect(error?.code == .connectionLost)
        }
    }
}
