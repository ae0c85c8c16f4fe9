/// Names that say that something was put together, not what it is.
enum Names {
    /// Parts of a name that never tell what a type is for.
    private static let anywhere = ["Utils", "Utilities", "Helper", "Common", "Manager", "Misc"]
    private static let atTheEnd = ["Base", "Impl", "New", "V2"]
    private static let declarations = ["struct", "class", "enum", "actor", "protocol", "typealias"]

    static func violations(in source: SwiftSource) -> [Violation] {
        let file = source.path.split(separator: "/").last.map { String($0.dropLast(".swift".count)) } ?? ""
        var found: [Violation] = []
        if saysNothing(file) { found.append(violation(source.path, 1, "file", file)) }
        for (index, line) in source.code.enumerated() {
            for name in declaredTypes(in: line) where saysNothing(name) {
                found.append(violation(source.path, index + 1, "type", name))
            }
        }
        return found
    }

    private static func declaredTypes(in line: String) -> [String] {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        return zip(words, words.dropFirst()).filter { declarations.contains($0.0) }.map(\.1)
    }

    private static func saysNothing(_ name: String) -> Bool {
        anywhere.contains { name.contains($0) } || atTheEnd.contains { name.hasSuffix($0) }
    }

    private static func violation(_ path: String, _ line: Int, _ kind: String, _ name: String) -> Violation {
        Violation(path: path, line: line, message: "the \(kind) name '\(name)' does not tell what it is for")
    }
}
