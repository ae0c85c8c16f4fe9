import Glibc

/// Files that get new contents.
enum RewrittenFile {
    /// Puts a text in the place of a file's: all of it or nothing, with the same permissions. A link stays
    /// one, and the file that it leads to is rewritten.
    static func write(_ text: String, to path: String) throws {
        guard let resolved = realpath(path, nil) else { throw failure(path) }
        defer { free(resolved) }
        let target = String(cString: resolved)
        var facts = stat()
        guard stat(target, &facts) == 0 else { throw failure(path) }
        // Who may not write the file shall not replace it either.
        guard access(target, W_OK) == 0 else { throw failure(path) }
        var template = Array("\(target).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure(path) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var isWritten = fchmod(descriptor, facts.st_mode & 0o7777) == 0 && write(text, to: descriptor)
        isWritten = close(descriptor) == 0 && isWritten
        guard isWritten, rename(temporary, target) == 0 else {
            let failure = failure(path)
            unlink(temporary)
            throw failure
        }
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return fsync(descriptor) == 0
    }

    private static func failure(_ path: String) -> Failure.Thrown {
        let status: ExitStatus = errno == EACCES || errno == EROFS ? .notPermitted : .environment
        return Failure(
            status, CommandCode.missingFile, "Cannot write '\(path)': \(String(cString: strerror(errno)))"
        ).thrown
    }
}
