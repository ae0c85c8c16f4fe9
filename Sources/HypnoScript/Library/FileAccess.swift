import Glibc

/// The file system, for the functions of the language.
enum FileAccess {
    /// Why something could not be done.
    enum Failure: Error {
        /// The operating system refused, with this `errno`.
        case system(Int32)
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

    static func kind(of path: String) -> Kind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    static func size(of path: String) throws(Failure) -> Int {
        var status = stat()
        try check(stat(path, &status))
        return Int(status.st_size)
    }

    /// All bytes of a file. `reserving` is asked for the memory before it is taken.
    static func read(
        _ path: String, reserving: (Int) throws(Raised) -> Void
    ) throws(Failure) -> [UInt8] {
        let file = try open(path, O_RDONLY)
        defer { close(file) }
        var bytes: [UInt8] = []
        try forEachChunk(of: file) { chunk throws(Failure) in
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
    static func write(
        _ text: UnsafeBufferPointer<UInt8>, to path: String, appending: Bool
    ) throws(Failure) {
        if let parent = FilePath(path).parent, !parent.isEmpty { try createDirectories(parent) }
        let file = try open(path, O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC))
        defer { close(file) }
        try write(UnsafeRawBufferPointer(text), to: file)
    }

    /// The number of bytes copied. Permissions go along; directories on the way must exist.
    static func copy(
        _ source: String, to target: String, charging: (Int) throws(Raised) -> Void
    ) throws(Failure) -> Int {
        let input = try open(source, O_RDONLY)
        defer { close(input) }
        var status = stat()
        try check(fstat(input, &status))
        let output = try open(target, O_WRONLY | O_CREAT | O_TRUNC, mode: status.st_mode & 0o777)
        defer { close(output) }
        var count = 0
        try forEachChunk(of: input) { chunk throws(Failure) in
            do throws(Raised) {
                try charging(chunk.count / 16)
            } catch {
                throw .stopped(error)
            }
            try write(UnsafeRawBufferPointer(chunk), to: output)
            count += chunk.count
        }
        return count
    }

    static func delete(_ path: String) throws(Failure) {
        try check(unlink(path))
    }

    static func rename(_ source: String, to target: String) throws(Failure) {
        try check(Glibc.rename(source, target))
    }

    /// Creates a directory and those above it; one that is there already is fine.
    static func createDirectories(_ path: String) throws(Failure) {
        if path.isEmpty || kind(of: path) == .directory { return }
        if let parent = FilePath(path).parent, !parent.isEmpty { try createDirectories(parent) }
        if mkdir(path, 0o777) != 0, kind(of: path) != .directory { throw .system(errno) }
    }

    /// The names in a directory, sorted by their bytes.
    static func names(in path: String) throws(Failure) -> [String] {
        guard let directory = opendir(path) else { throw .system(errno) }
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
    private static func check(_ result: Int32) throws(Failure) {
        if result != 0 { throw .system(errno) }
    }

    private static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o666) throws(Failure) -> Int32 {
        let file = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard file >= 0 else { throw .system(errno) }
        return file
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
