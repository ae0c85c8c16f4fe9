package import SourceText

/// The text of a program and those of its modules, side by side in one space of offsets.
package struct SourceSet: Sendable {
    private var files: [(base: Int, source: SourceFile)]

    init(_ main: SourceFile) {
        files = [(0, main)]
    }

    /// The text of the program itself.
    package var main: SourceFile { files[0].source }

    /// Adds a text and returns what its offsets begin with.
    mutating func add(_ source: SourceFile) -> Int {
        let base = end
        files.append((base, source))
        return base
    }

    /// Behind the last text. A byte lies between two, so that the end of one is not the start of the next.
    var end: Int {
        let last = files[files.count - 1]
        return last.base + last.source.text.utf8.count + 1
    }

    /// The text that a place lies in.
    package func source(of offset: SourceOffset) -> SourceFile {
        file(of: offset).source
    }

    /// The line and column of a place in its text.
    package func position(of offset: SourceOffset) -> SourcePosition {
        let (base, source) = file(of: offset)
        return source.position(ofUTF8Offset: Int(offset.utf8) - base)
    }

    private func file(of offset: SourceOffset) -> (base: Int, source: SourceFile) {
        files.last { $0.base <= Int(offset.utf8) } ?? files[0]
    }
}
