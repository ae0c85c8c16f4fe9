import SourceText

/// Reads configuration: a directory of files merged into one tree, or a single text.
///
/// It reads files and the given environment, nothing else, and keeps nothing between two loads.
package struct ConfigLoader: Sendable {
    private let environment: [String: String]
    private let files: ConfigFiles

    package init(environment: [String: String], files: ConfigFiles = .system) {
        self.environment = environment
        self.files = files
    }

    /// Loads every `*.hyp` file directly in the directory, in the order of the names' bytes.
    ///
    /// Names that begin with `.` or `_` are left out (the latter are for `include`), and so are programs.
    package func load(directory: String) throws(ConfigFailure) -> ConfigTree {
        var assembly = ConfigAssembly(directory: directory, files: files)
        for name in try configurationFiles(in: directory) {
            assembly.addFile(name)
        }
        return try finish(assembly, name: directory)
    }

    /// Loads the files of a directory inside the configuration directory, each as a tree of its own.
    ///
    /// - Parameter subdirectory: relative to the configuration directory, like the file names of the trees.
    package func loadEach(in subdirectory: String, of directory: String) throws(ConfigFailure) -> [ConfigTree]
    {
        var trees: [ConfigTree] = []
        var findings = ConfigFindings()
        for name in try configurationFiles(in: "\(directory)/\(subdirectory)") {
            let file = "\(subdirectory)/\(name)"
            var assembly = ConfigAssembly(directory: directory, files: files)
            assembly.addFile(file)
            do throws(ConfigFailure) {
                trees.append(try finish(assembly, name: file))
            } catch {
                for diagnostic in error.diagnostics { findings.add(diagnostic) }
            }
        }
        guard findings.isEmpty else { throw ConfigFailure(findings.diagnostics) }
        return trees
    }

    /// Loads one text that stands alone; it can include nothing.
    package func load(text: String, file: String) throws(ConfigFailure) -> ConfigTree {
        var assembly = ConfigAssembly(directory: nil, files: files)
        assembly.add(bytes: Array(text.utf8), file: file)
        return try finish(assembly, name: file)
    }

    /// Looks up what is left of the environment references.
    func finish(_ assembly: ConfigAssembly, name: String) throws(ConfigFailure) -> ConfigTree {
        guard assembly.findings.isEmpty else { throw ConfigFailure(assembly.findings.diagnostics) }
        var lookup = EnvironmentLookup(environment: environment, sources: assembly.sources)
        let root = lookup.resolve(assembly.root)
        guard lookup.findings.isEmpty else { throw ConfigFailure(lookup.findings.diagnostics) }
        return ConfigTree(root: root, name: name, sources: assembly.sources)
    }

    private func configurationFiles(in directory: String) throws(ConfigFailure) -> [String] {
        do throws(ConfigFileError) {
            return try files.names(directory)
                .filter { $0.hasSuffix(".hyp") && !$0.hasPrefix(".") && !$0.hasPrefix("_") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw ConfigFailure([
                Diagnostic(
                    code: ConfigCode.unreadableFile, message: "cannot read the directory: \(error.reason)",
                    file: directory, help: "name a directory with configuration files")
            ])
        }
    }
}
