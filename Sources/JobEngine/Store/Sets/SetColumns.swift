import SQL

/// The rows of a set as the arrays of a statement: one for each column, and for a column with one value in
/// all rows that value alone. Of the sixteen columns of a record twelve are such, as a rule; an array that is
/// not sent, parsed and walked saves a third of a microsecond for each row.
struct SetColumns {
    private var columns: [[SQLValue]]

    /// - Parameter count: of the columns; the first is what the rows go by and always an array.
    init(count: Int) {
        columns = Array(repeating: [], count: count)
    }

    var isEmpty: Bool { columns[0].isEmpty }

    mutating func append(_ row: [SQLValue]) {
        precondition(row.count == columns.count, "A row has a value for each column")
        for (index, value) in row.enumerated() { columns[index].append(value) }
    }

    /// For all columns but the first the value of every row, or NULL; then the arrays of all columns, empty
    /// where there is such a value.
    var bindings: [SQLValue] {
        var values: [SQLValue] = []
        var arrays = [SQLValue.array(columns[0])]
        for column in columns.dropFirst() {
            if let first = column.first, column.allSatisfy({ $0 == first }) {
                values.append(first)
                arrays.append(.array([]))
            } else {
                values.append(.null)
                arrays.append(.array(column))
            }
        }
        return values + arrays
    }
}
