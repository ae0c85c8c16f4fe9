import Effects
import Fuzzing
import HypConfig
import SourceText
import Testing

@Suite("The formatter of configuration")
struct ConfigFormatterTests {
    private func format(_ text: String) throws -> String {
        try ConfigFormatter.format(SourceFile(name: "test.hyp", text: text))
    }

    /// The tree as JSON.
    private func tree(_ text: String) throws -> String {
        let loader = ConfigLoader(environment: ConfigCorpus.environment, files: .memory([:]))
        return ConfigJSON.text(try loader.load(text: text, file: "test.hyp").root)
    }

    @Test("lays blocks, lists and comments out and keeps every line end")
    func layout() throws {
        let written = """
            // Head.
            database:{sqlite :{file:"a.sqlite"   // a comment
            timeout:5



            list:["a" ,"b",
            1]
            }, empty { } }

            """
        let formatted = """
            // Head.
            database: { sqlite: { file: "a.sqlite"   // a comment
                timeout: 5

                list: ["a", "b",
                    1]
            }, empty {} }

            """
        #expect(try format(written) == formatted)
        #expect(try format(formatted) == formatted)
        #expect(try tree(formatted) == tree(written))
    }

    @Test("leaves texts of several lines as they are")
    func texts() throws {
        let text = "a {\n  sql: \"\"\"\n      SELECT 1  \n        FROM t\n    \"\"\"\n}\n"
        let formatted = "a {\n    sql: \"\"\"\n      SELECT 1  \n        FROM t\n    \"\"\"\n}\n"
        #expect(try format(text) == formatted)
        #expect(try tree(formatted) == tree(text))
    }

    @Test("changes no value of the corpus, and settles at once")
    func corpus() throws {
        let files =
            ConfigCorpus.seedBlocks.map { "seed-blocks/\($0).hyp" }
            + ConfigCorpus.goodFiles.map { "cases/\($0).hyp" }
        #expect(files.count > 40)
        for file in files {
            let text = String(decoding: try ConfigCorpus.bytes(file), as: UTF8.self)
            let formatted = try format(text)
            #expect(try format(formatted) == formatted, "\(file)")
            // What lies in folders includes other files; the seed's blocks name variables that are not set.
            guard file.hasPrefix("cases/") else { continue }
            #expect(try tree(formatted) == tree(text), "\(file)")
        }
    }

    @Test("changes no value of generated files, and settles at once")
    func generated() throws {
        for seed in 0..<500 {
            var generator = ConfigGenerator(SeededRandom(seed: UInt64(seed)))
            let text = generator.file(nodes: 3 + seed / 5)
            let formatted = try format(text)
            #expect(try format(formatted) == formatted, "seed \(seed)")
            #expect(try tree(formatted) == tree(text), "seed \(seed)\n\(text)")
        }
    }

    @Test("refuses what is no configuration, and changes nothing of the empty file")
    func edges() throws {
        #expect(throws: ConfigFailure.self) { try format("a { b 1 }") }
        #expect(try format("") == "")
        #expect(try format("\n\n") == "")
        #expect(try format("// only a comment") == "// only a comment\n")
        #expect(try format("\u{FEFF}a {\r\n  b: 1\r}\r\n") == "a {\n    b: 1\n}\n")
    }
}
