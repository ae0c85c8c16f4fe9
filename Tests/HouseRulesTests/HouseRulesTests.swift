import Testing

@Suite("The rules of the house")
struct HouseRulesTests {
    static let sources = Repository.current.swiftSources(in: ["Sources", "Tests", "Benchmarks"])

    @Test("the whole project keeps to a rule", arguments: Rule.all)
    func projectKeeps(rule: Rule) {
        let violations = rule.violations(in: Self.sources)
        #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }

    @Test("the files to look at were found")
    func sourcesAreFound() {
        #expect(Self.sources.contains { $0.path == "Sources/SourceText/SourceFile.swift" })
        #expect(Self.sources.contains { $0.path == "Tests/HouseRulesTests/HouseRulesTests.swift" })
    }

    @Test("arrows between modules point down, and every module has its place")
    func graphHasNoCycle() {
        let graph = ImportGraph.ours
        #expect(graph.arrowsThatDoNotPointDown().isEmpty)
        let folders = Repository.current.paths(below: "Sources").compactMap {
            $0.split(separator: "/").dropFirst().first.map(String.init)
        }
        #expect(Set(folders).isSubset(of: Set(graph.modules.map(\.name))))
    }

    @Test("a diagnostic code has one meaning, in its module's range")
    func diagnosticCodesAreUnique() {
        let sources = Self.sources.filter { $0.path.isBelow("Sources") }
        let declarations = DiagnosticCodes.declarations(in: sources)
        #expect(!declarations.isEmpty)
        #expect(DiagnosticCodes.violations(among: declarations).isEmpty)
    }

    @Test("nothing refers outside the repository, and links inside it lead somewhere")
    func repositoryStandsAlone() {
        let repository = Repository.current
        for path in repository.paths() {
            guard let text = repository.text(of: path) else { continue }
            #expect(StandsAlone.referencesOutside(path: path, text: text).isEmpty)
            guard path.hasSuffix(".md") else { continue }
            #expect(StandsAlone.brokenLinks(path: path, text: text, exists: repository.has).isEmpty)
        }
    }

    @Test("the list of long functions holds only what still needs it, at its present length")
    func ratchetIsTight() {
        #expect(Ratchet.ours.stale(in: Self.sources, limit: Layout.functionLimit).isEmpty)
    }
}

extension Ratchet {
    static let ours = Ratchet(Repository.current.text(of: "Tests/HouseRulesTests/Ratchet.txt") ?? "")
}

extension Rule {
    /// Every rule that looks at one file at a time.
    static let all: [Rule] = [
        Rule(name: "a line has at most 110 columns", folders: [""], check: Layout.longLines),
        Rule(name: "a file has at most 500 lines", folders: [""]) {
            Layout.longFile($0, ratchet: .ours)
        },
        Rule(name: "a function has at most 70 lines", folders: [""]) {
            Layout.longFunctions(in: $0, ratchet: .ours)
        },
        Rule(name: "words that have a better one are not used", folders: [""]) { source in
            ForbiddenWord.all.flatMap { $0.violations(in: source) }
        },
        Rule(name: "names tell what a thing is for", folders: [""], check: Names.violations),
        Rule(name: "a way past the compiler carries its proof", folders: [""], check: Proofs.missing),
        Rule(name: "nothing is unwrapped by force", folders: [""], check: Proofs.forceUnwraps),
        Rule(name: "no note to a later self is left", folders: [""], check: Proofs.notesToSelf),
        Rule(name: "no error is swallowed", folders: [""], check: Proofs.emptyCatches),
        Rule(name: "a type says what it is", folders: ["Sources"], check: Documentation.undocumentedTypes),
        Rule(name: "a test's name is a sentence", folders: ["Tests"], check: Documentation.unnamedTests),
        Rule(name: "SQL stands in its places only", folders: [""], check: StatementText.outsideItsPlace),
        Rule(name: "imports follow the graph", folders: ["Sources"], check: ImportGraph.ours.violations),
    ]
}
