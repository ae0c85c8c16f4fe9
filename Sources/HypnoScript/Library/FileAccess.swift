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

    /// Hands out the bytes of a file in chunks, told first how many there will be, if that is known.
    ///
    /// - Parameter charging: told how much work was done, also while nothing comes; may end it by throwing.
    func read(
        _ path: String, charging: (Int) throws(Raised) -> Void,
        expecting: (Int) throws(Raised) -> Void = { _ in },
        _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Void
    ) throws(Failure) {
        // Without blocking, because nobody may ever write into a pipe.
        let file = try open(try place(path), O_RDONLY | O_NONBLOCK)
        defer { close(file) }
        var status = stat()
        try Self.check(fstat(file, &status))
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        try Self.stoppable { () throws(Raised) in try expecting(isRegular ? Int(status.st_size) : 0) }
        try Self.forEachChunk(of: file, waits: !isRegular && waitsForPipes, charging: charging, body)
    }

    /// Writes or appends a text; directories on the way are created.
    func write(
        _ text: UnsafeBufferPointer<UInt8>, to path: String, appending: Bool,
        charging: (Int) throws(Raised) -> Void
    ) throws(Failure) {
        if let parent = Self.parent(of: path), !parent.isEmpty { try createDirectories(parent) }
        let file = try open(
            try place(path), O_WRONLY | O_CREAT | O_NONBLOCK | (appending ? O_APPEND : O_TRUNC))
        defer { close(file) }
        try Self.write(text, to: file, charging: charging)
    }

    /// The number of bytes copied. Permissions go along; directories on the way must exist.
    func copy(
        _ source: String, to target: String, charging: (Int) throws(Raised) -> Void
    ) throws(Failure) -> Int {
        let input = try open(try place(source), O_RDONLY | O_NONBLOCK)
        defer { close(input) }
        var status = stat()
        try Self.check(fstat(input, &status))
        let output = try open(
            try place(target), O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, mode: status.st_mode & 0o777)
        defer { close(output) }
        var count = 0
        var failure: Failure?
        try Self.forEachChunk(
            of: input, waits: waitsForPipes && status.st_mode & S_IFMT != S_IFREG, charging: charging
        ) {
            chunk throws(Raised) in
            guard failure == nil else { return }
            do throws(Failure) {
                try Self.write(chunk, to: output, charging: charging)
                count += chunk.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
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

    /// The directory that a path is in; nil where there is none to take away, empty for the working
    /// directory.
    private static func parent(of path: String) -> String? {
        var rest = path.utf8[...]
        while rest.last == UInt8(ascii: "/") { rest.removeLast() }
        guard !rest.isEmpty else { return nil }
        guard let slash = rest.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        rest = rest[..<slash]
        while rest.last == UInt8(ascii: "/") { rest.removeLast() }
        return rest.isEmpty ? "/" : String(Substring(rest))
    }

    /// Creates a directory and those above it; one that is there already is fine.
    func createDirectories(_ path: String) throws(Failure) {
        if path.isEmpty { return }
        if case .below(let root) = scope { return try createDirectories(path, below: root) }
        if try kind(of: path) == .directory { return }
        if let parent = Self.parent(of: path), !parent.isEmpty { try createDirectories(parent) }
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

    /// Below a directory a pipe that nobody writes to is simply empty.
    private var waitsForPipes: Bool {
        if case .everywhere = scope { return true }
        return false
    }

    /// Does what may be stopped.
    private static func stoppable(_ body: () throws(Raised) -> Void) throws(Failure) {
        do throws(Raised) {
            try body()
        } catch {
            throw .stopped(error)
        }
    }

    /// Bytes between two looks at the signal, about as many as a disk takes in a millisecond.
    private static let chunkBytes = 1 << 18

    private static func forEachChunk(
        of file: Int32, waits: Bool, charging: (Int) throws(Raised) -> Void,
        _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Void
    ) throws(Failure) {
        let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: chunkBytes)
        defer { chunk.deallocate() }
        while true {
            if waits { try wait(for: file, toBe: POLLIN, charging: charging) }
            let count = Glibc.read(file, chunk.baseAddress, chunk.count)
            if count == 0 { return }
            if count > 0 {
                try stoppable { () throws(Raised) in
                    try charging(count / 4)
                    try body(UnsafeBufferPointer(rebasing: chunk[..<count]))
                }
            } else if errno != EINTR, errno != EAGAIN {
                throw .system(errno)
            }
        }
    }

    /// Waits for a pipe or terminal, and looks at the signal every 10 ms.
    private static func wait(
        for file: Int32, toBe state: Int32, charging: (Int) throws(Raised) -> Void
    ) throws(Failure) {
        var request = pollfd(fd: file, events: Int16(state), revents: 0)
        while poll(&request, 1, 10) == 0 {
            try stoppable { () throws(Raised) in try charging(Meter.slice) }
        }
    }

    private static func write(
        _ bytes: UnsafeBufferPointer<UInt8>, to file: Int32, charging: (Int) throws(Raised) -> Void
    ) throws(Failure) {
        var start = 0
        while start < bytes.count {
            let part = bytes.part(start..<min(start + chunkBytes, bytes.count))
            let count = Glibc.write(file, part.baseAddress, part.count)
            if count >= 0 {
                start += count
                try stoppable { () throws(Raised) in try charging(count / 4) }
            } else if errno == EAGAIN {
                try wait(for: file, toBe: POLLOUT, charging: charging)
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }
}
