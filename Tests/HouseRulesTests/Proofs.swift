/// What is unsafe, hidden or left for later.
enum Proofs {
    /// A way past the compiler's checks needs its proof in the comment above it.
    static func missing(in source: SwiftSource) -> [Violation] {
        let escapes = ["@unchecked Sendable", "nonisolated(unsafe)", "@preconcurrency", "unsafeBitCast("]
        return source.code.enumerated().flatMap { index, line in
            escapes.filter { line.containsWord($0) && !isProven(line: index, in: source) }.map { escape in
                Violation(
                    path: source.path, line: index + 1,
                    message: "'\(escape)' without a comment '// Safe because …' above it")
            }
        }
    }

    /// Whether the line carries the proof itself or has it in the comment directly above the declaration.
    private static func isProven(line: Int, in source: SwiftSource) -> Bool {
        if source.comments[line].contains("Safe because") { return true }
        var above = line - 1
        while above >= 0, isCommentOrAttribute(above, in: source) {
            if source.comments[above].contains("Safe because") { return true }
            above -= 1
        }
        return false
    }

    private static func isCommentOrAttribute(_ line: Int, in source: SwiftSource) -> Bool {
        let code = source.code[line].drop { $0 == " " }
        return code.hasPrefix("@") || code.isEmpty && source.comments[line].contains("//")
    }

    /// `x!` after a name, a bracket or a literal: a force unwrap, or a type that unwraps itself.
    static func forceUnwraps(in source: SwiftSource) -> [Violation] {
        source.code.enumerated().filter { forceUnwraps($0.element) }.map { index, _ in
            Violation(
                path: source.path, line: index + 1,
                message: "'!' unwraps by force: guard, '??', or #require in a test")
        }
    }

    private static func forceUnwraps(_ line: String) -> Bool {
        let bytes = Array(line.utf8)
        let closers = Set(")]>}?\"`".utf8)
        return bytes.indices.contains { index in
            guard bytes[index] == UInt8(ascii: "!"), index > 0 else { return false }
            let isInequality = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "=")
            let previous = bytes[index - 1]
            return !isInequality && (previous.isIdentifier || closers.contains(previous))
        }
    }

    /// Notes to a later self belong into an issue.
    static func notesToSelf(in source: SwiftSource) -> [Violation] {
        let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        return source.comments.enumerated().flatMap { index, line in
            notes.filter(line.containsWord).map { note in
                Violation(path: source.path, line: index + 1, message: "'\(note)': do it, or file an issue")
            }
        }
    }

    /// A swallowed error: an empty `catch`.
    static func emptyCatches(in source: SwiftSource) -> [Violation] {
        source.code.enumerated().filter { index, line in
            guard line.containsWord("catch") else { return false }
            let following = index + 1 < source.code.count ? source.code[index + 1] : ""
            let body = (line + following).filter { $0 != " " }
            return body.hasSuffix("{}") || body.contains("catch{}")
        }.map { index, _ in
            Violation(path: source.path, line: index + 1, message: "an empty 'catch' loses an error")
        }
    }
}
