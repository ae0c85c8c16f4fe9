import Database
import Effects
import SQL

/// The examination of a PostgreSQL server.
extension JobStore {
    /// From which version on the server has everything that the engine asks for.
    private static let oldestServer = 130_000

    func examineServer(_ facts: ExaminationFacts, in transaction: Transaction) throws -> [Finding] {
        guard let row = try transaction.execute(ExaminationQueries.server).first else { return [] }
        let name = "PostgreSQL \(try row.text(1))"
        let version =
            try row.int(0) >= JobStore.oldestServer
            ? Finding.ok("server", name)
            : Finding("server", .problem, "\(name) is too old", help: "upgrade it to 13 or newer")
        let workers = try transaction.execute(Queries.selectWorkers).rows.count
        let limit = try row.int(2) - row.int(3)
        let wanted = max(1, workers) * facts.connectionsPerWorker
        let used = try row.int(4)
        let words =
            "\(used) of \(limit) connections in use; \(max(1, workers)) worker(s) may take \(wanted)"
        let help = "lower 'max_connections' of the pool, raise the server's, or put a pooler between them"
        let level: Finding.Level =
            wanted > limit ? .problem : max(wanted, used) * 5 > limit * 4 ? .warning : .ok
        return [version, Finding("connections", level, words, help: level == .ok ? nil : help)]
    }

    func examineClock(_ machineNow: Timestamp, in transaction: Transaction) throws -> [Finding] {
        guard let server = try transaction.execute(SetQueries.now).first?.timestamp(0) else { return [] }
        let difference = machineNow - server
        let milliseconds = Int(difference / .milliseconds(1))
        let words = "This machine's clock and the server's differ by \(abs(milliseconds)) ms"
        guard abs(milliseconds) > 1000 else { return [.ok("clock", words)] }
        return [
            Finding(
                "clock", .warning, words,
                help: "workers go by the server's; set this machine's by NTP, so that its logs agree")
        ]
    }

    /// Dead rows stay as long as somebody may still see them, and every claim walks over those at the head
    /// of the queue.
    func examineHorizon(_ facts: ExaminationFacts, in transaction: Transaction) throws -> [Finding] {
        var findings: [Finding] = []
        let old = Int(facts.oldTransaction / .seconds(1))
        if let row = try transaction.execute(ExaminationQueries.horizon).first, try row.int(4) >= old {
            let (pid, seconds) = (try row.int(0), try row.int(4))
            let words =
                "Process \(pid) ('\(try row.text(1))' of \(try row.text(2)), \(try row.text(3))) has held "
                + "the vacuum horizon for \(seconds) s"
            findings.append(
                Finding(
                    "horizon", seconds >= 10 * old ? .problem : .warning, words,
                    help: "end its transaction, or SELECT pg_terminate_backend(\(pid)); "
                        + "idle_in_transaction_session_timeout prevents it"))
        }
        if let row = try transaction.execute(ExaminationQueries.prepared).first, try row.int(1) >= old {
            findings.append(
                Finding(
                    "horizon", try row.int(1) >= 10 * old ? .problem : .warning,
                    "The prepared transaction '\(try row.text(0))' is \(try row.int(1)) s old",
                    help: "COMMIT PREPARED or ROLLBACK PREPARED ends it"))
        }
        if let row = try transaction.execute(ExaminationQueries.slots).first {
            findings.append(
                Finding(
                    "horizon", .warning,
                    "The replication slot '\(try row.text(0))', which nobody uses, holds "
                        + "\(try row.int(1)) transactions back",
                    help: "SELECT pg_drop_replication_slot('\(try row.text(0))') if its reader is gone"))
        }
        return findings.isEmpty ? [.ok("horizon", "No transaction is older than \(old) s")] : findings
    }

    func examineDeadRows(in transaction: Transaction) throws -> [Finding] {
        guard let row = try transaction.execute(ExaminationQueries.deadRows).first else { return [] }
        let (live, dead) = (try row.int(0), try row.int(1))
        let words = "\(dead) dead rows beside \(live) live ones in the queue"
        guard dead > 100_000, dead > live else { return [.ok("vacuum", words)] }
        return [
            Finding(
                "vacuum", .warning, words,
                help: "look at 'horizon'; if that is fine, VACUUM execution_queue, and let autovacuum do more"
            )
        ]
    }
}
