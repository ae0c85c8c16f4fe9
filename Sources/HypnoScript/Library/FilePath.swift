/// A path taken apart by its text alone.
struct FilePath {
    /// The path without slashes at its end.
    private let trimmed: Substring
    /// The last component; nil where it names nothing, as in `/` and `..`.
    private let name: Substring?

    init(_ path: String) {
        var trimmed = path[...]
        while trimmed.utf8.last == UInt8(ascii: "/") { trimmed = Substring(trimmed.utf8.dropLast()) }
        self.trimmed = trimmed
        let start = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")).map(trimmed.utf8.index(after:))
        let last = trimmed[(start ?? trimmed.startIndex)...]
        name = last.isEmpty || last == ".." ? nil : last
    }

    /// What follows the last point of the name; nil without one, and for a name that begins with its only
    /// point.
    var fileExtension: String? {
        guard let name, let point = Self.point(in: name) else { return nil }
        return String(name[name.utf8.index(after: point)...])
    }

    /// The name without its extension.
    var stem: String? {
        guard let name else { return nil }
        return String(name[..<(Self.point(in: name) ?? name.endIndex)])
    }

    /// The path without its last component; nil where there is none to take away.
    var parent: String? {
        guard !trimmed.isEmpty else { return nil }
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        var parent = trimmed[..<slash]
        while parent.utf8.last == UInt8(ascii: "/") { parent = Substring(parent.utf8.dropLast()) }
        return parent.isEmpty ? "/" : String(parent)
    }

    private static func point(in name: Substring) -> Substring.Index? {
        let point = name.utf8.lastIndex(of: UInt8(ascii: "."))
        return point == name.startIndex ? nil : point
    }
}
