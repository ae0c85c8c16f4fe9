import SourceText

/// One thing that stands at the top of a file.
enum ConfigItem {
    /// `include "path"`, with the place of the path.
    case include(path: String, position: SourcePosition, length: Int)
    /// `name { … }`.
    case block(ConfigObject.Entry)
}

/// Turns one file into blocks and includes.
///
/// The first finding is the one that the language's specification prescribes. After it the parser goes on
/// at the next place where an entry can begin, so that one run shows every independent mistake. It recurses
/// once per bracket, at most 64 deep.
struct ConfigParser {
    static let deepestNesting = 64

    var lexer: ConfigLexer
    /// What closes each bracket that is open at the cursor, the innermost last.
    private var closers: [UInt8] = []
    /// The end of the file was met inside a bracket; only the innermost bracket is worth a finding.
    private var ranOut = false
    /// The newline after an entry without a value has been read already, as part of that entry.
    var isAfterNewline = false
    var indentation = IndentationCheck()

    init(_ source: SourceFile) {
        lexer = ConfigLexer(source)
    }

    /// Reads the whole file. When there are findings, what is read is not to be used.
    static func parse(_ source: SourceFile) -> (items: [ConfigItem], findings: ConfigFindings) {
        var parser = ConfigParser(source)
        let items = parser.document()
        return (items, parser.lexer.findings)
    }

    // MARK: Document

    private mutating func document() -> [ConfigItem] {
        var items: [ConfigItem] = []
        var blocks = ConfigObject()
        entries(until: nil) { parser in
            if let include = parser.include() { return items.append(include) }
            guard let key = parser.key(), let entry = parser.topLevelBlock(key) else { return }
            if parser.isNew(entry, in: blocks) {
                blocks.set(entry)
                items.append(.block(entry))
            }
        }
        return items
    }

    /// Reads `include "path"`; nil, without moving, when something else stands here.
    private mutating func include() -> ConfigItem? {
        let start = lexer
        guard lexer.word() == "include" else {
            lexer = start
            return nil
        }
        while let byte = lexer.current, byte.isBlank { lexer.advance() }
        guard lexer.current == .quote, !lexer.isAtTripleQuote else {
            lexer = start
            return nil
        }
        let (opening, from) = (lexer.position(), lexer.offset)
        let path = lexer.string()
        return .include(path: path, position: opening, length: scalars(since: from))
    }

    private mutating func topLevelBlock(_ key: Key) -> ConfigObject.Entry? {
        lexer.skipTrivia()
        if lexer.current == .colon {
            lexer.advance()
            lexer.skipTrivia()
        }
        guard lexer.current == .openBrace else {
            let message = "expected '{' after top-level name '\(key.name)', found \(lexer.found)"
            report(
                ConfigCode.unexpectedText, message,
                help: "at the top of a file stand blocks only: \(key.name) { … }")
            recoverInBlock()
            return nil
        }
        return key.entry(object())
    }

    // MARK: Objects and arrays

    /// Reads `{ … }`; the cursor is at the brace.
    mutating func object() -> ConfigNode {
        bracketed(closer: .closeBrace) { parser in
            var object = ConfigObject()
            parser.entries(until: .closeBrace) { parser in
                guard let key = parser.key(), let node = parser.entryValue(of: key) else { return }
                let entry = key.entry(node)
                if parser.isNew(entry, in: object) { object.set(entry) }
            }
            return .object(object)
        }
    }

    /// Reads `[ … ]`; the cursor is at the bracket.
    mutating func array() -> ConfigNode {
        bracketed(closer: .closeBracket) { parser in
            var elements: [ConfigNode] = []
            parser.entries(until: .closeBracket) { parser in
                if let element = parser.value() { elements.append(element) }
            }
            return .array(elements)
        }
    }

    /// Reads a bracket with its contents; the cursor is at the opening bracket.
    private mutating func bracketed(closer: UInt8, contents: (inout Self) -> ConfigValue) -> ConfigNode {
        let opening = lexer.position()
        closers.append(closer)
        defer { closers.removeLast() }
        guard closers.count <= Self.deepestNesting else {
            lexer.advance()
            report(ConfigCode.tooDeep, "nesting deeper than \(Self.deepestNesting)")
            skipBalanced(open: 1)
            return node(.null, at: opening, length: 1)
        }
        indentation.open(&lexer, at: opening)
        lexer.advance()
        let value = contents(&self)
        if lexer.current == closer {
            indentation.close(&lexer, at: lexer.position())
            lexer.advance()
        } else if lexer.isAtEnd, !ranOut {
            ranOut = true
            // A text without an end has swallowed what closes the brackets around it.
            guard !lexer.findings.diagnostics.contains(where: { $0.code == ConfigCode.unterminatedText })
            else { return node(value, at: opening, length: 1) }
            let bracket = closer == .closeBrace ? "{" : "["
            report(
                ConfigCode.unclosedBracket,
                "unclosed '\(bracket)' opened at \(opening.line):\(opening.column)",
                help: indentation.help)
        }
        return node(value, at: opening, length: 1)
    }

