/// One source line and the marks below it, cut to a width that fits a terminal.
struct SourceExcerpt {
    /// The line as it is shown.
    private(set) var line = ""
    /// Blanks and carets; the carets stand below what the diagnostic is about.
    private(set) var marks = ""

    /// The widest excerpt; with the gutter it stays within 110 columns.
    static let maximumWidth = 100
    /// How much of a cut line stays visible before the column.
    static let leadWidth = 40

    /// - Parameters:
    ///   - column: 1-based, in scalars; one past the end is the end of the line.
    ///   - length: how many scalars to mark; what lies beyond the line's end is not marked.
    init(of source: String, column: Int, length: Int) {
        let cells = Self.cells(of: source)
        let target = min(max(column - 1, 0), cells.count)
        let window = Self.window(of: cells, around: target)
        let marked = target..<max(target + 1, min(target + length, cells.count))

        if window.lowerBound > 0 { append(text: "…", width: 1, marked: false) }
        for index in window {
            append(text: cells[index].text, width: cells[index].width, marked: marked.contains(index))
        }
        if window.upperBound < cells.count { append(text: "…", width: 1, marked: false) }
        if !marks.contains("^") { marks += "^" }
        while marks.last == " " { marks.removeLast() }
    }

    private mutating func append(text: String, width: Int, marked: Bool) {
        line += text
        marks += String(repeating: marked ? "^" : " ", count: width)
    }

    private static func cells(of source: String) -> [DisplayCell] {
        var column = 0
        return source.unicodeScalars.map { scalar in
            let cell = DisplayCell(scalar, atColumn: column)
            column += cell.width
            return cell
        }
    }

    /// The cells to show: all of them when they fit, else a stretch that begins shortly before the target.
    private static func window(of cells: [DisplayCell], around target: Int) -> Range<Int> {
        guard cells.reduce(0, { $0 + $1.width }) > maximumWidth else { return 0..<cells.count }
        var start = target
        var lead = 0
        while start > 0, lead + cells[start - 1].width <= leadWidth {
            start -= 1
            lead += cells[start].width
        }
        // Two columns are kept for the ellipses.
        var end = start
        var width = 0
        while end < cells.count, width + cells[end].width <= maximumWidth - 2 {
            width += cells[end].width
            end += 1
        }
        return start..<end
    }
}
