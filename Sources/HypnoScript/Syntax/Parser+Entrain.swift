// MARK: - Cases

extension Parser {
    /// `entrain subject { when … otherwise … }`.
    mutating func parseEntrain() throws(ScriptSyntaxError) -> ExpressionID {
        let start = current.start
        advance()
        let subject = try parseExpression()
        try expect(.leftBrace, "'{' after entrain subject")
        noteInlineBrace()
        var cases: [EntrainCase] = []
        var otherwise: CaseBody?
        while current.kind != .rightBrace, otherwise == nil {
            switch current.kind {
            case .when: cases.append(try parseCase())
            case .otherwise: otherwise = try parseOtherwise()
            default: throw expected("'when' or 'otherwise'")
            }
        }
        try expect(.rightBrace, "'}' after entrain cases")
        return add(.entrain(subject: subject, cases: cases, otherwise: otherwise), from: start, focus: start)
    }

    private mutating func parseCase() throws(ScriptSyntaxError) -> EntrainCase {
        advance()
        let pattern = try parsePattern()
        let condition = skip(.if) ? try parseExpression() : nil
        try expect(.arrow, "'=>' after pattern")
        return EntrainCase(pattern: pattern, guardCondition: condition, body: try parseCaseBody())
    }

    private mutating func parseOtherwise() throws(ScriptSyntaxError) -> CaseBody {
        advance()
        try expect(.arrow, "'=>' after 'otherwise'")
        return try parseCaseBody()
    }

    private mutating func parseCaseBody() throws(ScriptSyntaxError) -> CaseBody {
        let body: CaseBody =
            if skip(.leftBrace) {
                .block(try parsePlainBlock("'}' after entrain case"))
            } else if isExtended && skip(.awaken) {
                .expression(try parseExpression())
            } else {
                .expression(try parseExpression())
            }
        _ = skip(.comma)
        _ = skip(.semicolon)
        return body
    }
}

// MARK: - Patterns

extension Parser {
    private mutating func parsePattern() throws(ScriptSyntaxError) -> PatternID {
        try descend()
        let start = current.start
        let pattern = tree.add(Pattern(kind: try parsePatternKind(), start: start))
        ascend()
        return pattern
    }

    private mutating func parsePatternKind() throws(ScriptSyntaxError) -> Pattern.Kind {
        let token = current
        switch token.kind {
        case .number: return .number(try parseNumber())
        case .string, .true, .false, .leftBracket: advance()
        default:
            guard isName(token) else { throw expectedPattern() }
            advance()
        }
        switch token.kind {
        case .string: return .string(token.symbol)
        case .true: return .boolean(true)
        case .false: return .boolean(false)
        case .leftBracket: return try parseArrayPattern()
        default: return try parseNamedPattern(token.symbol)
        }
    }

    /// What follows the `[` of an array pattern.
    private mutating func parseArrayPattern() throws(ScriptSyntaxError) -> Pattern.Kind {
        var elements: [PatternID] = []
        var rest = RestPattern.none
        if current.kind != .rightBracket {
            repeat {
                if skip(.ellipsis) {
                    rest = parseRest()
                    break
                }
                elements.append(try parsePattern())
            } while skip(.comma)
        }
        try expect(.rightBracket, "']' after array pattern")
        return .array(elements, rest: rest)
    }

    private mutating func parseRest() -> RestPattern {
        guard isName(current) else { return .discarded }
        defer { advance() }
        return .bound(current.symbol)
    }

    /// What a name is in a pattern depends on what follows it.
    private mutating func parseNamedPattern(_ name: Symbol) throws(ScriptSyntaxError) -> Pattern.Kind {
        if skip(.colon) {
            let type = try parseTypeName()
            return .typed(name: name, type: PatternType(tree.names[type]))
        }
        guard skip(.leftBrace) else { return .name(name) }
        noteInlineBrace()
        var fields: [FieldPattern] = []
        if current.kind != .rightBrace {
            repeat {
                let field = try parseMemberName("field name")
                let pattern = skip(.colon) ? try parsePattern() : nil
                fields.append(FieldPattern(name: field, pattern: pattern))
            } while skip(.comma)
        }
        try expect(.rightBrace, "'}' after record pattern")
        return .record(type: name, fields: fields)
    }
}

extension PatternType {
    /// The type that a name stands for, whatever its letter case.
    init(_ name: String) {
        switch name.lowercased() {
        case "number": self = .number
        case "string": self = .string
        case "boolean": self = .boolean
        case "array": self = .array
        default: self = .unchecked
        }
    }
}
