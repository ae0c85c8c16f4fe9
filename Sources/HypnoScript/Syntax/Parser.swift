package import SourceText

/// Turns a program into its syntax tree by recursive descent; stops at the first error.
///
/// Every production that can contain itself counts its depth, so that no text can exhaust the native stack.
package struct Parser {
    var tree: SyntaxTree
    /// The text these tokens are from, and what its offsets begin with.
    let source: SourceFile
    let base: Int
    let grammar: Grammar
    let softWords: SoftWords
    let tokens: [Token]
    var next = 0
    /// Where the innermost statement begins that has begun.
    var statementStart = 0
    /// How many nodes and brackets enclose the current token.
    private var depth = 0
    /// The greatest depth seen within the expression being parsed; nodes put above it later push it down.
    private var reach = 0

    /// Which rules a text is read by.
    enum Grammar {
        case reference
        /// The reference's, with the statement `throw`.
        case referenceWithThrow
        case extended
    }

    /// Parses a whole program of the reference dialect.
    package static func parse(_ source: SourceFile) throws(ScriptSyntaxError) -> SyntaxTree {
        try parse(source, .reference, into: SyntaxTree(source: source, names: NameTable()), base: 0)
    }

    /// Adds what a text says to a tree; its items become those of the tree.
    static func parse(
        _ source: SourceFile, _ grammar: Grammar, into tree: SyntaxTree, base: Int
    ) throws(ScriptSyntaxError) -> SyntaxTree {
        var tree = tree
        let (tokens, names) = try Lexer.scan(
            source, singleQuotes: grammar == .extended, names: tree.names, base: base)
        tree.names = names
        var parser = Parser(source, base, grammar, tokens, tree)
        try parser.parseProgram()
        return parser.tree
    }

    private init(
        _ source: SourceFile, _ base: Int, _ grammar: Grammar, _ tokens: [Token], _ tree: SyntaxTree
    ) {
        self.source = source
        self.base = base
        self.grammar = grammar
        self.tokens = tokens
        self.tree = tree
        softWords = SoftWords(in: &self.tree.names)
    }

    /// Whether the documented dialect's additions are allowed here.
    var isExtended: Bool { grammar == .extended }

    private mutating func parseProgram() throws(ScriptSyntaxError) {
        var items = isExtended ? try parseDeclarationsBeforeFocus() : []
        guard current.kind == .focus else { throw frameError("Program must start with 'Focus'") }
        advance()
        try expect(.leftBrace, "'{' after 'Focus'")
        while !closesBlock {
            items.append(try parseItem())
        }
        try expect(.rightBrace, "'}' before 'Relax'")
        guard current.kind == .relax else { throw frameError("Program must end with 'Relax'") }
        tree.items = Block(statements: items)
    }

    private mutating func parseItem() throws(ScriptSyntaxError) -> StatementID {
        let start = current.start
        switch current.kind {
        case .entrance, .finale:
            let keyword = current.kind == .entrance ? "entrance" : "finale"
            advance()
            try expect(.leftBrace, "'{' after '\(keyword)'")
            let block = try parsePlainBlock("'}' after \(keyword) block")
            return tree.add(Statement(.block(block), start: start))
        case .trigger:
            return try parseTrigger()
        default:
            return try parseStatement()
        }
    }
}

// MARK: - Tokens

extension Parser {
    /// The token that is looked at.
    var current: Token { tokens[next] }

    /// The token after the current one.
    var following: Token { token(ahead: 1) }

    /// The token this many places after the current one.
    func token(ahead distance: Int) -> Token { tokens[min(next + distance, tokens.count - 1)] }

    /// The token before the current one.
    var preceding: Token? { next > 0 ? tokens[next - 1] : nil }

    /// Whether no further statement can come: at `}`, at `Relax`, which ends every open block, or at the end.
    var closesBlock: Bool {
        current.kind == .rightBrace || current.kind == .relax || current.kind == .end
    }

    /// Moves to the next token; stays at the end.
    mutating func advance() {
        if next < tokens.count - 1 { next += 1 }
    }

    /// Moves over the current token if it is of this kind.
    mutating func skip(_ kind: TokenKind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    /// Moves over a token that must be there; otherwise the error is `Expected what at line L`.
    mutating func expect(_ kind: TokenKind, _ what: @autoclosure () -> String) throws(ScriptSyntaxError) {
        guard current.kind == kind else { throw expected(what()) }
        advance()
    }

    /// Takes the `;` that ends a statement.
    mutating func expectSemicolon(after what: @autoclosure () -> String) throws(ScriptSyntaxError) {
        try expect(.semicolon, "';' after \(what())")
    }

    /// Takes an identifier, in the documented dialect also one of the words that are names as well.
    mutating func parseName(_ what: @autoclosure () -> String) throws(ScriptSyntaxError) -> Symbol {
        guard isName(current) else { throw expected(what()) }
        defer { advance() }
        return current.symbol
    }

    /// Takes the name of a member, a field or a key, which in the documented dialect may be any word.
    mutating func parseMemberName(_ what: @autoclosure () -> String) throws(ScriptSyntaxError) -> Symbol {
        guard isMemberName(current) else { throw expected(what()) }
        defer { advance() }
        return current.symbol
    }

    func isName(_ token: Token) -> Bool {
        token.kind == .identifier || isExtended && token.kind.isTypeWord
    }

    func isMemberName(_ token: Token) -> Bool {
        token.kind == .identifier || isExtended && token.kind.isKeyword
    }

    /// Takes `: T` if it is there. In the reference dialect a type is one token of whatever kind; nobody
    /// checks it.
    mutating func parseAnnotation() throws(ScriptSyntaxError) -> Symbol? {
        guard skip(.colon) else { return nil }
        if isExtended { return try parseWrittenType() }
        let symbol = tree.names.intern(text(of: current))
        advance()
        return symbol
    }

    /// A token as it is written.
    func text(of token: Token) -> String {
        let bytes = source.text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: Int(token.start.utf8) - base)
        return String(source.text[start..<bytes.index(start, offsetBy: Int(token.length))])
    }
}

// MARK: - Depth

extension Parser {
    /// Goes one level deeper. Who calls this calls `ascend` when done; after an error nobody reads the depth.
    ///
    /// Not a function with a closure, because its frames would double what a level takes from the stack.
    mutating func descend() throws(ScriptSyntaxError) {
        depth += 1
        reach = max(reach, depth)
        guard depth <= SyntaxTree.maximumDepth else { throw tooDeep() }
    }

    mutating func ascend() {
        depth -= 1
    }

    /// Begins to measure how deep something reaches that may be wrapped afterwards.
    mutating func beginReach() -> Int {
        defer { reach = depth }
        return reach
    }

    /// Ends a measurement, given what `beginReach` returned.
    mutating func endReach(_ outer: Int) {
        reach = max(reach, outer)
    }

    /// Notes that a node is put above everything parsed since the innermost `beginReach`.
    mutating func wrap() throws(ScriptSyntaxError) {
        reach += 1
        guard reach <= SyntaxTree.maximumDepth else { throw tooDeep() }
    }
}
