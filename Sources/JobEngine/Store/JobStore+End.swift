import Database
import Effects
import SQL

/// How an attempt ends, before the lifecycle has said what that means for the execution.
enum AttemptEnd {
    case succeeded
    case failed(ExecutionError)
    case cancelled
    case released
}

extension JobStore {
    /// What the audit trail names as the author of what workers do.
    static let workerAgent = "hypjobs worker"

    /// Writes the end of an attempt, if the lease is still ours: the execution's row, the attempt's
    /// history, the audit entry of a final state, and the queue's row of a further attempt.
    func end(_ attempt: Attempt, _ end: AttemptEnd, in transaction: Transaction) throws -> EndedAttempt {
        var lifecycle = attempt.claimed.lifecycle
        let transition = try decide(end, for: attempt.claimed.lease, &lifecycle, in: transaction)
        let now = effects.time.now()
        let ending = Ending(
            transition: transition, lifecycle: lifecycle, now: now,
            retryAt: retryTime(transition, of: attempt, now: now), error: end.error)
        return try finish(attempt, ending, keepsOutput: end.leavesOutputToRecord, in: transaction)
    }

    /// Writes an end that is decided.
    func finish(
        _ attempt: Attempt, _ ending: Ending, keepsOutput: Bool = false, in transaction: Transaction
    ) throws -> EndedAttempt {
        guard try write(ending, of: attempt, in: transaction) else {
            return ended(attempt, status: nil, ending)
        }
        if keepsOutput || attempt.recordsOutput, try !hasLog(of: attempt, in: transaction) {
            try insertLog(of: attempt, in: transaction)
        }
        try writeHistory(ending, of: attempt, in: transaction)
        let execution = attempt.claimed.lease.execution
        if ending.lifecycle.status.isFinal {
            try settle(
                execution, ending, uniqueKey: attempt.claimed.uniqueKey, user: attempt.claimed.user,
                duration: attempt.report?.duration, in: transaction)
        } else {
            _ = try transaction.execute(
                Queries.requeueRow,
                [
                    .text(attempt.claimed.queue), .integer(Int64(attempt.claimed.priority)),
                    .timestamp(ending.retryAt ?? ending.now), .uuid(execution),
                    .integer(Int64(Lane.of(execution))), .uuid(execution),
                ])
            try notify([Lane.of(execution)], in: transaction)
        }
        return ended(attempt, status: ending.lifecycle.status, ending)
    }

    private func decide(
        _ end: AttemptEnd, for lease: Lease, _ lifecycle: inout ExecutionLifecycle,
        in transaction: Transaction
    ) throws -> ExecutionLifecycle.Transition {
        // Only an attempt that might run again has to know whether somebody asked to cancel it meanwhile.
        guard end.dependsOnCancelRequest else {
            return try end.apply(to: &lifecycle, isCancelRequested: false)
        }
        let key: [SQLValue] = [.uuid(lease.execution), .integer(Int64(lease.attempt)), .uuid(lease.epoch)]
        let lock = worksInSets ? SetQueries.forChange : ""
        let row = try transaction.execute(Queries.selectLease + lock, key).first
        return try end.apply(to: &lifecycle, isCancelRequested: row.map { $0[0] != .null } ?? false)
    }

    func retryTime(
        _ transition: ExecutionLifecycle.Transition, of attempt: Attempt, now: Timestamp
    ) -> Timestamp? {
        switch transition.requeue {
        case nil: return nil
        case .atOnce: return now
        case .afterBackoff(let retry):
            guard let policy = attempt.run?.template.retry else { return now }
            return now + policy.delay(beforeRetry: retry, random: effects.random)
        }
    }

