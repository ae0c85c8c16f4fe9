import HypConfig
import SourceText
import Testing

@testable import hypjobs

@Suite("Errors in the meaning of the configuration")
struct SettingsErrorTests {
    private static let folder = "\(SettingsFixture.directory)/SettingsErrors"
    private static let cases = ((try? ConfigFiles.system.names(folder)) ?? [])
        // A missing folder shows as an empty list, which the first test refuses.
        .filter { $0.hasSuffix(".hyp") }.map { String($0.dropLast(4)) }.sorted()

    @Test("every code has a case")
    func everyCodeHasACase() throws {
        let texts = try Self.cases.map { try SettingsFixture.text("\(Self.folder)/\($0).err") }
        for code in ConfigMeaningCode.all + SettingsCode.all {
            #expect(texts.contains { $0.contains("error[\(code.label)]") }, "\(code.label) \(code.title)")
        }
    }

    @Test("codes are named once", arguments: [ConfigCode.all + ConfigMeaningCode.all + SettingsCode.all])
    func codesAreNamedOnce(codes: [DiagnosticCode]) {
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { (1001...1199).contains($0.number) && !$0.explanation.isEmpty })
    }

    @Test("a wrong configuration is refused in these words", arguments: cases)
    func refused(name: String) throws {
        let text = try SettingsFixture.text("\(Self.folder)/\(name).hyp")
        let expected = try SettingsFixture.text("\(Self.folder)/\(name).err")
        let renderer = DiagnosticRenderer(colour: false)
        let diagnostics = SettingsFixture.diagnostics(
            ["\(name).hyp": text], environment: ["PASSWORD": "hunter2 äöü"])
        let rendered = diagnostics.map(renderer.render).joined(separator: "\n\n") + "\n"
        #expect(rendered == expected)
        #expect(!rendered.contains("hunter2"))
    }

    @Test("the seed's own blocks are refused for what is not built, and for nothing else")
    func seedBlocks() throws {
        var files: [String: String] = [:]
        let folder = "\(SettingsFixture.directory)/../HypConfigTests/Corpus/seed-blocks"
        for number in 1...9 {
            files["0\(number).hyp"] = try SettingsFixture.text("\(folder)/0\(number).hyp")
        }
        let drivers = ["DB", "MYSQL", "SQLSERVER", "ORACLE"]
        let variables = drivers.flatMap { ["\($0)_USERNAME", "\($0)_PASSWORD"] }
        let environment = Dictionary(uniqueKeysWithValues: variables.map { ($0, "hunter2") })
        let diagnostics = SettingsFixture.diagnostics(files, environment: environment)
        let places = diagnostics.map { "\($0.file) \($0.message.split(separator: "'")[0])" }
        #expect(diagnostics.allSatisfy { $0.code == ConfigMeaningCode.notSupportedYet })
        #expect(
            places == [
                "01.hyp mysql", "01.hyp sqlserver", "01.hyp oracle",
                "02.hyp pool_usage_metrics", "02.hyp connection_wait_time", "02.hyp connection_creation_time",
                "02.hyp connection_validation_failures", "03.hyp entities",
                "06.hyp transaction_examples", "07.hyp templates",
                "09.hyp query_cache", "09.hyp query_analysis", "09.hyp index_optimization",
                "09.hyp partitioning",
            ])
    }

    @Test("a migration file is named after its migration")
    func migrationFileName() {
        let migration = "tidy_up { version: \"20240105000001\", up: [\"DROP TABLE a;\"] }"
        let diagnostics = SettingsFixture.diagnostics([
            "a.hyp": DatabaseSettings.example,
            "migrations/20240105000001_tidyup.hyp": migration,
            "migrations/20240106000001_two.hyp": "two { version: \"20240106000001\", up: [] }\nthree { }",
            "migrations/20240107000001_none.hyp": "// nothing",
        ])
        #expect(
            diagnostics.map(\.oneLine) == [
                """
                migrations/20240105000001_tidyup.hyp:1:1: \
                the migration belongs into a file named '20240105000001_tidy_up.hyp'
                """,
                "migrations/20240106000001_two.hyp:2:1: 'three' needs the key 'version'",
                "migrations/20240106000001_two.hyp:2:1: 'three' needs the key 'up'",
                "migrations/20240106000001_two.hyp:2:1: a second migration in one file",
                "migrations/20240107000001_none.hyp: the file holds no migration",
            ])
    }

    @Test("two files with one version are refused")
    func migrationVersions() {
        let diagnostics = SettingsFixture.diagnostics([
            "a.hyp": DatabaseSettings.example,
            "migrations/20240105000001_a.hyp": "a { version: \"20240105000001\", up: [\"SELECT 1;\"] }",
            "migrations/20240105000001_b.hyp": "b { version: \"20240105000001\", up: [\"SELECT 1;\"] }",
        ])
        #expect(
            diagnostics.map(\.oneLine) == [
                """
                migrations/20240105000001_b.hyp:1:1: \
                'b' has the version of 'a' in migrations/20240105000001_a.hyp
                """
            ])
    }
}
