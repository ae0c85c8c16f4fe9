/// How a loader reaches files: three questions, so that tests can answer them from memory.
package struct ConfigFiles: Sendable {
    /// The names of the regular files directly in a directory, in any order.
    package var names: @Sendable (_ directory: String) throws(ConfigFileError) -> [String]
    /// The bytes of a regular file, or its first `limit + 1` when it is larger than `limit`.
    package var contents: @Sendable (_ path: String, _ limit: Int) throws(ConfigFileError) -> [UInt8]
    /// The one absolute path of a file, without `..` and symbolic links; nil when there is no such file.
    package var canonicalPath: @Sendable (_ path: String) -> String?

    package init(
        names: @escaping @Sendable (_ directory: String) throws(ConfigFileError) -> [String],
        contents: @escaping @Sendable (_ path: String, _ limit: Int) throws(ConfigFileError) -> [UInt8],
        canonicalPath: @escaping @Sendable (_ path: String) -> String?
    ) {
        self.names = names
        self.contents = contents
        self.canonicalPath = canonicalPath
    }
}

/// Why a file or a directory could not be read, in the words of the system: `Permission denied`.
package struct ConfigFileError: Error, Sendable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
