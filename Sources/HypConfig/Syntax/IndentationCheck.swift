import SourceText

/// Remembers how lines with brackets are indented, to guess where a missing one belongs.
///
/// The language does not care about indentation; people do, and so the first closing bracket that is not
/// indented like its opening line is nearly always the one whose partner was forgotten.
struct IndentationCheck {
    private var open: [(position: SourcePosition, indentation: Int)] = []
    private var firstMismatch: (closing: SourcePosition, opening: SourcePosition)?

    /// Notes an opening bracket.
    mutating func open(_ lexer: inout ConfigLexer, at position: SourcePosition) {
        open.append((position, lexer.indentation()))
    }

    /// Notes a closing bracket.
    mutating func close(_ lexer: inout ConfigLexer, at position: SourcePosition) {
        guard let opening = open.popLast(), firstMismatch == nil, opening.position.line != position.line,
            lexer.isFirstInLine(), lexer.indentation() != opening.indentation
        else { return }
        firstMismatch = (position, opening.position)
    }

    /// Where to look for the missing bracket, if the indentation tells.
    var help: String? {
        guard let mismatch = firstMismatch else { return nil }
        let (closing, opening) = (mismatch.closing, mismatch.opening)
        return """
            the bracket at \(closing.line):\(closing.column) closes the one of \
            \(opening.line):\(opening.column), but is indented differently; is one missing before it?
            """
    }
}
