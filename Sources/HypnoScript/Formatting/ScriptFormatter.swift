package import SourceText

/// Lays a program out: indentation, blanks, line ends between statements. Tokens, comments and their order
/// stay as they are, and so does every line end inside of a statement.
///
/// Statements stand on lines of their own; a block with one statement may stay on one line where it was
/// written so. Nothing is wrapped: a long line is the author's business.
package struct ScriptFormatter {
    /// One level of indentation.
    static let step = 4

    private let tokens: [FormatToken]
    private let blocks: BlockLayout
    private let spacing: Spacing

    private var output = ""
    /// The brackets that are open.
    private var open: [OpenBracket] = []
    /// How far the current line is indented.
    private var indentation = 0
    private var isLineEmpty = true
    /// Only a line comment was written last: whatever comes needs a new line.
    private var needsNewline = false

    private struct OpenBracket {
        /// Of the line it stands in.
        let indentation: Int
        let token: Int
    }

    /// The formatted text, which ends with a line end.
    ///
    /// - Throws: the syntax error of a text that is no program.
    package static func format(
        _ source: SourceFile, dialect: ScriptDialect = .documented
    ) throws(ScriptSyntaxError) -> String {
        let tree = try SyntaxTree.parse(source, dialect)
        let tokens = try FormatToken.scan(source)
        var formatter = ScriptFormatter(tokens.items, tree.layout)
        formatter.run()
        let text = formatter.finished(rest: tokens.rest)
        // Whatever a mistake in here did to the program would be written over the only copy.
        precondition(FormatToken.areSame(source, text), "The formatter keeps tokens and comments.")
        return text
    }

    private init(_ tokens: [FormatToken], _ layout: SourceLayout) {
        self.tokens = tokens
        blocks = BlockLayout(tokens, layout)
        spacing = Spacing(tokens, layout)
    }

    private mutating func run() {
        for index in tokens.indices {
            write(commentsBefore: index)
            write(index)
        }
    }

    private func finished(rest: String) -> String {
        var text = output
        text += rest
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text + "\n"
    }

    // MARK: Lines

    private mutating func breakLine(blank: Bool = false) {
        guard !output.isEmpty else { return }
        output += blank && !output.hasSuffix("\n\n") ? "\n\n" : "\n"
        (isLineEmpty, needsNewline) = (true, false)
    }

    private mutating func indent(by width: Int) {
        indentation = width
        output += String(repeating: " ", count: width)
        isLineEmpty = false
    }

    /// Where a line begins whose first token is this one, or a comment before it.
    private func margin(before index: Int, isComment: Bool) -> Int {
        guard let bracket = open.last else {
            return blocks.beginsStatement(index) || isComment ? 0 : Self.step
        }
        if tokens[index].isClosing, !isComment { return bracket.indentation }
        let contents = bracket.indentation + Self.step
        if tokens[bracket.token].kind != .leftBrace { return contents }
        let isContinued = !blocks.beginsStatement(index) && !(isComment && tokens[index].isClosing)
        return isContinued ? contents + Self.step : contents
    }

    // MARK: Tokens

    private mutating func write(commentsBefore index: Int) {
        for (number, comment) in tokens[index].comments.enumerated() {
            let isTrailing = comment.newlinesBefore == 0 && !output.isEmpty && !needsNewline
            if isTrailing {
                let isAfterOpening = number == 0 && index > 0 && tokens[index - 1].isOpening
                let isTight = isAfterOpening && tokens[index - 1].kind != .leftBrace
                let blanks = comment.endsLine ? max(1, comment.blanksBefore) : isTight ? 0 : 1
                output += String(repeating: " ", count: isLineEmpty ? 0 : blanks)
            } else {
                breakLine(blank: comment.newlinesBefore > 1 && !isAfterOpening(index, number))
                indent(by: margin(before: index, isComment: true))
            }
            output += comment.text
            isLineEmpty = false
            needsNewline = comment.endsLine
        }
    }

    private func isAfterOpening(_ index: Int, _ comment: Int) -> Bool {
        index == 0 || comment == 0 && tokens[index - 1].isOpening
    }

    private mutating func write(_ index: Int) {
        let token = tokens[index]
        if token.isClosing { closeIfOpen() }
        let isBroken = needsNewline || blocks.breaks(before: index)
        if isBroken, !output.isEmpty {
            let isTight =
                token.isClosing || token.comments.isEmpty && index > 0 && tokens[index - 1].isOpening
            breakLine(blank: token.newlinesBefore > 1 && !isTight)
        }
        if output.isEmpty || isLineEmpty {
            indent(by: closing(index) ?? margin(before: index, isComment: false))
        } else if token.comments.isEmpty ? spacing.isNeeded(before: index) : !token.isTight {
            output += " "
        }
        output += token.text
        if token.isOpening { open.append(OpenBracket(indentation: indentation, token: index)) }
    }

    /// The bracket that the token about to be written closes.
    private var closed: OpenBracket?

    private mutating func closeIfOpen() { closed = open.popLast() }

    private func closing(_ index: Int) -> Int? {
        tokens[index].isClosing ? closed?.indentation ?? 0 : nil
    }
}

extension FormatToken {
    /// Whether it follows a comment without a blank.
    fileprivate var isTight: Bool {
        isClosing && kind != .rightBrace || kind == .comma || kind == .semicolon
    }

    /// The tokens of a program up to `Relax`, and the text behind it.
    static func scan(_ source: SourceFile) throws(ScriptSyntaxError) -> (items: [FormatToken], rest: String) {
        // Where single quotes are none in the program's own grammar there are none outside of strings.
        let scanned = try Lexer.scan(source, singleQuotes: true).tokens
        let bytes = Array(source.text.utf8)
        var items: [FormatToken] = []
        var end = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        for token in scanned where token.kind != .end {
            let start = Int(token.start.utf8)
            let trivia = TriviaReader(bytes[end..<start])
            items.append(
                FormatToken(
                    kind: token.kind, text: String(decoding: bytes[start..<token.end], as: UTF8.self),
                    start: token.start, comments: trivia.comments, newlinesBefore: trivia.newlines,
                    hasGap: start > end))
            end = token.end
            if token.kind == .relax, isEnd(items) { break }
        }
        return (items, String(decoding: bytes[end...], as: UTF8.self))
    }

    /// Whether the last token is the `Relax` that ends the program: all brackets are closed.
    private static func isEnd(_ items: [FormatToken]) -> Bool {
        items.reduce(0) { $1.isOpening ? $0 + 1 : $1.isClosing ? $0 - 1 : $0 } == 0
    }

    /// Whether two texts have the same tokens, the same comments and the same text behind `Relax`.
    static func areSame(_ source: SourceFile, _ text: String) -> Bool {
        do throws(ScriptSyntaxError) {
            let (left, leftRest) = try scan(source)
            let (right, rightRest) = try scan(SourceFile(name: source.name, text: text))
            return left.elementsEqual(right) { $0.isSame($1) } && trimmed(leftRest) == trimmed(rightRest)
        } catch {
            // What cannot be read any more is not the same.
            return false
        }
    }

    private func isSame(_ other: FormatToken) -> Bool {
        kind == other.kind && text.utf8.elementsEqual(other.text.utf8)
            && comments.map(\.text) == other.comments.map(\.text)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}
