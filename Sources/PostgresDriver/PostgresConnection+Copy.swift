internal import CPostgres
internal import Database
internal import SQL

/// COPY … FROM STDIN, outside of pipeline mode, in which there is no COPY.
extension PostgresConnection: BulkLoadingConnection {
    func load(
        _ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]
    ) throws(DatabaseError) -> Int {
        let dialect = PostgreSQLDialect()
        let names = columns.map { dialect.quote(identifier: $0) }.joined(separator: ", ")
        let text = "COPY \(dialect.quote(identifier: table)) (\(names)) FROM STDIN"
        try requireOpen(Statement(text))
        try sendWaiting()
        if handle.signal.isRaised { throw interrupted(text) }
        try handle.prepareToSend()
        guard PQexitPipelineMode(handle.pointer) == 1 else {
            throw handle.lost(PostgresErrors.connectionText(handle.pointer))
        }
        defer { PQenterPipelineMode(handle.pointer) }
        try beginCopy(text)
        let refusal = try sendRows(rows, columnCount: columns.count)
        try handle.flush()
        let count = try endCopy(text)
        if let refusal { throw refusal }
        return count
    }

    private func beginCopy(_ text: String) throws(DatabaseError) {
        guard PQsendQueryParams(handle.pointer, text, 0, nil, nil, nil, nil, 0) == 1 else {
            throw handle.lost(PostgresErrors.connectionText(handle.pointer))
        }
        try handle.flush()
        guard let result = try handle.nextResult() else {
            throw handle.lost("the server does not answer COPY")
        }
        defer { PQclear(result) }
        guard PQresultStatus(result) != PGRES_COPY_IN else { return }
        let error = PostgresErrors.error(result, isBroken: handle.isBroken, statement: text)
        while let rest = try handle.nextResult() { PQclear(rest) }
        throw error
    }

    /// Sends all rows, and that they are all. A row that the server cannot hold ends them: the server is told
    /// to forget those before it.
    ///
    /// - Returns: why they ended early; nil when they did not.
    private func sendRows(
        _ rows: some Sequence<[SQLValue]>, columnCount: Int
    ) throws(DatabaseError) -> DatabaseError? {
        var chunk: [UInt8] = []
        var refusal: DatabaseError?
        for row in rows {
            precondition(row.count == columnCount, "A row has a value for each column")
            if ParameterBuffer.firstWithNUL(row) != nil {
                refusal = DatabaseError(
                    .unexpectedValue, "A value holds a NUL character, which PostgreSQL cannot store in a text"
                )
                break
            }
            CopyText.append(row, to: &chunk)
            guard chunk.count >= Self.chunkSizeBytes else { continue }
            try put(&chunk)
            if handle.signal.isRaised {
                refusal = interrupted(nil)
                break
            }
        }
        if refusal == nil { try put(&chunk) }
        while true {
            let status = PQputCopyEnd(handle.pointer, refusal == nil ? nil : "given up by the sender")
            if status == 1 { return refusal }
            guard status == 0 else { throw handle.lost(PostgresErrors.connectionText(handle.pointer)) }
            try handle.flush()
        }
    }

    private static let chunkSizeBytes = 64 << 10

    private func put(_ chunk: inout [UInt8]) throws(DatabaseError) {
        while !chunk.isEmpty {
            let status = chunk.withUnsafeBytes { bytes in
                PQputCopyData(
                    handle.pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(clamping: bytes.count))
            }
            if status == 1 { chunk.removeAll(keepingCapacity: true) }
            guard status >= 0 else { throw handle.lost(PostgresErrors.connectionText(handle.pointer)) }
            try handle.flush()
        }
    }

    private func endCopy(_ text: String) throws(DatabaseError) -> Int {
        var failure: DatabaseError?
        var count = 0
        while let result = try handle.nextResult() {
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_COMMAND_OK {
                count = ResultReader.affectedRows(result)
            } else if failure == nil {
                failure = PostgresErrors.error(result, isBroken: handle.isBroken, statement: text)
            }
            if handle.isBroken { break }
        }
        // 57014 is the server's answer to our own giving up, for which the caller has a better reason.
        if let failure, failure.code != .cancelled { throw failure }
        if failure != nil, handle.signal.isRaised { throw interrupted(text) }
        return count
    }
}

/// Rows in the text form of COPY.
enum CopyText {
    /// Appends a line: tabs between the values, `\N` for NULL.
    static func append(_ row: [SQLValue], to bytes: inout [UInt8]) {
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            append(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null:
            bytes += "\\N".utf8
        case .bool, .integer, .double, .timestamp, .uuid:
            PostgresText.append(value, to: &bytes)
        case .text, .json, .decimal, .blob, .array:
            var plain: [UInt8] = []
            PostgresText.append(value, to: &plain)
            for byte in plain {
                switch byte {
                case UInt8(ascii: "\\"): bytes += "\\\\".utf8
                case UInt8(ascii: "\n"): bytes += "\\n".utf8
                case UInt8(ascii: "\r"): bytes += "\\r".utf8
                case UInt8(ascii: "\t"): bytes += "\\t".utf8
                default: bytes.append(byte)
                }
            }
        }
    }
}
