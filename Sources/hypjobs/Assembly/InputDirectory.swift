import Glibc
import HypConfig
import SourceText

/// Folders that a configuration names.
enum InputDirectory {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The path from the root of the file system, links resolved; of a file that is not there its folder's.
    static func absolute(_ path: String) -> String {
        func resolved(_ path: String) -> String? {
            guard let text = realpath(path, nil) else { return nil }
            defer { free(text) }
            return String(cString: text)
        }
        if let whole = resolved(path) { return whole }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return (resolved(parent(of: path)) ?? parent(of: path)) + "/" + name
    }

    /// Removes a file of our own, if it is there.
    static func remove(_ path: String) { unlink(path) }

    /// The folder that a path lies in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The programs directly in a folder, sorted by name; none if the folder is missing. Configuration
    /// files that lie among them are left out.
    static func scripts(in path: String) throws -> [String] {
        guard let folder = opendir(path) else {
            guard errno != ENOENT else { return [] }
            throw Failure(
                .environment, CommandCode.missingFile,
                "Cannot read '\(path)': \(String(cString: strerror(errno)))"
            ).thrown
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".hyp"), !name.hasPrefix("."), !name.hasPrefix("_") { names.append(name) }
        }
        return try names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
            .filter { ConfigDialect.isScript(SourceFile(name: $0, text: try InputFile.text($0))) }
    }
}
