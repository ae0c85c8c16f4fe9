/// What the parser knows about single tokens that the formatter needs.
package struct SourceLayout: Sendable {
    /// Braces around anything but statements and members: literals, patterns, cases, records without methods.
    var inlineBraces: Set<SourceOffset> = []
    /// Braces of declarations of records.
    var recordBraces: Set<SourceOffset> = []
    /// `<`, `>` and `-` that are parts of a type.
    var typeSigns: Set<SourceOffset> = []
}
