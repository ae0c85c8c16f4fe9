/// Which tokens of a program begin lines.
struct BlockLayout {
    private let tokens: [FormatToken]
    /// By token: the bracket that belongs to it, -1 for other tokens.
    private var partners: [Int]
    /// By token: the innermost bracket around it, -1 outside of all.
    private var enclosing: [Int]
    /// By token: a brace around statements or members.
    private var isBlock: [Bool]
    /// By token: the `{` of a record.
    private var isRecord: [Bool]
    /// By token: a `}` after which another statement begins.
    private var endsStatement: [Bool]
    /// By token: such a brace whose contents stay in its line.
    private var isOneLine: [Bool]

    /// The longest line of a block that stays on one, without what stands before it.
    private static let longestBlock = 80

    init(_ tokens: [FormatToken], _ layout: SourceLayout) {
        self.tokens = tokens
        partners = Array(repeating: -1, count: tokens.count)
        enclosing = Array(repeating: -1, count: tokens.count)
        isBlock = Array(repeating: false, count: tokens.count)
        isOneLine = Array(repeating: false, count: tokens.count)
        endsStatement = Array(repeating: false, count: tokens.count)
        isRecord = tokens.map { layout.isRecordBrace($0.start) }
        var open: [Int] = []
        for (index, token) in tokens.enumerated() {
            if token.isClosing, let opening = open.popLast() {
                (partners[index], partners[opening]) = (opening, index)
                isBlock[index] = isBlock[opening]
                endsStatement[index] = isBlock[index] || isRecord[opening]
            }
            enclosing[index] = open.last ?? -1
            guard token.isOpening else { continue }
            isBlock[index] = token.kind == .leftBrace && !layout.isInlineBrace(token.start)
            open.append(index)
        }
        // From the inside out: a block is on one line only if those within are.
        for index in tokens.indices.reversed() where isBlock[index] && tokens[index].isOpening {
            isOneLine[index] = staysOnOneLine(index)
            if partners[index] >= 0 { isOneLine[partners[index]] = isOneLine[index] }
        }
    }

    private func staysOnOneLine(_ opening: Int) -> Bool {
        let closing = partners[opening]
        guard closing >= 0, enclosing[opening] >= 0 || !isFrame(opening) else { return false }
        if closing == opening + 1 { return tokens[closing].comments.isEmpty }
        var (statements, width) = (0, 0)
        for index in opening + 1...closing {
            let token = tokens[index]
            guard token.comments.isEmpty, token.newlinesBefore == 0, !token.text.contains("\n") else {
                return false
            }
            width += token.text.unicodeScalars.count + 1
            guard index < closing else { break }
            if isBlock[index], token.isOpening, !isOneLine[index] { return false }
            guard enclosing[index] == opening else { continue }
            if token.kind == .semicolon || isRecord[opening] && token.kind == .comma
                || isBlock[index] && token.isOpening
            {
                statements += 1
            }
        }
        return statements <= 1 && width <= Self.longestBlock
    }

    /// Whether the brace opens `Focus`, an entrance or a finale.
    private func isFrame(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        return tokens[index - 1].kind == .focus
    }

    // MARK: Asking

    /// Whether the token is the first of a statement, of a member, or of a case.
    func beginsStatement(_ index: Int) -> Bool {
        guard index > 0 else { return true }
        let (token, before) = (tokens[index], index - 1)
        let around = enclosing[index]
        if around >= 0, !isBlock[around] {
            // In a literal, a list of cases or of fields.
            switch tokens[before].kind {
            case .comma, .semicolon, .leftBrace: return true
            default: return token.kind == .when || token.kind == .otherwise
            }
        }
        switch tokens[before].kind {
        case .semicolon, .leftBrace: return true
        case .comma: return around >= 0 && isRecord[around]
        case .rightBrace where endsStatement[before]: return !continues(index)
        default: return token.kind == .rightBrace || token.kind == .focus
        }
    }

    /// Whether a line ends before the token.
    func breaks(before index: Int) -> Bool {
        guard index > 0 else { return false }
        let token = tokens[index]
        let before = index - 1
        if isBlock[before], tokens[before].isOpening { return !isOneLine[before] }
        if isBlock[index], token.isClosing { return !isOneLine[index] }
        if token.kind == .relax, isBlock[before] { return false }
        let around = enclosing[index]
        if !token.isClosing, around < 0 || isBlock[around] {
            if tokens[before].kind == .semicolon { return !(around >= 0 && isOneLine[around]) }
            if around >= 0, isRecord[around], tokens[before].kind == .comma { return !isOneLine[around] }
            if endsStatement[before] { return !continues(index) }
        }
        // Elsewhere lines end where the author ended them, except before what belongs to the line above.
        guard token.newlinesBefore > 0 || token.comments.last.map(\.endsLine) ?? false else { return false }
        return token.kind != .semicolon && token.kind != .comma && token.kind != .leftBrace
    }

    /// Whether a token behind the `}` of a block belongs to the same statement.
    private func continues(_ index: Int) -> Bool {
        let token = tokens[index]
        switch token.kind {
        case .else, .semicolon, .comma, .dot, .optionalAccess, .leftParenthesis, .leftBracket,
            .rightParenthesis, .rightBracket, .assign, .relax, .arrow, .colon:
            return true
        case .identifier:
            return token.text == "catch" || token.text == "finally" || token.text == "with"
        default: return token.kind.binaryOperator != nil
        }
    }
}
