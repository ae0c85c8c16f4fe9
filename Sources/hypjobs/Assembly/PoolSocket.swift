import Glibc

/// The sockets at which this user's workers can be asked about their connections: one for each process, in a
/// folder that only the user may enter.
enum PoolSocket {
    /// No answer is longer: statements are cut.
    static let limitBytes = 1 << 20
    private static let suffix = ".sock"

    /// Where the folder may be: in the user's own directory for such things, else in /tmp. A service often
    /// has no such directory, while the person who asks has one.
    static func folders(environment: [String: String]) -> [String] {
        let common = "/tmp/hypjobs-\(getuid())"
        guard let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") else { return [common] }
        return ["\(runtime)/hypjobs", common]
    }

    /// Listens at the socket of this process; nil where that cannot be, for instance in a folder that is not
    /// the user's own.
    static func listen(in folder: String) -> (descriptor: Int32, path: String)? {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST, isPrivate(folder) else { return nil }
        let path = "\(folder)/\(getpid())\(suffix)"
        // One that is there belonged to a process that is gone.
        unlink(path)
        guard let descriptor = open(path, { bind($0, $1, $2) }) else { return nil }
        guard Glibc.listen(descriptor, 8) == 0 else {
            close(descriptor)
            unlink(path)
            return nil
        }
        return (descriptor, path)
    }

    /// The sockets that are there.
    static func paths(in folder: String) -> [String] {
        guard isPrivate(folder), let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted().map { "\(folder)/\($0)" }
    }

    /// What the process at a socket says; nil when none is there any more, or when it does not answer. Blocks
    /// for a second at most.
    static func ask(_ path: String) -> String? {
        guard let descriptor = open(path, { connect($0, $1, $2) }) else {
            if errno == ECONNREFUSED { unlink(path) }
            return nil
        }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limitBytes {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
        return nil
    }

    /// Sends all of an answer to somebody who asked, within a second, and closes. Who has left is left alone.
    static func answer(_ descriptor: Int32, _ text: String) {
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Whether a folder is this user's and nobody else may enter it.
    private static func isPrivate(_ folder: String) -> Bool {
        var facts = stat()
        return lstat(folder, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR && facts.st_uid == getuid()
            && facts.st_mode & 0o077 == 0
    }

    /// A socket that was bound or connected to a path; nil when that failed, with the reason in `errno`.
    private static func open(
        _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return nil }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let reason = errno
            close(descriptor)
            errno = reason
            return nil
        }
        return descriptor
    }
}
