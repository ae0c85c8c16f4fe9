import Testing

/// A rule that cannot fail is no rule: each is shown a breach of it, and something near it that is none.
@Suite("Every rule of the house can fail")
struct PlantedViolationTests {
    /// A file with some lines planted in it.
    private static func source(_ text: String, path: String = "Sources/SQL/Planted.swift") -> SwiftSource {
        SwiftSource(path: path, text: text)
    }

    @Test("each forbidden word is found", arguments: ForbiddenWord.all.flatMap(\.words))
    func forbiddenWord(word: String) {
        let planted = Self.source("let planted = { \(word) }")
        #expect(ForbiddenWord.all.contains { !$0.violations(in: planted).isEmpty })
    }

    @Test("a forbidden word in a comment, a literal or a longer name is none")
    func forbiddenWordElsewhere() {
        let harmless = Self.source(
            """
            // Never use Date() or try! here.
            let text = "UUID() \\(name) Task.sleep"
            let day = makeDate()
            """)
        #expect(ForbiddenWord.all.flatMap { $0.violations(in: harmless) }.isEmpty)
    }

    @Test("a forbidden word inside an interpolation is found")
    func forbiddenWordInInterpolation() {
        let planted = Self.source(#"let text = "made at \(Date()) (UTC)""#)
        #expect(ForbiddenWord.all.contains { !$0.violations(in: planted).isEmpty })
    }

    @Test("a forbidden word may be used where it belongs")
    func forbiddenWordInItsPlace() {
        let planted = Self.source("Task.sleep(for: .zero)", path: "Sources/Effects/TimeSource.swift")
        #expect(ForbiddenWord.all.flatMap { $0.violations(in: planted) }.isEmpty)
    }

    @Test("a line, a file and a function that are too long are found")
    func layout() {
        #expect(Layout.longLines(in: Self.source(String(repeating: "é", count: 111))).count == 1)
        #expect(Layout.longLines(in: Self.source(String(repeating: "é", count: 110))).isEmpty)
        #expect(
            Layout.longFile(Self.source(String(repeating: "let a = 1\n", count: 501)), ratchet: Ratchet(""))
                .count == 1)
        let body = String(repeating: "    step()\n", count: 69)
        let long = Self.source("func run() {\n\(body)}\n")
        #expect(Layout.longFunctions(in: long, ratchet: Ratchet("")).map(\.line) == [1])
        let listed = Ratchet("# why\nSources/SQL/Planted.swift run 71")
        #expect(Layout.longFunctions(in: long, ratchet: listed).isEmpty)
    }

    @Test("functions, initialisers and computed properties are measured, requirements are not")
    func functionFinder() {
        let source = Self.source(
            """
            protocol Runner {
                func run(_ body: () -> Void) throws -> Int
                var name: String { get }
            }
            struct Fast: Runner {
                var stored = 1
                var late: Int
                init(late: Int) {
                    self.init(late: late, other: "{")
                }
                func run(_ body: () -> Void) throws -> Int {
                    if stored > 0 { body() }
                    return 1
                }
                subscript(index: Int) -> Int { index }
            }
            """)
        let spans = FunctionFinder(source).functions()
        #expect(spans.map(\.name) == ["name", "init", "run", "subscript"])
        #expect(spans.map(\.length) == [1, 3, 4, 1])
    }

    @Test("an entry of the ratchet that is no longer exact is stale")
    func ratchet() {
        let body = String(repeating: "    step()\n", count: 79)
        let sources = [Self.source("func run() {\n\(body)}\n")]
        let path = "Sources/SQL/Planted.swift"
        #expect(Ratchet("\(path) run 81").stale(in: sources, limit: 70).isEmpty)
        #expect(Ratchet("\(path) run 90").stale(in: sources, limit: 70).count == 1)
        #expect(Ratchet("\(path) gone 81").stale(in: sources, limit: 70).count == 1)
        #expect(Ratchet("Sources/SQL/Gone.swift run 81").stale(in: sources, limit: 70).count == 1)
    }

    @Test(
        "a name that says nothing is found",
        arguments: ["StringUtils", "DateHelper", "JobManager", "StoreImpl"])
    func names(name: String) {
        #expect(Names.violations(in: Self.source("struct \(name) {}")).count == 1)
        #expect(Names.violations(in: Self.source("", path: "Sources/SQL/\(name).swift")).count == 1)
        #expect(Names.violations(in: Self.source("struct Database {}")).isEmpty)
    }

