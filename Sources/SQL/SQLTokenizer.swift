/// Cuts SQL text into tokens, so that nothing ever looks for a word inside a string or a comment.
///
/// It knows lexical rules only, the union of those of the databases; whether a statement makes sense is the
/// database's to say.
package struct SQLTokenizer {
    private let text: String
    private let bytes: [UInt8]
    private var offset = 0

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// All tokens of a text.
    package static func tokens(of text: String) throws(PortabilityError) -> [SQLToken] {
        var tokenizer = SQLTokenizer(text)
        var tokens: [SQLToken] = []
        while let token = try tokenizer.next() { tokens.append(token) }
        return tokens
    }

    /// The next token, nil at the end.
    package mutating func next() throws(PortabilityError) -> SQLToken? {
        guard offset < bytes.count else { return nil }
        let start = offset
        let kind = try scan()
        return SQLToken(kind: kind, range: start..<offset)
    }

    private mutating func scan() throws(PortabilityError) -> SQLToken.Kind {
        let byte = bytes[offset]
        switch byte {
        case _ where Self.isSpace(byte):
            skip(while: Self.isSpace)
            return .whitespace
        case UInt8(ascii: "'"):
            try skipQuoted(until: byte, name: "string")
            return .string
        case UInt8(ascii: "\""), UInt8(ascii: "`"):
            try skipQuoted(until: byte, name: "quoted name")
            return .quotedName
        case UInt8(ascii: "["):
            return try scanBracket()
        case UInt8(ascii: "?"):
            offset += 1
            return .marker
        case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
            skip { $0 != UInt8(ascii: "\n") }
            return .comment
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            try skipBlockComment()
            return .comment
        case UInt8(ascii: "$"):
            return try scanDollar()
        case UInt8(ascii: "E"), UInt8(ascii: "e"):
            guard peek(1) == UInt8(ascii: "'") else { return scanWord() }
            offset += 1
            try skipQuoted(until: UInt8(ascii: "'"), name: "string", backslashEscapes: true)
            return .escapeString
        case _ where Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true):
            return scanNumber()
        case _ where Self.isWordStart(byte):
            return scanWord()
        default:
            return scanSymbol()
        }
    }

    private mutating func scanWord() -> SQLToken.Kind {
        skip(while: Self.isWordPart)
        return .word
    }

    private mutating func scanNumber() -> SQLToken.Kind {
        if bytes[offset] == UInt8(ascii: "0"), let mark = peek(1), mark | 0x20 == UInt8(ascii: "x") {
            offset += 2
            skip(while: Self.isWordPart)
            return .number
        }
        skip(while: Self.isDigit)
        if peek(0) == UInt8(ascii: ".") {
            offset += 1
            skip(while: Self.isDigit)
        }
        if let mark = peek(0), mark | 0x20 == UInt8(ascii: "e"), let sign = peek(1) {
            let isSigned = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
            if let digit = isSigned ? peek(2) : sign, Self.isDigit(digit) {
                offset += isSigned ? 2 : 1
                skip(while: Self.isDigit)
            }
        }
        return .number
    }

    /// `[name]` is a name only where it closes on the same word; otherwise `[` opens an array's index.
    private mutating func scanBracket() throws(PortabilityError) -> SQLToken.Kind {
        var end = offset + 1
        while end < bytes.count, Self.isWordPart(bytes[end]) || bytes[end] == UInt8(ascii: " ") { end += 1 }
        let isName = end < bytes.count && bytes[end] == UInt8(ascii: "]") && end > offset + 1
        guard isName, Self.isWordStart(bytes[offset + 1]) else {
            offset += 1
            return .symbol
        }
        offset = end + 1
        return .quotedName
    }

    private mutating func scanDollar() throws(PortabilityError) -> SQLToken.Kind {
        let start = offset
        var end = offset + 1
        while end < bytes.count, Self.isWordPart(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
        let isTag = end < bytes.count && bytes[end] == UInt8(ascii: "$") && !Self.isDigit(bytes[offset + 1])
        guard isTag else {
            offset += 1
            skip(while: Self.isWordPart)
            return .symbol
        }
        let tag = bytes[start...end]
        offset = end + 1
        while offset + tag.count <= bytes.count {
            if bytes[offset..<offset + tag.count] == tag {
                offset += tag.count
                return .dollarString
            }
            offset += 1
        }
        throw unterminated("string", from: start)
    }

    private mutating func scanSymbol() -> SQLToken.Kind {
        let rest = bytes[offset...].prefix(3)
        let symbol = Self.longSymbols.first { rest.starts(with: $0.utf8) }
        offset += symbol?.utf8.count ?? 1
        return .symbol
    }

    private mutating func skipQuoted(
        until quote: UInt8, name: String, backslashEscapes: Bool = false
    ) throws(PortabilityError) {
        let start = offset
        offset += 1
        while offset < bytes.count {
            if backslashEscapes, bytes[offset] == UInt8(ascii: "\\") {
                offset += 2
            } else if bytes[offset] != quote {
                offset += 1
            } else if peek(1) == quote {
                offset += 2
            } else {
                offset += 1
                return
            }
        }
        throw unterminated(name, from: start)
    }

    private mutating func skipBlockComment() throws(PortabilityError) {
        let start = offset
        var depth = 0
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                offset += 2
            } else if bytes[offset] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                offset += 2
                if depth == 0 { return }
            } else {
                offset += 1
            }
        }
        throw unterminated("comment", from: start)
    }

    private func unterminated(_ name: String, from start: Int) -> PortabilityError {
        PortabilityError(.unterminated, "This \(name) has no end", at: start, in: text)
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while offset < bytes.count, condition(bytes[offset]) { offset += 1 }
    }

    private func peek(_ distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    /// Longest first.
    private static let longSymbols = [
        "->>", "#>>", "!~*", "::", "->", "#>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "@>", "<@",
        "~*", "!~",
    ]

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        isWordStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
    }
}
