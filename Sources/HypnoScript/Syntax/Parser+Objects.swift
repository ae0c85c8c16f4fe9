/// Objects, copies with changes and anonymous suggestions.
extension Parser {
    /// What follows `{`, up to and including `}`.
    mutating func parseFields(_ closing: @autoclosure () -> String) throws(ScriptSyntaxError) -> [RecordField]
    {
        var fields: [RecordField] = []
        noteInlineBrace()
        while current.kind != .rightBrace {
            fields.append(try parseField())
            if !skip(.comma) { break }
        }
        try expect(.rightBrace, closing())
        return fields
    }

    /// Notes that the brace just taken opens no block of statements.
    mutating func noteInlineBrace() {
        guard let brace = preceding else { return }
        tree.layout.noteInlineBrace(brace.start)
    }

    private mutating func parseField() throws(ScriptSyntaxError) -> RecordField {
        let token = current
        guard isExtended else {
            let name = try parseName("field name")
            try expect(.colon, "':' after field name")
            return RecordField(name: name, value: try parseExpression(), start: token.start)
        }
        let isText = skip(.string)
        let name = isText ? token.symbol : try parseMemberName("field name")
        if !isText, current.kind == .comma || current.kind == .rightBrace {
            let variable = add(.name(name), from: token.start, focus: token.start)
            return RecordField(name: name, value: variable, start: token.start)
        }
        try expect(.colon, "':' after field name")
        return RecordField(name: name, value: try parseExpression(), start: token.start)
    }

    /// Whether `T {`, whose brace is the current token, begins a record literal.
    var beginsRecordLiteral: Bool {
        guard current.kind == .leftBrace else { return false }
        if following.kind == .rightBrace { return true }
        if isExtended { return isMemberName(following) && token(ahead: 2).kind == .colon }
        return following.kind == .identifier
    }

    /// `{ … }` behind `throw` where that is the only word of the documented dialect; otherwise nothing begins
    /// like this. Apart from `parsePrimary`, whose frames should stay small.
    mutating func parseThrownObject() throws(ScriptSyntaxError) -> ExpressionID {
        let start = current.start
        guard grammar == .referenceWithThrow, current.kind == .leftBrace, let preceding,
            isSoft(\.throw, preceding)
        else { throw unexpectedToken() }
        advance()
        return add(.object(try parseFields("'}' after object")), from: start, focus: start)
    }

    /// Whether an anonymous suggestion begins with the current word.
    var beginsFunction: Bool {
        guard isExtended, current.kind == .suggestion || isSoft(\.function, current) else { return false }
        return following.kind == .leftParenthesis
            || isName(following) && token(ahead: 2).kind == .leftParenthesis
    }

    mutating func parseAnonymousFunction() throws(ScriptSyntaxError) -> ExpressionID {
        let start = current.start
        advance()
        let name =
            current.kind == .leftParenthesis
            ? tree.names.intern("anonymous") : try parseName("function name")
        let function = try parseFunction(named: name, from: start, isAnonymous: true)
        return add(.function(function), from: start, focus: start)
    }
}
