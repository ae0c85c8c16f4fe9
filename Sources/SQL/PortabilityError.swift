/// Why a statement cannot be split or put into a database's words, and where in its text.
package struct PortabilityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of obstacle.
    package enum Code: Sendable {
        /// A string, quoted name or comment has no end.
        case unterminated
        /// The database has nothing that does this.
        case unsupported
    }

    package let code: Code
    /// One sentence, without the position.
    package let message: String
    /// From 1, as in the statement's own text.
    package let line: Int
    /// From 1, counted in Unicode scalars.
    package let column: Int
    /// The database that lacks the construct; nil when the text is wrong everywhere.
    package let dialect: String?

    init(_ code: Code, _ message: String, at offset: Int, in text: String, dialect: String? = nil) {
        self.code = code
        self.message = message
        self.dialect = dialect
        (line, column) = Self.position(of: offset, in: text)
    }

    package var description: String { "\(line):\(column): \(message)" }

    /// Line and column, both from 1, of a UTF-8 offset.
    package static func position(of offset: Int, in text: String) -> (line: Int, column: Int) {
        let scalars = text.unicodeScalars
        let end = scalars.utf8Index(offset, in: text)
        var line = 1
        var column = 1
        for scalar in scalars[..<end] {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}

extension String.UnicodeScalarView {
    /// The index of a UTF-8 offset, at the end of the text at most.
    fileprivate func utf8Index(_ offset: Int, in text: String) -> String.Index {
        text.utf8.index(startIndex, offsetBy: offset, limitedBy: endIndex) ?? endIndex
    }
}
