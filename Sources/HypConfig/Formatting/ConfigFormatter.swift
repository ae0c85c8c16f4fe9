package import SourceText

/// Lays a configuration file out: indentation, blanks, at most one empty line in a row. Line ends separate
/// entries, so they stay where they are; texts of several lines stay as they are, too.
package struct ConfigFormatter {
    /// One level of indentation.
    private static let step = 4

    private var output = ""
    private var pieces: [ConfigPiece]
    /// How far the lines of the open brackets are indented.
    private var open: [Int] = []
    private var indentation = 0

    /// The formatted text, which ends with a line end unless it is empty.
    ///
    /// - Throws: what is wrong with a text that is no configuration.
    package static func format(_ source: SourceFile) throws(ConfigFailure) -> String {
        let clean = ConfigText.normalise(source.text, file: source.name)
        let findings = ConfigParser.parse(clean).findings
        guard findings.isEmpty else { throw ConfigFailure(findings.diagnostics) }
        let pieces = ConfigPiece.all(in: Array(clean.text.utf8))
        var formatter = ConfigFormatter(pieces: pieces)
        let text = formatter.text()
        // Whatever a mistake in here did to the file would be written over the only copy.
        let again = ConfigPiece.all(in: Array(text.utf8))
        precondition(
            pieces.elementsEqual(again) {
                $0.isSame($1) && ($0.newlinesBefore > 0) == ($1.newlinesBefore > 0)
            }
                || pieces.first.map { $0.newlinesBefore > 0 } == true
                    && pieces.dropFirst().elementsEqual(again.dropFirst()) { $0.isSame($1) },
            "The formatter keeps everything but blanks.")
        return text
    }

    private init(pieces: [ConfigPiece]) {
        self.pieces = pieces
    }

    private mutating func text() -> String {
        for index in pieces.indices {
            let piece = pieces[index]
            if piece.isClosing { closeIndentation() }
            if index == 0 {
                indent()
            } else if piece.newlinesBefore > 0 {
                let isTight = piece.isClosing || pieces[index - 1].isOpening
                output += piece.newlinesBefore > 1 && !isTight ? "\n\n" : "\n"
                indent(continued: isContinued(index))
            } else {
                output += String(repeating: " ", count: blanks(before: index))
            }
            output += piece.text
            if piece.isOpening { open.append(indentation) }
        }
        return output.isEmpty ? "" : output + "\n"
    }

    /// The indentation that the next line has if the bracket around it closes in it.
    private var closed: Int?

    private mutating func closeIndentation() { closed = open.popLast() }

    private mutating func indent(continued: Bool = false) {
        let outer = open.last.map { $0 + Self.step } ?? 0
        indentation = (closed ?? outer) + (continued ? Self.step : 0)
        closed = nil
        output += String(repeating: " ", count: indentation)
    }

    /// Whether a line goes on with what the last one began: a value behind its key.
    private func isContinued(_ index: Int) -> Bool {
        let before = pieces[..<index].last { $0.kind != .comment }
        return before?.kind == .sign(.colon)
    }

    private mutating func blanks(before index: Int) -> Int {
        closed = nil
        let (left, right) = (pieces[index - 1], pieces[index])
        if right.endsLine { return max(1, right.blanksBefore) }
        switch right.kind {
        case .sign(.colon), .sign(.comma): return left.kind == .comment ? 1 : 0
        case .sign(.closeBracket): return left.kind == .comment ? 1 : 0
        case .sign(.closeBrace): return left.kind == .sign(.openBrace) ? 0 : 1
        default: return left.kind == .sign(.openBracket) ? 0 : 1
        }
    }
}
