import HypConfig
import SourceText
import Testing

@testable import hypjobs

/// Breaks the shipped configuration in one place at a time and looks at what is said about it.
@Suite("Mutated configurations")
struct SettingsMutationTests {
    private static let seed: UInt64 = 20_241_124

    @Test("a mistyped key is an error at the key, and nearly always the right one is suggested")
    func mistypedKeys() throws {
        var random = SplitMix(state: Self.seed)
        let files = try SettingsFixture.shippedFiles()
        var mutants = 0
        var suggested = 0
        for site in try ConfigSites.all(in: files).keys {
            for _ in 0..<3 {
                let typo = random.typo(of: site.text)
                guard typo != site.text else { continue }
                let diagnostics = SettingsFixture.diagnostics(site.replaced(by: typo, in: files))
                let hit = diagnostics.first { site.isPlace(of: $0) }
                #expect(hit != nil, "seed \(Self.seed): '\(typo)' for '\(site.text)' in \(site.file)")
                mutants += 1
                if hit?.help == "did you mean '\(site.text)'?" { suggested += 1 }
            }
        }
        #expect(mutants > 200)
        #expect(suggested * 100 >= mutants * 80, "\(suggested) of \(mutants)")
    }

    @Test("a value of the wrong kind is an error at the value")
    func wrongKinds() throws {
        let files = try SettingsFixture.shippedFiles()
        let sites = try ConfigSites.all(in: files).values
        #expect(sites.count > 80)
        for site in sites {
            let wrong = site.text.hasPrefix("\"") ? "7" : "\"seven\""
            let diagnostics = SettingsFixture.diagnostics(site.replaced(by: wrong, in: files))
            // What a switched-off feature says is refused at its key, as if it were switched on.
            let isHit = diagnostics.contains {
                site.text == "false" ? $0.position?.line == site.position.line : site.isPlace(of: $0)
            }
            #expect(isHit, "\(wrong) for \(site.text) in \(site.file)")
        }
    }

    @Test("a missing or an additional bracket is an error")
    func brackets() throws {
        let files = try SettingsFixture.shippedFiles()
        for (name, text) in files where !name.hasPrefix("migrations/") {
            for index in text.indices where "{}[]".contains(text[index]) && !isCommented(index, in: text) {
                var shorter = text
                shorter.remove(at: index)
                var longer = text
                longer.insert(text[index], at: index)
                for mutant in [shorter, longer] {
                    var mutated = files
                    mutated[name] = mutant
                    let diagnostics = SettingsFixture.diagnostics(mutated)
                    #expect((1...20).contains(diagnostics.count))
                    #expect(diagnostics.allSatisfy { $0.file == name })
                }
            }
        }
    }

    private func isCommented(_ index: String.Index, in text: String) -> Bool {
        let lineStart = text[..<index].lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
        let before = text[lineStart..<index]
        return before.contains("//") || before.count { $0 == "\"" } % 2 == 1
    }
}

/// A place in a set of files where something can be broken.
private struct ConfigSite {
    var file: String
    var position: SourcePosition
    var text: String

    func isPlace(of diagnostic: Diagnostic) -> Bool {
        diagnostic.file == file && diagnostic.position == position
    }

    func replaced(by replacement: String, in files: [String: String]) -> [String: String] {
        var lines = (files[file] ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        let scalars = Array(lines[position.line - 1].unicodeScalars)
        var line = String.UnicodeScalarView()
        line += scalars[..<(position.column - 1)]
        line += replacement.unicodeScalars
        line += scalars[(position.column - 1 + text.unicodeScalars.count)...]
        lines[position.line - 1] = String(line)
        var mutated = files
        mutated[file] = lines.joined(separator: "\n")
        return mutated
    }
}

/// The keys and values of a set of files whose names and kinds the program prescribes.
private struct ConfigSites {
    private(set) var keys: [ConfigSite] = []
    private(set) var values: [ConfigSite] = []
    private let files: [String: String]

    static func all(in files: [String: String]) throws -> ConfigSites {
        var sites = ConfigSites(files: files)
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            let tree = try ConfigLoader(environment: [:]).load(text: text, file: name)
            sites.collect(tree.root, path: name.hasPrefix("migrations/") ? ["migration_examples"] : [])
        }
        return sites
    }

    private init(files: [String: String]) {
        self.files = files
    }

    private mutating func collect(_ object: ConfigObject, path: [String]) {
        // The names of jobs, templates, migrations and queues are the user's own, and so are arguments.
        let namesAreFree = [
            "definitions", "templates", "migration_examples", "queues", "scripts", "repositories", "methods",
        ].contains(
            path.last ?? "")
        for entry in object.entries where entry.key != "arguments" {
            if !namesAreFree {
                keys.append(ConfigSite(file: entry.node.file, position: entry.keyPosition, text: entry.key))
            }
            collect(entry.node, path: path + [entry.key])
        }
    }

    private mutating func collect(_ node: ConfigNode, path: [String]) {
        switch node.value {
        case .object(let object): collect(object, path: path)
        case .array(let elements):
            for element in elements { collect(element, path: path) }
        case .text, .integer, .double, .bool:
            let text = source(of: node)
            // Texts of several lines have no length of their own.
            if !text.hasPrefix("\"\"\"") {
                values.append(ConfigSite(file: node.file, position: node.position, text: text))
            }
        case .null, .environment: break
        }
    }

    private func source(of node: ConfigNode) -> String {
        let line = SourceFile(name: node.file, text: files[node.file] ?? "").line(node.position.line)
        return String(
            String.UnicodeScalarView(
                line.unicodeScalars.dropFirst(node.position.column - 1).prefix(node.length)))
    }
}

/// A small generator, the same everywhere (Steele, Lea, Flood 2014).
private struct SplitMix {
    var state: UInt64

    private mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    /// The word with one slip of the finger: a letter lost, doubled, replaced, or swapped with its neighbour.
    mutating func typo(of word: String) -> String {
        var letters = Array(word)
        let index = next(below: letters.count)
        switch next(below: 4) {
        case 0 where letters.count > 1: letters.remove(at: index)
        case 1 where index > 0: letters.swapAt(index, index - 1)
        case 2: letters[index] = "x"
        default: letters.insert(letters[index], at: index)
        }
        return String(letters)
    }
}
