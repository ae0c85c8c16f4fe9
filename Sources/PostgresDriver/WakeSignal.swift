internal import CPostgres
internal import Glibc
internal import Synchronization

/// The wish to stop a connection's statement, expressed on any thread, in a form that `poll` can wait for.
final class WakeSignal: Sendable {
    private let raised = Atomic(false)
    /// -1 once it is closed. The lock keeps the descriptor open while it is written to.
    private let file: Mutex<Int32>
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            // The limit on open files is reached; the connection could not have been made either.
            preconditionFailure("eventfd(2) failed: \(String(cString: strerror(errno)))")
        }
        file = Mutex(descriptor)
    }

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Wakes the connection's thread, or its next wait.
    func raise() {
        raised.store(true, ordering: .releasing)
        file.withLock { file in
            var one: UInt64 = 1
            if file >= 0 { _ = write(file, &one, 8) }
        }
    }

    /// Forgets the wish.
    func lower() {
        raised.store(false, ordering: .releasing)
        file.withLock { file in
            var count: UInt64 = 0
            if file >= 0 { _ = read(file, &count, 8) }
        }
    }

    func close() {
        file.withLock { file in
            if file >= 0 { _ = Glibc.close(file) }
            file = -1
        }
    }
}