    @Test("an unproven way past the compiler is found, a proven one is not")
    func proofs() {
        let bare = "final class Box: @unchecked Sendable {}"
        #expect(Proofs.missing(in: Self.source(bare)).count == 1)
        #expect(Proofs.missing(in: Self.source("// Safe because it is empty.\n\(bare)")).isEmpty)
        #expect(Proofs.missing(in: Self.source("nonisolated(unsafe) var a = 1")).count == 1)
    }

    @Test(
        "a force unwrap is found", arguments: ["a!", "b()!.c", "d[0]!", "let e: String! = nil", "(f as? G)!"])
    func forceUnwraps(line: String) {
        #expect(Proofs.forceUnwraps(in: Self.source(line)).count == 1)
    }

    @Test(
        "a negation, an inequality and a text are no force unwrap",
        arguments: ["!a", "a != b", "a!=b", "\"Stop!\""])
    func noForceUnwraps(line: String) {
        #expect(Proofs.forceUnwraps(in: Self.source(line)).isEmpty)
    }

    @Test("a note to a later self and a swallowed error are found")
    func leftovers() {
        #expect(Proofs.notesToSelf(in: Self.source("// TO" + "DO: later")).count == 1)
        #expect(Proofs.emptyCatches(in: Self.source("do { try a() } catch {}")).count == 1)
        #expect(Proofs.emptyCatches(in: Self.source("do {\n    try a()\n} catch {\n}")).count == 1)
        #expect(Proofs.emptyCatches(in: Self.source("do { try a() } catch { b() }")).isEmpty)
    }

    @Test("a type without a sentence and a test without one are found")
    func documentation() {
        #expect(Documentation.undocumentedTypes(in: Self.source("package struct Bare {}")).count == 1)
        #expect(Documentation.undocumentedTypes(in: Self.source("/// Said.\n@main\nstruct Fine {}")).isEmpty)
        #expect(Documentation.undocumentedTypes(in: Self.source("private struct Mine {}")).isEmpty)
        #expect(Documentation.unnamedTests(in: Self.source("@Test func a() {}")).count == 1)
        #expect(
            Documentation.unnamedTests(in: Self.source("@Test(\n    \"a sentence\")\nfunc a() {}")).isEmpty)
    }

    @Test("a statement outside the places for SQL is found")
    func statements() {
        let text = #"let text = "SELECT id FROM scripts""#
        #expect(
            StatementText.outsideItsPlace(in: Self.source(text, path: "Sources/hypjobs/A.swift")).count == 1)
        #expect(StatementText.outsideItsPlace(in: Self.source(text, path: "Sources/SQL/A.swift")).isEmpty)
    }

    @Test("an import against the graph is found")
    func imports() {
        let graph = ImportGraph.ours
        #expect(graph.violations(in: Self.source("package import JobEngine")).count == 1)
        #expect(graph.violations(in: Self.source("import Foundation")).count == 1)
        #expect(graph.violations(in: Self.source("import struct Effects.Timestamp")).isEmpty)
        let cycle = ImportGraph(modules: [
            ImportGraph.Module(name: "A", ours: ["B"], packages: []),
            ImportGraph.Module(name: "B", ours: [], packages: []),
        ])
        #expect(cycle.arrowsThatDoNotPointDown() == ["A → B"])
    }

    @Test("a diagnostic code that is taken or out of range is found")
    func diagnosticCodes() {
        let source = Self.source(
            """
            let a = DiagnosticCode(3001, title)
            let b = DiagnosticCode(
                3001, title)
            let c = DiagnosticCode(4_001)
            """)
        let declarations = DiagnosticCodes.declarations(in: [source])
        #expect(declarations.map(\.number) == [3001, 3001, 4001])
        #expect(DiagnosticCodes.violations(among: declarations).map(\.line) == [2, 4])
    }

    @Test("a reference outside the repository and a broken link are found")
    func standsAlone() {
        let outside = "see ../sha" + "red/design"
        #expect(StandsAlone.referencesOutside(path: "README.md", text: outside).count == 1)
        let text = "[a](A.md) [b](../B.md#part) [c](https://example.org) [d](gone.md)"
        let broken = StandsAlone.brokenLinks(path: "Docs/C.md", text: text) {
            ["Docs/A.md", "B.md"].contains($0)
        }
        #expect(broken.map(\.message) == ["links to 'gone.md', which is not there"])
    }
}
