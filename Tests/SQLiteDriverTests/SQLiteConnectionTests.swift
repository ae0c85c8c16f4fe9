import CSQLite
import Database
import Effects
import FoundationEssentials
import SQL
import Synchronization
import TestSupport
import Testing

@testable import SQLiteDriver

@Suite("Connections to SQLite", .timeLimit(.minutes(1)))
struct SQLiteConnectionTests {
    /// Counts without end, so only an interrupt stops it.
    private static let endless = """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n
        """

    @Test("a session is as the configuration says")
    func session() async throws {
        try await TestDatabaseFile.with { file in
            for (durability, synchronous) in [(SQLiteConfiguration.Durability.full, 2), (.normal, 1)] {
                for purpose in [ConnectionPurpose.writing, .reading] {
                    let connection = try file.connect(for: purpose) { $0.durability = durability }
                    defer { connection.close() }
                    #expect(try connection.value("PRAGMA journal_mode") == .text("wal"))
                    #expect(try connection.value("PRAGMA synchronous") == .integer(Int64(synchronous)))
                    #expect(try connection.value("PRAGMA foreign_keys") == .integer(1))
                    #expect(
                        try connection.value("PRAGMA query_only") == .integer(purpose == .reading ? 1 : 0))
                }
            }
            let limited = try file.connect { $0.maxPageCount = 1234 }
            #expect(try limited.value("PRAGMA max_page_count") == .integer(1234))
            limited.close()
        }
    }

    @Test("a connection inside a transaction is not lent again, nor is one that was closed")
    func isUsable() async throws {
        try await TestDatabaseFile.withConnection { connection in
            #expect(connection.isUsable)
            try connection.run("BEGIN")
            #expect(!connection.isUsable)
            try connection.run("COMMIT")
            #expect(connection.isUsable)
            let interrupt = connection.interrupt
            connection.close()
            #expect(!connection.isUsable)
            #expect(connection.error("SELECT 1")?.code == .closed)
            interrupt()
            connection.close()
        }
    }

    @Test("an interrupt from another thread stops the running statement, and the connection goes on")
    func interrupt() async throws {
        try await TestDatabaseFile.withConnection { connection in
            let interrupt = connection.interrupt
            let thread = SystemThread(name: "interrupter") { interrupt() }
            let error = connection.error(Self.endless)
            thread.join()
            #expect(error?.code == .cancelled)
            #expect(error?.driverCode == "SQLITE_INTERRUPT (9)")
            #expect(connection.isUsable)
            connection.absorbInterrupt()
            try connection.run("SELECT 1")
        }
    }

    @Test("an interrupt that finds no statement stops the next, unless it is absorbed")
    func interruptIdle() async throws {
        try await TestDatabaseFile.withConnection { connection in
            connection.interrupt()
            #expect(connection.error("SELECT 1")?.code == .cancelled)
            try connection.run("SELECT 2")
            connection.interrupt()
            connection.absorbInterrupt()
            try connection.run("SELECT 3")
        }
    }

    @Test("cancelling a task stops the statement it runs, and undoes what it did before")
    func cancelTask() async throws {
        try await withTemporaryDatabase { database in
            _ = try await database.transaction { try $0.execute("CREATE TABLE t (a)") }
            let began = AsyncStream<Void>.makeStream()
            let task = Task {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    began.continuation.finish()
                    try transaction.execute(Self.endless)
                }
            }
            for await _ in began.stream {}
            task.cancel()
            let error = await #expect(throws: DatabaseError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            let count = try await database.read { try $0.execute("SELECT COUNT(*) FROM t").first?.int(0) }
            #expect(count == 0)
            #expect(await database.statistics.writers.total == 1)
        }
    }

    @Test("a database that was closed leaves one file, whoever read and wrote")
    func closeTidiesUp() async throws {
        try await withTemporaryDirectory { directory in
            let driver = SQLiteDriver(SQLiteConfiguration(path: "\(directory)/test.db"))
            let database = Database(
                driver: driver, pool: .standard, transactionRetry: .never, effects: .test(), logger: .silent)
            _ = try await database.transaction { try $0.execute("CREATE TABLE t (a)") }
            _ = try await database.read { try $0.execute("SELECT * FROM t") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 3)
            await database.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["test.db"])
        }
    }

    @Test("a deferred foreign key that fails at the commit rolls the transaction back")
    func failedCommit() async throws {
        try await withTemporaryDatabase { database in
            try await database.transaction { transaction in
                try transaction.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)")
                try transaction.execute(
                    "CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { try $0.execute("INSERT INTO c VALUES (5)").affectedRows }
            }
            #expect(error?.code == .foreignKeyViolation)
            let count = try await database.read { try $0.execute("SELECT COUNT(*) FROM c").first?.int(0) }
            #expect(count == 0)
            #expect(await database.statistics.writers.total == 1)
        }
    }

    @Test("a transaction that reads sees one state, whatever is written meanwhile")
    func snapshot() async throws {
        try await TestDatabaseFile.with { file in
            let writer = try file.connect()
            let reader = try file.connect(for: .reading)
            defer {
                reader.close()
                writer.close()
            }
            try writer.run("CREATE TABLE t (a)")
            try reader.run("BEGIN")
            #expect(try reader.value("SELECT COUNT(*) FROM t") == .integer(0))
            try writer.run("INSERT INTO t VALUES (1)")
            #expect(try reader.value("SELECT COUNT(*) FROM t") == .integer(0))
            try reader.run("COMMIT")
            #expect(try reader.value("SELECT COUNT(*) FROM t") == .integer(1))
        }
    }
}

