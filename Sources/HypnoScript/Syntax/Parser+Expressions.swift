extension Parser {
    /// `chain [ "=" expression ]`, assignment being right-associative.
    mutating func parseExpression() throws(ScriptSyntaxError) -> ExpressionID {
        try descend()
        let outerReach = beginReach()
        let start = current.start
        var expression = try parseChain(bindingAtLeast: .coalesce)
        if current.kind == .assign {
            let focus = current.start
            advance()
            try wrap()
            let value = try parseExpression()
            expression = add(.assign(target: expression, value: value), from: start, focus: focus)
        }
        endReach(outerReach)
        ascend()
        return expression
    }

    /// Operators of one level make one node however many there are, so long sums cost no depth.
    private mutating func parseChain(
        bindingAtLeast minimum: Precedence
    ) throws(ScriptSyntaxError) -> ExpressionID {
        let start = current.start
        var left = try parsePrefix()
        while let level = current.kind.binaryOperator?.precedence, level >= minimum {
            try wrap()
            var links: [ChainLink] = []
            while let operation = current.kind.binaryOperator, operation.precedence == level {
                let focus = current.start
                advance()
                let operand = try parseOperand(bindingTighterThan: level)
                links.append(ChainLink(operation: operation, focus: focus, operand: operand))
            }
            left = add(.chain(first: left, links: links), from: start, focus: links[0].focus)
        }
        return left
    }

    private mutating func parseOperand(
        bindingTighterThan level: Precedence
    ) throws(ScriptSyntaxError) -> ExpressionID {
        try descend()
        let outerReach = beginReach()
        let operand = try parseChain(bindingAtLeast: level.tighter)
        endReach(outerReach)
        ascend()
        return operand
    }

    private mutating func parsePrefix() throws(ScriptSyntaxError) -> ExpressionID {
        if isExtended, current.kind == .call, isMemberName(following) { return try parseCallWord() }
        guard let operation = current.kind.prefixOperator else { return try parsePostfix() }
        let start = current.start
        advance()
        try descend()
        let operand = try parsePrefix()
        ascend()
        return add(.prefix(operation, operand), from: start, focus: start)
    }

    /// `call f(…)` is `f(…)`.
    private mutating func parseCallWord() throws(ScriptSyntaxError) -> ExpressionID {
        advance()
        try descend()
        let operand = try parsePrefix()
        ascend()
        return operand
    }

    private mutating func parsePostfix() throws(ScriptSyntaxError) -> ExpressionID {
        let outerReach = beginReach()
        let start = current.start
        var object = try parsePrimary()
        while let access = try parseAccess(to: object) {
            object = add(access.kind, from: start, focus: access.focus)
        }
        endReach(outerReach)
        return object
    }

    /// One call, member or index after an expression; nil if none follows.
    private mutating func parseAccess(
        to object: ExpressionID
    ) throws(ScriptSyntaxError) -> (kind: Expression.Kind, focus: SourceOffset)? {
        let focus = current.start
        switch current.kind {
        case .leftParenthesis:
            try wrap()
            advance()
            let arguments = try parseList(until: .rightParenthesis, "')' after arguments")
            return (.call(callee: object, arguments: arguments), focus)
        case .leftBracket:
            try wrap()
            advance()
            return (.index(array: object, index: try parseIndex(), isOptional: false), focus)
        case .dot:
            try wrap()
            advance()
            let name = current.start
            let member = try parseMemberName("property name after '.'")
            return (.member(object: object, name: member, isOptional: false), name)
        case .optionalAccess:
            try wrap()
            advance()
            return try parseOptionalAccess(to: object)
        case .identifier where isExtended && isSoft(\.with, current) && following.kind == .leftBrace:
            try wrap()
            advance()
            advance()
            return (.with(object, try parseFields("'}' after changes")), focus)
        default:
            return nil
        }
    }

    private mutating func parseOptionalAccess(
        to object: ExpressionID
    ) throws(ScriptSyntaxError) -> (kind: Expression.Kind, focus: SourceOffset) {
        let focus = current.start
        if skip(.leftBracket) {
            return (.index(array: object, index: try parseIndex(), isOptional: true), focus)
        }
        if isExtended, skip(.leftParenthesis) {
            let arguments = try parseList(until: .rightParenthesis, "')' after arguments")
            return (.optionalCall(callee: object, arguments: arguments), focus)
        }
        let member = try parseMemberName("property name or '[' after '?.'")
        return (.member(object: object, name: member, isOptional: true), focus)
    }

    private mutating func parseIndex() throws(ScriptSyntaxError) -> ExpressionID {
        let index = try parseExpression()
        try expect(.rightBracket, "']' after array index")
        return index
    }

    /// Expressions separated by commas, up to and including the closing bracket; no comma before it.
    private mutating func parseList(
        until closing: TokenKind, _ what: @autoclosure () -> String
    ) throws(ScriptSyntaxError) -> [ExpressionID] {
        var elements: [ExpressionID] = []
        if skip(closing) { return elements }
        repeat {
            elements.append(try parseExpression())
        } while skip(.comma)
        try expect(closing, what())
        return elements
    }

    /// Adds an expression that begins at `start`.
    mutating func add(
        _ kind: Expression.Kind, from start: SourceOffset, focus: SourceOffset
    ) -> ExpressionID {
        tree.add(Expression(kind, start: start, focus: focus))
    }
}

