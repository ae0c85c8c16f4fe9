package import SourceText

/// A whole configuration: every file merged, every environment reference looked up.
package struct ConfigTree: Sendable {
    /// The top-level blocks.
    package let root: ConfigObject
    /// What people call the whole of it: the configuration directory, or the name of a single text.
    package let name: String
    /// The texts it was read from, by the file names that its nodes carry.
    package let sources: [String: SourceFile]

    package init(root: ConfigObject, name: String, sources: [String: SourceFile]) {
        self.root = root
        self.name = name
        self.sources = sources
    }
}
