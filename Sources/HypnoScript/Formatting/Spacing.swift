/// Where a blank stands between two tokens of one line.
struct Spacing {
    private let tokens: [FormatToken]
    private let layout: SourceLayout
    /// By token: an operator before its operand.
    private var isPrefix: [Bool]
    /// By token: in a statement that begins with `assert`.
    private var isInAssert: [Bool]

    init(_ tokens: [FormatToken], _ layout: SourceLayout) {
        self.tokens = tokens
        self.layout = layout
        isPrefix = Array(repeating: false, count: tokens.count)
        isInAssert = Array(repeating: false, count: tokens.count)
        var isAsserting = false
        for (index, token) in tokens.enumerated() {
            switch token.kind {
            case .assert: isAsserting = true
            case .semicolon: isAsserting = false
            default: break
            }
            isInAssert[index] = isAsserting
            guard !token.isWord, token.kind == .minus || token.kind == .not else { continue }
            isPrefix[index] = index == 0 || !endsOperand(index - 1)
        }
    }

    /// Whether a value may end with the token, so that `-` behind it has two operands.
    private func endsOperand(_ index: Int) -> Bool {
        let token = tokens[index]
        switch token.kind {
        case .number, .string, .true, .false, .rightParenthesis, .rightBracket, .rightBrace: return true
        case .identifier:
            // `throw -1;` at the beginning of a statement.
            guard token.text == "throw", index > 0 else { return true }
            switch tokens[index - 1].kind {
            case .semicolon, .leftBrace, .rightBrace: return false
            default: return true
            }
        default: return token.kind.isTypeWord || index > 0 && isAccess(index - 1)
        }
    }

    /// Whether the token is `.` or `?.`, after which every word is a name.
    private func isAccess(_ index: Int) -> Bool {
        !tokens[index].isWord && (tokens[index].kind == .dot || tokens[index].kind == .optionalAccess)
    }

    /// Whether a blank stands before the token, which is not the first.
    func isNeeded(before index: Int) -> Bool {
        guard index > 0 else { return false }
        let (left, right) = (tokens[index - 1], tokens[index])
        // `5 .x` is not `5.x`; in a type, `? ?` is not `??`.
        if left.kind == .number, right.text.hasPrefix(".") { return true }
        if left.kind == .unused, right.text.hasPrefix("?") || right.text.hasPrefix(".") { return true }
        if isPrefix[index - 1] || isAccess(index - 1) || left.kind == .ellipsis { return false }
        switch right.kind {
        case .semicolon, .comma, .rightParenthesis, .rightBracket: return false
        case .dot, .optionalAccess: return right.isWord
        case .colon: return isInAssert[index] && right.hasGap
        case .unused: return false
        case .leftParenthesis: return isNeeded(beforeParenthesis: index)
        case .leftBracket: return isNeeded(beforeBracket: index)
        case .leftBrace: return left.kind != .leftParenthesis && left.kind != .leftBracket
        case .rightBrace: return left.kind != .leftBrace || !isInline(index - 1)
        default: break
        }
        if left.kind == .leftParenthesis || left.kind == .leftBracket { return false }
        return !isTypeSign(index) && !isTight(after: index - 1)
    }

    private func isInline(_ index: Int) -> Bool { layout.isInlineBrace(tokens[index].start) }

    /// Whether the token stands in a type, directly at the one before.
    private func isTypeSign(_ index: Int) -> Bool {
        guard layout.isTypeSign(tokens[index].start) else { return false }
        return tokens[index].kind != .minus
    }

    /// Whether nothing stands behind the token of a type.
    private func isTight(after index: Int) -> Bool {
        guard layout.isTypeSign(tokens[index].start) else { return false }
        return tokens[index].kind == .less || tokens[index].kind == .minus
    }

    private func isNeeded(beforeParenthesis index: Int) -> Bool {
        let left = tokens[index - 1]
        switch left.kind {
        case .identifier:
            return left.text == "for" && index > 1 && beginsStatement(index - 1)
                || left.text == "catch" && index > 1 && tokens[index - 2].kind == .rightBrace
                || (left.text == "in" || left.text == "of" || left.text == "throw") && tokens[index].hasGap
        case .number, .string, .rightParenthesis, .rightBracket, .rightBrace, .leftParenthesis, .leftBracket,
            .suggestion, .constructor, .drift, .optionalAccess, .unused:
            return left.isWord && left.kind == .optionalAccess
        case .observe, .whisper, .command, .murmur, .awaken, .assert, .call, .oscillate:
            return tokens[index].hasGap && !isMember(index - 1)
        case .greater, .less, .minus: return !isTight(after: index - 1)
        default: return !isMember(index - 1) && !left.kind.isTypeWord
        }
    }

    private func isNeeded(beforeBracket index: Int) -> Bool {
        let left = tokens[index - 1]
        switch left.kind {
        case .identifier:
            return (left.text == "in" || left.text == "of" || left.text == "throw") && tokens[index].hasGap
        case .string, .number, .rightParenthesis, .rightBracket, .rightBrace, .leftParenthesis, .leftBracket,
            .unused:
            return false
        case .greater: return !layout.isTypeSign(left.start)
        default:
            if left.isWord && left.kind.isTypeWord && left.kind != .command { return false }
            return !isMember(index - 1) && !isAccess(index - 1)
        }
    }

    /// Whether the word is the name of a member.
    private func isMember(_ index: Int) -> Bool { index > 0 && isAccess(index - 1) }

    private func beginsStatement(_ index: Int) -> Bool {
        switch tokens[index - 1].kind {
        case .semicolon, .leftBrace, .rightBrace, .rightParenthesis, .else: true
        default: false
        }
    }
}
