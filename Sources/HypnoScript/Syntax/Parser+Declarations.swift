// MARK: - Variables

extension Parser {
    mutating func parseVariableStatement() throws(ScriptSyntaxError) -> Statement.Kind {
        let isShared = skip(.sharedTrance)
        if isShared, isExtended, isName(current) { return try parseSharedVariable() }
        if isExtended, !isShared, let kind = try parsePlaceAssignment() { return kind }
        let variable = try parseVariable(isShared: isShared)
        try expectSemicolon(after: "variable declaration")
        return .declare(variable)
    }

    /// A declaration without its `;`.
    mutating func parseVariable(isShared: Bool) throws(ScriptSyntaxError) -> VariableDeclaration {
        let isConstant = current.kind == .freeze
        switch current.kind {
        case .induce, .implant, .embed, .freeze: advance()
        case .identifier where beginsVariableWithSoftWord: advance()
        default:
            throw error(
                SyntaxCode.missingPart, "'sharedTrance' must be followed by induce/implant/embed/freeze",
                help: nil)
        }
        return try parseVariable(isConstant: isConstant, isShared: isShared)
    }

    /// What follows the word that begins a declaration.
    mutating func parseVariable(
        isConstant: Bool, isShared: Bool
    ) throws(ScriptSyntaxError) -> VariableDeclaration {
        let name = try parseName("variable name")
        let annotation = try parseAnnotation()
        let value = skip(.assign) ? try parseExpression() : nil
        return VariableDeclaration(
            name: name, isConstant: isConstant, isShared: isShared, annotation: annotation, value: value)
    }

    mutating func parseAnchor() throws(ScriptSyntaxError) -> Statement.Kind {
        advance()
        let name = try parseName("anchor name")
        try expect(.assign, "'=' after anchor name")
        let value = try parseExpression()
        try expectSemicolon(after: "anchor declaration")
        return .anchor(name: name, value: value)
    }
}

// MARK: - Functions

extension Parser {
    mutating func parseFunctionStatement() throws(ScriptSyntaxError) -> FunctionID {
        let start = current.start
        advance()
        let name = try parseName("function name")
        return try parseFunction(named: name, from: start)
    }

    /// `trigger t = suggestion(…) { … }` is another spelling of `suggestion t(…) { … }`.
    mutating func parseTrigger() throws(ScriptSyntaxError) -> StatementID {
        let start = current.start
        advance()
        let name = try parseName("trigger name")
        try expect(.assign, "'=' after trigger name")
        try expect(.suggestion, "'suggestion' after '='")
        let function = try parseFunction(named: name, from: start)
        return tree.add(Statement(.function(function), start: start))
    }

    /// Signature and body of a function.
    mutating func parseFunction(
        named name: Symbol, from start: SourceOffset, isAnonymous: Bool = false
    ) throws(ScriptSyntaxError) -> FunctionID {
        try expect(.leftParenthesis, "'(' after function name")
        var parameters: [Parameter] = []
        if current.kind != .rightParenthesis {
            repeat {
                parameters.append(try parseParameter())
            } while skip(.comma)
        }
        try expect(.rightParenthesis, "')' after parameters")
        let annotation = try parseAnnotation()
        let body = try parseBlock("'{' after function signature")
        return tree.add(
            FunctionDeclaration(
                name: name, parameters: parameters, resultAnnotation: annotation, body: body, start: start,
                isAnonymous: isAnonymous))
    }

    private mutating func parseParameter() throws(ScriptSyntaxError) -> Parameter {
        let name = try parseName("parameter name")
        let isNullable = isExtended && skipQuestionMark()
        let annotation = try parseAnnotation()
        let value = isExtended && skip(.assign) ? try parseExpression() : nil
        return Parameter(
            name: name, annotation: annotation, isOptional: isNullable || value != nil, value: value)
    }
}

// MARK: - Sessions and records

