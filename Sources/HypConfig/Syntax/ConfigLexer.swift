import SourceText

/// Walks over the characters of one file: trivia, words, numbers and texts, with the position of each.
///
/// There is no token stream. The parser asks for what may stand at the cursor, so that a message can name
/// the very character that does not fit. What is wrong inside a token is reported here and read on; what is
/// wrong between tokens is the parser's business.
struct ConfigLexer {
    let source: SourceFile
    let bytes: [UInt8]
    var offset = 0
    var findings = ConfigFindings()

    private var line = 1
    /// A place at or before the cursor in the same line whose column is known: columns are counted once,
    /// also in a file of one line.
    private var known = (offset: 0, column: 1)
    /// Where the cursor's line begins.
    private var lineStart = 0
    /// Counted once a line, too.
    private var lastIndentation = (lineStart: -1, width: 0)

    init(_ source: SourceFile) {
        self.source = source
        bytes = Array(source.text.utf8)
    }

    // MARK: Place

    var isAtEnd: Bool { offset >= bytes.count }

    /// The byte at the cursor; nil at the end.
    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func byte(ahead distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    /// Whether the text at the cursor begins with these ASCII characters.
    func isAt(_ text: StaticString) -> Bool {
        guard offset + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[offset + $0] == text.utf8Start[$0] }
    }

    /// The cursor as people count.
    mutating func position() -> SourcePosition {
        var column = known.column
        for index in known.offset..<offset where bytes[index].beginsScalar { column += 1 }
        known = (offset, column)
        return SourcePosition(line: line, column: column)
    }

    /// How far the line that the cursor is in is indented, in bytes.
    mutating func indentation() -> Int {
        if lastIndentation.lineStart != lineStart {
            var end = lineStart
            while end < bytes.count, bytes[end].isBlank { end += 1 }
            lastIndentation = (lineStart, end - lineStart)
        }
        return lastIndentation.width
    }

    /// Whether nothing but blanks stands before the cursor in its line.
    mutating func isFirstInLine() -> Bool { lineStart + indentation() >= offset }

    /// The character at the cursor as messages show it.
    var found: String {
        currentScalar.map { "'\($0)'" } ?? "end of file"
    }

    // MARK: Moving

    /// Moves past bytes that hold no newline.
    mutating func advance(by count: Int = 1) { offset += count }

    /// Moves past the newline at the cursor.
    mutating func advanceLine() {
        offset += 1
        line += 1
        lineStart = offset
        known = (offset, 1)
    }

    /// Moves past one character of any kind.
    mutating func advanceScalar() {
        if current == .newline { return advanceLine() }
        repeat { offset += 1 } while offset < bytes.count && !bytes[offset].beginsScalar
    }

    /// The scalar at the cursor; the text is known to be valid UTF-8.
    var currentScalar: Unicode.Scalar? {
        guard let first = current else { return nil }
        if first < 0x80 { return Unicode.Scalar(first) }
        return String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self).unicodeScalars
            .first
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Moves past blanks, newlines and comments; whether there was a newline among them.
    @discardableResult
    mutating func skipTrivia() -> Bool {
        var sawNewline = false
        while let byte = current {
            switch byte {
            case .space, .tab:
                advance()
            case .newline:
                advanceLine()
                sawNewline = true
            case .slash where self.byte(ahead: 1) == .slash:
                skipLine()
            case .slash where self.byte(ahead: 1) == .star:
                if skipBlockComment() { sawNewline = true }
            default:
                return sawNewline
            }
        }
        return sawNewline
    }

    /// Moves to the end of the line, not past it.
    mutating func skipLine() {
        while let byte = current, byte != .newline { advance() }
    }

    /// Moves past a block comment; whether it contains a newline.
    private mutating func skipBlockComment() -> Bool {
        let opening = position()
        let firstLine = line
        advance(by: 2)
        while !isAtEnd {
            if isAt("*/") {
                advance(by: 2)
                return line > firstLine
            }
            advanceScalar()
        }
        report(
            ConfigCode.unterminatedText, "unterminated comment", at: opening, length: 2,
            help: "end the comment with '*/'; comments do not nest")
        return line > firstLine
    }

    // MARK: Words

    /// Reads a word: a letter or `_`, then letters, digits, `_` and `-`; nil when none begins here.
    mutating func word() -> String? {
        guard let first = currentScalar, first.beginsWord else { return nil }
        let start = offset
        skipRun { $0.continuesWord }
        return text(start..<offset)
    }

    /// Moves past the scalars that satisfy the condition; none of them may be a newline.
    mutating func skipRun(while condition: (Unicode.Scalar) -> Bool) {
        while let scalar = currentScalar, condition(scalar) {
            offset += UTF8.width(scalar)
        }
    }

    // MARK: Findings

    mutating func report(
        _ code: DiagnosticCode, _ message: String, at position: SourcePosition, length: Int = 1,
        help: String? = nil
    ) {
        findings.add(
            Diagnostic(code: code, message: message, in: source, at: position, length: length, help: help))
    }
}

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let slash = UInt8(ascii: "/")
    static let star = UInt8(ascii: "*")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let dot = UInt8(ascii: ".")
    static let minus = UInt8(ascii: "-")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")

    var isBlank: Bool { self == .space || self == .tab }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension Unicode.Scalar {
    /// Whether a word can begin with the scalar: Unicode category L*, or `_`.
    var beginsWord: Bool {
        switch value {
        case 0x41...0x5A, 0x61...0x7A, 0x5F: true
        case ..<0x80: false
        default:
            switch properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            default: false
            }
        }
    }

    /// Whether a word can go on with the scalar: also decimal digits and `-`.
    var continuesWord: Bool {
        switch value {
        case 0x30...0x39, 0x2D: true
        case ..<0x80: beginsWord
        default: beginsWord || properties.generalCategory == .decimalNumber
        }
    }
}