    /// Whether the row was still ours.
    private func write(_ ending: Ending, of attempt: Attempt, in transaction: Transaction) throws -> Bool {
        let lease = attempt.claimed.lease
        // The fence lets nobody else end an attempt.
        if worksInSets {
            _ = try transaction.execute(SetQueries.actAs, [.text(lease.epoch.description)])
        }
        let key: [SQLValue] = [.uuid(lease.execution), .integer(Int64(lease.attempt)), .uuid(lease.epoch)]
        let duration = attempt.report.map { SQLValue.integer($0.duration.wholeMilliseconds) } ?? .null
        let counts: [SQLValue] = [
            .integer(Int64(ending.lifecycle.releases)), .integer(Int64(ending.lifecycle.rescues)),
        ]
        let message = ending.error.map { SQLValue.text($0.message) } ?? .null
        guard ending.lifecycle.status.isFinal else {
            let values: [SQLValue] = [.timestamp(ending.retryAt ?? ending.now), duration, message]
            return try transaction.execute(Queries.requeueExecution, values + counts + key).affectedRows == 1
        }
        var result = SQLValue.null
        if attempt.recordsResult, case .succeeded(let text?) = attempt.report?.end { result = .json(text) }
        let values: [SQLValue] = [
            .text(ending.lifecycle.status.rawValue), .timestamp(ending.now), duration, result, message,
        ]
        return try transaction.execute(Queries.endExecution, values + counts + key).affectedRows == 1
    }

    private func writeHistory(_ ending: Ending, of attempt: Attempt, in transaction: Transaction) throws {
        let lease = attempt.claimed.lease
        let isWaiting = ending.lifecycle.status == .queued && ending.transition.outcome == .failed
        let steps = attempt.run.map { SQLValue.json(StepReport.text(of: $0.reports)) } ?? .null
        _ = try transaction.execute(
            Queries.endAttempt,
            [
                .timestamp(ending.now),
                attempt.report.map { .integer($0.duration.wholeMicroseconds) } ?? .null,
                ending.transition.outcome.map { .text($0.rawValue) } ?? .null,
                ending.error.map { .text($0.kind.rawValue) } ?? .null,
                ending.error.map { .text($0.message) } ?? .null,
                ending.error?.line.map { .integer(Int64($0)) } ?? .null,
                ending.error?.column.map { .integer(Int64($0)) } ?? .null,
                isWaiting ? ending.retryAt.map(SQLValue.timestamp) ?? .null : .null, steps,
                .uuid(lease.execution), .integer(Int64(lease.attempt)),
            ])
    }

    func ended(_ attempt: Attempt, status: ExecutionStatus?, _ ending: Ending) -> EndedAttempt {
        EndedAttempt(
            execution: attempt.claimed.lease.execution, script: attempt.claimed.script,
            attempt: attempt.claimed.lease.attempt, status: status,
            retryAt: status == .queued ? ending.retryAt : nil, duration: attempt.report?.duration ?? .zero,
            startedAt: attempt.report?.startedAt, error: ending.error)
    }

    /// What every final state brings, whoever caused it: its audit entry, and the unique key free again.
    func settle(
        _ execution: UniqueID, _ ending: Ending, uniqueKey: String?, user: UniqueID, duration: Duration?,
        agent: String = JobStore.workerAgent, in transaction: Transaction
    ) throws {
        let status = ending.lifecycle.status
        guard let action = AuditAction(final: status) else {
            preconditionFailure("Only a final state is settled.")
        }
        if let uniqueKey {
            _ = try transaction.execute(Queries.deleteUniqueKey, [.text(uniqueKey), .uuid(execution)])
        }
        try AuditEntry(
            action: action, table: "script_executions", record: execution, old: #"{"status":"running"}"#,
            new: ending.facts(duration: duration), initiator: Initiator(user: user, agent: agent)
        ).insert(in: transaction, effects: effects)
    }

    /// Whether a step has written what the attempt printed, and no rollback has undone that.
    private func hasLog(of attempt: Attempt, in transaction: Transaction) throws -> Bool {
        guard let output = attempt.report?.output, !output.isEmpty else { return true }
        let lease = attempt.claimed.lease
        let key: [SQLValue] = [.uuid(lease.execution), .integer(Int64(lease.attempt))]
        return try transaction.execute(Queries.selectLog, key).first != nil
    }

    /// The most that one row of a log holds.
    static let logPartBytes = 262_144

