import Glibc

/// Files and standard input that a person names.
enum InputFile {
    /// The whole text of a file; `-` is standard input.
    static func text(_ path: String) throws -> String {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.usage, CommandCode.missingFile, "'\(path)' is not UTF-8 text").thrown
        }
        return text
    }

    private static func failure(_ path: String) -> Failure.Thrown {
        let status: ExitStatus = errno == ENOENT ? .notFound : errno == EACCES ? .notPermitted : .environment
        return Failure(
            status, CommandCode.missingFile, "Cannot read '\(path)': \(String(cString: strerror(errno)))"
        ).thrown
    }
}
