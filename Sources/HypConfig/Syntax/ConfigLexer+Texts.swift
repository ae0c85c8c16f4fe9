import SourceText

extension ConfigLexer {
    /// Whether the cursor is at three quotes.
    var isAtTripleQuote: Bool { isAt("\"\"\"") }

    /// Reads a text of one line; the cursor is at its opening quote.
    mutating func string() -> String {
        let opening = position()
        advance()
        var decoded: [UInt8] = []
        while let byte = current, byte != .newline {
            switch byte {
            case .quote:
                advance()
                return String(decoding: decoded, as: UTF8.self)
            case .backslash where self.byte(ahead: 1) == .newline || self.byte(ahead: 1) == nil:
                advance()
            case .backslash:
                decoded += escape().utf8
            default:
                checkControl(byte)
                decoded.append(byte)
                advance()
            }
        }
        report(
            ConfigCode.unterminatedText, "unterminated string", at: opening,
            length: position().column - opening.column,
            help: #"close it with '"' on the same line; a text of several lines stands between triple quotes"#
        )
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Reads a triple-quoted text and takes its indentation off; the cursor is at its opening quotes.
    mutating func tripleQuotedString() -> String {
        let opening = position()
        advance(by: 3)
        var text = IndentedText()
        while let byte = current {
            switch byte {
            case .quote where isAtTripleQuote:
                advance(by: 3)
                return text.dedented
            case .newline:
                advanceLine()
                text.endLine()
            case .backslash:
                text.append(decoded: escape())
            default:
                checkControl(byte)
                text.append(byte)
                advance()
            }
        }
        report(
            ConfigCode.unterminatedText, "unterminated triple-quoted string", at: opening, length: 3,
            help: #"close it with '"""'"#)
        return text.dedented
    }

    private mutating func checkControl(_ byte: UInt8) {
        guard byte < 0x20, byte != .tab else { return }
        let digits = String(byte, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: 4 - digits.count) + digits
        report(
            ConfigCode.invalidCharacter, "control character \(name) in string", at: position(),
            help: "write it as the escape \\u{\(String(byte, radix: 16))}")
    }

    /// Reads an escape; the cursor is at its backslash. What is wrong is reported and read as U+FFFD.
    private mutating func escape() -> String {
        let opening = position()
        advance()
        guard let letter = currentScalar else { return "" }
        if letter == "u" { return unicodeEscape(from: opening) }
        if let meaning = Self.simpleEscapes[letter] {
            advance()
            return meaning
        }
        report(
            ConfigCode.invalidCharacter, "unknown escape '\\\(letter)'", at: opening, length: 2,
            help: #"a backslash itself is written '\\'"#)
        if letter != "\n" { advanceScalar() }
        return "\u{FFFD}"
    }

    private static let simpleEscapes: [Unicode.Scalar: String] = [
        "\"": "\"", "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\u{8}", "f": "\u{C}",
        "0": "\0",
    ]

    /// Reads what follows a backslash and begins with `u`.
    private mutating func unicodeEscape(from opening: SourcePosition) -> String {
        advance()
        let start = offset
        if let scalar = current == .openBrace ? bracedScalar() : utf16Scalar() {
            return String(scalar)
        }
        // What may still be meant as text is read as text.
        offset = start
        report(
            ConfigCode.invalidCharacter, "malformed \\u escape", at: opening, length: 2,
            help: #"write \u and four hex digits (a surrogate pair is two of them), or \u{…} with up to six"#)
        return "\u{FFFD}"
    }

    /// Reads `{H…}` with one to six hex digits.
    private mutating func bracedScalar() -> Unicode.Scalar? {
        advance()
        let start = offset
        while let byte = current, byte.hexValue != nil, offset - start < 7 { advance() }
        guard (1...6).contains(offset - start), current == .closeBrace else { return nil }
        let value = hexValue(start..<offset)
        advance()
        return Unicode.Scalar(value)
    }

    /// Reads `XXXX`, or a high surrogate followed by `\u` and a low one.
    private mutating func utf16Scalar() -> Unicode.Scalar? {
        guard let first = fourHexDigits() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard isAt("\\u") else { return nil }
        advance(by: 2)
        guard let second = fourHexDigits(), (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func fourHexDigits() -> UInt32? {
        guard offset + 4 <= bytes.count, bytes[offset..<offset + 4].allSatisfy({ $0.hexValue != nil })
        else { return nil }
        let value = hexValue(offset..<offset + 4)
        advance(by: 4)
        return value
    }

    private func hexValue(_ range: Range<Int>) -> UInt32 {
        bytes[range].reduce(0) { $0 << 4 + ($1.hexValue ?? 0) }
    }
}

extension UInt8 {
    /// What the byte is worth as a hex digit.
    fileprivate var hexValue: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