    /// Writes what the script printed.
    func insertLog(of attempt: Attempt, in transaction: Transaction) throws {
        guard let output = attempt.report?.output, !output.isEmpty else { return }
        let lease = attempt.claimed.lease
        for (sequence, part) in output.parts(ofAtMost: JobStore.logPartBytes).enumerated() {
            _ = try transaction.execute(
                Queries.insertLog,
                [
                    .uuid(lease.execution), .integer(Int64(lease.attempt)), .integer(Int64(sequence)),
                    .text(part), .timestamp(effects.time.now()),
                ])
        }
    }
}

/// An end that is decided but not yet written.
struct Ending {
    let transition: ExecutionLifecycle.Transition
    let lifecycle: ExecutionLifecycle
    let now: Timestamp
    let retryAt: Timestamp?
    let error: ExecutionError?

    /// The JSON text of what the audit trail keeps of a final state.
    func facts(duration: Duration?) -> String {
        var facts = [
            JSON.Member("status", .string(lifecycle.status.rawValue)),
            JSON.Member("attempt", .integer(lifecycle.attempt)),
        ]
        if let duration { facts.append(JSON.Member("duration_ms", .integer(duration.wholeMilliseconds))) }
        if let error { facts.append(JSON.Member("error", .string(error.message))) }
        return JSON.object(facts).text
    }
}

extension AttemptEnd {
    /// Whether a request to cancel, made meanwhile, changes what the end means.
    var dependsOnCancelRequest: Bool {
        switch self {
        case .failed, .released: true
        case .succeeded, .cancelled: false
        }
    }

    /// What the end means for the execution.
    func apply(
        to lifecycle: inout ExecutionLifecycle, isCancelRequested: Bool
    ) throws -> ExecutionLifecycle.Transition {
        if isCancelRequested { _ = try lifecycle.apply(.requestCancel) }
        switch self {
        case .succeeded: return try lifecycle.apply(.succeed)
        case .cancelled: return try lifecycle.apply(.acknowledgeCancel)
        case .released: return try lifecycle.apply(.release)
        case .failed(let error): return try lifecycle.apply(.fail(isRetryable: error.isRetryable))
        }
    }

    var error: ExecutionError? {
        guard case .failed(let error) = self else { return nil }
        return error
    }

    /// A truthful record keeps the output of what failed or was stopped, although no step got to write it.
    var leavesOutputToRecord: Bool {
        switch self {
        case .failed, .cancelled: true
        case .succeeded, .released: false
        }
    }
}

extension StepReport {
    /// The JSON text of an attempt's steps: `[{"name":…,"result":…,"us":…,"message":…}]`.
    static func text(of reports: [StepReport]) -> String {
        JSON.array(
            reports.map { report in
                var members = [JSON.Member("name", .string(report.name))]
                switch report.result {
                case .succeeded: members.append(JSON.Member("result", "succeeded"))
                case .skipped: members.append(JSON.Member("result", "skipped"))
                case .warned(let message):
                    members.append(JSON.Member("result", "warned"))
                    members.append(JSON.Member("message", .string(message)))
                case .failed(let message):
                    members.append(JSON.Member("result", "failed"))
                    members.append(JSON.Member("message", .string(message)))
                }
                members.append(JSON.Member("us", .integer(report.duration.wholeMicroseconds)))
                if !report.calls.isEmpty {
                    members.append(JSON.Member("calls", .array(report.calls.map(\.json))))
                }
                return .object(members)
            }
        ).text
    }
}

extension ExecutionError.Call {
    fileprivate var json: JSON {
        ["function": .string(function), "line": .integer(line), "column": .integer(column)]
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { wholeMicroseconds / 1000 }

    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

extension String {
    /// The text in pieces of at most so many UTF-8 bytes, never cut inside a scalar.
    func parts(ofAtMost limit: Int) -> [String] {
        guard utf8.count > limit else { return [self] }
        var parts: [String] = []
        var rest = self[...]
        while !rest.isEmpty {
            var end =
                rest.utf8.index(rest.startIndex, offsetBy: limit, limitedBy: rest.endIndex) ?? rest.endIndex
            while end < rest.endIndex, rest.utf8[end] & 0xC0 == 0x80 { end = rest.utf8.index(before: end) }
            parts.append(String(rest[..<end]))
            rest = rest[end...]
        }
        return parts
    }
}
