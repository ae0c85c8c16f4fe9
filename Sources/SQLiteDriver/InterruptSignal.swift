internal import CSQLite
internal import Synchronization

/// The wish to stop a connection's statement, expressed on any thread and seen on the connection's.
///
/// `sqlite3_interrupt` alone does nothing when no statement runs at that moment. The flag stays up until a
/// statement has noticed it: before it begins, while it waits for a lock, or every thousand steps.
final class InterruptSignal: Sendable {
    private let raised = Atomic(false)
    /// The handle's address; 0 once it is closed. The lock keeps it open while it is interrupted.
    private let handle: Mutex<UInt>

    init(_ handle: OpaquePointer) {
        self.handle = Mutex(UInt(bitPattern: handle))
    }

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Stops what runs, or what runs next.
    func raise() {
        raised.store(true, ordering: .releasing)
        handle.withLock { address in
            guard let handle = OpaquePointer(bitPattern: address) else { return }
            sqlite3_interrupt(handle)
        }
    }

    /// Forgets the wish.
    func lower() {
        raised.store(false, ordering: .releasing)
    }

    /// The handle is about to be closed.
    func detach() {
        handle.withLock { $0 = 0 }
    }
}
