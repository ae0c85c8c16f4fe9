/// A misspelt word and what to write instead: the part of a finding that a machine can act on.
package struct Replacement: Sendable, Hashable {
    /// The first scalar of the word.
    package var position: SourcePosition
    /// The word as the text has it.
    package var old: String
    /// What is meant.
    package var new: String

    package init(position: SourcePosition, old: String, new: String) {
        self.position = position
        self.old = old
        self.new = new
    }

    /// How languages count the lines that positions name.
    package enum LineEndings: Sendable {
        /// A line ends at LF only: programs.
        case newline
        /// LF, CRLF and a lone CR end lines, and a byte order mark is not part of the text: configuration.
        case any
    }

    /// The text with the new word in the place of the old one, everything else byte by byte as it was; nil if
    /// the old word does not stand there.
    package func applied(to text: String, lines: LineEndings) -> String? {
        let scalars = text.unicodeScalars
        guard let start = start(in: scalars, lines), scalars[start...].starts(with: old.unicodeScalars) else {
            return nil
        }
        let end = scalars.index(start, offsetBy: old.unicodeScalars.count)
        return String(scalars[..<start]) + new + String(scalars[end...])
    }

    private func start(in scalars: String.UnicodeScalarView, _ lines: LineEndings) -> String.Index? {
        var index = scalars.startIndex
        if lines == .any, scalars.first == "\u{FEFF}" { index = scalars.index(after: index) }
        var line = 1
        while line < position.line {
            guard index < scalars.endIndex else { return nil }
            let scalar = scalars[index]
            index = scalars.index(after: index)
            switch scalar {
            case "\n": line += 1
            case "\r" where lines == .any:
                line += 1
                if index < scalars.endIndex, scalars[index] == "\n" { index = scalars.index(after: index) }
            default: break
            }
        }
        return scalars.index(index, offsetBy: position.column - 1, limitedBy: scalars.endIndex)
    }
}
