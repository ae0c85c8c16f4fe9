internal import CPostgres
internal import Database
internal import Effects
internal import Glibc

/// A request to the server to stop a connection's running statement, on a thread of its own: libpq's call
/// waits for the server without a limit, and a server that hangs must not hang the connection as well.
final class CancelRequest: Sendable {
    /// Readable once the server has passed the request on.
    private let done: Int32

    /// Sends the request. Nil when there is nothing to send it with: the connection is broken.
    init?(for connection: OpaquePointer) {
        guard let request = PQgetCancel(connection) else { return nil }
        done = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        let address = UInt(bitPattern: request)
        SystemThread.detached(name: "cancel", stackSizeBytes: 256 << 10) { [self] in
            guard let request = OpaquePointer(bitPattern: address) else { return }
            var text = [CChar](repeating: 0, count: 256)
            // A refusal needs no word: the statement then goes on, until its own limit.
            _ = PQcancel(request, &text, Int32(text.count))
            PQfreeCancel(request)
            var one: UInt64 = 1
            _ = write(done, &one, 8)
        }
    }

    deinit {
        close(done)
    }

    /// Waits for the server to have passed the request on; false when it did not until the deadline.
    ///
    /// The server stops what runs when the request arrives, which may be a later statement than was meant:
    /// nothing is sent before this has returned true. The server closes the request's connection behind its
    /// signal to the session, and the session looks at signals before it reads a further statement.
    func isOver(by deadline: Duration) -> Bool {
        while true {
            var source = pollfd(fd: done, events: Int16(POLLIN), revents: 0)
            let left = deadline - SystemTime().uptime()
            if poll(&source, 1, left > .zero ? Int32(clamping: left.wholeMilliseconds) : 0) > 0 {
                return true
            }
            guard left > .zero else { return false }
        }
    }
}
