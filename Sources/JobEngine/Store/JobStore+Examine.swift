import Database
package import Effects
import SQL

/// Looks for what will keep an installation from working, and says what to do about it. Nothing is changed.
extension JobStore {
    /// The findings, good ones among them. What cannot be looked at is a warning of its own.
    ///
    /// - Parameter machineNow: this machine's own time.
    package func examine(_ facts: ExaminationFacts, machineNow: Timestamp) async -> [Finding] {
        let server: [Finding]
        if worksInSets {
            server =
                await look("server") { try self.examineServer(facts, in: $0) }
                + look("clock") { try self.examineClock(machineNow, in: $0) }
                + look("horizon") { try self.examineHorizon(in: $0) }
                + look("vacuum") { try self.examineDeadRows(in: $0) }
        } else {
            server = await look("file") { try self.examineFile(in: $0) }
        }
        return await server + look("workers") { try self.examineWorkers(facts, in: $0) }
            + look("executions") { try self.examineExecutions(in: $0) }
            + look("queues") { try self.examineQueues(facts, in: $0) }
    }

    private func look(
        _ check: String, _ body: @escaping @Sendable (Transaction) throws -> [Finding]
    ) async -> [Finding] {
        do { return try await read(body) } catch {
            return [
                Finding(
                    check, .warning, "Could not be looked at: \(error)",
                    help: "the role needs the right to read it, or more time in 'default_timeout'")
            ]
        }
    }

    private func examineWorkers(_ facts: ExaminationFacts, in transaction: Transaction) throws -> [Finding] {
        let now = effects.time.now()
        let workers = try transaction.execute(Queries.selectWorkers).rows.map(WorkerRecord.init)
        let silent = workers.filter { now - $0.heartbeatAt > facts.heartbeatTimeout }
        guard !silent.isEmpty else {
            return [
                .ok("workers", workers.isEmpty ? "None is running" : "\(workers.count) report that they live")
            ]
        }
        return silent.map { worker in
            Finding(
                "workers", .warning,
                "Worker \(worker.pid) on \(worker.host) has not reported for \(worker.silence(now)) s",
                help: "any worker that runs takes over what it held; start one if none does")
        }
    }

    private func examineExecutions(in transaction: Transaction) throws -> [Finding] {
        var findings: [Finding] = []
        let orphans = try transaction.execute(ExaminationQueries.runningOfNobody).first?.int(0) ?? 0
        if orphans > 0 {
            findings.append(
                Finding(
                    "executions", .problem, "\(orphans) marked as running belong to no worker",
                    help: "start a worker: it rescues them with its first heartbeat"))
        }
        let lost = try transaction.execute(ExaminationQueries.waitingNowhere).first?.int(0) ?? 0
        if lost > 0 {
            findings.append(
                Finding(
                    "executions", .problem, "\(lost) marked as queued have no place in the queue",
                    help: "somebody has changed the tables by hand: cancel and retry them"))
        }
        return findings.isEmpty
            ? [.ok("executions", "Each that runs has a worker, each that waits its place")] : findings
    }

    private func examineQueues(_ facts: ExaminationFacts, in transaction: Transaction) throws -> [Finding] {
        let now = effects.time.now()
        let living = try transaction.execute(Queries.selectWorkers).rows.map(WorkerRecord.init).filter {
            now - $0.heartbeatAt <= facts.heartbeatTimeout
        }
        let served = Set(living.flatMap(\.queues))
        var paused: [String: QueueRecord.Pause] = [:]
        for row in try transaction.execute(QueueQueries.selectAll).rows {
            let record = try QueueRecord(row)
            paused[record.name] = record.pause
        }
        var findings: [Finding] = []
        let bounds: [SQLValue] = [.timestamp(now), .timestamp(now)]
        for row in try transaction.execute(HistoryQueries.queues, bounds).rows {
            let (name, due) = (try row.text(0), try row.int(2))
            guard due > 0 else { continue }
            if let pause = paused[name] {
                findings.append(
                    Finding(
                        "queues", .warning,
                        "\(due) due in '\(name)', which is paused by \(pause.by): \(pause.reason)",
                        help: "hypjobs queues resume \(name)"))
            } else if !served.contains(name) {
                findings.append(
                    Finding(
                        "queues", .warning, "\(due) due in '\(name)', which no living worker serves",
                        help: "hypjobs worker --queues \(name)"))
            }
        }
        return findings.isEmpty ? [.ok("queues", "All that is due has a worker")] : findings
    }

    private func examineFile(in transaction: Transaction) throws -> [Finding] {
        var findings: [Finding] = []
        let version = try transaction.execute(ExaminationQueries.sqliteVersion).first?.text(0) ?? ""
        let mode = try transaction.execute(ExaminationQueries.journalMode).first?.text(0) ?? ""
        if mode == "wal" {
            findings.append(.ok("journal", "SQLite \(version), write-ahead log"))
        } else {
            findings.append(
                Finding(
                    "journal", .problem,
                    "The journal mode is '\(mode)': readers and writers block each other",
                    help: "stop every process that has the file open, then start a worker: it sets 'wal'"))
        }
        let lines = try transaction.execute(ExaminationQueries.quickCheck).rows.map { try $0.text(0) }
        if lines == ["ok"] {
            findings.append(.ok("integrity", "The file is sound (quick_check)"))
        } else {
            findings.append(
                Finding(
                    "integrity", .problem, "The file is damaged: \(lines.first ?? "no answer")",
                    help: "stop the workers and go back to the last good backup"))
        }
        return findings
    }
}

extension WorkerRecord {
    /// The whole seconds since its last heartbeat.
    fileprivate func silence(_ now: Timestamp) -> Int { Int((now - heartbeatAt) / .seconds(1)) }
}
