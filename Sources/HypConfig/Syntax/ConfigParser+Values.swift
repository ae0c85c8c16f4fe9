import SourceText

extension ConfigParser {
    /// Reads a value; nil, with a finding, when none stands at the cursor.
    ///
    /// - Parameter key: the key that the value belongs to; nil for an element of a list.
    mutating func value(of key: Key? = nil) -> ConfigNode? {
        let (opening, from) = (lexer.position(), lexer.offset)
        switch lexer.current {
        case .openBrace:
            return object()
        case .openBracket:
            return array()
        case .quote where lexer.isAtTripleQuote:
            return node(.text(lexer.tripleQuotedString()), at: opening, length: 3)
        case .quote:
            let text = lexer.string()
            return node(.text(text), at: opening, length: scalars(since: from))
        default:
            break
        }
        if lexer.isAtNumber {
            let number = lexer.number()
            return node(number, at: opening, length: scalars(since: from))
        }
        if lexer.currentScalar?.beginsWord == true {
            let value = wordValue(from: opening, key: key)
            return node(value, at: opening, length: scalars(since: from))
        }
        report(
            ConfigCode.unexpectedText, "expected a value, found \(lexer.found)",
            help: helpForStrangeCharacter() ?? key.map { "'\($0.name)' needs a value" })
        recover()
        return nil
    }

    /// Reads `true`, `false`, `null` or `env.NAME`; what else is a word is reported and read as null.
    private mutating func wordValue(from opening: SourcePosition, key: Key?) -> ConfigValue {
        let start = lexer
        let word = lexer.word() ?? ""
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "env" where lexer.current == .dot: return environmentReference(start, opening)
        default: break
        }
        let missesValue = key.map { $0.position.line < opening.line && isBeforeEntryValue } ?? false
        if missesValue {
            lexer = start
            isAfterNewline = true
        }
        lexer.report(
            ConfigCode.unknownWord, "unknown word '\(word)' (strings need quotes)", at: opening,
            length: word.unicodeScalars.count,
            help: missesValue
                ? "'\(key?.name ?? "")' on the line before needs a value" : Self.helpForWord(word))
        return .null
    }

    /// Whether what was just read looks like the key of an entry.
    private var isBeforeEntryValue: Bool {
        var ahead = lexer
        ahead.skipTrivia()
        return ahead.current == .colon || ahead.current == .openBrace
    }

    private mutating func environmentReference(_ start: ConfigLexer, _ opening: SourcePosition) -> ConfigValue
    {
        lexer.skipRun { $0.continuesWord || $0 == "." }
        let written = lexer.text(start.offset..<lexer.offset)
        let name = written.dropFirst("env.".count)
        guard let first = name.utf8.first, !first.isDigit, name.utf8.allSatisfy(\.isEnvironmentName) else {
            lexer.report(
                ConfigCode.malformedEnvironment, "malformed environment reference '\(written)'", at: opening,
                length: written.unicodeScalars.count,
                help: "write env.NAME; a name has ASCII letters, digits and _ and does not begin with a digit"
            )
            return .null
        }
        return .environment(name: String(name), resolved: nil)
    }

    private static func helpForWord(_ word: String) -> String {
        switch word.lowercased() {
        case "true", "false", "null": "write \(word.lowercased()), in lower case"
        case "yes", "on": "write true"
        case "no", "off": "write false"
        case "none", "nil", "undefined": "write null"
        case "env": "write env.NAME for an environment variable"
        default: "write \"\(word)\""
        }
    }

    /// What people mean by the characters that other languages use.
    func helpForStrangeCharacter() -> String? {
        switch lexer.currentScalar {
        case "#": "comments begin with //"
        case "'": "texts stand in double quotes"
        case ";": "entries end with their line; a semicolon is not needed"
        case "+": "a positive number has no sign"
        case "=": "a value follows its key after ':'"
        default: nil
        }
    }
}

extension UInt8 {
    /// Whether the byte can stand in the name of an environment variable.
    fileprivate var isEnvironmentName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            true
        default: isDigit
        }
    }
}
