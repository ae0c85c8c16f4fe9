import Glibc
import HypnoScript
import SourceText

/// The programs that `mindLink` may load: files in and below the folder of the main program, named
/// relative to the file that names them.
struct ModuleFolder: ModuleLoader {
    private let root: String?

    init(of file: String) {
        root = Self.canonical(Self.folder(of: file))
    }

    func source(of path: String, for importer: String) -> SourceFile? {
        let named = path.hasPrefix("/") ? path : "\(Self.folder(of: importer))/\(path)"
        guard let root, let found = Self.canonical(named), found.hasPrefix(root == "/" ? root : "\(root)/"),
            let text = try? InputFile.text(found)  // Nil says that there is no such module.
        else { return nil }
        return SourceFile(name: found, text: text)
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
