import Glibc
import Testing

@testable import HypnoScript

@Suite("The corpus of the reference", .serialized)
struct ConformanceTests {
    @Test("is there")
    func corpusIsThere() {
        #expect(ConformanceCase.all.count > 150)
    }

    @Test(
        "holds for programs that stay within themselves",
        arguments: ConformanceCase.all.filter { !$0.usesFiles })
    func program(_ expected: ConformanceCase) {
        check(expected)
    }

    @Test("holds for programs that use files", arguments: ConformanceCase.all.filter(\.usesFiles))
    func programWithFiles(_ expected: ConformanceCase) throws {
        try inEmptyDirectory { check(expected) }
    }

    private func check(_ expected: ConformanceCase) {
        let run = ProgramRun(expected.program)
        #expect(run.output == expected.output)
        #expect(run.status == expected.status)
        if let error = expected.error {
            #expect(run.error.contains(error), "\(run.error)")
        } else {
            #expect(run.error.isEmpty, "\(run.error)")
        }
    }

    /// Runs `body` in a working directory of its own, which is gone afterwards.
    private func inEmptyDirectory(_ body: () throws -> Void) throws {
        var template = Array("\(P_tmpdir)/hypnoscript-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        let former = try #require(getcwd(nil, 0))
        defer {
            chdir(former)
            free(former)
        }
        #expect(chdir(path) == 0)
        try body()
        if FileAccess.kind(of: "hypconf_tmp") != nil {
            for name in try FileAccess.names(in: "hypconf_tmp") { rmdir("hypconf_tmp/\(name)") }
            rmdir("hypconf_tmp")
        }
        #expect(rmdir(path) == 0, "the program left files behind")
    }
}

extension ConformanceCase {
    /// Whether the program works with relative paths, and so with the working directory of the process.
    var usesFiles: Bool { name.hasPrefix("23-files") }
}
