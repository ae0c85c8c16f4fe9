import Database
import Effects
import SQL

/// The columns of `SetQueries.end`: one array each, a row for every end.
struct EndColumns {
    private var columns: [[SQLValue]] = Array(repeating: [], count: 24)
    private var logs: [[SQLValue]] = Array(repeating: [], count: 4)

    /// - Parameter audit: the identifier of its audit entry, should its state be final.
    mutating func append(_ attempt: Attempt, _ ending: Ending, keepsOutput: Bool, audit: UniqueID) {
        let claimed = attempt.claimed
        let isFinal = ending.lifecycle.status.isFinal
        var result = SQLValue.null
        if isFinal, attempt.recordsResult, case .succeeded(let text?) = attempt.report?.end {
            result = .json(text)
        }
        let duration = attempt.report?.duration
        let row: [SQLValue] = [
            .uuid(claimed.lease.execution), .integer(Int64(claimed.lease.attempt)),
            .uuid(claimed.lease.epoch), .text(ending.lifecycle.status.rawValue),
            isFinal ? .null : .timestamp(ending.retryAt ?? ending.now),
            duration.map { .integer($0.wholeMilliseconds) } ?? .null,
            duration.map { .integer($0.wholeMicroseconds) } ?? .null, result,
            ending.error.map { .text($0.message) } ?? .null,
            .integer(Int64(ending.lifecycle.releases)), .integer(Int64(ending.lifecycle.rescues)),
            ending.transition.outcome.map { .text($0.rawValue) } ?? .null,
            ending.error.map { .text($0.kind.rawValue) } ?? .null,
            ending.error?.line.map { .integer(Int64($0)) } ?? .null,
            ending.error?.column.map { .integer(Int64($0)) } ?? .null,
            attempt.run.map { .json(StepReport.text(of: $0.reports)) } ?? .null,
            .uuid(audit),
            AuditAction(final: ending.lifecycle.status).map { .text($0.rawValue) } ?? .null,
            isFinal ? .json(ending.facts(duration: duration)) : .null, .uuid(claimed.user),
            claimed.uniqueKey.map(SQLValue.text) ?? .null, .text(claimed.queue),
            .integer(Int64(claimed.priority)), .integer(Int64(Lane.of(claimed.lease.execution))),
        ]
        for (index, value) in row.enumerated() { columns[index].append(value) }
        guard keepsOutput, let output = attempt.report?.output, !output.isEmpty else { return }
        for (sequence, part) in output.parts(ofAtMost: JobStore.logPartBytes).enumerated() {
            let row: [SQLValue] = [
                .uuid(claimed.lease.execution), .integer(Int64(claimed.lease.attempt)),
                .integer(Int64(sequence)), .text(part),
            ]
            for (index, value) in row.enumerated() { logs[index].append(value) }
        }
    }

    /// The parameters of the statement, in its order.
    func bindings(now: Timestamp) -> [SQLValue] {
        columns.map(SQLValue.array) + [.timestamp(now), .text(JobStore.workerAgent)]
            + logs.map(SQLValue.array)
    }
}
