package import Effects

/// A wish for one execution.
package struct EnqueueRequest: Sendable, Hashable {
    package var script: String
    /// Nil takes the newest version; whichever it is, the execution keeps it.
    package var version: Int?
    /// The text of a JSON object.
    package var arguments: String
    package var queue: String
    /// Smaller numbers run first.
    package var priority: Int
    /// Nil means now.
    package var runAt: Timestamp?
    /// While an execution with the same key is waiting or running, another is refused.
    package var uniqueKey: String?
    package var template: String
    /// Nil takes the template's retries plus one.
    package var maxAttempts: Int?

    package init(
        script: String, version: Int? = nil, arguments: String = "{}", queue: String = "default",
        priority: Int = 0, runAt: Timestamp? = nil, uniqueKey: String? = nil,
        template: String = "executeScript", maxAttempts: Int? = nil
    ) {
        self.script = script
        self.version = version
        self.arguments = arguments
        self.queue = queue
        self.priority = priority
        self.runAt = runAt
        self.uniqueKey = uniqueKey
        self.template = template
        self.maxAttempts = maxAttempts
    }
}

/// What became of a wish.
package enum EnqueueResult: Sendable, Hashable {
    case enqueued(UniqueID)
    /// The unique key belongs to this execution, which has not ended.
    case duplicate(of: UniqueID)
}

extension EnqueueRequest {
    /// The first thing wrong with the request itself, before any database is asked.
    package func check() throws(JobEngineError) {
        guard !queue.isEmpty, queue.utf8.count <= 100 else {
            throw JobEngineError(.invalidRequest, "A queue's name has 1 to 100 bytes, found '\(queue)'")
        }
        guard (-32_768...32_767).contains(priority) else {
            throw JobEngineError(
                .invalidRequest, "A priority is a number from -32768 to 32767, found \(priority)",
                help: "smaller numbers run first; 0 is the default")
        }
        if let uniqueKey, !(1...255).contains(uniqueKey.utf8.count) {
            throw JobEngineError(
                .invalidRequest, "A unique key has 1 to 255 bytes, found \(uniqueKey.utf8.count)")
        }
        if let maxAttempts, !(1...1000).contains(maxAttempts) {
            throw JobEngineError(
                .invalidRequest, "The number of attempts is from 1 to 1000, found \(maxAttempts)")
        }
    }
}
