package import Effects
internal import Synchronization

/// What one use of a connection is about, from the wish for a connection to its return. Its thread writes it,
/// anybody reads it.
package final class Activity: Sendable {
    /// What the caller calls it: `claim`, `enqueue`.
    package let label: String
    private let state = Mutex(State())

    private struct State {
        var subject: Subject?
        var statement: String?
    }

    /// What the running part of it is about.
    package struct Subject: Sendable, Hashable {
        package let id: UniqueID
        /// The name of a step.
        package let step: String?

        package init(id: UniqueID, step: String? = nil) {
            self.id = id
            self.step = step
        }
    }

    package init(_ label: String) {
        self.label = label
    }

    /// What the running part of it is about; nil where all of it is about one thing.
    package var subject: Subject? {
        get { state.withLock { $0.subject } }
        set { state.withLock { $0.subject = newValue } }
    }

    /// The text of the statement that ran last, or runs.
    package var statement: String? {
        get { state.withLock { $0.statement } }
        set { state.withLock { $0.statement = newValue } }
    }
}

extension Activity: CustomStringConvertible {
    /// In a message: `'cycle', execution 01a2…, step 'log', in UPDATE script_executions …`.
    package var description: String {
        var text = "'\(label)'"
        if let subject {
            text += ", execution \(subject.id)"
            if let step = subject.step { text += ", step '\(step)'" }
        }
        if let line = statement?.oneLine(limit: 60) { text += ", in \(line)" }
        return text
    }
}

extension String {
    /// The text with single blanks, cut to so many characters.
    package func oneLine(limit: Int) -> String {
        let line = split { $0.isWhitespace }.joined(separator: " ")
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }
}
