internal import CSQLite
internal import Database
internal import SQL

/// One open SQLite database. Confined to one thread, except for its interrupt.
final class SQLiteConnection: DatabaseConnection {
    private let handle: SQLiteHandle
    private let cache: StatementCache
    private let bindings = BindingArena()

    /// Opens the file and makes the connection ready, or says in words why it cannot.
    init(_ configuration: SQLiteConfiguration, purpose: ConnectionPurpose) throws(DatabaseError) {
        handle = try SQLiteHandle(configuration)
        cache = StatementCache(size: configuration.statementCacheSize)
        do {
            try prepareSession(configuration, purpose: purpose)
        } catch {
            close()
            throw DatabaseError(
                error.code == .busy || error.code == .corrupt || error.code == .readOnly
                    ? error.code : .cannotConnect,
                "Cannot open '\(configuration.path)': \(error.message)", driverCode: error.driverCode)
        }
    }

    deinit {
        close()
    }

    @discardableResult
    func execute(_ statement: Statement) throws(DatabaseError) -> ResultSet {
        handle.watch.begin()
        let prepared = try prepare(statement.text)
        guard prepared.parameterCount == statement.bindings.count else {
            throw DatabaseError(
                .syntax,
                "The statement has \(prepared.parameterCount) parameters and was given "
                    + "\(statement.bindings.count)",
                statement: statement.text)
        }
        if handle.signal.isRaised { throw interrupted(statement.text) }
        let values = try ArrayText.replaceArrays(in: statement)
        let status = bindings.bind(values, to: prepared.pointer)
        guard status == SQLITE_OK else {
            throw SQLiteErrors.error(status, handle.pointer, statement: statement.text)
        }
        defer { sqlite3_reset(prepared.pointer) }
        return try run(prepared, statement)
    }

    var isUsable: Bool { handle.isOpen && sqlite3_get_autocommit(handle.pointer) != 0 }

    var interrupt: @Sendable () -> Void {
        let signal = handle.signal
        return { signal.raise() }
    }

    func absorbInterrupt() {
        handle.signal.lower()
    }

    func close() {
        cache.removeAll()
        handle.close()
    }

    private func prepare(_ text: String) throws(DatabaseError) -> PreparedStatement {
        guard handle.isOpen else { throw DatabaseError(.closed, "The connection is closed", statement: text) }
        if let prepared = cache.statement(for: text) { return prepared }
        let prepared = try PreparedStatement(text, handle)
        cache.insert(prepared, for: text)
        return prepared
    }

    private func run(
        _ prepared: PreparedStatement, _ statement: Statement
    ) throws(DatabaseError) -> ResultSet {
        let text = statement.text
        var room = statement.room ?? .max
        var values: [SQLValue] = []
        var status = sqlite3_step(prepared.pointer)
        // Also when there is no row: the columns are part of an empty result.
        prepared.refreshColumns()
        while status == SQLITE_ROW {
            if statement.room != nil {
                room -= prepared.rowBytes
                guard room >= 0 else {
                    throw DatabaseError(
                        .resultTooLarge, "The rows take more memory than there is room for", statement: text)
                }
            }
            prepared.appendRow(to: &values)
            status = sqlite3_step(prepared.pointer)
        }
        guard status == SQLITE_DONE else { throw failure(status, text) }
        let affected = prepared.changesRows ? Int(sqlite3_changes64(handle.pointer)) : 0
        return ResultSet(columns: prepared.columns, values: values, affectedRows: affected)
    }

    private func failure(_ status: Int32, _ text: String) -> DatabaseError {
        let isStopped = [SQLITE_INTERRUPT, SQLITE_BUSY].contains(status & 0xFF)
        if isStopped, !handle.signal.isRaised, handle.watch.isOver {
            return DatabaseError(
                .timeout, "The statement took longer than its timeout of \(handle.watch.limitText)",
                driverCode: SQLiteErrors.name(status), statement: text)
        }
        if status & 0xFF == SQLITE_INTERRUPT || handle.signal.isRaised { return interrupted(text) }
        return SQLiteErrors.error(status, handle.pointer, statement: text)
    }

    /// The interrupt has done its work with the statement it stops.
    private func interrupted(_ text: String) -> DatabaseError {
        handle.signal.lower()
        return DatabaseError(
            .cancelled, "The statement was interrupted", driverCode: SQLiteErrors.name(SQLITE_INTERRUPT),
            statement: text)
    }
}

extension SQLiteConnection {
    private func prepareSession(
        _ configuration: SQLiteConfiguration, purpose: ConnectionPurpose
    ) throws(DatabaseError) {
        // The first look at the file: it fails here when the file is no database.
        let mode = try pragma("journal_mode")
        if !configuration.isReadOnly {
            guard handle.isWritable else {
                throw DatabaseError(.readOnly, "the file may only be read, and was to be written")
            }
            if mode != "wal" { try switchToWAL() }
        }
        try pragma("synchronous = \(configuration.durability == .full ? "FULL" : "NORMAL")")
        try pragma("foreign_keys = ON")
        if let limit = configuration.maxPageCount { try pragma("max_page_count = \(limit)") }
        if purpose == .reading { try pragma("query_only = ON") }
    }

    /// Readers and the writer do not wait for each other in WAL mode. The file remembers it.
    private func switchToWAL() throws(DatabaseError) {
        let mode = try pragma("journal_mode = WAL")
        guard mode == "wal" else {
            throw DatabaseError(
                .cannotConnect, "its file system cannot do write-ahead logging (journal mode stays '\(mode)')"
            )
        }
    }

    /// Pragmas take no parameters; what is put into them here are numbers and words of our own.
    @discardableResult
    private func pragma(_ text: String) throws(DatabaseError) -> String {
        let prepared = try PreparedStatement("PRAGMA \(text)", handle)
        var values: [SQLValue] = []
        handle.busyWait.restart()
        var status = sqlite3_step(prepared.pointer)
        while status & 0xFF == SQLITE_BUSY, handle.busyWait.sleep() {
            // A switch of the journal mode does not ask the busy handler.
            sqlite3_reset(prepared.pointer)
            status = sqlite3_step(prepared.pointer)
        }
        if status == SQLITE_ROW { prepared.appendRow(to: &values) }
        guard status == SQLITE_ROW || status == SQLITE_DONE else {
            throw SQLiteErrors.error(status, handle.pointer, statement: nil)
        }
        if case .text(let word)? = values.first { return word }
        return ""
    }
}
