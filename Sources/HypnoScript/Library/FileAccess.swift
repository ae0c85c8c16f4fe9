import Glibc

/// The file system, or the part of it that a script may use, for the functions of the language.
struct FileAccess {
    /// What paths may lead to.
    let scope: ScriptFiles

    /// Why something could not be done.
    enum Failure: Error {
        /// The operating system refused, with this `errno`.
        case system(Int32)
        /// The path leads out of the directory that the script may use.
        case outside
        /// A limit of the run was passed on the way.
        case stopped(Raised)
    }

    /// What a path leads to, symbolic links followed.
    enum Kind {
        case file, directory, other
    }

    /// Paths from here on are refused, which also bounds the recursion over their components.
    static let longestPath = Int(PATH_MAX)

    /// The system's own words with its number.
    static func message(_ code: Int32) -> String {
        "\(String(cString: strerror(code))) (os error \(code))"
    }

    /// Nil where there is nothing.
    func kind(of path: String) throws(Failure) -> Kind? {
        let status: stat
        do {
            status = try self.status(of: path)
        } catch {
            if case .system = error { return nil }
            throw error
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    func size(of path: String) throws(Failure) -> Int {
        Int(try status(of: path).st_size)
    }

    /// All bytes of a file. `reserving` is asked for the memory before it is taken.
    func read(
        _ path: String, reserving: (Int) throws(Raised) -> Void
    ) throws(Failure) -> [UInt8] {
        let file = try open(try place(path), O_RDONLY)
        defer { close(file) }
        var bytes: [UInt8] = []
        try Self.forEachChunk(of: file) { chunk throws(Failure) in
            do throws(Raised) {
                try reserving(bytes.count + chunk.count)
            } catch {
                throw .stopped(error)
            }
            bytes.append(contentsOf: chunk)
        }
        return bytes
    }

    /// Writes or appends a text; directories on the way are created.
    func write(
        _ text: UnsafeBufferPointer<UInt8>, to path: String, appending: Bool
    ) throws(Failure) {
        if let parent = FilePath(path).parent, !parent.isEmpty { try createDirectories(parent) }
        let file = try open(try place(path), O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC))
        defer { close(file) }
        try Self.write(UnsafeRawBufferPointer(text), to: file)
    }

    /// The number of bytes copied. Permissions go along; directories on the way must exist.
    func copy(
        _ source: String, to target: String, charging: (Int) throws(Raised) -> Void
    ) throws(Failure) -> Int {
        let input = try open(try place(source), O_RDONLY)
        defer { close(input) }
        var status = stat()
        try Self.check(fstat(input, &status))
        let output = try open(try place(target), O_WRONLY | O_CREAT | O_TRUNC, mode: status.st_mode & 0o777)
        defer { close(output) }
        var count = 0
        try Self.forEachChunk(of: input) { chunk throws(Failure) in
            do throws(Raised) {
                try charging(chunk.count / 16)
            } catch {
                throw .stopped(error)
            }
            try Self.write(UnsafeRawBufferPointer(chunk), to: output)
            count += chunk.count
        }
        return count
    }

    func delete(_ path: String) throws(Failure) {
        let place = try place(path)
        try Self.check(unlinkat(place.directory, place.name, 0))
    }

    func rename(_ source: String, to target: String) throws(Failure) {
        let from = try place(source)
        let to = try place(target)
        try Self.check(renameat(from.directory, from.name, to.directory, to.name))
    }

    /// Creates a directory and those above it; one that is there already is fine.
    func createDirectories(_ path: String) throws(Failure) {
        if path.isEmpty { return }
        if try kind(of: path) == .directory { return }
        if let parent = FilePath(path).parent, !parent.isEmpty { try createDirectories(parent) }
        let place = try place(path)
        guard mkdirat(place.directory, place.name, 0o777) != 0 else { return }
        let code = errno
        if try kind(of: path) != .directory { throw .system(code) }
    }

    /// The names in a directory, sorted by their bytes.
    func names(in path: String) throws(Failure) -> [String] {
        let file = try open(try place(path), O_RDONLY | O_DIRECTORY)
        guard let directory = fdopendir(file) else {
            let code = errno
            close(file)
            throw .system(code)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension FileAccess {
    /// Links are followed where the scope lets them be.
    func status(of path: String, followingLinks: Bool = true) throws(Failure) -> stat {
        let place = try place(path)
        var status = stat()
        let follows = followingLinks && place.followsLinks
        try Self.check(fstatat(place.directory, place.name, &status, follows ? 0 : AT_SYMLINK_NOFOLLOW))
        return status
    }

    private func open(
        _ place: borrowing FilePlace, _ flags: Int32, mode: mode_t = 0o666
    ) throws(Failure) -> Int32 {
        // A pipe without a partner would hold the script past every limit.
        let guarding = place.followsLinks ? 0 : O_NOFOLLOW | O_NONBLOCK
        let file = openat(place.directory, place.name, flags | O_CLOEXEC | guarding, mode)
        guard file >= 0 else { throw .system(errno) }
        return file
    }

    private static func check(_ result: Int32) throws(Failure) {
        if result != 0 { throw .system(errno) }
    }

    private static func forEachChunk(
        of file: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 * 1024)
        defer { chunk.deallocate() }
        while true {
            let count = Glibc.read(file, chunk.baseAddress, chunk.count)
            if count == 0 { return }
            if count > 0 {
                try body(UnsafeBufferPointer(rebasing: chunk[..<count]))
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(file, rest.baseAddress, rest.count)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }
}
