package import SourceText

/// Finds the programs that a program names with `mindLink`.
package protocol ModuleLoader: Sendable {
    /// The text behind `path` as the file `importer` names it; nil if there is none. The name of the result
    /// is the same for every spelling of one file.
    func source(of path: String, for importer: String) -> SourceFile?
}
