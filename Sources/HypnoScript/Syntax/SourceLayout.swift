/// What the parser knows about single tokens that the formatter needs, by where they begin.
///
/// One word wide: an unoptimised parser keeps copies of itself, and so of the tree, in every frame.
package struct SourceLayout: Sendable {
    /// What a token is.
    private enum Mark {
        /// A brace around anything but statements and members: a literal, a pattern, cases.
        case inlineBrace
        /// The brace of a record, without methods; with methods.
        case fieldBrace, recordBrace
        /// A `<`, `>` or `-` that is part of a type.
        case typeSign
    }

    private var marks: [SourceOffset: Mark] = [:]

    /// Notes a brace that opens no block of statements.
    mutating func noteInlineBrace(_ start: SourceOffset) { marks[start] = .inlineBrace }

    /// Notes the brace of a declaration of a record.
    mutating func noteRecord(_ start: SourceOffset, hasMethods: Bool) {
        marks[start] = hasMethods ? .recordBrace : .fieldBrace
    }

    /// Notes a token of a type that looks like an operator.
    mutating func noteTypeSign(_ start: SourceOffset) { marks[start] = .typeSign }

    /// Whether the brace stands around something that may stay on one line.
    func isInlineBrace(_ start: SourceOffset) -> Bool {
        marks[start] == .inlineBrace || marks[start] == .fieldBrace
    }

    /// Whether the brace opens the declaration of a record.
    func isRecordBrace(_ start: SourceOffset) -> Bool {
        marks[start] == .recordBrace || marks[start] == .fieldBrace
    }

    func isTypeSign(_ start: SourceOffset) -> Bool { marks[start] == .typeSign }
}
