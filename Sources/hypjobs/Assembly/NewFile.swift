import Glibc

/// Files that must not exist before.
enum NewFile {
    /// Makes a folder and those above it; one that is there already is fine.
    static func makeDirectory(_ path: String) throws {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += (prefix.isEmpty || prefix.hasSuffix("/") ? "" : "/") + part
            guard mkdir(prefix, 0o755) == 0 || errno == EEXIST else {
                throw failure("make the folder", prefix)
            }
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes a file, unless there is one; all of it or nothing.
    static func write(_ content: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("write", path) }
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Self.failure("write", path)
                // Half a file would be kept by the next run; this one made it, so this one takes it away.
                close(descriptor)
                unlink(path)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        guard close(descriptor) == 0 else { throw failure("write", path) }
    }

    private static func failure(_ verb: String, _ path: String) -> Failure.Thrown {
        let status: ExitStatus = errno == EACCES ? .notPermitted : errno == EEXIST ? .conflict : .environment
        return Failure(
            status, CommandCode.fileExists, "Cannot \(verb) '\(path)': \(String(cString: strerror(errno)))"
        ).thrown
    }
}