extension Parser {
    mutating func parseSession() throws(ScriptSyntaxError) -> SessionID {
        let start = current.start
        advance()
        let name = try parseName("session name")
        try expect(.leftBrace, "'{' after session name")
        var fields: [SessionField] = []
        var methods: [SessionMethod] = []
        while !closesBlock {
            if isExtended && skip(.semicolon) { continue }
            switch try parseMember() {
            case .field(let field): fields.append(field)
            case .method(let method): methods.append(method)
            }
        }
        try expect(.rightBrace, "'}' after session body")
        return tree.add(SessionDeclaration(name: name, fields: fields, methods: methods, start: start))
    }

    /// Either kind of member of a session.
    private enum Member {
        case field(SessionField)
        case method(SessionMethod)
    }

    private mutating func parseMember() throws(ScriptSyntaxError) -> Member {
        let start = current.start
        let isStatic = skip(.dominant)
        let isPrivate = current.kind == .conceal
        let hasVisibility = skip(.expose) || skip(.conceal)
        switch current.kind {
        case .suggestion, .imperativeSuggestion, .dominantSuggestion:
            return .method(try parseMethod(from: start, isStatic: isStatic, isPrivate: isPrivate))
        default:
            guard hasVisibility else { throw expected("'suggestion' inside session") }
            return .field(try parseField(from: start, isStatic: isStatic, isPrivate: isPrivate))
        }
    }

    private mutating func parseMethod(
        from start: SourceOffset, isStatic: Bool, isPrivate: Bool
    ) throws(ScriptSyntaxError) -> SessionMethod {
        let isStatic = isStatic || current.kind == .dominantSuggestion
        advance()
        let isConstructor = skip(.constructor)
        let name = isConstructor ? tree.names.intern("constructor") : try parseName("method name")
        let function = try parseFunction(named: name, from: start)
        return SessionMethod(
            function: function, isConstructor: isConstructor, isStatic: isStatic, isPrivate: isPrivate,
            start: start)
    }

    private mutating func parseField(
        from start: SourceOffset, isStatic: Bool, isPrivate: Bool
    ) throws(ScriptSyntaxError) -> SessionField {
        let name = try parseName("field name in session")
        let annotation = try parseAnnotation()
        let value = skip(.assign) ? try parseExpression() : nil
        try expectSemicolon(after: "session field declaration")
        return SessionField(
            name: name, isStatic: isStatic, isPrivate: isPrivate, annotation: annotation, value: value,
            start: start)
    }

    mutating func parseRecordDeclaration(isStructural: Bool = false) throws(ScriptSyntaxError) -> RecordID {
        let start = current.start
        advance()
        let name = try parseName("tranceify type name")
        let brace = current.start
        try expect(.leftBrace, "'{' after tranceify name")
        var fields: [RecordFieldDeclaration] = []
        var methods: [FunctionID] = []
        while current.kind != .rightBrace {
            if isExtended && current.kind == .suggestion {
                methods.append(try parseRecordMethod())
            } else {
                fields.append(try parseRecordField())
            }
        }
        advance()
        tree.layout.noteRecord(brace, hasMethods: !methods.isEmpty)
        return tree.add(
            RecordDeclaration(
                name: name, fields: fields, isStructural: isStructural, methods: methods, start: start))
    }

    private mutating func parseRecordField() throws(ScriptSyntaxError) -> RecordFieldDeclaration {
        let field = try parseMemberName("field name")
        let isOptional = isExtended && skipQuestionMark()
        try expect(.colon, "':' after field name")
        let annotation: Symbol
        if isExtended {
            annotation = try parseWrittenType()
            if skip(.comma) {
                return RecordFieldDeclaration(name: field, annotation: annotation, isOptional: isOptional)
            }
        } else {
            annotation = try parseTypeName()
        }
        try expectSemicolon(after: "field declaration")
        return RecordFieldDeclaration(name: field, annotation: annotation, isOptional: isOptional)
    }

    private mutating func parseRecordMethod() throws(ScriptSyntaxError) -> FunctionID {
        let start = current.start
        advance()
        return try parseFunction(named: try parseMemberName("method name"), from: start)
    }

    /// A type where the grammar does look at it: a name or one of three type keywords.
    mutating func parseTypeName() throws(ScriptSyntaxError) -> Symbol {
        switch current.kind {
        case .identifier, .numberType, .stringType, .booleanType:
            defer { advance() }
            return tree.names.intern(text(of: current))
        default:
            throw expectedType()
        }
    }
}
