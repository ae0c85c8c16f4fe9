/// Puts one statement of the portable set into SQLite's words.
///
/// The portable set is PostgreSQL's way of writing (it is what the configuration's examples use) as far as
/// each database has a counterpart. What SQLite understands as it stands passes unchanged.
struct SQLiteRewriter {
    private(set) var lexemes: [Lexeme]
    private let source: String
    /// The next lexeme to be looked at.
    var index = 0
    /// What was written so far.
    var output: [Piece] = []

    /// A piece of the result.
    struct Piece {
        enum Kind {
            /// Something that can stand as an operand alone.
            case operand
            /// The current instant.
            case now
            case word
            case symbol
        }

        let kind: Kind
        let lead: String
        let text: String
    }

    /// The statement in SQLite's words, without a semicolon.
    static func rewrite(_ text: String) throws(PortabilityError) -> String {
        var rewriter = try SQLiteRewriter(text)
        try rewriter.rewriteStatement()
        return rewriter.output.map { $0.lead + $0.text }.joined()
    }

    private init(_ text: String) throws(PortabilityError) {
        source = text
        lexemes = try Lexeme.lexemes(of: text)
        if lexemes.last?.isSymbol(";") == true { lexemes.removeLast() }
        if let stray = lexemes.first(where: { $0.isSymbol(";") && !isTrigger }) {
            throw refusal(stray, "One statement is rewritten at a time")
        }
        try checkParentheses()
    }

    private func checkParentheses() throws(PortabilityError) {
        var open: [Lexeme] = []
        for lexeme in lexemes {
            if lexeme.isSymbol("(") { open.append(lexeme) }
            if lexeme.isSymbol(")"), open.popLast() == nil {
                throw refusal(lexeme, "This parenthesis was not opened")
            }
        }
        if let last = open.last {
            throw refusal(last, "This parenthesis is not closed", code: .unterminated)
        }
    }

    private var isTrigger: Bool {
        keyword(at: 0) == "CREATE" && lexemes.prefix(3).contains { $0.keyword == "TRIGGER" }
    }

    private mutating func rewriteStatement() throws(PortabilityError) {
        try refuseStatement()
        switch (keyword(at: 0), keyword(at: 1)) {
        case ("CREATE", _) where lexemes.prefix(3).contains { $0.keyword == "TABLE" }:
            try rewriteCreateTable()
        case ("ALTER", "TABLE"):
            try rewriteAlterTable()
        default:
            try rewriteExpressions(until: lexemes.count)
        }
    }

    // MARK: Reading

    /// The word at a place in upper case; empty for anything else and behind the end.
    func keyword(at place: Int) -> String {
        place >= 0 && place < lexemes.count ? lexemes[place].keyword : ""
    }

    func isSymbol(_ symbol: String, at place: Int) -> Bool {
        place >= 0 && place < lexemes.count && lexemes[place].isSymbol(symbol)
    }

    /// The place of the parenthesis that closes the one at the given place.
    func closing(of open: Int) throws(PortabilityError) -> Int {
        var depth = 0
        for place in open..<lexemes.count {
            if isSymbol("(", at: place) { depth += 1 }
            if isSymbol(")", at: place) { depth -= 1 }
            if depth == 0 { return place }
        }
        throw refusal(lexemes[open], "This parenthesis is not closed", code: .unterminated)
    }

    // MARK: Writing

    mutating func copy() {
        let lexeme = lexemes[index]
        let kind: Piece.Kind =
            switch lexeme.kind {
            case .word: .word
            case .symbol: .symbol
            default: .operand
            }
        output.append(Piece(kind: kind, lead: lexeme.lead, text: lexeme.text))
        index += 1
    }

    /// Writes something in place of so many lexemes.
    mutating func replace(_ count: Int, with text: String, kind: Piece.Kind = .operand) {
        output.append(Piece(kind: kind, lead: lexemes[index].lead, text: text))
        index += count
    }

    /// Writes something that has no counterpart in the source.
    mutating func insert(_ text: String) {
        output.append(Piece(kind: .word, lead: " ", text: text))
    }

    func refusal(
        _ lexeme: Lexeme, _ message: String, code: PortabilityError.Code = .unsupported
    ) -> PortabilityError {
        PortabilityError(code, message, at: lexeme.offset, in: source, dialect: "sqlite")
    }
}
