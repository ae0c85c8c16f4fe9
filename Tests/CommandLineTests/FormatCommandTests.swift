import Glibc
import JobEngine
import Testing

@Suite("Formatting files")
struct FormatCommandTests {
    private static let program = "Focus{observe \"a\";}Relax\n"
    private static let formatted = "Focus {\n    observe \"a\";\n} Relax\n"

    @Test("programs and configuration are rewritten in place, with their permissions")
    func rewriting() async throws {
        try await withEmptyFolder { here in
            try here.write(Self.program, to: "a.hyp")
            try here.write("worker{slots:2}\n", to: "worker.hyp")
            #expect(chmod(here.path("a.hyp"), 0o640) == 0)
            let result = try await here.run("fmt a.hyp worker.hyp")
            #expect(result.status == 0)
            #expect(result.output == "formatted a.hyp\nformatted worker.hyp\n")
            #expect(result.errors == "")
            #expect(try here.text(of: "a.hyp") == Self.formatted)
            #expect(try here.text(of: "worker.hyp") == "worker { slots: 2 }\n")
            var facts = stat()
            #expect(stat(here.path("a.hyp"), &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o640)
            let again = try await here.run("fmt a.hyp worker.hyp")
            #expect(again.status == 0)
            #expect(again.output == "2 files: nothing to do\n")
        }
    }

    @Test("--check writes nothing and is status 3 where something would change")
    func check() async throws {
        try await withEmptyFolder { here in
            try here.write(Self.program, to: "a.hyp")
            let result = try await here.run("fmt --check a.hyp")
            #expect(result.status == 3)
            #expect(result.output == "would format a.hyp\n")
            #expect(try here.text(of: "a.hyp") == Self.program)
            try here.write(Self.formatted, to: "a.hyp")
            #expect(try await here.run("fmt --check a.hyp").status == 0)
        }
    }

    @Test("a link stays a link")
    func links() async throws {
        try await withEmptyFolder { here in
            try here.write(Self.program, to: "a.hyp")
            #expect(symlink("a.hyp", here.path("b.hyp")) == 0)
            #expect(try await here.run("fmt b.hyp").status == 0)
            var facts = stat()
            #expect(lstat(here.path("b.hyp"), &facts) == 0)
            #expect(facts.st_mode & S_IFMT == S_IFLNK)
            #expect(try here.text(of: "a.hyp") == Self.formatted)
        }
    }

    @Test("what does not parse is reported and left alone, and the others are formatted")
    func broken() async throws {
        try await withEmptyFolder { here in
            try here.write("Focus { observe 1 } Relax\n", to: "broken.hyp")
            try here.write("a { b c }\n", to: "worker.hyp")
            try here.write(Self.program, to: "a.hyp")
            let result = try await here.run("fmt broken.hyp worker.hyp missing.hyp a.hyp")
            #expect(result.status == 7)
            #expect(result.output == "formatted a.hyp\n")
            #expect(result.errors.contains("error[HJ-2005]: "))
            #expect(result.errors.contains("\n --> broken.hyp:1:19\n"))
            #expect(result.errors.contains("\n --> worker.hyp:1:7\n"))
            #expect(try here.text(of: "broken.hyp") == "Focus { observe 1 } Relax\n")
            #expect(try await here.run("fmt broken.hyp").status == 3)
        }
    }

    @Test("standard input becomes standard output")
    func filter() async throws {
        try await withEmptyFolder { here in
            let result = try await here.run("fmt -", input: Self.program)
            #expect(result.status == 0)
            #expect(result.output == Self.formatted)
            #expect(try await here.run("fmt - a.hyp").status == 2)
            let json = try await here.run("fmt --json -", input: Self.program)
            #expect(here.member("text", of: json) == Self.formatted)
        }
    }

    @Test("the programs and the configuration of this project are formatted")
    func ours() async throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        var files: [String] = []
        for folder in ["jobs", "config", "config/migrations"] {
            guard let directory = opendir("\(root)/\(folder)") else {
                throw SystemFailure("opendir \(folder)")
            }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.hasSuffix(".hyp") { files.append("\(folder)/\(name)") }
            }
        }
        #expect(files.count > 20)
        let result = try await CommandRun(arguments: ["fmt", "--check"] + files, directory: root).result()
        #expect(result.status == 0, "\(result.output)")
    }
}
