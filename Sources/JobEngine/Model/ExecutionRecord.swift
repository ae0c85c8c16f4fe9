package import Effects

/// An execution as lists show it.
package struct ExecutionSummary: Sendable, Hashable {
    package let id: UniqueID
    package let script: String
    package let version: Int?
    package let status: ExecutionStatus
    package let queue: String
    package let priority: Int
    package let attempt: Int
    package let maxAttempts: Int
    package let queuedAt: Timestamp?
    package let runAt: Timestamp?
    package let startedAt: Timestamp?
    package let completedAt: Timestamp?
    package let durationMilliseconds: Int?
    /// Of the last attempt, once it is over.
    package let durationMicroseconds: Int?
    package let error: String?
    package let isCancelRequested: Bool
    /// Attempts that were given back and do not count.
    package let releases: Int

    /// Attempts that count against `maxAttempts`.
    package var countedAttempts: Int { attempt - releases }
}

/// One attempt of an execution.
package struct AttemptRecord: Sendable, Hashable {
    package let attempt: Int
    package let epoch: UniqueID
    package let claimedAt: Timestamp
    package let finishedAt: Timestamp?
    package let durationMicroseconds: Int?
    /// Nil while it runs.
    package let outcome: AttemptOutcome?
    package let errorKind: String?
    package let error: String?
    package let line: Int?
    package let column: Int?
    package let retryAt: Timestamp?
    /// The JSON text of the steps: name, result, microseconds.
    package let steps: String?
}

/// Everything that is known about one execution.
package struct ExecutionDetails: Sendable, Hashable {
    package let summary: ExecutionSummary
    package let template: String
    package let uniqueKey: String?
    /// JSON texts.
    package let arguments: String?
    package let result: String?
    package let attempts: [AttemptRecord]
    package let source: String?
}

/// Which executions a list wants.
package struct ExecutionFilter: Sendable, Hashable {
    package var statuses: Set<ExecutionStatus> = []
    package var script: String?
    package var queue: String?
    package var since: Timestamp?
    /// Newest first, from here on.
    package var before: UniqueID?
    package var limit = 50

    package init() {}
}

/// The state of the whole queue.
package struct QueueOverview: Sendable, Hashable {
    package struct Queue: Sendable, Hashable {
        package let name: String
        package let waiting: Int
        package let due: Int
        /// When the oldest waiting execution became due.
        package let oldestDueAt: Timestamp?
    }

    /// How the executions of one script have gone.
    package struct Script: Sendable, Hashable {
        package let name: String
        package let count: Int
        package let completed: Int
        package let failed: Int
        package let retries: Int
        package let averageMilliseconds: Double?
        package let maximumMilliseconds: Int?
    }

    package let counts: [ExecutionStatus: Int]
    package let queues: [Queue]
    package let scripts: [Script]
}
