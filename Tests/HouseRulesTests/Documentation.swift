/// What must be written beside the code.
enum Documentation {
    private static let types = ["struct", "class", "enum", "actor", "protocol"]

    /// Every type of a file that other files can see says in a sentence what it is; a type inside another is
    /// told by it.
    static func undocumentedTypes(in source: SwiftSource) -> [Violation] {
        source.code.enumerated().compactMap { index, line in
            guard !line.hasPrefix(" "), let name = visibleType(declaredIn: line),
                !isDocumented(line: index, in: source)
            else {
                return nil
            }
            return Violation(path: source.path, line: index + 1, message: "'\(name)' has no '///' above it")
        }
    }

    private static func visibleType(declaredIn line: String) -> String? {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        guard let keyword = words.firstIndex(where: types.contains), keyword + 1 < words.count,
            !words[..<keyword].contains("private"), !words[..<keyword].contains("fileprivate"),
            words[..<keyword].allSatisfy({ modifiers.contains($0) }), words[keyword + 1] != "func"
        else { return nil }
        return words[keyword + 1]
    }

    private static let modifiers: Set<String> = [
        "package", "public", "final", "indirect", "internal", "main",
    ]

    private static func isDocumented(line: Int, in source: SwiftSource) -> Bool {
        var above = line - 1
        while above >= 0, source.code[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
        return above >= 0 && source.comments[above].contains("///")
    }

    /// A test's name is a sentence.
    static func unnamedTests(in source: SwiftSource) -> [Violation] {
        source.code.enumerated().filter { index, line in
            guard let marker = line.positions(ofWord: "@Test").first else { return false }
            let rest = line.utf8.dropFirst(marker + "@Test".utf8.count)
            let following = index + 1 < source.code.count ? source.code[index + 1] : ""
            let start = (String(decoding: rest, as: UTF8.self) + following).filter { $0 != " " }
            return !start.hasPrefix("(\"")
        }.map { index, _ in
            Violation(path: source.path, line: index + 1, message: "@Test without a sentence as its name")
        }
    }
}
