extension ConfigFiles {
    /// Files that exist only here, by their paths; a directory exists when a file is in it.
    package static func memory(_ texts: [String: String]) -> ConfigFiles {
        let directories = Set(texts.keys.flatMap(parents(of:)))
        return ConfigFiles(
            names: { directory throws(ConfigFileError) in
                guard directories.contains(directory) else {
                    throw ConfigFileError(reason: "No such file or directory")
                }
                return texts.keys.filter { parents(of: $0).last == directory }.map {
                    String($0.dropFirst(directory.count + 1))
                }
            },
            contents: { path, _ throws(ConfigFileError) in
                guard let text = texts[path] else {
                    throw ConfigFileError(reason: "No such file or directory")
                }
                return Array(text.utf8)
            },
            canonicalPath: { path in texts[path] != nil || directories.contains(path) ? path : nil })
    }

    /// `a/b/c` lies in `a` and in `a/b`.
    private static func parents(of path: String) -> [String] {
        path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
    }
}
