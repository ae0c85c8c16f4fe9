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
    /// While an execution with the same key is waiting or running, there is no other.
    package var uniqueKey: String?
    /// What a request does whose unique key is in use.
    package var uniqueMode: UniqueMode
    /// What the limit for each key of a queue counts by.
    package var concurrencyKey: String?
    package var template: String
    /// Nil takes the template's retries plus one.
    package var maxAttempts: Int?

    package init(
        script: String, version: Int? = nil, arguments: String = "{}", queue: String = "default",
        priority: Int = 0, runAt: Timestamp? = nil, uniqueKey: String? = nil,
        uniqueMode: UniqueMode = .skip, concurrencyKey: String? = nil,
        template: String = "executeScript", maxAttempts: Int? = nil
    ) {
        self.script = script
        self.version = version
        self.arguments = arguments
        self.queue = queue
        self.priority = priority
        self.runAt = runAt
        self.uniqueKey = uniqueKey
        self.uniqueMode = uniqueMode
        self.concurrencyKey = concurrencyKey
        self.template = template
        self.maxAttempts = maxAttempts
    }
}

/// What a request does whose unique key belongs to an execution that has not ended. One that runs is left
/// alone in every mode.
package enum UniqueMode: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case skip
    /// The one that waits becomes what the request asks for.
    case replace
    /// The one that waits gets the request's time.
    case reschedule
}

/// What became of a wish.
package enum EnqueueResult: Sendable, Hashable {
    case enqueued(UniqueID)
    /// The unique key belongs to this execution, which has not ended and stays as it is.
    case duplicate(of: UniqueID)
    /// The execution that had the unique key and waited has changed as the request's mode says.
    case changed(UniqueID)
}

extension EnqueueRequest {
    /// Whether a queue can be called so: a letter, then letters, digits, `_`, `-` and `.`, 63 in all.
    package static func isQueueName(_ name: String) -> Bool {
        name.utf8.count <= 63 && name.first.map { $0.isASCII && $0.isLetter } ?? false
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
    }

    /// The priorities that there are.
    package static let priorities = -1000...1000
    /// How often an execution may be tried: as often as a template's retries allow, and once.
    package static let attempts = 1...101

    /// The first thing wrong with the request itself, before any database is asked.
    package func check() throws(JobEngineError) {
        try EnqueueRequest.check(queue: queue)
        guard EnqueueRequest.priorities.contains(priority) else {
            throw JobEngineError(
                .invalidRequest, "A priority is a number from -1000 to 1000, found \(priority)",
                help: "smaller numbers run first; 0 is the default")
        }
        if let uniqueKey, !(1...255).contains(uniqueKey.utf8.count) {
            throw JobEngineError(
                .invalidRequest, "A unique key has 1 to 255 bytes, found \(uniqueKey.utf8.count)")
        }
        if let concurrencyKey, !(1...255).contains(concurrencyKey.utf8.count) {
            throw JobEngineError(
                .invalidRequest, "A key has 1 to 255 bytes, found \(concurrencyKey.utf8.count)")
        }
        guard uniqueMode == .skip || uniqueKey != nil else {
            throw JobEngineError(
                .invalidRequest, "The unique mode '\(uniqueMode.rawValue)' needs a unique key",
                help: "it says what happens while an execution with that key waits")
        }
        if let maxAttempts, !EnqueueRequest.attempts.contains(maxAttempts) {
            throw JobEngineError(
                .invalidRequest, "The number of attempts is from 1 to 101, found \(maxAttempts)")
        }
    }

    /// Refuses what cannot be the name of a queue.
    static func check(queue: String) throws(JobEngineError) {
        guard isQueueName(queue) else {
            throw JobEngineError(
                .invalidRequest, "'\(queue)' is no name of a queue",
                help: "a letter, then letters, digits, '_', '-' and '.'; at most 63 characters")
        }
    }
}
