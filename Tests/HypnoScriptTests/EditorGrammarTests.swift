import FoundationEssentials
import Testing

@testable import HypnoScript

@Suite("The grammar for editors")
struct EditorGrammarTests {
    private struct Grammar: Decodable {
        let scopeName: String
        let patterns: [Rule]
        let repository: [String: Group]
    }

    private struct Group: Decodable {
        let patterns: [Rule]
    }

    private struct Rule: Decodable {
        let name: String?
        let include: String?
        let match: String?
        let begin: String?
        let end: String?
        let patterns: [Rule]?

        var expressions: [String] { [match, begin, end].compactMap { $0 } }
    }

    private struct Manifest: Decodable {
        struct Contributions: Decodable {
            let languages: [Language]
            let grammars: [Grammar]
        }
        struct Language: Decodable {
            let id: String
            let extensions: [String]
            let configuration: String
        }
        struct Grammar: Decodable {
            let language: String
            let scopeName: String
            let path: String
        }
        let contributes: Contributions
    }

    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/editors/vscode"

    private static func decode<Content: Decodable>(_ type: Content.Type, _ file: String) throws -> Content {
        let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(file)"))
        return try JSONDecoder().decode(type, from: data)
    }

    private let grammar: Grammar

    init() throws {
        grammar = try Self.decode(Grammar.self, "syntaxes/hyp.tmLanguage.json")
    }

    private func rules(_ group: String) throws -> [Rule] { try #require(grammar.repository[group]).patterns }

    /// The words of a rule of the form `\b(?:a|b)\b`.
    private func words(of rule: Rule) throws -> [String] {
        let pattern = try #require(rule.match)
        let inner = pattern.drop { $0 != ":" }.dropFirst().prefix { $0 != ")" }
        #expect(pattern.hasSuffix(")\\b"), "\(pattern)")
        return inner.split(separator: "|").map(String.init)
    }

    @Test("has expressions that compile, and includes what is there")
    func expressions() throws {
        var count = 0
        let all = grammar.repository.values.flatMap(\.patterns) + grammar.patterns
        for rule in all + all.flatMap({ $0.patterns ?? [] }) {
            for expression in rule.expressions {
                _ = try Regex(expression)
                count += 1
            }
            guard let include = rule.include else { continue }
            #expect(grammar.repository[String(include.dropFirst())] != nil, "\(include)")
        }
        #expect(count > 20)
    }

    @Test("has the keywords of the lexer, each once, without regard to case")
    func keywords() throws {
        let rules = try rules("keywords")
        #expect(rules.allSatisfy { $0.match?.hasPrefix("(?i)\\b") ?? false })
        let all = try rules.flatMap { try words(of: $0) }
        #expect(all.sorted() == Keyword.spellings.map(\.0).sorted())
        let reserved = try #require(rules.first { $0.name == "invalid.illegal.reserved.hyp" })
        let unused = Keyword.spellings.filter { $0.1 == .reserved }.map(\.0)
        #expect(try words(of: reserved).sorted() == unused.sorted())
    }

    @Test("has the words of the documented dialect and the names that are values")
    func softWords() throws {
        let soft = try rules("soft-words").flatMap { try words(of: $0) }
        #expect(soft.sorted() == SoftWords.spellings.sorted())
        let values = try words(of: try #require(try rules("values").first))
        #expect(values.sorted() == Vocabulary.values.map(\.name).sorted())
    }

    @Test("has every function of the library")
    func functions() throws {
        let found = try words(of: try #require(try rules("functions").first))
        #expect(found.sorted() == Set(Vocabulary.callableNames).sorted())
    }

    @Test(
        "sees numbers, operators, keys and escapes where the lexer does",
        arguments: [
            ("numbers", "2.5", "2.5"), ("numbers", "5.", "5."), ("operators", "=>x", "=>"),
            ("operators", "...rest", "..."), ("keys", "    max-connections: 5", "    max-connections"),
            ("environment", "env.DB_PASSWORD", "env.DB_PASSWORD"), ("escapes", "\\u{1F600}", "\\u{1F600}"),
            ("comments", "// note", "// note"),
        ])
    func samples(group: String, text: String, matched: String) throws {
        let expressions = try rules(group).compactMap(\.match)
        let found = try expressions.compactMap { try Regex($0).firstMatch(in: text) }.first
        #expect(found.map { String(text[$0.range]) } == matched)
    }

    @Test("is what the extension for VS Code names")
    func manifest() throws {
        let manifest = try Self.decode(Manifest.self, "package.json").contributes
        let language = try #require(manifest.languages.first)
        let entry = try #require(manifest.grammars.first)
        #expect(language.extensions == [".hyp"])
        #expect(entry.language == language.id)
        #expect(entry.scopeName == grammar.scopeName)
        for path in [entry.path, language.configuration] {
            #expect(FileManager.default.fileExists(atPath: "\(Self.folder)/\(path.dropFirst(2))"), "\(path)")
        }
    }
}
