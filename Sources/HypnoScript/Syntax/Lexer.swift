import SourceText

/// Cuts a program into tokens, the whole text before parsing starts.
///
/// It works on UTF-8 bytes; scalars are decoded only where a byte is not ASCII.
struct Lexer {
    private let source: SourceFile
    /// What the offsets of this text begin with, where it is one of several.
    private let base: Int
    /// Whether `'` begins a string as well.
    private let allowsSingleQuotes: Bool
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var tokens: [Token] = []
    private var names: NameTable
    /// What the name with this index is as a word, nil before it was looked up: one look-up per spelling.
    private var kinds: [TokenKind?] = []
    private let nothing: Symbol

    /// The longest text; offsets and symbols are 32 bits wide.
    static let maximumLength = 64 << 20

    /// What a whole text consists of.
    typealias Scan = (tokens: [Token], names: NameTable)

    /// The tokens of a text, the last one `.end`, and the names in them.
    ///
    /// - Parameters:
    ///   - names: texts that are known already, for a module of a program.
    ///   - base: what is added to every offset.
    static func scan(
        _ source: SourceFile, singleQuotes: Bool = false, names: NameTable = NameTable(), base: Int = 0
    ) throws(ScriptSyntaxError) -> Scan {
        guard base + source.text.utf8.count <= maximumLength else {
            throw ScriptSyntaxError(
                SyntaxCode.textTooLong, "Script is longer than 64 MiB", in: source, at: SourceOffset(utf8: 0),
                length: 1, help: nil, naming: { _ in "" })
        }
        var text = source.text
        let result = text.withUTF8 { bytes -> Result<Scan, ScriptSyntaxError> in
            var lexer = Lexer(source, bytes, singleQuotes: singleQuotes, names, base)
            do throws(ScriptSyntaxError) {
                try lexer.run()
                return .success((lexer.tokens, lexer.names))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(
        _ source: SourceFile, _ bytes: UnsafeBufferPointer<UInt8>, singleQuotes: Bool, _ names: NameTable,
        _ base: Int
    ) {
        self.source = source
        self.bytes = bytes
        self.base = base
        allowsSingleQuotes = singleQuotes
        self.names = names
        nothing = self.names.intern("")
        tokens.reserveCapacity(bytes.count / 4 + 1)
    }

    private mutating func run() throws(ScriptSyntaxError) {
        if bytes.scalar(at: 0)?.value == 0xFEFF { offset = 3 }  // A byte-order mark says nothing in UTF-8.
        while offset < bytes.count {
            let start = offset
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: " "), 0x09...0x0D:
                offset += 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                scanWord()
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                scanNumber()
            case UInt8(ascii: "\""):
                try scanString(quotedBy: byte)
            case UInt8(ascii: "'") where allowsSingleQuotes:
                try scanString(quotedBy: byte)
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                skipLine()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                skipBlockComment()
            case 0x80...:
                try scanBeyondASCII()
            default:
                guard let (kind, length) = punctuation(byte) else { throw unexpectedCharacter() }
                offset += length
                add(kind, from: start, nothing)
            }
        }
        add(.end, from: offset, nothing)
    }

    private mutating func add(_ kind: TokenKind, from start: Int, _ symbol: Symbol) {
        let length = UInt32(truncatingIfNeeded: offset - start)
        tokens.append(
            Token(kind: kind, start: SourceOffset(utf8: base + start), length: length, symbol: symbol))
    }

    /// The byte `distance` ahead, 0 beyond the end.
    private func peek(_ distance: Int) -> UInt8 {
        offset + distance < bytes.count ? bytes[offset + distance] : 0
    }
}

// MARK: - Words, numbers and text

extension Lexer {
    private mutating func scanWord() {
        let start = offset
        skip { $0.isWordPart }
        let word = UnsafeBufferPointer(rebasing: bytes[start..<offset])
        let symbol = names.intern(word)
        add(kind(of: word, symbol), from: start, symbol)
    }

    private mutating func kind(of word: UnsafeBufferPointer<UInt8>, _ symbol: Symbol) -> TokenKind {
        while kinds.count <= symbol.index { kinds.append(nil) }
        if let known = kinds[symbol.index] { return known }
        let kind = Keyword.kind(of: word)
        kinds[symbol.index] = kind
        return kind
    }

    /// Takes the whole run of digits and points; the parser judges it, because only there a number matters.
    private mutating func scanNumber() {
        let start = offset
        skip { $0.isNumber || $0 == "." }
        add(.number, from: start, names.intern(UnsafeBufferPointer(rebasing: bytes[start..<offset])))
    }

    /// Moves over the scalars that belong; ASCII letters, digits and `_` are decided by `belongs` as well.
    private mutating func skip(while belongs: (Unicode.Scalar) -> Bool) {
        while let scalar = bytes.scalar(at: offset), belongs(scalar) {
            offset += UTF8.width(scalar)
        }
    }

    private mutating func scanString(quotedBy quote: UInt8) throws(ScriptSyntaxError) {
        let start = offset
        offset += 1
        let contentStart = offset
        while offset < bytes.count, bytes[offset] != quote, bytes[offset] != UInt8(ascii: "\\") {
            offset += 1
        }
        if offset < bytes.count, bytes[offset] == quote {
            let content = UnsafeBufferPointer(rebasing: bytes[contentStart..<offset])
            offset += 1
            add(.string, from: start, names.intern(content))
        } else {
            try scanStringWithEscapes(from: start, verbatim: contentStart..<offset, quotedBy: quote)
        }
    }

