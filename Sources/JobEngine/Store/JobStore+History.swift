import Database
package import Effects
import SQL

extension JobStore {
    /// Executions, newest first: identifiers grow with time, so a page begins where the last one ended.
    package func executions(_ filter: ExecutionFilter) async throws -> [ExecutionSummary] {
        var conditions: [String] = []
        var bindings: [SQLValue] = []
        if !filter.statuses.isEmpty {
            let markers = filter.statuses.map { _ in "?" }.joined(separator: ", ")
            conditions.append("e.status IN (\(markers))")
            bindings += filter.statuses.map { .text($0.rawValue) }
        }
        if let script = filter.script {
            conditions.append("s.name = ?")
            bindings.append(.text(script))
        }
        if let queue = filter.queue {
            conditions.append("e.queue = ?")
            bindings.append(.text(queue))
        }
        if let since = filter.since {
            conditions.append("e.queued_at >= ?")
            bindings.append(.timestamp(since))
        }
        if let before = filter.before {
            conditions.append("e.id < ?")
            bindings.append(.uuid(before))
        }
        let place = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let text = HistoryQueries.summary + place + " ORDER BY e.id DESC LIMIT ?"
        let all = bindings + [.integer(Int64(filter.limit))]
        return try await read { transaction in
            try transaction.execute(text, all).rows.map(ExecutionSummary.init)
        }
    }

    /// Everything about one execution.
    package func execution(_ id: UniqueID) async throws -> ExecutionDetails {
        try await read { transaction in
            let text = HistoryQueries.details + " WHERE e.id = ?"
            guard let row = try transaction.execute(text, [.uuid(id)]).first else {
                throw JobStore.unknownExecution(id.description)
            }
            let summary = try ExecutionSummary(row)
            let attempts = try transaction.execute(HistoryQueries.attempts, [.uuid(id)]).rows
            let key: [SQLValue] = [row[21], .integer(Int64(summary.version ?? 1))]
            let source = try transaction.execute(ScriptQueries.selectVersion, key).first
            return ExecutionDetails(
                summary: summary, template: try row.text(17), uniqueKey: try row.optionalText(18),
                arguments: try row.optionalText(19), result: try row.optionalText(20),
                attempts: try attempts.map(AttemptRecord.init), source: try source?.text(0))
        }
    }

    /// What an execution printed, attempt by attempt.
    package func logs(_ id: UniqueID) async throws -> [(attempt: Int, content: String)] {
        try await read { transaction in
            guard try transaction.execute(HistoryQueries.statusOnly, [.uuid(id)]).first != nil else {
                throw JobStore.unknownExecution(id.description)
            }
            var logs: [(attempt: Int, content: String)] = []
            for row in try transaction.execute(HistoryQueries.logs, [.uuid(id)]).rows {
                let attempt = try row.int(0)
                if let last = logs.indices.last, logs[last].attempt == attempt {
                    logs[last].content += try row.text(1)
                } else {
                    logs.append((attempt, try row.text(1)))
                }
            }
            return logs
        }
    }

    package func status(of id: UniqueID) async throws -> ExecutionStatus {
        try await read { transaction in
            guard let row = try transaction.execute(HistoryQueries.statusOnly, [.uuid(id)]).first,
                let status = ExecutionStatus(rawValue: try row.text(0))
            else { throw JobStore.unknownExecution(id.description) }
            return status
        }
    }

    /// The execution whose identifier begins so, if there is exactly one.
    package func execution(matching prefix: String) async throws -> UniqueID {
        if let id = UniqueID(prefix) { return id }
        let lower = prefix.lowercased()
        let isPlausible = lower.unicodeScalars.allSatisfy { $0 == "-" || $0.properties.isASCIIHexDigit }
        guard isPlausible, !lower.isEmpty else { throw JobStore.unknownExecution(prefix) }
        guard lower.utf8.count >= 4 else {
            throw JobEngineError(
                .unknownExecution, "'\(prefix)' is too short to tell executions apart",
                help: "give at least 4 characters of the identifier")
        }
        guard let least = UniqueID.padded(lower, with: "0"), let greatest = UniqueID.padded(lower, with: "f")
        else { throw JobStore.unknownExecution(prefix) }
        let bounds: [SQLValue] = [.uuid(least), .uuid(greatest)]
        return try await read { transaction in
            let rows = try transaction.execute(HistoryQueries.idsFrom, bounds).rows
            guard let first = rows.first else { throw JobStore.unknownExecution(prefix) }
            guard rows.count == 1 else {
                throw JobEngineError(
                    .unknownExecution, "Several executions begin with '\(prefix)'",
                    help: "give more characters")
            }
            return try first.uuid(0)
        }
    }

