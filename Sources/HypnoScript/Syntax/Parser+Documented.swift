/// Statements that only the documented dialect has.
extension Parser {
    /// The statement that begins here, if the documented dialect gives its first word a meaning of its own.
    mutating func parseDocumentedStatement() throws(ScriptSyntaxError) -> Statement.Kind? {
        if current.kind == .identifier { return try parseSoftStatement() }
        guard isExtended else { return nil }
        switch current.kind {
        case .semicolon:
            advance()
            return .empty
        case .leftBrace: throw unexpectedToken()
        case .assert: return try parseAssert()
        case .drift: return try parsePause()
        case .mindLink: return try parseModule()
        case .suggestion: return isName(following) ? nil : try parseExpressionStatement()
        default: return isNameHere ? try parseExpressionStatement() : nil
        }
    }

    /// Whether a word that usually begins a statement is a name here.
    private var isNameHere: Bool {
        guard current.kind.isTypeWord else { return false }
        switch following.kind {
        case .assign, .dot: return true
        default: return current.kind == .session && following.kind != .identifier
        }
    }

    private mutating func parseSoftStatement() throws(ScriptSyntaxError) -> Statement.Kind? {
        if isSoft(\.throw, current), beginsThrow(following.kind) { return try parseThrow() }
        guard isExtended else { return nil }
        if isSoft(\.for, current), following.kind == .leftParenthesis { return try parseFor() }
        if isSoft(\.try, current), following.kind == .leftBrace { return try parseAttempt() }
        if isSoft(\.function, current), isName(following) { return .function(try parseFunctionStatement()) }
        if isSoft(\.record, current), isName(following), token(ahead: 2).kind == .leftBrace {
            return .record(try parseRecordDeclaration(isStructural: true))
        }
        if isSoft(\.import, current), following.kind == .string { return try parseModule() }
        if beginsVariableWithSoftWord { return try parseVariableStatement() }
        return nil
    }

    /// Whether `throw` before this token is the statement: before an operator it is a name.
    private func beginsThrow(_ kind: TokenKind) -> Bool {
        switch kind {
        case .assign, .dot, .optionalAccess, .semicolon: false
        default: kind.binaryOperator == nil || kind == .minus
        }
    }

    private mutating func parseThrow() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        let value = try parseExpression()
        try expectSemicolon(after: "throw statement")
        return .raise(value)
    }

    private mutating func parseAttempt() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        let body = try parseBlock("'{' after 'try'")
        var (name, handler, finally): (Symbol?, Block?, Block?)
        if skipSoft(\.catch) {
            if skip(.leftParenthesis) {
                name = try parseName("error name")
                try expect(.rightParenthesis, "')' after error name")
            }
            handler = try parseBlock("'{' after 'catch'")
        }
        if skipSoft(\.finally) { finally = try parseBlock("'{' after 'finally'") }
        guard handler != nil || finally != nil else { throw expected("'catch' or 'finally'") }
        return .attempt(Attempt(body: body, name: name, handler: handler, finally: finally))
    }

    // MARK: Assertions and pauses

    /// The message may follow a colon, a comma or nothing, or be the second argument of the call form.
    private mutating func parseAssert() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        if current.kind == .leftParenthesis, hasSecondArgument {
            advance()
            let condition = try parseExpression()
            try expect(.comma, "',' after condition")
            let message = try parseExpression()
            try expect(.rightParenthesis, "')' after arguments")
            try expectSemicolon(after: "assert")
            return .assert(condition, message: message)
        }
        let condition = try parseExpression()
        if !skip(.colon) { _ = skip(.comma) }
        let message = current.kind == .semicolon ? nil : try parseExpression()
        try expectSemicolon(after: "assert")
        return .assert(condition, message: message)
    }

    /// Whether a comma stands directly within the parentheses that open here.
    private var hasSecondArgument: Bool {
        var depth = 0
        var distance = 0
        while true {
            let kind = token(ahead: distance).kind
            switch kind {
            case .leftParenthesis, .leftBracket, .leftBrace: depth += 1
            case .rightParenthesis, .rightBracket, .rightBrace:
                depth -= 1
                if depth == 0 { return false }
            case .comma where depth == 1: return true
            case .end: return false
            default: break
            }
            distance += 1
        }
    }

    private mutating func parsePause() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        try expect(.leftParenthesis, "'(' after 'drift'")
        let pause = try parseExpression()
        try expect(.rightParenthesis, "')' after arguments")
        try expectSemicolon(after: "drift")
        return .pause(pause)
    }

    // MARK: Loops

    private mutating func parseFor() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        if let kind = try parseForEach() { return kind }
        try expect(.leftParenthesis, "'(' after 'for'")
        let header = try parseLoopHeader(requiresCondition: false)
        return .loop(header, body: try parseBody("'{' after for header"))
    }

    /// `(name in container) …`, if that is what follows.
    private mutating func parseForEach() throws(ScriptSyntaxError) -> Statement.Kind? {
        let first = token(ahead: 1)
        let hasWord: Bool
        switch first.kind {
        case .induce, .implant, .embed: hasWord = true
        default: hasWord = isSoft(\.var, first) && isName(token(ahead: 2))
        }
        let place = hasWord ? 2 : 1
        let word = token(ahead: place + 1)
        guard isName(token(ahead: place)), isSoft(\.in, word) || isSoft(\.of, word) else { return nil }
        for _ in 0..<place { advance() }
        let name = try parseName("variable name")
        advance()
        let container = try parseExpression()
        try expect(.rightParenthesis, "')' after for header")
        return .forEach(name, in: container, body: try parseBody("'{' after for header"))
    }

    // MARK: Modules

    private mutating func parseModule() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        let path: String
        switch current.kind {
        case .string: path = tree.names[current.symbol]
        case .identifier: path = tree.names[current.symbol] + ".hyp"
        default: throw expected("module path")
        }
        advance()
        let alias = skipSoft(\.as) ? try parseName("module name") : nil
        try expectSemicolon(after: "mindLink")
        return .module(.path(path), alias: alias)
    }
}

