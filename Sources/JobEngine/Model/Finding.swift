/// One thing that an examination of the installation has looked at.
package struct Finding: Sendable, Hashable {
    package enum Level: String, Sendable, Hashable {
        case ok
        /// It works, and will not for ever.
        case warning
        /// Something does not work, or data contradict each other.
        case problem
    }

    /// What was looked at, in one word.
    package let check: String
    package let level: Level
    /// What was found, with its numbers.
    package let message: String
    /// What to do about it.
    package let help: String?

    package init(_ check: String, _ level: Level, _ message: String, help: String? = nil) {
        self.check = check
        self.level = level
        self.message = message
        self.help = help
    }

    package static func ok(_ check: String, _ message: String) -> Finding {
        Finding(check, .ok, message)
    }
}

/// What an examination has to know of the configuration.
package struct ExaminationFacts: Sendable {
    /// The silence after which a worker counts as dead.
    package let heartbeatTimeout: Duration
    /// How many connections a worker may have at one time, the one for news among them.
    package let connectionsPerWorker: Int

    package init(heartbeatTimeout: Duration, connectionsPerWorker: Int) {
        self.heartbeatTimeout = heartbeatTimeout
        self.connectionsPerWorker = connectionsPerWorker
    }
}
