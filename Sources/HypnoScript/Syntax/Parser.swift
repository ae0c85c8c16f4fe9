package import SourceText

/// Turns a program into its syntax tree by recursive descent; stops at the first error.
///
/// Every production that can contain itself counts its depth, so that no text can exhaust the native stack.
package struct Parser {
    var tree: SyntaxTree
    private let tokens: [Token]
    private var next = 0
    /// How many nodes and brackets enclose the current token.
    private var depth = 0
    /// The greatest depth seen within the expression being parsed; nodes put above it later push it down.
    private var reach = 0

    /// Parses a whole program.
    package static func parse(_ source: SourceFile) throws(ScriptSyntaxError) -> SyntaxTree {
        let (tokens, names) = try Lexer.scan(source)
        var parser = Parser(tokens: tokens, tree: SyntaxTree(source: source, names: names))
        try parser.parseProgram()
        return parser.tree
    }

    private init(tokens: [Token], tree: SyntaxTree) {
        self.tokens = tokens
        self.tree = tree
    }

    private mutating func parseProgram() throws(ScriptSyntaxError) {
        guard current.kind == .focus else { throw frameError("Program must start with 'Focus'") }
        advance()
        try expect(.leftBrace, "'{' after 'Focus'")
        var items: [StatementID] = []
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
    var following: Token { tokens[min(next + 1, tokens.count - 1)] }

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

    /// Takes an identifier.
    mutating func parseName(_ what: @autoclosure () -> String) throws(ScriptSyntaxError) -> Symbol {
        guard current.kind == .identifier else { throw expected(what()) }
        defer { advance() }
        return current.symbol
    }

    /// Takes `: T` if it is there. A type is one token of whatever kind, and nobody checks it.
    mutating func parseAnnotation() -> Symbol? {
        guard skip(.colon) else { return nil }
        defer { advance() }
        return tree.names.intern(text(of: current))
    }

    /// A token as it is written.
    func text(of token: Token) -> String {
        let bytes = tree.source.text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: Int(token.start.utf8))
        return String(tree.source.text[start..<bytes.index(start, offsetBy: Int(token.length))])
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
