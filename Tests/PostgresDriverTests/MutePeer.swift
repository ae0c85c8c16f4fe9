import Database
import Glibc

/// A port that takes connections and says the same few bytes to each, or nothing: what a stopped server or a
/// stranger looks like.
final class MutePeer: Sendable {
    let port: Int
    private let listener: Int32

    /// - Parameter reply: what a peer is told when it has said something.
    init(reply: String = "") throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard isListening else { throw Failure() }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        guard !reply.isEmpty else { return }
        SystemThread.detached(name: "peer", stackSizeBytes: 256 << 10) {
            var buffer = [UInt8](repeating: 0, count: 1024)
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { return }
                _ = read(peer, &buffer, buffer.count)
                _ = write(peer, Array(reply.utf8), reply.utf8.count)
                _ = read(peer, &buffer, buffer.count)
                close(peer)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    struct Failure: Error {}
}
