/// The smallest meaningful piece of a program.
struct Token: Sendable {
    let kind: TokenKind
    let start: SourceOffset
    /// In UTF-8 bytes.
    let length: UInt32
    /// The name, the digits, or the contents of a string; of no meaning for other kinds.
    let symbol: Symbol

    var end: Int { Int(start.utf8) + Int(length) }
}

/// What a token is, once spellings are resolved: operator words are the operator, synonyms are one keyword.
enum TokenKind: UInt8, Sendable {
    case identifier, number, string
    /// After the last token of the text.
    case end

    // Keywords of the program and of declarations.
    case focus, relax, entrance, finale
    case induce, implant, embed, freeze, anchor, sharedTrance
    // Control.
    case `if`, `else`, deepFocus, `while`, loop, pendulum, snap, sink, oscillate, suspend, awaken
    case entrain, when, otherwise
    // Functions and objects.
    case suggestion, trigger, imperativeSuggestion, dominantSuggestion
    case session, constructor, expose, conceal, dominant, tranceify
    // Output, `await`, literals, types.
    case observe, whisper, command, murmur
    case await
    case `true`, `false`
    case numberType, stringType, booleanType, tranceType
    // Words that only the documented dialect gives a place in the grammar.
    case assert, call, drift, lucid, mindLink
    /// A word that is a keyword but has no place in the grammar.
    case reserved

    // Operators with word synonyms.
    case equal, notEqual, greater, less, greaterOrEqual, lessOrEqual
    case and, or, coalesce, optionalAccess
    // Other operators and punctuation.
    case plus, minus, times, divide, remainder, not, assign, arrow
    case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
    case comma, colon, semicolon, dot, ellipsis
    /// `?`, `&` and `|`: characters that form a token but no grammar uses.
    case unused
}

extension TokenKind {
    /// Whether the token is a word of the language, which no name of the reference dialect may be.
    var isKeyword: Bool {
        rawValue >= TokenKind.focus.rawValue && rawValue <= TokenKind.reserved.rawValue
    }

    /// Whether the word is a name in the documented dialect, wherever a name may stand.
    var isTypeWord: Bool {
        switch self {
        case .numberType, .stringType, .booleanType, .tranceType, .command, .session: true
        default: false
        }
    }
}

/// The words of the language, looked up without regard to ASCII letter case.
enum Keyword {
    /// Every keyword and operator word, as the documentation spells it.
    static let spellings: [(String, TokenKind)] = [
        ("Focus", .focus), ("Relax", .relax), ("entrance", .entrance), ("finale", .finale),
        ("induce", .induce), ("implant", .implant), ("embed", .embed), ("freeze", .freeze),
        ("anchor", .anchor), ("sharedTrance", .sharedTrance),
        ("if", .if), ("else", .else), ("deepFocus", .deepFocus), ("while", .while), ("loop", .loop),
        ("pendulum", .pendulum), ("snap", .snap), ("break", .snap), ("sink", .sink),
        ("continue", .sink), ("oscillate", .oscillate), ("suspend", .suspend), ("awaken", .awaken),
        ("return", .awaken), ("entrain", .entrain), ("when", .when), ("otherwise", .otherwise),
        ("suggestion", .suggestion), ("trigger", .trigger),
        ("imperativeSuggestion", .imperativeSuggestion), ("dominantSuggestion", .dominantSuggestion),
        ("session", .session), ("constructor", .constructor), ("expose", .expose),
        ("conceal", .conceal), ("dominant", .dominant), ("tranceify", .tranceify),
        ("observe", .observe), ("whisper", .whisper), ("command", .command), ("murmur", .murmur),
        ("await", .await), ("surrenderTo", .await), ("true", .true), ("false", .false),
        ("number", .numberType), ("string", .stringType), ("boolean", .booleanType),
        ("trance", .tranceType),
        ("deeperStill", .reserved), ("from", .reserved), ("external", .reserved), ("sinkTo", .reserved),
        ("label", .reserved), ("mesmerize", .reserved), ("call", .call), ("drift", .drift),
        ("pauseReality", .drift), ("accelerateTime", .reserved), ("decelerateTime", .reserved),
        ("subconscious", .reserved), ("mindLink", .mindLink), ("lucid", .lucid),
        ("assert", .assert),
        ("youAreFeelingVerySleepy", .equal), ("youCannotResist", .notEqual), ("notSoDeep", .notEqual),
        ("lookAtTheWatch", .greater), ("fallUnderMySpell", .less),
        ("yourEyesAreGettingHeavy", .greaterOrEqual), ("deeplyGreater", .greaterOrEqual),
        ("goingDeeper", .lessOrEqual), ("deeplyLess", .lessOrEqual), ("underMyControl", .and),
        ("resistanceIsFutile", .or), ("lucidFallback", .coalesce), ("dreamReach", .optionalAccess),
    ]

    private static let kinds: [[UInt8]: TokenKind] = Dictionary(
        spellings.map { ($0.0.utf8.map(lowercased), $0.1) }, uniquingKeysWith: { first, _ in first })

    /// What a word is: a keyword, an operator, or just an identifier.
    static func kind(of word: UnsafeBufferPointer<UInt8>) -> TokenKind {
        kinds[word.map(lowercased)] ?? .identifier
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
