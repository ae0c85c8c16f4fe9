package import Effects
package import SourceText

/// What the engine refuses to do, and why, in words for the person who asked.
package struct JobEngineError: Error, Sendable {
    package enum Code: Sendable, Hashable {
        case unknownScript, scriptArchived, invalidScript
        case unknownExecution, notPossible, uniqueKeyInUse
        case invalidArguments, invalidRequest, unknownTemplate
        case invalidBox, unknownMethod
    }

    package let code: Code
    /// What is wrong, whichever of several requests it is wrong with.
    package let reason: String
    package let help: String?
    /// The syntax error inside a script, if that is the reason.
    package let diagnostic: Diagnostic?
    /// Which of several requests it is about, counted from 0.
    package var request: Int?

    package var message: String { request.map { "Request \($0 + 1): \(reason)" } ?? reason }

    package init(_ code: Code, _ reason: String, help: String? = nil, diagnostic: Diagnostic? = nil) {
        self.code = code
        self.reason = reason
        self.help = help
        self.diagnostic = diagnostic
    }
}

/// Who asks for a change: kept in the audit trail.
package struct Initiator: Sendable, Hashable {
    package let user: UniqueID
    /// The program and its role, for example `hypjobs/0.1.0 worker`.
    package let agent: String

    package init(user: UniqueID = .systemUser, agent: String) {
        self.user = user
        self.agent = agent
    }
}

extension UniqueID {
    /// Owns what cron and the unattended command line enqueue; made by the fourth migration.
    package static let systemUser = UniqueID(high: 0x4000, low: 0x8000_0000_0000_0001)
}
