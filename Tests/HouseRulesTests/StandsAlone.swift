/// The repository is whole: nothing in it points outside, and what it points at inside is there.
enum StandsAlone {
    /// Places that exist only where it happens to be written; in parts, so that this file does not break its
    /// own rule.
    private static let elsewhere = ["../sha" + "red", "/wo" + "rk/", "/ho" + "me/", ".libra" + "ry/"]

    static func referencesOutside(path: String, text: String) -> [Violation] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            elsewhere.filter { line.contains($0) }.map { place in
                Violation(path: path, line: index + 1, message: "refers outside the repository: '\(place)…'")
            }
        }
    }

    /// Links of a Markdown file to files that are not there.
    static func brokenLinks(path: String, text: String, exists: (String) -> Bool) -> [Violation] {
        let folder = path.split(separator: "/").dropLast().map(String.init)
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
            index, line in
            targets(in: line).filter { !exists(resolve($0, from: folder)) }.map { target in
                Violation(path: path, line: index + 1, message: "links to '\(target)', which is not there")
            }
        }
    }

    /// What stands in `](…)`, without anchors; addresses on the network are left alone.
    private static func targets(in line: some StringProtocol) -> [String] {
        line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            let target = part.prefix { $0 != ")" && $0 != "#" && $0 != " " }
            return target.isEmpty || target.contains(":") ? nil : String(target)
        }
    }

    private static func resolve(_ target: String, from folder: [String]) -> String {
        var parts = folder
        for part in target.split(separator: "/") where part != "." {
            if part == ".." {
                if !parts.isEmpty { parts.removeLast() }
            } else {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}
