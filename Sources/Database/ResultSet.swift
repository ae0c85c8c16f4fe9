package import SQL

/// What a statement gave back: rows, and how many rows it changed.
package struct ResultSet: Sendable {
    /// The columns' names in order, shared by all rows.
    package let columns: [String]
    /// Rows inserted, updated or deleted; 0 for anything else.
    package let affectedRows: Int
    /// All rows' values one after the other: one array for the whole set instead of one for each row.
    private let values: [SQLValue]
    private let rowCount: Int

    /// - Parameter values: `rowCount` times as many values as there are columns.
    package init(columns: [String], values: [SQLValue], affectedRows: Int) {
        precondition(
            columns.isEmpty ? values.isEmpty : values.count % columns.count == 0, "A row is incomplete")
        self.columns = columns
        self.values = values
        self.affectedRows = affectedRows
        rowCount = columns.isEmpty ? 0 : values.count / columns.count
    }

    /// No columns, no rows.
    package init(affectedRows: Int) {
        self.init(columns: [], values: [], affectedRows: affectedRows)
    }

    /// The rows in the order in which the database gave them.
    package var rows: Rows { Rows(columns: columns, values: values, count: rowCount) }

    /// The first row, nil when there is none.
    package var first: Row? { rows.first }

    package var isEmpty: Bool { rowCount == 0 }

    /// The rows of a result.
    package struct Rows: RandomAccessCollection, Sendable {
        fileprivate let columns: [String]
        fileprivate let values: [SQLValue]
        package let count: Int

        package var startIndex: Int { 0 }
        package var endIndex: Int { count }

        package subscript(index: Int) -> Row {
            precondition(index >= 0 && index < count, "There is no row \(index)")
            return Row(columns: columns, values: values, offset: index * columns.count)
        }
    }
}
