/// How long things may be.
enum Layout {
    static let lineLimit = 110
    static let fileLimit = 500
    static let functionLimit = 70

    static func longLines(in source: SwiftSource) -> [Violation] {
        source.lines.enumerated().filter { $0.element.unicodeScalars.count > lineLimit }.map { index, line in
            Violation(
                path: source.path, line: index + 1,
                message: "\(line.unicodeScalars.count) columns, at most \(lineLimit) are read easily")
        }
    }

    /// The functions on the ratchet's list do not count: that list says how long they are.
    static func longFile(_ source: SwiftSource, ratchet: Ratchet) -> [Violation] {
        let listed = ratchet.entries.filter { $0.path == source.path }.map(\.length).reduce(0, +)
        guard source.lines.count - listed > fileLimit else { return [] }
        return [
            Violation(
                path: source.path, line: source.lines.count,
                message: "\(source.lines.count) lines: split by aspect, at most \(fileLimit)")
        ]
    }

    static func longFunctions(in source: SwiftSource, ratchet: Ratchet) -> [Violation] {
        FunctionFinder(source).functions()
            .filter { $0.length > ratchet.limit(for: $0.name, in: source.path) ?? functionLimit }
            .map { function in
                Violation(
                    path: source.path, line: function.line,
                    message: "'\(function.name)' has \(function.length) lines, at most \(functionLimit)")
            }
    }
}
