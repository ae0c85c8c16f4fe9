/// One function, initialiser, subscript or computed property with a body.
struct FunctionSpan: Equatable {
    let name: String
    /// The line of its first keyword, counted from 1.
    let line: Int
    /// From that line to the closing brace, both included.
    let length: Int
}

/// Finds where functions begin and end, by their keywords and braces.
struct FunctionFinder {
    private struct Token {
        let text: String
        let line: Int
    }

    private let tokens: [Token]

    init(_ source: SwiftSource) {
        tokens = source.code.enumerated().flatMap { index, line in
            Self.words(of: line).map { Token(text: $0, line: index + 1) }
        }
    }

    /// All functions with a body, nested ones too.
    func functions() -> [FunctionSpan] {
        tokens.indices.compactMap { index in
            guard let name = nameOfFunction(at: index), let opening = bodyStart(after: index) else {
                return nil
            }
            let first = tokens[index].line
            return FunctionSpan(name: name, line: first, length: endLine(ofBodyAt: opening) - first + 1)
        }
    }

    /// The name of the function whose keyword stands here; nil if none begins here.
    private func nameOfFunction(at index: Int) -> String? {
        let next = index + 1 < tokens.count ? tokens[index + 1].text : ""
        let previous = index > 0 ? tokens[index - 1].text : ""
        switch tokens[index].text {
        case "func", "var": return next
        case "init" where previous != "." && ["(", "?", "<"].contains(next): return "init"
        case "subscript" where ["(", "<"].contains(next): return "subscript"
        case "deinit": return "deinit"
        default: return nil
        }
    }

    /// The opening brace of the body; nil where a requirement or a stored property has none.
    private func bodyStart(after index: Int) -> Int? {
        var depth = 0
        for position in tokens.indices.dropFirst(index + 1) {
            switch tokens[position].text {
            case "(", "[": depth += 1
            case ")", "]":
                depth -= 1
                if depth < 0 { return nil }
            case "{" where depth == 0: return position
            case "}" where depth == 0: return nil
            case "=" where depth == 0: return nil
            case let word where depth == 0 && position > index + 1 && Self.beginsAnother.contains(word):
                return nil
            default: break
            }
        }
        return nil
    }

    private func endLine(ofBodyAt opening: Int) -> Int {
        var depth = 0
        for token in tokens[opening...] {
            if token.text == "{" { depth += 1 }
            if token.text == "}" { depth -= 1 }
            if depth == 0 { return token.line }
        }
        return tokens.last?.line ?? 0
    }

    /// Words that cannot stand between a declaration's name and its body.
    private static let beginsAnother: Set<String> = [
        "func", "var", "let", "init", "deinit", "subscript", "case", "struct", "class", "enum", "actor",
        "protocol", "extension",
        "typealias",
        "associatedtype", "import", "static", "package", "public", "private", "internal", "fileprivate",
        "mutating",
        "nonisolated", "override", "if", "guard", "for", "while", "switch", "return", "do", "defer", "repeat",
        "throw", "#if", "#endif", "#else",
    ]

    /// Identifiers as wholes, everything else byte by byte.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in line.unicodeScalars {
            if scalar.properties.isXIDContinue || scalar == "#" {
                word.unicodeScalars.append(scalar)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if !scalar.properties.isWhitespace { words.append(String(scalar)) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}

/// The functions that may be longer than the limit, each with the length it must not grow beyond.
///
/// Only the dispatch loop of a machine and a state machine's `switch` belong on this list, and it may only
/// shrink.
struct Ratchet: Sendable {
    struct Entry: Sendable, Equatable {
        let path: String
        let function: String
        let length: Int
    }

    let entries: [Entry]

    /// Reads lines of `PATH FUNCTION LENGTH`; empty lines and lines that begin with `#` say nothing.
    init(_ text: String) {
        entries = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count == 3, let length = Int(fields[2]) else { return nil }
            return Entry(path: String(fields[0]), function: String(fields[1]), length: length)
        }
    }

    func limit(for function: String, in path: String) -> Int? {
        entries.first { $0.path == path && $0.function == function }?.length
    }

    /// Entries that no function needs any more.
    func stale(in sources: [SwiftSource], limit: Int) -> [Entry] {
        entries.filter { entry in
            guard let source = sources.first(where: { $0.path == entry.path }) else { return true }
            return !FunctionFinder(source).functions().contains {
                $0.name == entry.function && $0.length > limit && $0.length == entry.length
            }
        }
    }
}
