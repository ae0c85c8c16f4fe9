import FoundationEssentials

/// The files of this repository as they lie on disk, without what is built or left behind.
struct Repository: Sendable {
    let root: URL

    /// The repository that this test was compiled in.
    static let current = Repository(
        root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent())

    /// The paths of all files below a folder, relative to the root and sorted; hidden folders of tools left
    /// out.
    func paths(below folder: String = "") -> [String] {
        var found: [String] = []
        var folders = [folder]
        while let next = folders.popLast() {
            let absolute = next.isEmpty ? root.path : root.appending(path: next).path
            // `try?`: a folder that is not there has no files.
            for name in (try? FileManager.default.contentsOfDirectory(atPath: absolute)) ?? [] {
                let path = next.isEmpty ? name : "\(next)/\(name)"
                if isFolder(path) {
                    if !isLeftBehind(name) { folders.append(path) }
                } else if !isLeftBehind(name) {
                    // In a worktree even '.git' is a file.
                    found.append(path)
                }
            }
        }
        return found.sorted()
    }

    /// The text of a file; nil when it is not UTF-8.
    func text(of path: String) -> String? {
        FileManager.default.contents(atPath: root.appending(path: path).path)
            .flatMap { String(validating: $0, as: UTF8.self) }
    }

    func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// All Swift files below these folders, taken apart.
    func swiftSources(in folders: [String]) -> [SwiftSource] {
        folders.flatMap { paths(below: $0) }
            .filter { $0.hasSuffix(".swift") }
            .compactMap { path in text(of: path).map { SwiftSource(path: path, text: $0) } }
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder = false
        let exists = FileManager.default.fileExists(
            atPath: root.appending(path: path).path, isDirectory: &isFolder)
        return exists && isFolder
    }

    private func isLeftBehind(_ name: String) -> Bool {
        [".git", ".swiftpm", ".demo", "__pycache__"].contains(name) || name.hasPrefix(".build")
    }
}
