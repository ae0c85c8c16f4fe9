package import Effects

/// The state of an execution as its row says it. The last three are final.
package enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
    case queued, running, completed, failed, cancelled

    package var isFinal: Bool {
        switch self {
        case .queued, .running: false
        case .completed, .failed, .cancelled: true
        }
    }
}

/// How one attempt ended.
package enum AttemptOutcome: String, Sendable, Hashable {
    case completed, failed, cancelled
    /// Given back by a worker that shut down; does not count against the limit of attempts.
    case released
    /// Taken from a worker whose heartbeat stopped; counts.
    case rescued
}

/// The right to write about one attempt of an execution. Every write after a claim carries it, and the
/// database refuses the write once any of the three no longer matches the row.
package struct Lease: Sendable, Hashable {
    package let execution: UniqueID
    package let attempt: Int
    package let epoch: UniqueID

    package init(execution: UniqueID, attempt: Int, epoch: UniqueID) {
        self.execution = execution
        self.attempt = attempt
        self.epoch = epoch
    }
}

/// A version of a script, whose content never changes.
package struct ScriptVersion: Sendable, Hashable {
    package let script: UniqueID
    package let version: Int

    package init(script: UniqueID, version: Int) {
        self.script = script
        self.version = version
    }
}

/// Everything a run needs to know about an execution that this worker has just claimed.
package struct ClaimedExecution: Sendable {
    package let lease: Lease
    package let script: ScriptVersion
    package let user: UniqueID
    package let template: String
    /// The arguments' JSON text, an object.
    package let arguments: String
    package let uniqueKey: String?
    package let queue: String
    package let priority: Int
    package let claimedAt: Timestamp
    package let lifecycle: ExecutionLifecycle
}

/// Why an attempt did not succeed, in the form the record keeps.
package struct ExecutionError: Sendable, Hashable, Error {
    /// Which kind of failure, for retry policies and filters.
    package enum Kind: String, Sendable, Hashable {
        /// The source does not parse: the next attempt would fail the same way.
        case syntax
        /// A run-time error of the script.
        case script
        /// A limit of the script's box was exceeded, or a capability refused.
        case limit, capability
        /// The template's timeout passed.
        case timeout
        case database
        /// The engine could not run the template as it stands, for example because its template is gone.
        case configuration
        /// The worker died three times with this execution in its hands.
        case quarantined
        case workerLost = "worker_lost"
    }

    package let kind: Kind
    package let message: String
    package let line: Int?
    package let column: Int?
    /// By which calls the script came there, the nearest first.
    package let calls: [Call]

    /// A place in the script that called a function which had not returned.
    package struct Call: Sendable, Hashable {
        /// The function that the place is in; `Focus` for the program itself.
        package let function: String
        package let line: Int
        package let column: Int

        package init(function: String, line: Int, column: Int) {
            self.function = function
            self.line = line
            self.column = column
        }
    }

    package init(kind: Kind, message: String, line: Int? = nil, column: Int? = nil, calls: [Call] = []) {
        self.calls = calls
        self.kind = kind
        self.message = message
        self.line = line
        self.column = column
    }

    /// Whether another attempt could end otherwise.
    package var isRetryable: Bool {
        switch kind {
        case .script, .timeout, .database, .workerLost: true
        case .syntax, .limit, .capability, .configuration, .quarantined: false
        }
    }
}
