/// One file of Swift, taken apart into what the compiler reads, what people read and what the program says,
/// so that a rule about code is not set off by a comment, nor a rule about texts by code.
///
/// Each view has the bytes of the file with everything else made blank: offsets and lines are the same in
/// all.
struct SwiftSource: Sendable {
    /// The path from the repository's root.
    let path: String
    /// The file as it is, cut into lines.
    let lines: [String]
    /// What the compiler reads, comments and the insides of string literals made blank, cut into lines.
    let code: [String]
    /// The comments alone, cut into lines.
    let comments: [String]
    /// The string literals without their quotes, each with the line it begins in, counted from 1.
    let literals: [(line: Int, text: String)]

    init(path: String, text: String) {
        var scanner = SwiftScanner(Array(text.utf8))
        scanner.run()
        self.path = path
        lines = Self.lines(of: Array(text.utf8))
        code = Self.lines(of: scanner.code)
        comments = Self.lines(of: scanner.comments)
        literals = scanner.literals
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// Walks once over the bytes of a Swift file and sorts each into code, comment or literal.
///
/// Knows nested comments, raw and multi-line literals and the code inside interpolations. A regex literal
/// that holds a quote would confuse it; there is none here.
private struct SwiftScanner {
    private(set) var code: [UInt8]
    private(set) var comments: [UInt8]
    private(set) var literals: [(line: Int, text: String)] = []

    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    /// The literals and interpolations that are open here, outermost first.
    private var open: [Region] = []

    private enum Region {
        case literal(Literal)
        /// The code inside `\( … )`, with the parentheses open in it.
        case interpolation(parentheses: Int)
    }

    private struct Literal {
        var hashes: Int
        var isMultiline: Bool
        var line: Int
        var text: [UInt8] = []

        /// How many quotes end it.
        var quotes: Int { isMultiline ? 3 : 1 }
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let blank = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        code = blank
        comments = blank
    }

    mutating func run() {
        while offset < bytes.count {
            if case .literal(let literal)? = open.last {
                stepInLiteral(literal)
            } else {
                stepInCode()
            }
        }
    }

    // MARK: - Code and comments

    private mutating func stepInCode() {
        if has("//") {
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { take(into: \.comments) }
        } else if has("/*") {
            takeBlockComment()
        } else if let hashes = literalStart() {
            openLiteral(hashes: hashes)
        } else {
            countParenthesis(bytes[offset])
            take(into: \.code)
        }
    }

    private mutating func takeBlockComment() {
        var depth = 0
        repeat {
            if has("/*") {
                depth += 1
                take(into: \.comments)
            } else if has("*/") {
                depth -= 1
                take(into: \.comments)
            }
            take(into: \.comments)
        } while depth > 0 && offset < bytes.count
    }

    private mutating func countParenthesis(_ byte: UInt8) {
        guard case .interpolation(let parentheses)? = open.last else { return }
        if byte == UInt8(ascii: "(") {
            open[open.count - 1] = .interpolation(parentheses: parentheses + 1)
        } else if byte == UInt8(ascii: ")") {
            if parentheses == 1 {
                open.removeLast()
            } else {
                open[open.count - 1] = .interpolation(parentheses: parentheses - 1)
            }
        }
    }

    // MARK: - Literals

    /// How many `#` stand before the quote of a literal that begins here; nil if none begins here.
    private func literalStart() -> Int? {
        var end = offset
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - offset : nil
    }

    private mutating func openLiteral(hashes: Int) {
        for _ in 0..<hashes { take(into: \.code) }
        let isMultiline = has("\"\"\"")
        let literal = Literal(hashes: hashes, isMultiline: isMultiline, line: line)
        for _ in 0..<literal.quotes { take(into: \.code) }
        open.append(.literal(literal))
    }

    private mutating func stepInLiteral(_ literal: Literal) {
        let hashes = String(repeating: "#", count: literal.hashes)
        if has(String(repeating: "\"", count: literal.quotes) + hashes) {
            open.removeLast()
            literals.append((literal.line, String(decoding: literal.text, as: UTF8.self)))
            for _ in 0..<(literal.quotes + literal.hashes) { take(into: \.code) }
        } else if has("\\\(hashes)(") {
            for _ in 0..<(2 + literal.hashes) { take(into: \.code) }
            open.append(.interpolation(parentheses: 1))
        } else if has("\\\(hashes)") {
            for _ in 0..<(2 + literal.hashes) where offset < bytes.count { keep() }
        } else {
            keep()
        }
    }

    /// Takes one byte as part of the innermost literal.
    private mutating func keep() {
        if case .literal(var literal)? = open.last {
            literal.text.append(bytes[offset])
            open[open.count - 1] = .literal(literal)
        }
        advance()
    }

    // MARK: - Bytes

    private func has(_ text: String) -> Bool {
        let utf8 = text.utf8
        guard offset + utf8.count <= bytes.count else { return false }
        return bytes[offset..<(offset + utf8.count)].elementsEqual(utf8)
    }

    private mutating func take(into view: WritableKeyPath<Self, [UInt8]>) {
        guard offset < bytes.count else { return }
        self[keyPath: view][offset] = bytes[offset]
        advance()
    }

    private mutating func advance() {
        if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
        offset += 1
    }
}
