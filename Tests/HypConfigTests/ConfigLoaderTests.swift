import SourceText
import Testing

@testable import HypConfig

@Suite("Loading several files")
struct ConfigLoaderTests {
    private func load(
        _ files: [String: String], environment: [String: String] = [:]
    ) throws(ConfigFailure) -> ConfigTree {
        try ConfigLoader(environment: environment, files: .memory(files)).load(directory: "c")
    }

    private func errors(_ files: [String: String]) -> [String] {
        do throws(ConfigFailure) {
            _ = try load(files)
            return []
        } catch {
            return error.diagnostics.map(\.oneLine)
        }
    }

    @Test("values remember their file and place through a merge")
    func provenance() throws {
        let tree = try load([
            "c/1.hyp": "a {\n  x: 1\n  y: 2\n}", "c/2.hyp": "a { y: 3 }",
        ])
        guard case .object(let a)? = tree.root["a"]?.node.value else { return }
        #expect(a["x"]?.node.file == "1.hyp")
        #expect(a["x"]?.node.position == SourcePosition(line: 2, column: 6))
        #expect(a["y"]?.node.file == "2.hyp")
        #expect(a["y"]?.node.position == SourcePosition(line: 1, column: 8))
        #expect(tree.sources["2.hyp"]?.line(1) == "a { y: 3 }")
    }

    @Test("sixteen files may include each other, seventeen may not")
    func includeDepth() {
        var files = ["c/main.hyp": "include \"_1.hyp\""]
        for number in 1...16 { files["c/_\(number).hyp"] = "include \"_\(number + 1).hyp\"" }
        files["c/_16.hyp"] = "a { x: 1 }"
        #expect(errors(files) == [])
        files["c/_16.hyp"] = "include \"_17.hyp\""
        files["c/_17.hyp"] = "a { x: 1 }"
        #expect(errors(files) == ["_16.hyp:1:9: include depth over 16"])
    }

    @Test(
        "a program is one with whatever white space there is, and a byte order mark",
        arguments: [
            ("Focus { }", true), ("Focus\r\n{ }", true), ("\u{FEFF}focus { }", true),
            ("Focus\u{A0}{ }", true),
            ("\u{C}// a\r\nFOCUS/* b */\u{2028}{ }", true), ("session\r\nS { }", true),
            ("\u{FEFF}worker { }", false), ("focus: { }", false), ("\"focus\" { }", false),
        ])
    func programs(text: String, isProgram: Bool) {
        #expect(ConfigDialect.isScript(SourceFile(name: "a.hyp", text: text)) == isProgram)
    }

    @Test("an included program is refused")
    func includedScript() {
        let files = ["c/1.hyp": "include \"_job.hyp\"", "c/_job.hyp": "Focus { } Relax"]
        #expect(errors(files) == ["1.hyp:1:9: include file '_job.hyp' is a program, not configuration"])
    }

    @Test(
        "paths out of the directory are refused", arguments: ["/etc/passwd", "../x.hyp", "sub/../../x.hyp"])
    func leavingPaths(path: String) {
        #expect(
            errors(["c/1.hyp": "include \"\(path)\"", "x.hyp": ""]) == [
                "1.hyp:1:9: include path '\(path)' leaves the config directory"
            ])
    }

    @Test("a link that leads out of the directory is refused")
    func leavingLink() {
        var files = ConfigFiles.memory(["c/1.hyp": "include \"link.hyp\"", "c/link.hyp": "", "x.hyp": ""])
        let direct = files.canonicalPath
        files.canonicalPath = { $0 == "c/link.hyp" ? "x.hyp" : direct($0) }
        let failure = #expect(throws: ConfigFailure.self) {
            try ConfigLoader(environment: [:], files: files).load(directory: "c")
        }
        #expect(
            failure?.diagnostics.first?.oneLine
                == "1.hyp:1:9: include path 'link.hyp' leaves the config directory")
    }

    @Test("a directory that cannot be read is an error that names it")
    func missingDirectory() {
        let failure = #expect(throws: ConfigFailure.self) {
            try ConfigLoader(environment: [:]).load(directory: "/does/not/exist")
        }
        #expect(
            failure?.diagnostics.first?.oneLine
                == "/does/not/exist: cannot read the directory: No such file or directory")
    }

    @Test("a variable that is not set is named with one that is near")
    func environmentHelp() {
        let failure = #expect(throws: ConfigFailure.self) {
            try load(["c/1.hyp": "a { p: env.DB_PASWORD }"], environment: ["DB_PASSWORD": "hunter2"])
        }
        let diagnostic = failure?.diagnostics.first
        #expect(diagnostic?.help == "set DB_PASWORD before starting; 'DB_PASSWORD' is")
        #expect(diagnostic.map { "\($0)".contains("hunter2") } == false)
    }

    @Test("what comes from the environment shows nowhere")
    func secretsDoNotShow() throws {
        let tree = try load(["c/1.hyp": "a { p: env.P }"], environment: ["P": "hunter2"])
        var dumped = ""
        dump(tree.root, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(tree.root)".contains("hunter2"))
        #expect(!String(reflecting: tree.root).contains("hunter2"))
        #expect("\(Secret("hunter2"))" == "•••")
        #expect(Secret("hunter2").reveal() == "hunter2")
    }
}
