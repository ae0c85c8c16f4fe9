/// Who may import whom. The order is the order of the layers: a module imports only what stands above it.
struct ImportGraph: Sendable {
    struct Module: Sendable {
        let name: String
        /// Modules of ours.
        let ours: [String]
        /// Modules of packages.
        let packages: [String]
    }

    let modules: [Module]

    /// What the system brings. Foundation is not among it: it triples the time a command takes to start.
    /// SwiftOverlayShims owns C's structures in optimised builds.
    static let platform: Set<String> = [
        "Swift", "Glibc", "Synchronization", "FoundationEssentials", "SwiftOverlayShims",
    ]

    /// The graph of this project.
    static let ours = ImportGraph(modules: [
        Module(name: "SourceText", ours: [], packages: []),
        Module(name: "Effects", ours: [], packages: []),
        Module(name: "CSQLite", ours: [], packages: []),
        Module(name: "CPostgres", ours: [], packages: []),
        Module(name: "SQL", ours: ["Effects"], packages: []),
        Module(name: "HypConfig", ours: ["SourceText"], packages: []),
        Module(name: "HypnoScript", ours: ["SourceText"], packages: ["Crypto"]),
        Module(name: "Database", ours: ["SQL", "Effects"], packages: ["Logging"]),
        Module(name: "SQLiteDriver", ours: ["CSQLite", "Database", "SQL", "Effects"], packages: []),
        Module(name: "PostgresDriver", ours: ["CPostgres", "Database", "SQL", "Effects"], packages: []),
        Module(name: "Migrations", ours: ["Database", "SQL", "Effects"], packages: ["Crypto"]),
        Module(
            name: "JobEngine", ours: ["HypnoScript", "SourceText", "Database", "SQL", "Effects"],
            packages: ["Logging", "Crypto"]),
        Module(
            name: "hypjobs",
            ours: [
                "JobEngine", "HypnoScript", "HypConfig", "Migrations", "SQLiteDriver", "PostgresDriver",
                "Database", "SQL", "Effects", "SourceText",
            ],
            packages: ["ArgumentParser", "Logging", "UnixSignals"]),
    ])

    /// Arrows that do not point upwards in the list.
    func arrowsThatDoNotPointDown() -> [String] {
        modules.enumerated().flatMap { index, module in
            let below = Set(modules[..<index].map(\.name))
            return module.ours.filter { !below.contains($0) }.map { "\(module.name) → \($0)" }
        }
    }

    /// Imports that the graph does not have.
    func violations(in source: SwiftSource) -> [Violation] {
        let parts = source.path.split(separator: "/").map(String.init)
        guard parts.count > 2, parts[0] == "Sources" else { return [] }
        let module = modules.first { $0.name == parts[1] }
        return Self.imports(in: source).compactMap { line, imported in
            guard let module else {
                return Violation(
                    path: source.path, line: line, message: "the module '\(parts[1])' is not in the graph")
            }
            guard !Self.platform.contains(imported), !module.ours.contains(imported),
                !module.packages.contains(imported)
            else { return nil }
            return Violation(
                path: source.path, line: line, message: "'\(module.name)' may not import '\(imported)'")
        }
    }

    /// The modules that a file imports, by the line.
    static func imports(in source: SwiftSource) -> [(line: Int, module: String)] {
        source.code.enumerated().compactMap { index, line in
            let words = line.split { " .".contains($0) }.map(String.init)
            guard let keyword = words.firstIndex(of: "import"),
                words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
            else { return nil }
            return words.dropFirst(keyword + 1).first { !kinds.contains($0) }.map { (index + 1, $0) }
        }
    }

    private static let accessLevels: Set<String> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
    ]
}
