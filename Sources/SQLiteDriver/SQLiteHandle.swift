internal import CSQLite
internal import Database
internal import Effects
internal import Glibc

/// The open database handle and the callbacks that hang on it.
final class SQLiteHandle {
    private(set) var pointer: OpaquePointer?
    let signal: InterruptSignal
    let watch: StatementWatch
    let busyWait: BusyWait

    /// How many virtual machine steps pass between two looks at the interrupt: some 10 µs.
    private static let stepsBetweenLooks: Int32 = 1000

    /// Before the process opens its first database. If somebody else's code in it was faster the call is
    /// refused, and everything works all the same.
    private static let configureLibrary: Void = { _ = hypjobs_sqlite_disable_memory_statistics() }()

    init(_ configuration: SQLiteConfiguration) throws(DatabaseError) {
        Self.configureLibrary
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        if configuration.isReadOnly {
            flags |= SQLITE_OPEN_READONLY
        } else {
            flags |= SQLITE_OPEN_READWRITE | (configuration.createsFile ? SQLITE_OPEN_CREATE : 0)
        }
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(configuration.path, &opened, flags, nil)
        guard status == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw SQLiteErrors.openError(status, opened, path: configuration.path)
        }
        // Refused only by a SQLite that was built without the choice, which then has no such texts.
        _ = hypjobs_sqlite_refuse_quoted_text(opened)
        pointer = opened
        signal = InterruptSignal(opened)
        watch = StatementWatch(signal: signal, limit: configuration.statementTimeout, time: SystemTime())
        busyWait = BusyWait(limit: configuration.busyTimeout, watch: watch, time: SystemTime())
        // The callbacks live no longer than the handle, which `close` ends before this object goes.
        sqlite3_busy_handler(opened, waitForLock, Unmanaged.passUnretained(busyWait).toOpaque())
        sqlite3_progress_handler(
            opened, Self.stepsBetweenLooks, mustStop, Unmanaged.passUnretained(watch).toOpaque())
    }

    var isOpen: Bool { pointer != nil }

    /// Whether the file, not only the handle, may be written: SQLite opens a file without write permission
    /// for reading and says nothing.
    var isWritable: Bool { sqlite3_db_readonly(pointer, "main") == 0 }

    /// The prepared statements must be finalized before.
    func close() {
        guard let open = pointer else { return }
        pointer = nil
        signal.detach()
        sqlite3_close_v2(open)
    }
}

private func waitForLock(_ context: UnsafeMutableRawPointer?, _ calls: Int32) -> Int32 {
    guard let context else { return 0 }
    let wait = Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue()
    if calls == 0 { wait.restart() }
    return wait.sleep() ? 1 : 0
}

private func mustStop(_ context: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<StatementWatch>.fromOpaque(context).takeUnretainedValue().stops ? 1 : 0
}
