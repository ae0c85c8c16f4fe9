import Testing

/// One place that breaks one rule.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    /// Counted from 1.
    let line: Int
    /// What is there and what to do instead.
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// A rule of the house that looks at one file of Swift at a time.
struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule as a sentence.
    let name: String
    /// The folders it holds in.
    let folders: [String]
    let check: @Sendable (SwiftSource) -> [Violation]

    var testDescription: String { name }

    /// All files in the rule's folders that break it.
    func violations(in sources: [SwiftSource]) -> [Violation] {
        sources.filter { source in folders.contains { source.path.isBelow($0) } }.flatMap(check)
    }
}

extension String {
    /// Whether this path is the given file or lies in the given folder; the empty folder holds everything.
    func isBelow(_ folder: String) -> Bool {
        folder.isEmpty || self == folder || hasPrefix(folder + "/")
    }
}
