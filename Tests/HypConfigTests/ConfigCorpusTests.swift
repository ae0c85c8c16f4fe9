import SourceText
import Testing

@testable import HypConfig

@Suite("The corpus of the configuration language")
struct ConfigCorpusTests {
    private let loader = ConfigLoader(environment: ConfigCorpus.environment)

    @Test("the corpus is complete")
    func corpusIsComplete() {
        let cases =
            ConfigCorpus.goodFiles.count + ConfigCorpus.badFiles.count + ConfigCorpus.goodDirectories.count
            + ConfigCorpus.badDirectories.count
        #expect(cases == 93)
        #expect(ConfigCorpus.seedBlocks.count == 9)
    }

    @Test("a block of the seed reads as its tree", arguments: ConfigCorpus.seedBlocks)
    func seedBlock(name: String) throws {
        let bytes = try ConfigCorpus.bytes("seed-blocks/\(name).hyp")
        let (items, findings) = ConfigParser.parse(try ConfigText.decode(bytes, file: name))
        #expect(findings.diagnostics.map(\.oneLine) == [])
        var root = ConfigObject()
        for case .block(let entry) in items { root.set(entry) }
        #expect(ConfigJSON.text(root) == (try ConfigCorpus.text("seed-blocks/\(name).json")))
    }

    @Test("a good file reads as its tree", arguments: ConfigCorpus.goodFiles)
    func goodFile(name: String) throws {
        let tree = try load(file: name)
        #expect(ConfigJSON.text(tree.root) == (try ConfigCorpus.text("cases/\(name).json")))
    }

    @Test("a bad file is refused with its message at its place", arguments: ConfigCorpus.badFiles)
    func badFile(name: String) throws {
        let expected = try ConfigCorpus.text("cases/\(name).err")
        let failure = #expect(throws: ConfigFailure.self) { try load(file: name) }
        #expect(failure?.diagnostics.first?.oneLine == expected)
    }

    @Test("a good directory reads as its tree", arguments: ConfigCorpus.goodDirectories)
    func goodDirectory(name: String) throws {
        let tree = try loadDirectory(name)
        #expect(ConfigJSON.text(tree.root) == (try ConfigCorpus.text("cases/\(name).json")))
    }

    @Test("a bad directory is refused with its message at its place", arguments: ConfigCorpus.badDirectories)
    func badDirectory(name: String) throws {
        let expected = try ConfigCorpus.text("cases/\(name).err")
        let failure = #expect(throws: ConfigFailure.self) { try loadDirectory(name) }
        #expect(failure?.diagnostics.first?.oneLine == expected)
    }

    private func load(file name: String) throws -> ConfigTree {
        // Not through a Swift string: the byte order mark and the line endings are part of the cases.
        var assembly = ConfigAssembly(directory: nil, files: .system)
        assembly.add(bytes: try ConfigCorpus.bytes("cases/\(name).hyp"), file: "\(name).hyp")
        return try loader.finish(assembly, name: name)
    }

    private func loadDirectory(_ name: String) throws -> ConfigTree {
        // An empty directory does not survive version control.
        if name == "dir-empty-dir" {
            var files = ConfigFiles.system
            files.names = { _ in [] }
            return try ConfigLoader(environment: [:], files: files).load(directory: name)
        }
        return try loader.load(directory: "\(ConfigCorpus.directory)/cases/\(name)")
    }
}
