import Glibc

extension ConfigFiles {
    /// The files of this computer.
    package static let system = ConfigFiles(
        names: { directory throws(ConfigFileError) in try regularFiles(in: directory) },
        contents: { path, limit throws(ConfigFileError) in try readFile(path, limit: limit) },
        canonicalPath: { path in
            guard let resolved = realpath(path, nil) else { return nil }
            defer { free(resolved) }
            return String(cString: resolved)
        })

    private static func regularFiles(in directory: String) throws(ConfigFileError) -> [String] {
        guard let stream = opendir(directory) else { throw .fromErrno() }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // A link to a file is a file: orchestrators mount configuration as links.
            if isRegularFile("\(directory)/\(name)") { names.append(name) }
        }
        return names
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func readFile(_ path: String, limit: Int) throws(ConfigFileError) -> [UInt8] {
        // Not blocking: somebody may have put a pipe in the place of a file.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .fromErrno() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .fromErrno() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ConfigFileError(reason: "Not a regular file") }

        var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), limit) + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .fromErrno() }
            if got == 0 { break }
            count += got
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}

extension ConfigFileError {
    /// What the system just complained about.
    fileprivate static func fromErrno() -> ConfigFileError {
        ConfigFileError(reason: String(cString: strerror(errno)))
    }
}