// MARK: - Primaries

extension Parser {
    /// A literal, a name, a bracketed expression or an `entrain`.
    mutating func parsePrimary() throws(ScriptSyntaxError) -> ExpressionID {
        let token = current
        if beginsFunction { return try parseAnonymousFunction() }
        switch token.kind {
        case .number: return addLeaf(.number(try parseNumber()), token)
        case .string: return takeLeaf(.string(token.symbol))
        case .true: return takeLeaf(.boolean(true))
        case .false: return takeLeaf(.boolean(false))
        case .identifier: return try parseNameOrRecord()
        case .leftBracket:
            advance()
            let elements = try parseList(until: .rightBracket, "']' after array elements")
            return addLeaf(.array(elements), token)
        case .leftParenthesis:
            advance()
            let expression = try parseExpression()
            try expect(.rightParenthesis, "')' after expression")
            return expression
        case .entrain: return try parseEntrain()
        case .leftBrace where isExtended:
            advance()
            let fields = try parseFields("'}' after object")
            return addLeaf(.object(fields), token)
        default:
            guard isName(token) else { return try parseThrownObject() }
            return try parseNameOrRecord()
        }
    }

    /// Takes a number token.
    mutating func parseNumber() throws(ScriptSyntaxError) -> Double {
        guard let value = tree.names.withUTF8(of: current.symbol, NumberText.parseLiteral) else {
            throw invalidNumber()
        }
        advance()
        return value
    }

    private mutating func takeLeaf(_ kind: Expression.Kind) -> ExpressionID {
        defer { advance() }
        return addLeaf(kind, current)
    }

    private mutating func addLeaf(_ kind: Expression.Kind, _ token: Token) -> ExpressionID {
        add(kind, from: token.start, focus: token.start)
    }

    /// `T {` begins a record literal only before a name or `}`; else the brace belongs to what follows.
    private mutating func parseNameOrRecord() throws(ScriptSyntaxError) -> ExpressionID {
        let token = current
        advance()
        guard beginsRecordLiteral else { return addLeaf(.name(token.symbol), token) }
        advance()
        let fields = try parseFields("'}' after record literal")
        return addLeaf(.record(type: token.symbol, fields: fields), token)
    }
}

// MARK: - Operators

/// How tightly operators bind, from loose to tight.
private enum Precedence: Int, Comparable {
    case coalesce, or, and, equality, comparison, sum, product
    /// No binary operator: what stands between those that bind tightest.
    case operand

    static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }

    /// The next level.
    var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .operand }
}

extension BinaryOperator {
    fileprivate var precedence: Precedence {
        switch self {
        case .coalesce: .coalesce
        case .or: .or
        case .and: .and
        case .equal, .notEqual: .equality
        case .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .add, .subtract: .sum
        case .multiply, .divide, .remainder: .product
        }
    }
}

extension TokenKind {
    fileprivate var prefixOperator: PrefixOperator? {
        switch self {
        case .not: .not
        case .minus: .negate
        case .await: .await
        default: nil
        }
    }

    var binaryOperator: BinaryOperator? {
        switch self {
        case .coalesce: .coalesce
        case .or: .or
        case .and: .and
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .plus: .add
        case .minus: .subtract
        case .times: .multiply
        case .divide: .divide
        case .remainder: .remainder
        default: nil
        }
    }
}
