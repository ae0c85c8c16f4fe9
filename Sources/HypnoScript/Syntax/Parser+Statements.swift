extension Parser {
    /// One statement, with its `;` where the grammar has one.
    mutating func parseStatement() throws(ScriptSyntaxError) -> StatementID {
        try descend()
        let start = current.start
        statementStart = next
        let statement = tree.add(Statement(try parseStatementKind(), start: start))
        ascend()
        return statement
    }

    private mutating func parseStatementKind() throws(ScriptSyntaxError) -> Statement.Kind {
        if grammar != .reference, let kind = try parseDocumentedStatement() { return kind }
        switch current.kind {
        case .sharedTrance, .induce, .implant, .embed, .freeze: return try parseVariableStatement()
        case .anchor: return try parseAnchor()
        case .suggestion: return .function(try parseFunctionStatement())
        case .session: return .session(try parseSession())
        case .tranceify: return .record(try parseRecordDeclaration())
        case .if: return try parseConditional()
        case .while: return try parseWhile()
        case .loop, .pendulum: return try parseLoop()
        case .snap: return try parseWord(.snap, "'snap'")
        case .sink: return try parseWord(.sink, "'sink'")
        case .suspend: return try parseWord(.suspend, "'suspend'")
        case .awaken: return try parseAwaken()
        case .oscillate: return try parseOscillate()
        case .observe: return try parseOutput(.observe, "observe statement")
        case .whisper: return try parseOutput(.whisper, "whisper")
        case .command: return try parseOutput(.command, "command")
        case .murmur: return try parseOutput(.murmur, "murmur")
        default: return try parseExpressionStatement()
        }
    }

    mutating func parseExpressionStatement() throws(ScriptSyntaxError) -> Statement.Kind {
        let value = try parseExpression()
        try expectSemicolon(after: "expression")
        return .expression(value)
    }

    private mutating func parseWord(
        _ kind: Statement.Kind, _ what: String
    ) throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        try expectSemicolon(after: what)
        return kind
    }

    private mutating func parseAwaken() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        if skip(.semicolon) { return .awaken(nil) }
        let value = try parseExpression()
        try expectSemicolon(after: "return statement")
        return .awaken(value)
    }

    private mutating func parseOscillate() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        let operand = try parsePrimary()
        try expectSemicolon(after: "oscillate statement")
        return .oscillate(operand)
    }

    private mutating func parseOutput(
        _ kind: OutputKind, _ what: String
    ) throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        let value = try parseExpression()
        try expectSemicolon(after: what)
        return .output(kind, value)
    }
}

// MARK: - Blocks

extension Parser {
    /// A block of a function, branch or loop, up to and including `}`.
    mutating func parseBlock(_ opening: @autoclosure () -> String) throws(ScriptSyntaxError) -> Block {
        try expect(.leftBrace, opening())
        var statements: [StatementID] = []
        while !closesBlock {
            try refuseTopLevelItem()
            statements.append(try parseStatement())
        }
        try expect(.rightBrace, "'}' after block")
        return Block(statements: statements)
    }

    /// The rest of a block of `entrance`, `finale` or `entrain`, which has no wording of its own for items
    /// that belong to the top level.
    mutating func parsePlainBlock(_ closing: @autoclosure () -> String) throws(ScriptSyntaxError) -> Block {
        var statements: [StatementID] = []
        while !closesBlock {
            statements.append(try parseStatement())
        }
        try expect(.rightBrace, closing())
        return Block(statements: statements)
    }

    /// The body of a branch or loop, which in the documented dialect may be a single statement.
    mutating func parseBody(_ opening: @autoclosure () -> String) throws(ScriptSyntaxError) -> Block {
        if isExtended, current.kind != .leftBrace {
            try refuseTopLevelItem()
            return Block(statements: [try parseStatement()])
        }
        return try parseBlock(opening())
    }

    private func refuseTopLevelItem() throws(ScriptSyntaxError) {
        switch current.kind {
        case .entrance: throw misplaced("'entrance' blocks are only allowed at the top level")
        case .finale: throw misplaced("'finale' blocks are only allowed at the top level")
        case .trigger: throw misplaced("Triggers can only be declared at the top level")
        default: return
        }
    }
}

// MARK: - Branches and loops

extension Parser {
    /// `else if` makes one more branch of the same node, so long ladders cost no depth.
    private mutating func parseConditional() throws(ScriptSyntaxError) -> Statement.Kind {
        var branches: [ConditionalBranch] = []
        repeat {
            try expect(.if, "'if'")
            branches.append(try parseBranch())
            guard skip(.else) else { return .conditional(branches, otherwise: nil) }
        } while current.kind == .if
        return .conditional(branches, otherwise: try parseBody("'{' after 'else'"))
    }

    private mutating func parseBranch() throws(ScriptSyntaxError) -> ConditionalBranch {
        try expect(.leftParenthesis, "'(' after 'if'")
        let condition = try parseExpression()
        try expect(.rightParenthesis, "')' after if condition")
        _ = skip(.deepFocus)
        return ConditionalBranch(condition: condition, body: try parseBody("'{' after if condition"))
    }

    private mutating func parseWhile() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        try expect(.leftParenthesis, "'(' after 'while'")
        let condition = try parseExpression()
        try expect(.rightParenthesis, "')' after while condition")
        return .whileLoop(condition: condition, body: try parseBody("'{' after while condition"))
    }

    private mutating func parseLoop() throws(ScriptSyntaxError) -> Statement.Kind {
        let isPendulum = current.kind == .pendulum
        let keyword = isPendulum ? "pendulum" : "loop"
        advance()
        var header = LoopHeader(initial: nil, condition: nil, update: nil)
        if skip(.leftParenthesis) {
            header = try parseLoopHeader(requiresCondition: isPendulum)
        } else if isPendulum {
            throw expected("'(' after 'pendulum'")
        }
        return .loop(header, body: try parseBody("'{' after \(keyword)"))
    }

    mutating func parseLoopHeader(requiresCondition: Bool) throws(ScriptSyntaxError) -> LoopHeader {
        let initial = current.kind == .semicolon ? nil : try parseLoopInitial()
        try expectSemicolon(after: "loop initializer")
        if requiresCondition && current.kind == .semicolon {
            throw error(
                SyntaxCode.missingPart, "pendulum loop requires a condition expression",
                help: "use 'loop' to repeat until 'snap'")
        }
        let condition = current.kind == .semicolon ? nil : try parseExpression()
        try expectSemicolon(after: "loop condition")
        let update = current.kind == .rightParenthesis ? nil : try parseLoopUpdate()
        try expect(.rightParenthesis, "')' after loop header")
        return LoopHeader(initial: initial, condition: condition, update: update)
    }

    private mutating func parseLoopInitial() throws(ScriptSyntaxError) -> StatementID {
        let start = current.start
        let kind: Statement.Kind =
            switch current.kind {
            case .induce, .implant, .embed, .freeze: .declare(try parseVariable(isShared: false))
            case .identifier where beginsVariableWithSoftWord: .declare(try parseVariable(isShared: false))
            default: .expression(try parseExpression())
            }
        return tree.add(Statement(kind, start: start))
    }

    /// In the documented dialect an update may be a declaration, executed like the statement.
    private mutating func parseLoopUpdate() throws(ScriptSyntaxError) -> StatementID {
        if isExtended { return try parseLoopInitial() }
        let start = current.start
        return tree.add(Statement(.expression(try parseExpression()), start: start))
    }
}
