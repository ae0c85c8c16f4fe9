import Glibc
import HypnoScript
import SourceText

/// The programs that `mindLink` may load: files in and below the folder of the main program, named
/// relative to the file that names them.
struct ModuleFolder: ModuleLoader {
    /// As the user named it, and in the one spelling without links.
    private let folder: String
    private let root: String?

    init(of file: String) {
        folder = Self.folder(of: file)
        root = Self.canonical(folder)
    }

    func source(of path: String, for importer: String) -> SourceFile? {
        let named = path.hasPrefix("/") ? path : "\(Self.folder(of: importer))/\(path)"
        guard var root, let found = Self.canonical(named) else { return nil }
        if !root.hasSuffix("/") { root += "/" }
        guard found.hasPrefix(root), let text = try? InputFile.text(found) else {
            return nil  // There is no such module.
        }
        // Every spelling of a file gets the same name, and messages show the one that people know.
        let inner = String(decoding: found.utf8.dropFirst(root.utf8.count), as: UTF8.self)
        let name = folder == "." ? inner : folder == "/" ? "/\(inner)" : "\(folder)/\(inner)"
        return SourceFile(name: name, text: text)
    }

    private static func folder(of file: String) -> String {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        if parts.isEmpty { return "." }
        return parts.count == 1 && parts[0].isEmpty ? "/" : parts.joined(separator: "/")
    }

    /// The one spelling of a path without links; nil if nothing is there.
    private static func canonical(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
