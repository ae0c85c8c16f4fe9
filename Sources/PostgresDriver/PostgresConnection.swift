internal import CPostgres
internal import Database
internal import Effects
internal import SQL

/// One connection to a PostgreSQL server. Confined to one thread, except for its interrupt.
final class PostgresConnection: DatabaseConnection {
    private let handle: PostgresHandle
    private var statements: PreparedStatements

    init(_ configuration: PostgresConfiguration) throws(DatabaseError) {
        handle = try PostgresHandle(configuration)
        statements = PreparedStatements(limit: configuration.statementCacheSize)
        do {
            try requireVersion(configuration)
        } catch {
            close()
            throw error
        }
    }

    deinit {
        close()
    }

    /// Older servers lack what the engine's statements use.
    private static let oldestVersion: Int32 = 130_000

    private func requireVersion(_ configuration: PostgresConfiguration) throws(DatabaseError) {
        let version = PQserverVersion(handle.pointer)
        guard version >= Self.oldestVersion else {
            throw DatabaseError(
                .cannotConnect,
                "Cannot use \(configuration.place): the server is PostgreSQL \(version / 10_000), "
                    + "and \(Self.oldestVersion / 10_000) or newer is needed")
        }
    }

    var isUsable: Bool {
        !handle.isBroken && PQtransactionStatus(handle.pointer) == PQTRANS_IDLE
    }

    var interrupt: @Sendable () -> Void {
        let signal = handle.signal
        return { signal.raise() }
    }

    func absorbInterrupt() {
        handle.signal.lower()
    }

    func close() {
        handle.close()
    }

