/// What a run got from outside, in order, so that it can be had again: recorded in one run, replayed in
/// another. Random numbers are not in it; they follow from the seed of the host's generator.
///
/// Safe because one script thread uses it, and whoever made it only before and after the run.
package final class ScriptJournal: @unchecked Sendable {
    /// One answer of the world.
    package struct Entry: Sendable, Equatable {
        /// The function that asked, `clock` or `line`.
        package var function: String
        /// A hash of what it was asked with, the same for the same arguments.
        package var arguments: UInt64
        package var outcome: Outcome
        /// Where the script asked.
        package var line: Int

        package init(function: String, arguments: UInt64, outcome: Outcome, line: Int) {
            self.function = function
            self.arguments = arguments
            self.outcome = outcome
            self.line = line
        }
    }

    package enum Outcome: Sendable, Equatable {
        case value(ScriptValue)
        /// An error that the script may handle; the text has no prefix.
        case refusal(isOfCapability: Bool, String)
        /// The run ended there, for a reason that no script handles.
        case end(End, String)
    }

    package enum End: String, Sendable, Equatable {
        case limit, timeout, cancelled, abandoned
    }

    package private(set) var entries: [Entry]
    /// Whether everything is there: false once a recording grew too large.
    package private(set) var isComplete = true
    package let isReplay: Bool
    /// Whether the recorded run ended because its time was over: a replay that comes to the end of what is
    /// recorded ends so, too.
    package var endsByTime = false
    private var next = 0
    private var room: Int

    /// Records what happens, up to about so many bytes.
    package init(recordingAtMost bytes: Int) {
        entries = []
        isReplay = false
        room = bytes
    }

    /// Gives back what another run recorded.
    package init(replaying entries: [Entry]) {
        self.entries = entries
        isReplay = true
        room = 0
    }

    /// The first entry that the replayed run has not asked for.
    package var rest: Entry? { isReplay && next < entries.count ? entries[next] : nil }

    func take() -> Entry? {
        guard next < entries.count else { return nil }
        next += 1
        return entries[next - 1]
    }

    func record(_ entry: Entry) {
        guard isComplete else { return }
        room -= 64 + entry.outcome.size
        guard room >= 0 else {
            isComplete = false
            return
        }
        entries.append(entry)
    }
}

extension ScriptJournal.Outcome {
    /// About how many bytes it takes.
    fileprivate var size: Int {
        switch self {
        case .value(let value): value.size
        case .refusal(_, let text), .end(_, let text): text.utf8.count
        }
    }
}

extension ScriptValue {
    fileprivate var size: Int {
        switch self {
        case .null, .bool, .number: 8
        case .string(let text): 8 + text.utf8.count
        case .array(let elements): elements.reduce(8) { $0 + $1.size }
        case .object(let fields): fields.reduce(8) { $0 + $1.0.utf8.count + $1.1.size }
        }
    }
}
