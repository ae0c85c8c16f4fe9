import Database
import Effects
import SQL

/// The values of `SetQueries.end`: a row for every end, all of one worker.
struct EndColumns {
    private var columns = SetColumns(count: 17)
    private var logs: [[SQLValue]] = Array(repeating: [], count: 4)

    /// - Parameter audit: the identifier of its audit entry, should its state be final.
    mutating func append(_ attempt: Attempt, _ ending: Ending, keepsOutput: Bool, audit: UniqueID) {
        let lease = attempt.claimed.lease
        let isFinal = ending.lifecycle.status.isFinal
        var result = SQLValue.null
        if isFinal, attempt.recordsResult, case .succeeded(let text?) = attempt.report?.end {
            result = .json(text)
        }
        let duration = attempt.report?.duration
        columns.append([
            .uuid(lease.execution), .integer(Int64(lease.attempt)),
            .text(ending.lifecycle.status.rawValue),
            isFinal ? .null : .timestamp(ending.retryAt ?? ending.now),
            duration.map { .integer($0.wholeMicroseconds) } ?? .null, result,
            ending.error.map { .text($0.message) } ?? .null,
            .integer(Int64(ending.lifecycle.releases)), .integer(Int64(ending.lifecycle.rescues)),
            ending.transition.outcome.map { .text($0.rawValue) } ?? .null,
            ending.error.map { .text($0.kind.rawValue) } ?? .null,
            ending.error?.line.map { .integer(Int64($0)) } ?? .null,
            ending.error?.column.map { .integer(Int64($0)) } ?? .null,
            attempt.run.map { .json(StepReport.text(of: $0.reports)) } ?? .null, .uuid(audit),
            isFinal ? .json(ending.facts(duration: duration)) : .null,
            isFinal ? .null : .integer(Int64(Lane.of(lease.execution))),
        ])
        guard keepsOutput, let output = attempt.report?.output, !output.isEmpty else { return }
        for (sequence, part) in output.parts(ofAtMost: JobStore.logPartBytes).enumerated() {
            let row: [SQLValue] = [
                .uuid(lease.execution), .integer(Int64(lease.attempt)), .integer(Int64(sequence)),
                .text(part),
            ]
            for (index, value) in row.enumerated() { logs[index].append(value) }
        }
    }

    /// The parameters of the statement, in its order.
    func bindings(epoch: UniqueID, now: Timestamp) -> [SQLValue] {
        [.timestamp(now)] + columns.bindings + [.uuid(epoch), .text(JobStore.workerAgent)]
            + logs.map(SQLValue.array)
    }
}