// MARK: - Locks

extension SQLiteConnectionTests {
    @Test("a lock that another connection holds is told as such")
    func busy() async throws {
        try await TestDatabaseFile.with { file in
            let holder = try file.connect()
            let other = try file.connect()
            defer {
                other.close()
                holder.close()
            }
            try holder.run("BEGIN IMMEDIATE")
            let error = other.error("BEGIN IMMEDIATE")
            #expect(error?.code == .busy)
            #expect(error?.message == "Another connection holds the database's lock")
            #expect(error?.driverCode == "SQLITE_BUSY (5)")
            try holder.run("COMMIT")
            #expect(other.error("BEGIN IMMEDIATE") == nil)
        }
    }

    @Test("writing on a state that another has changed since is a serialization failure")
    func staleSnapshot() async throws {
        try await TestDatabaseFile.with { file in
            let first = try file.connect()
            let second = try file.connect()
            defer {
                second.close()
                first.close()
            }
            try first.run("CREATE TABLE t (a)")
            try first.run("BEGIN")
            try first.run("SELECT * FROM t")
            try second.run("INSERT INTO t VALUES (1)")
            let error = first.error("INSERT INTO t VALUES (2)")
            #expect(error?.code == .serializationFailure)
            #expect(error?.driverCode == "SQLITE_BUSY_SNAPSHOT (517)")
            #expect(error?.isRetryable == true)
        }
    }

    @Test("an interrupt ends the wait for a lock")
    func interruptWait() async throws {
        try await TestDatabaseFile.with { file in
            let holder = try file.connect()
            let waiter = try file.connect { $0.busyTimeout = .seconds(3600) }
            defer {
                waiter.close()
                holder.close()
            }
            try holder.run("BEGIN IMMEDIATE")
            let interrupt = waiter.interrupt
            let thread = SystemThread(name: "interrupter") { interrupt() }
            let error = waiter.error("BEGIN IMMEDIATE")
            thread.join()
            #expect(error?.code == .cancelled)
        }
    }

    @Test(
        "waiting for a lock takes as long as the limit says and no longer",
        arguments: [
            (0, 0), (1, 1), (3, 3), (50, 9),
        ])
    func waitLimit(milliseconds: Int, sleeps: Int) async throws {
        try await TestDatabaseFile.with { file in
            let handle = try SQLiteHandle(SQLiteConfiguration(path: file.path))
            defer { handle.close() }
            let time = ManualTime()
            let start = time.uptime()
            let wait = BusyWait(
                limit: .milliseconds(milliseconds),
                watch: StatementWatch(signal: handle.signal, limit: nil, time: time),
                time: time)
            var count = 0
            while wait.sleep() { count += 1 }
            #expect(time.uptime() - start == .milliseconds(milliseconds))
            // 1, 1, 2, 5, 10, 10, 10, 10, 1
            #expect(count == sleeps)
            wait.restart()
            #expect(wait.sleep() == (milliseconds > 0))
        }
    }

