/// Lays a diagnostic out for people: headline, place, excerpt with carets, help, where to read more.
///
/// The text is safe for a terminal: nothing from the source reaches it but printable characters.
package struct DiagnosticRenderer: Sendable {
    private let colour: Bool

    /// - Parameter colour: whether to use ANSI colours; nothing is said by colour alone.
    package init(colour: Bool) {
        self.colour = colour
    }

    /// The diagnostic as lines joined by LF, without one at the end.
    package func render(_ diagnostic: Diagnostic) -> String {
        var lines = [headline(of: diagnostic)]
        if !diagnostic.file.isEmpty { lines.append(" \(paint("-->", .dim)) \(place(of: diagnostic))") }
        lines += excerpt(of: diagnostic)
        if let help = diagnostic.help {
            lines.append("\(paint("help:", .accent)) \(help.displayable)")
        }
        lines.append(paint("see: hypjobs explain \(diagnostic.code.label)", .dim))
        return lines.joined(separator: "\n")
    }

    private func headline(of diagnostic: Diagnostic) -> String {
        let kind = "\(diagnostic.severity.rawValue)[\(diagnostic.code.label)]:"
        return "\(paint(kind, .severity(diagnostic.severity))) \(diagnostic.message.displayable)"
    }

    private func place(of diagnostic: Diagnostic) -> String {
        let file = diagnostic.file.displayable
        guard let position = diagnostic.position else { return file }
        return "\(file):\(position.line):\(position.column)"
    }

    private func excerpt(of diagnostic: Diagnostic) -> [String] {
        guard let position = diagnostic.position, let source = diagnostic.sourceLine else { return [] }
        let excerpt = SourceExcerpt(of: source, column: position.column, length: diagnostic.length)
        let number = String(position.line)
        let gutter = paint(String(repeating: " ", count: number.count) + " |", .dim)
        return [
            gutter,
            "\(paint(number + " |", .dim)) \(excerpt.line)",
            "\(gutter) \(paintMarks(excerpt.marks, diagnostic.severity))",
        ]
    }

    /// Paints the carets but not the blanks before them, so that no trailing style reaches the margin.
    private func paintMarks(_ marks: String, _ severity: Diagnostic.Severity) -> String {
        let blanks = marks.prefix { $0 == " " }
        return blanks + paint(String(marks.dropFirst(blanks.count)), .severity(severity))
    }

    private enum Style {
        case severity(Diagnostic.Severity)
        case accent
        case dim

        var sequence: String {
            switch self {
            case .severity(.error): "\u{1B}[1;31m"
            case .severity(.warning): "\u{1B}[1;33m"
            case .severity(.note): "\u{1B}[1;36m"
            case .accent: "\u{1B}[1;32m"
            case .dim: "\u{1B}[2m"
            }
        }
    }

    private func paint(_ text: String, _ style: Style) -> String {
        colour ? "\(style.sequence)\(text)\u{1B}[0m" : text
    }
}
