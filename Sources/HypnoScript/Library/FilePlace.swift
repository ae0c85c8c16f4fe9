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
        var directory = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system(errno) }
        for part in parts {
            let next = openat(directory, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let code = errno
            close(directory)
            guard next >= 0 else { throw .system(code) }
            directory = next
        }
        return FilePlace(directory: directory, name: name, followsLinks: false)
    }

    /// The names on the way from the root. As no link is followed, `..` takes back the name before it.
    private static func parts(of path: String, below root: String) throws(Failure) -> [String] {
        var rest = path[...]
        if path.hasPrefix("/") {
            guard path == root || path.hasPrefix(root.hasSuffix("/") ? root : "\(root)/") else {
                throw .outside
            }
            rest = path.dropFirst(root.count)
        }
        var parts: [String] = []
        for part in rest.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                throw .outside
            }
        }
        return parts
    }
}
