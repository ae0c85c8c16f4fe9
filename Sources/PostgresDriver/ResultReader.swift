internal import CPostgres
internal import Database
internal import SQL

/// libpq's results as ours.
enum ResultReader {
    /// All rows of a result.
    static func resultSet(of result: OpaquePointer, plan: PreparedStatement) -> ResultSet {
        let columns = PQnfields(result)
        guard columns > 0 else { return ResultSet(affectedRows: affectedRows(result)) }
        let names =
            plan.columns ?? (0..<columns).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        plan.columns = names
        let types = (0..<columns).map { PQftype(result, $0) }
        let rows = PQntuples(result)
        var values: [SQLValue] = []
        values.reserveCapacity(Int(rows) * Int(columns))
        for row in 0..<rows {
            for column in 0..<columns {
                values.append(field(result, row, column, type: types[Int(column)]))
            }
        }
        return ResultSet(columns: names, values: values, affectedRows: affectedRows(result))
    }

    /// The first word of what the server says it did: SELECT, INSERT, ROLLBACK.
    static func command(of result: OpaquePointer) -> Substring {
        let status = PQcmdStatus(result).map { String(cString: $0) } ?? ""
        return status.prefix { $0 != " " }
    }

    /// The server counts the rows that a SELECT gave as well.
    static func affectedRows(_ result: OpaquePointer) -> Int {
        guard let text = PQcmdTuples(result), text.pointee != 0,
            PQcmdStatus(result)?.pointee != CChar(bitPattern: UInt8(ascii: "S"))
        else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    private static func field(
        _ result: OpaquePointer, _ row: Int32, _ column: Int32, type: UInt32
    ) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
            return .null
        }
        let count = Int(PQgetlength(result, row, column))
        return start.withMemoryRebound(to: UInt8.self, capacity: count) {
            PostgresText.value(UnsafeBufferPointer(start: $0, count: count), type: type)
        }
    }
}