    /// Counts for people: by state, by queue and by script.
    package func overview() async throws -> QueueOverview {
        let now = SQLValue.timestamp(effects.time.now())
        return try await read { transaction in
            var counts: [ExecutionStatus: Int] = [:]
            for row in try transaction.execute(HistoryQueries.counts, []).rows {
                if let status = ExecutionStatus(rawValue: try row.text(0)) { counts[status] = try row.int(1) }
            }
            let queues = try transaction.execute(HistoryQueries.queues, [now, now]).rows.map { row in
                QueueOverview.Queue(
                    name: try row.text(0), waiting: try row.int(1), due: try row.int(2),
                    oldestDueAt: try row.optionalTimestamp(3))
            }
            let scripts = try transaction.execute(HistoryQueries.scripts, []).rows.map { row in
                QueueOverview.Script(
                    name: try row.text(0), count: try row.int(1), completed: try row.int(2),
                    failed: try row.int(3), retries: try row.int(4),
                    averageMilliseconds: try row.optionalDouble(5),
                    maximumMilliseconds: try row.optionalInt(6))
            }
            return QueueOverview(counts: counts, queues: queues, scripts: scripts)
        }
    }

    /// When the next of the waiting executions that have been tried before becomes due.
    package func nextRetry(queues: [String]) async throws -> Timestamp? {
        try await read { transaction in
            var next: Timestamp?
            for queue in queues {
                let row = try transaction.execute(Queries.nextRetryDue, [.text(queue)]).first
                guard let time = try row?.optionalTimestamp(0) else { continue }
                next = min(next ?? time, time)
            }
            return next
        }
    }
}

extension UniqueID {
    /// The identifier that begins with some characters and goes on with one digit; nil if none begins so.
    fileprivate static func padded(_ start: String, with digit: Character) -> UniqueID? {
        let shape = "00000000-0000-0000-0000-000000000000".map { $0 == "-" ? "-" : digit }
        return UniqueID(start + String(shape.dropFirst(start.count)))
    }
}

extension ExecutionSummary {
    init(_ row: Row) throws {
        guard let status = ExecutionStatus(rawValue: try row.text(3)) else {
            preconditionFailure("The database checks the status of an execution.")
        }
        self.init(
            id: try row.uuid(0), script: try row.text(1), version: try row.optionalInt(2), status: status,
            queue: try row.text(4), priority: try row.int(5), attempt: try row.int(6),
            maxAttempts: try row.int(7), queuedAt: try row.optionalTimestamp(8),
            runAt: try row.optionalTimestamp(9), startedAt: try row.optionalTimestamp(10),
            completedAt: try row.optionalTimestamp(11), durationMilliseconds: try row.optionalInt(12),
            durationMicroseconds: try row.optionalInt(15), error: try row.optionalText(13),
            isCancelRequested: row[14] != .null,
            releases: try row.int(16))
    }
}

extension AttemptRecord {
    init(_ row: Row) throws {
        self.init(
            attempt: try row.int(0), epoch: try row.uuid(1), claimedAt: try row.timestamp(2),
            finishedAt: try row.optionalTimestamp(3), durationMicroseconds: try row.optionalInt(4),
            outcome: try row.optionalText(5).flatMap(AttemptOutcome.init(rawValue:)),
            errorKind: try row.optionalText(6), error: try row.optionalText(7), line: try row.optionalInt(8),
            column: try row.optionalInt(9), retryAt: try row.optionalTimestamp(10),
            steps: try row.optionalText(11))
    }
}
