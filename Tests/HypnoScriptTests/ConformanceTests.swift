import Glibc
import Testing

@testable import HypnoScript

@Suite("The corpora", .serialized)
struct ConformanceTests {
    @Test("are there")
    func corporaAreThere() {
        #expect(ConformanceCase.language.count > 150)
        #expect(ConformanceCase.superseded.isSubset(of: Set(ConformanceCase.language.map(\.name))))
    }

    @Test(
        "of the reference hold for programs that stay within themselves",
        arguments: ConformanceCase.language.filter { !$0.usesFiles })
    func program(_ expected: ConformanceCase) {
        check(expected, .reference)
    }

    @Test(
        "of the reference hold for programs that use files",
        arguments: ConformanceCase.language.filter(\.usesFiles))
    func programWithFiles(_ expected: ConformanceCase) throws {
        try inEmptyDirectory { check(expected, .reference) }
    }

    @Test(
        "of the reference hold in the documented dialect, which only gives errors a meaning",
        arguments: ConformanceCase.language.filter { !ConformanceCase.superseded.contains($0.name) })
    func documentedProgram(_ expected: ConformanceCase) throws {
        try inEmptyDirectory { check(expected, .documented) }
    }

    @Test("of the documented dialect hold", arguments: ConformanceCase.extensions)
    func extensionProgram(_ expected: ConformanceCase) throws {
        try inEmptyDirectory { check(expected, .documented) }
    }

    private func check(_ expected: ConformanceCase, _ dialect: ScriptDialect) {
        let run = ProgramRun(expected.program, dialect: dialect)
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
        if try FileAccess(scope: .everywhere).kind(of: "hypconf_tmp") != nil {
            for name in try FileAccess(scope: .everywhere).names(in: "hypconf_tmp") {
                rmdir("hypconf_tmp/\(name)")
            }
            rmdir("hypconf_tmp")
        }
        #expect(rmdir(path) == 0, "the program left files behind")
    }
}

extension ConformanceCase {
    /// Whether the program works with relative paths, and so with the working directory of the process.
    var usesFiles: Bool { name.hasPrefix("23-files") }
}