// MARK: - Declarations

extension Parser {
    /// What may stand before `Focus`: executed first, in order.
    mutating func parseDeclarationsBeforeFocus() throws(ScriptSyntaxError) -> [StatementID] {
        var items: [StatementID] = []
        while true {
            switch current.kind {
            case .semicolon: advance()
            case .trigger: items.append(try parseTrigger())
            case .session, .tranceify, .suggestion, .sharedTrance, .mindLink:
                items.append(try parseStatement())
            case .identifier
            where isSoft(\.record, current) || isSoft(\.function, current) || isSoft(\.import, current):
                items.append(try parseStatement())
            default: return items
            }
        }
    }

    /// `var` begins a declaration only before a name and `=`, `:` or `;`.
    var beginsVariableWithSoftWord: Bool {
        guard isExtended, isSoft(\.var, current), isName(following) else { return false }
        switch token(ahead: 2).kind {
        case .assign, .colon, .semicolon: return true
        default: return false
        }
    }

    /// `sharedTrance name: T = e;`, without the word for a variable.
    mutating func parseSharedVariable() throws(ScriptSyntaxError) -> Statement.Kind {
        let variable = try parseVariable(isConstant: false, isShared: true)
        try expectSemicolon(after: "variable declaration")
        return .declare(variable)
    }

    /// `induce a.b = e;`, which is an assignment, or `induce [a, b] = e;`; nil if neither begins here.
    mutating func parsePlaceAssignment() throws(ScriptSyntaxError) -> Statement.Kind? {
        if following.kind == .leftBracket { return try parseDestructuring() }
        let access = token(ahead: 2).kind
        guard current.kind == .induce, isName(following), access == .dot || access == .leftBracket else {
            return nil
        }
        advance()
        return try parseExpressionStatement()
    }

    private mutating func parseDestructuring() throws(ScriptSyntaxError) -> Statement.Kind {
        let isConstant = current.kind == .freeze
        advance()
        advance()
        var names: [Symbol] = []
        repeat {
            names.append(try parseName("variable name"))
        } while skip(.comma)
        try expect(.rightBracket, "']' after names")
        try expect(.assign, "'=' after names")
        let value = try parseExpression()
        try expectSemicolon(after: "variable declaration")
        return .destructure(names, constant: isConstant, value)
    }
}

// MARK: - Types

extension Parser {
    /// Takes a type and returns it as it is written, which only the checker looks at.
    mutating func parseWrittenType() throws(ScriptSyntaxError) -> Symbol {
        let first = next
        try parseType()
        for token in tokens[first..<next] where Self.isTypeBracket(token.kind) {
            tree.layout.noteTypeSign(token.start)
        }
        return tree.names.intern(tokens[first..<next].map { text(of: $0) }.joined())
    }

    private static func isTypeBracket(_ kind: TokenKind) -> Bool {
        kind == .less || kind == .greater || kind == .minus
    }

    /// Takes a type.
    mutating func parseType() throws(ScriptSyntaxError) {
        try descend()
        _ = skip(.lucid)
        if skip(.leftParenthesis) {
            try parseTypes(until: .rightParenthesis)
        } else {
            guard current.kind == .identifier || current.kind.isKeyword else { throw expectedType() }
            advance()
            if skip(.leftParenthesis) {
                try parseTypes(until: .rightParenthesis)
                if skip(.colon) { try parseType() }
            }
        }
        if skip(.less) { try parseTypes(until: .greater) }
        while try parseTypeSuffix() {}
        ascend()
    }

    /// `[]`, `?` or `-> T` behind a type.
    private mutating func parseTypeSuffix() throws(ScriptSyntaxError) -> Bool {
        if current.kind == .leftBracket, following.kind == .rightBracket {
            advance()
            advance()
            return true
        }
        if skipQuestionMark() { return true }
        guard current.kind == .minus, following.kind == .greater else { return false }
        advance()
        advance()
        try parseType()
        return false
    }

    /// Types separated by commas, each of which may have a name before it.
    private mutating func parseTypes(until closing: TokenKind) throws(ScriptSyntaxError) {
        if skip(closing) { return }
        repeat {
            if isMemberName(current), following.kind == .colon {
                advance()
                advance()
            }
            try parseType()
        } while skip(.comma)
        try expect(closing, closing == .greater ? "'>' after type" : "')' after type")
    }

    /// Takes a `?`, a token that no other rule uses.
    mutating func skipQuestionMark() -> Bool {
        guard current.kind == .unused, text(of: current) == "?" else { return false }
        advance()
        return true
    }
}
