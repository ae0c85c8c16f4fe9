import Glibc

/// Where a path leads: an open directory, and a name in it.
struct FilePlace: ~Copyable {
    /// `AT_FDCWD`, or a descriptor that is this value's own.
    let directory: Int32
    let name: String
    let followsLinks: Bool

    deinit {
        if directory != AT_FDCWD { close(directory) }
    }
}

extension FileAccess {
    /// Below a directory every step is taken from the one before it, and none through a link: what is renamed
    /// or linked meanwhile leads nowhere else.
    func place(_ path: String) throws(Failure) -> FilePlace {
        guard case .below(let root) = scope else {
            return FilePlace(directory: AT_FDCWD, name: path, followsLinks: true)
        }
        var parts = try Self.parts(of: path, below: root)
        let name = parts.popLast() ?? "."
        var directory = try Self.openRoot(root)
        for part in parts {
            let next = Self.step(from: directory, to: part)
            let code = errno
            close(directory)
            guard next >= 0 else { throw .system(code) }
            directory = next
        }
        return FilePlace(directory: directory, name: name, followsLinks: false)
    }

    /// Creates the directories on the way that are missing, each from the one before it.
    func createDirectories(_ path: String, below root: String) throws(Failure) {
        var directory = try Self.openRoot(root)
        for part in try Self.parts(of: path, below: root) {
            var next = Self.step(from: directory, to: part)
            if next < 0, errno == ENOENT, mkdirat(directory, part, 0o777) == 0 || errno == EEXIST {
                next = Self.step(from: directory, to: part)
            }
            let code = errno
            close(directory)
            guard next >= 0 else { throw .system(code) }
            directory = next
        }
        close(directory)
    }

    private static func openRoot(_ root: String) throws(Failure) -> Int32 {
        let directory = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system(errno) }
        return directory
    }

    private static func step(from directory: Int32, to name: String) -> Int32 {
        openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// The names on the way from the root. As no link is followed, `..` takes back the name before it.
    ///
    /// On bytes, as the kernel reads a path: a slash with a combining character behind it is one to the
    /// kernel and none to a `String`.
    private static func parts(of path: String, below root: String) throws(Failure) -> [String] {
        let slash = UInt8(ascii: "/")
        var rest = Array(path.utf8)[...]
        if rest.first == slash {
            var prefix = Array(root.utf8)
            while prefix.last == slash { prefix.removeLast() }
            guard rest.starts(with: prefix), rest.count == prefix.count || rest[prefix.count] == slash else {
                throw .outside
            }
            rest = rest.dropFirst(prefix.count)
        }
        var parts: [String] = []
        for part in rest.split(separator: slash) where !part.elementsEqual(".".utf8) {
            if !part.elementsEqual("..".utf8) {
                parts.append(String(decoding: part, as: UTF8.self))
            } else if parts.popLast() == nil {
                throw .outside
            }
        }
        return parts
    }
}
