/// Rows of text under a head, each column as wide as its widest cell.
struct Table {
    enum Alignment {
        case left, right
    }

    /// A cell: what is printed and how wide it appears, which differs where it is coloured.
    struct Cell {
        let text: String
        let width: Int

        init(_ text: String, style: Style? = nil, colour: Bool = false) {
            width = text.unicodeScalars.count
            self.text = style.map { $0(text, if: colour) } ?? text
        }
    }

    private let heads: [String]
    private let alignments: [Alignment]
    private var rows: [[Cell]] = []

    init(_ columns: [(head: String, alignment: Alignment)]) {
        heads = columns.map(\.head)
        alignments = columns.map(\.alignment)
    }

    mutating func add(_ row: [Cell]) {
        precondition(row.count == heads.count, "A row has a cell for each column.")
        rows.append(row)
    }

    func lines(colour: Bool) -> [String] {
        let all = [heads.map { Cell($0, style: .bold, colour: colour) }] + rows
        let widths = heads.indices.map { column in all.map { $0[column].width }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.width)
                if column > 0 { line += "  " }
                switch alignments[column] {
                case .left: line += column == row.count - 1 ? cell.text : cell.text + padding
                case .right: line += padding + cell.text
                }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
