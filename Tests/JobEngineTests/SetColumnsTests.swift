import SQL
import Testing

@testable import JobEngine

@Suite("Columns of sets")
struct SetColumnsTests {
    @Test("a column with one value is that value, one with several an array, and the first always an array")
    func bindings() {
        var columns = SetColumns(count: 4)
        #expect(columns.isEmpty)
        columns.append([.integer(1), .text("a"), .null, .integer(7)])
        columns.append([.integer(1), .text("b"), .null, .integer(7)])
        #expect(
            columns.bindings == [
                .null, .null, .integer(7), .array([.integer(1), .integer(1)]),
                .array([.text("a"), .text("b")]),
                .array([]), .array([]),
            ])
    }

    @Test("a value that some rows lack is no value of all")
    func partlyNull() {
        var columns = SetColumns(count: 2)
        columns.append([.integer(1), .null])
        columns.append([.integer(2), .text("a")])
        #expect(
            columns.bindings == [.null, .array([.integer(1), .integer(2)]), .array([.null, .text("a")])])
    }
}