    @Test("an interrupt is noticed after the sleep in which it came")
    func waitInterrupted() async throws {
        try await TestDatabaseFile.with { file in
            let handle = try SQLiteHandle(SQLiteConfiguration(path: file.path))
            defer { handle.close() }
            let time = ManualTime()
            let wait = BusyWait(
                limit: .seconds(5), watch: StatementWatch(signal: handle.signal, limit: nil, time: time),
                time: time)
            #expect(wait.sleep())
            handle.signal.raise()
            #expect(!wait.sleep())
            handle.signal.lower()
            #expect(wait.sleep())
        }
    }

    @Test("a misspelt name in double quotes is an error and not a text")
    func quotedNames() async throws {
        try await TestDatabaseFile.with { file in
            let connection = try file.connect()
            defer { connection.close() }
            try connection.run("CREATE TABLE t (\"a column\" INTEGER)")
            #expect(connection.error("SELECT \"a column\" FROM t") == nil)
            #expect(connection.error("SELECT \"misspelt\" FROM t")?.code == .unknownObject)
        }
    }

    @Test("a statement that takes too long ends with its limit in words, and the next one has all its time")
    func statementTimeout() async throws {
        try await TestDatabaseFile.with { file in
            let connection = try file.connect { $0.statementTimeout = .milliseconds(50) }
            defer { connection.close() }
            let endless = """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n
                """
            let error = connection.error(endless)
            #expect(error?.code == .timeout)
            #expect(error?.message == "The statement took longer than its timeout of 0.05 s")
            #expect(connection.error("SELECT 1") == nil)
        }
    }

    @Test("a wait for a lock ends with the statement's time")
    func statementTimeoutWhileLocked() async throws {
        try await TestDatabaseFile.with { file in
            let holder = try file.connect()
            defer { holder.close() }
            try holder.run("BEGIN IMMEDIATE")
            let waiter = try file.connect {
                $0.busyTimeout = .seconds(60)
                $0.statementTimeout = .milliseconds(50)
            }
            defer { waiter.close() }
            #expect(waiter.error("BEGIN IMMEDIATE")?.code == .timeout)
            try holder.run("ROLLBACK")
            #expect(waiter.error("BEGIN IMMEDIATE") == nil)
        }
    }

    @Test("two connections that write take turns and lose nothing")
    func twoWriters() async throws {
        try await TestDatabaseFile.with { file in
            let first = try file.connect()
            try first.run("CREATE TABLE t (n)")
            try first.run("INSERT INTO t VALUES (0)")
            let errors = Mutex<[DatabaseError]>([])
            let threads = (0..<2).map { _ in
                SystemThread(name: "writer") {
                    do throws(DatabaseError) {
                        let connection = try file.connect { $0.busyTimeout = .seconds(30) }
                        defer { connection.close() }
                        for _ in 0..<50 {
                            try connection.run("BEGIN IMMEDIATE")
                            try connection.run("UPDATE t SET n = n + 1")
                            try connection.run("COMMIT")
                        }
                    } catch {
                        errors.withLock { $0.append(error) }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(errors.withLock { $0 }.isEmpty)
            #expect(try first.value("SELECT n FROM t") == .integer(100))
            first.close()
        }
    }

    @Test("many that open a new file at once all find it in WAL mode")
    func openTogether() async throws {
        try await TestDatabaseFile.with { file in
            let modes = Mutex<[String]>([])
            let threads = (0..<4).map { _ in
                SystemThread(name: "opener") {
                    do {
                        let connection = try file.connect { $0.busyTimeout = .seconds(30) }
                        defer { connection.close() }
                        let mode = try connection.run("PRAGMA journal_mode").first?.text(0)
                        modes.withLock { $0.append(mode ?? "none") }
                    } catch {
                        modes.withLock { $0.append("\(error)") }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(modes.withLock { $0 } == Array(repeating: "wal", count: 4))
        }
    }
}
