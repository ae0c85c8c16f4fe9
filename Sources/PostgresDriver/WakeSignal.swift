internal import CPostgres
internal import Glibc
internal import Synchronization

/// The wish to stop a connection's work, expressed on any thread, in a form that `poll` can wait for.
final class WakeSignal: Sendable {
    /// Readable while the signal is raised.
    let descriptor: Int32
    private let raised = Atomic(false)

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            // The limit on open files is reached; the connection could not have been made either.
            preconditionFailure("eventfd(2) failed: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
    }

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Wakes the connection's thread, or its next wait.
    func raise() {
        raised.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Forgets the wish.
    func lower() {
        raised.store(false, ordering: .releasing)
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Waits until the signal is raised, but not for longer than that; true if it was.
    func wait(for limit: Duration) -> Bool {
        var source = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&source, 1, Int32(clamping: max(0, limit.wholeMilliseconds)))
        return isRaised
    }
}