    @discardableResult
    func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        guard handle.isOpen else {
            throw DatabaseError(.closed, "The connection is closed", statement: statement.text)
        }
        if handle.signal.isRaised { throw interrupted(statement.text) }
        let texts = try bindings(of: statement)
        guard Self.isPreparable(statement.text) else { return try run(simple: statement.text) }
        let prepared = try prepared(statement.text)
        guard prepared.parameterCount == statement.bindings.count else {
            throw DatabaseError(
                .syntax,
                "The statement has \(prepared.parameterCount) parameters and was given "
                    + "\(statement.bindings.count)", statement: statement.text)
        }
        do {
            return try run(prepared, texts, statement.text)
        } catch  where error.driverCode == "0A000" {
            // The schema may have changed under it: outside of a transaction it is prepared anew.
            try forget(statement.text)
            guard PQtransactionStatus(handle.pointer) == PQTRANS_IDLE else { throw error }
            return try run(try self.prepared(statement.text), texts, statement.text)
        }
    }

    // MARK: Prepared statements

    private func prepared(_ text: String) throws(DatabaseError) -> PreparedStatements.Entry {
        if let known = statements[text] { return known }
        let (entry, evicted) = statements.make(for: text)
        if let evicted { try run(simple: "DEALLOCATE \(evicted)") }
        let sent = PQsendPrepare(handle.pointer, entry.name, entry.text, 0, nil)
        try collect(sent, statement: text) { _ in }
        statements.insert(entry, for: text)
        return entry
    }

    private func forget(_ text: String) throws(DatabaseError) {
        guard let entry = statements.remove(text) else { return }
        guard PQtransactionStatus(handle.pointer) == PQTRANS_IDLE else { return }
        try run(simple: "DEALLOCATE \(entry.name)")
    }

    /// Transaction control and DDL are not worth a place in the cache, and some of it cannot be prepared.
    private static func isPreparable(_ text: String) -> Bool {
        let word = text.utf8.drop { $0 <= 0x20 || $0 == UInt8(ascii: "(") }
            .prefix { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
        return ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES"].contains(
            String(Substring(word)).uppercased())
    }

    // MARK: Running

    private func bindings(of statement: Statement) throws(DatabaseError) -> [String?] {
        var texts: [String?] = []
        texts.reserveCapacity(statement.bindings.count)
        for (index, value) in statement.bindings.enumerated() {
            let text = PostgresText.text(of: value)
            if let text, text.utf8.contains(0) {
                throw DatabaseError(
                    .unexpectedValue,
                    "Value \(index + 1) holds a NUL character, which PostgreSQL cannot store in a text",
                    statement: statement.text)
            }
            texts.append(text)
        }
        return texts
    }

    private func run(
        _ prepared: PreparedStatements.Entry, _ texts: [String?], _ text: String
    ) throws(DatabaseError) -> ResultSet {
        let sent = CStrings.with(texts) { values in
            PQsendQueryPrepared(
                handle.pointer, prepared.name, Int32(texts.count), values, nil, nil, 0)
        }
        var set = ResultSet(affectedRows: 0)
        try collect(sent, statement: text) { set = Self.resultSet(of: $0) }
        return set
    }

    @discardableResult
    private func run(simple text: String) throws(DatabaseError) -> ResultSet {
        // With parameters, even none, the server takes one statement and refuses a second behind it.
        let sent = PQsendQueryParams(handle.pointer, text, 0, nil, nil, nil, nil, 0)
        var set = ResultSet(affectedRows: 0)
        try collect(sent, statement: text) { set = Self.resultSet(of: $0) }
        return set
    }

    /// Waits for all results of what was sent; the first error counts.
    private func collect(
        _ sent: Int32, statement: String, _ take: (OpaquePointer) -> Void
    ) throws(DatabaseError) {
        guard sent == 1 else {
            throw DatabaseError(
                .connectionLost, "The connection broke: \(PostgresErrors.connectionText(handle.pointer))",
                statement: statement)
        }
        try handle.flush()
        var failure: DatabaseError?
        while let result = try handle.nextResult() {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: take(result)
            default:
                failure =
                    failure
                    ?? PostgresErrors.error(result, isBroken: handle.isBroken, statement: statement)
            }
        }
        guard let failure else { return }
        if failure.code == .cancelled, handle.signal.isRaised { throw interrupted(statement) }
        throw failure
    }

    /// The interrupt has done its work with the statement it stops.
    private func interrupted(_ text: String) -> DatabaseError {
        handle.signal.lower()
        return DatabaseError(
            .cancelled, "The statement was interrupted", driverCode: "57014", statement: text)
    }

    private static func resultSet(of result: OpaquePointer) -> ResultSet {
        let columns = PQnfields(result)
        let rows = PQntuples(result)
        let affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        guard columns > 0 else { return ResultSet(affectedRows: affected) }
        let names = (0..<columns).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        let types = (0..<columns).map { PQftype(result, $0) }
        var values: [SQLValue] = []
        values.reserveCapacity(Int(rows) * Int(columns))
        for row in 0..<rows {
            for column in 0..<columns {
                values.append(field(result, row, column, type: types[Int(column)]))
            }
        }
        let isRead = PQcmdStatus(result).map { String(cString: $0).hasPrefix("SELECT") } ?? false
        return ResultSet(columns: names, values: values, affectedRows: isRead ? 0 : affected)
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

/// Swift strings as an array of C strings, for the time of a call.
private enum CStrings {
    static func with<Result>(
        _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        // One buffer for all texts: an allocation for each would cost more than the copy.
        var bytes: [CChar] = []
        var offsets: [Int?] = []
        bytes.reserveCapacity(texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
        for text in texts {
            guard let text else {
                offsets.append(nil)
                continue
            }
            offsets.append(bytes.count)
            for byte in text.utf8 { bytes.append(CChar(bitPattern: byte)) }
            bytes.append(0)
        }
        return bytes.withUnsafeBufferPointer { buffer in
            let pointers = offsets.map { offset -> UnsafePointer<CChar>? in
                offset.flatMap { buffer.baseAddress?.advanced(by: $0) }
            }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