    /// Reads entries and the separators between them, up to the closing bracket (not past it) or the end of
    /// the file.
    mutating func entries(until closer: UInt8?, entry: (inout Self) -> Void) {
        var isFirst = true
        while true {
            let isSeparated = separator(isFirst: isFirst)
            guard let byte = lexer.current, !lexer.findings.isFull else { return stop() }
            if byte == closer { return }
            let isBracket = byte == .closeBrace || byte == .closeBracket
            if !isFirst, !isSeparated {
                let message = "expected a newline or ',' between entries, found \(lexer.found)"
                report(
                    ConfigCode.missingSeparator, message, help: isBracket ? helpForBracket(in: closer) : nil)
            } else if isBracket {
                let message =
                    "expected \(closer == .closeBracket ? "a value" : "a key"), found \(lexer.found)"
                report(ConfigCode.unexpectedText, message, help: helpForBracket(in: closer))
            }
            if isBracket {
                if endsEntries(atForeign: byte, of: closer) { return }
            } else {
                entry(&self)
            }
            isFirst = isBracket
        }
    }

    /// Once the list of findings is full, nothing is worth reading on for.
    private mutating func stop() {
        if lexer.findings.isFull { lexer.offset = lexer.bytes.count }
    }

    /// Moves past the trivia and the comma between two entries; whether there was a newline or a comma.
    private mutating func separator(isFirst: Bool) -> Bool {
        var isSeparated = lexer.skipTrivia() || isAfterNewline
        isAfterNewline = false
        guard !isFirst, lexer.current == .comma else { return isSeparated }
        isSeparated = true
        lexer.advance()
        lexer.skipTrivia()
        while lexer.current == .comma {
            report(
                ConfigCode.unexpectedText, "expected a value or key, found ','", help: "one comma is enough")
            lexer.advance()
            lexer.skipTrivia()
        }
        return isSeparated
    }

    private func helpForBracket(in closer: UInt8?) -> String {
        closer == nil ? "this bracket closes nothing" : "the bracket that is open here is of the other kind"
    }

    /// What a closing bracket of the wrong kind was meant for: the bracket around this one (then this one's
    /// is missing), or this one (then it is mistyped). At the top level it is skipped. Whether it ends the
    /// entries.
    private mutating func endsEntries(atForeign byte: UInt8, of closer: UInt8?) -> Bool {
        guard closer != nil else {
            lexer.advance()
            return false
        }
        if closers.dropLast().last != byte { lexer.advance() }
        return true
    }

    // MARK: Entries

    /// A key as written.
    struct Key {
        var name: String
        var position: SourcePosition
        var length: Int

        func entry(_ node: ConfigNode) -> ConfigObject.Entry {
            ConfigObject.Entry(key: name, keyPosition: position, keyLength: length, node: node)
        }
    }

    /// Reads a key; nil, with a finding, when none stands at the cursor.
    mutating func key() -> Key? {
        let (opening, from) = (lexer.position(), lexer.offset)
        if lexer.isAtTripleQuote {
            report(
                ConfigCode.unexpectedText, "a key cannot be a triple-quoted string", length: 3,
                help: "write the key as a word, or as a text of one line")
            let name = lexer.tripleQuotedString()
            return Key(name: name, position: opening, length: 3)
        }
        if lexer.current == .quote {
            let name = lexer.string()
            return Key(name: name, position: opening, length: scalars(since: from))
        }
        if let name = lexer.word() {
            return Key(name: name, position: opening, length: scalars(since: from))
        }
        report(
            ConfigCode.unexpectedText, "expected a key, found \(lexer.found)", help: helpForStrangeCharacter()
        )
        recover()
        return nil
    }

    /// Reads what follows a key: a colon and a value, or a block.
    mutating func entryValue(of key: Key) -> ConfigNode? {
        let sawNewline = lexer.skipTrivia()
        switch lexer.current {
        case .colon:
            lexer.advance()
            lexer.skipTrivia()
            return value(of: key)
        case .openBrace:
            return object()
        default:
            report(
                ConfigCode.unexpectedText,
                "expected ':' or '{' after key '\(key.name)', found \(lexer.found)",
                help: "write \(key.name): value")
            // A key alone on its line: what follows is the next entry.
            if !sawNewline { recover() }
            return nil
        }
    }

    private mutating func isNew(_ entry: ConfigObject.Entry, in object: ConfigObject) -> Bool {
        guard let first = object[entry.key] else { return true }
        let place = "\(first.keyPosition.line):\(first.keyPosition.column)"
        lexer.report(
            ConfigCode.duplicateKey, "duplicate key '\(entry.key)' (first defined at \(place))",
            at: entry.keyPosition, length: entry.keyLength, help: "keep one of the two")
        return false
    }

    // MARK: Details

    func node(_ value: ConfigValue, at position: SourcePosition, length: Int) -> ConfigNode {
        ConfigNode(value: value, file: lexer.source.name, position: position, length: length)
    }

    /// How many scalars have been read since an offset in the same line.
    func scalars(since offset: Int) -> Int {
        lexer.bytes[offset..<lexer.offset].reduce(0) { $1.beginsScalar ? $0 + 1 : $0 }
    }

    mutating func report(
        _ code: DiagnosticCode, _ message: String, length: Int = 1, help: String? = nil
    ) {
        lexer.report(code, message, at: lexer.position(), length: length, help: help)
    }
}