    /// Takes the rest of a string at whose first backslash we are, or at the end of the text.
    private mutating func scanStringWithEscapes(
        from start: Int, verbatim: Range<Int>, quotedBy quote: UInt8
    ) throws(ScriptSyntaxError) {
        var content = Array(bytes[verbatim])
        while offset < bytes.count, bytes[offset] != quote {
            if bytes[offset] == UInt8(ascii: "\\"), offset + 1 < bytes.count {
                offset += 1
                content.append(Self.escaped(bytes[offset]))
            } else {
                content.append(bytes[offset])
            }
            offset += 1
        }
        guard offset < bytes.count else { throw unterminatedString(from: start) }
        offset += 1
        add(.string, from: start, content.withUnsafeBufferPointer { names.intern($0) })
    }

    /// What a backslash and this byte stand for. The first byte of a longer scalar stands for itself, too.
    private static func escaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "r"): 0x0D
        default: byte
        }
    }

    private mutating func skipLine() {
        while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
    }

    /// An unterminated comment extends to the end of the text.
    private mutating func skipBlockComment() {
        offset += 2
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                offset += 2
                return
            }
            offset += 1
        }
    }

    private mutating func scanBeyondASCII() throws(ScriptSyntaxError) {
        guard let scalar = bytes.scalar(at: offset) else { throw unexpectedCharacter() }
        if scalar.properties.isWhitespace {
            offset += UTF8.width(scalar)
        } else if scalar.properties.isAlphabetic {
            scanWord()
        } else if scalar.isNumber {
            scanNumber()
        } else {
            throw unexpectedCharacter()
        }
    }
}

// MARK: - Punctuation

extension Lexer {
    /// The longest operator that starts with `byte` here, and its length; nil if there is none.
    private func punctuation(_ byte: UInt8) -> (TokenKind, length: Int)? {
        switch (byte, peek(1)) {
        case (UInt8(ascii: "="), UInt8(ascii: "=")): (.equal, 2)
        case (UInt8(ascii: "="), UInt8(ascii: ">")): (.arrow, 2)
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): (.notEqual, 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): (.greaterOrEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): (.lessOrEqual, 2)
        case (UInt8(ascii: "&"), UInt8(ascii: "&")): (.and, 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): (.or, 2)
        case (UInt8(ascii: "?"), UInt8(ascii: "?")): (.coalesce, 2)
        case (UInt8(ascii: "?"), UInt8(ascii: ".")): (.optionalAccess, 2)
        case (UInt8(ascii: "."), UInt8(ascii: ".")): peek(2) == byte ? (.ellipsis, 3) : nil
        default: Self.punctuation(single: byte).map { ($0, 1) }
        }
    }

    private static func punctuation(single byte: UInt8) -> TokenKind? {
        switch byte {
        case UInt8(ascii: "+"): .plus
        case UInt8(ascii: "-"): .minus
        case UInt8(ascii: "*"): .times
        case UInt8(ascii: "/"): .divide
        case UInt8(ascii: "%"): .remainder
        case UInt8(ascii: "!"): .not
        case UInt8(ascii: "="): .assign
        case UInt8(ascii: "<"): .less
        case UInt8(ascii: ">"): .greater
        case UInt8(ascii: "("): .leftParenthesis
        case UInt8(ascii: ")"): .rightParenthesis
        case UInt8(ascii: "{"): .leftBrace
        case UInt8(ascii: "}"): .rightBrace
        case UInt8(ascii: "["): .leftBracket
        case UInt8(ascii: "]"): .rightBracket
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: ";"): .semicolon
        case UInt8(ascii: "."): .dot
        case UInt8(ascii: "?"), UInt8(ascii: "&"), UInt8(ascii: "|"): .unused
        default: nil
        }
    }
}

// MARK: - Errors

extension Lexer {
    /// The language counts the column after the character; the diagnostic points at the character.
    private func unexpectedCharacter() -> ScriptSyntaxError {
        let character = bytes.scalar(at: offset).map { String($0) } ?? "\u{FFFD}"
        return ScriptSyntaxError(
            SyntaxCode.unexpectedCharacter, "Unexpected character '\(character)'", in: source,
            at: SourceOffset(utf8: offset), length: 1, help: Self.help(for: character),
            reach: ScriptSyntaxError.lexical,
            naming: { " at line \($0.line), column \($0.column + 1)" })
    }

    private static func help(for character: String) -> String? {
        switch character {
        case "^": "use Pow(a, b) for powers and != for exclusive or"
        case "'", "`", "“", "”", "‘", "’": "strings are written between straight double quotation marks"
        case "#": "a comment starts with //"
        case ".": "'...' stands before the rest of an array pattern, '.' before a member"
        default: nil
        }
    }

    private func unterminatedString(from start: Int) -> ScriptSyntaxError {
        let lastLine = source.position(ofUTF8Offset: bytes.count).line
        return ScriptSyntaxError(
            SyntaxCode.unterminatedString, "Unterminated string", in: source,
            at: SourceOffset(utf8: start), length: 1,
            help: "the string starts here; its closing quotation mark is missing",
            reach: ScriptSyntaxError.lexical, naming: { _ in " at line \(lastLine)" })
    }
}

extension Unicode.Scalar {
    /// Whether the scalar may stand in an identifier after its start.
    var isWordPart: Bool {
        if isASCII {
            return ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
                || self == "_"
        }
        return properties.isAlphabetic || isNumber
    }
}
