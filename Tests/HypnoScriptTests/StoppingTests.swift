import Glibc
import SourceText
import Synchronization
import Testing

@testable import HypnoScript

/// Runs a program and counts how often the run looks whether it must stop, from its first flush on.
private final class CountedRun: ScriptOutput {
    private struct State {
        var isBegun = false
        var looks = 0
        var instructions = 0
        var kind: ScriptFailure.Kind?
    }

    private let state = Mutex(State())
    private let last: Int

    var looks: Int { state.withLock { $0.looks } }
    var instructions: Int { state.withLock { $0.instructions } }
    /// Why it failed.
    var kind: ScriptFailure.Kind? { state.withLock { $0.kind } }

    /// - Parameter last: the look at which the run must stop.
    init(_ statements: String, stoppingAt last: Int = .max, limits: ScriptLimits = ScriptLimits()) throws {
        self.last = last
        let source = SourceFile(name: "test.hyp", text: "Focus { \(statements) } Relax")
        var host = ScriptHost(output: self, clock: { .zero }, random: { 4 }, input: { nil })
        host.files = .everywhere
        let outcome = try HypnoScript.compile(source).run(
            host: host, limits: limits, cancellation: ScriptCancellation(when: { [self] in look() }))
        state.withLock { state in
            state.instructions = outcome.instructions
            if case .failed(let failure) = outcome.end { state.kind = failure.kind }
        }
    }

    private func look() -> Bool {
        state.withLock { state in
            guard state.isBegun else { return false }
            state.looks += 1
            return state.looks >= last
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) {}

    func flush() { state.withLock { $0.isBegun = true } }
}

@Suite("A run looks whether it must stop within everything that takes long")
struct StoppingTests {
    /// What is large, and calls that go through all of it.
    private static let subjects: [(large: String, calls: [String])] = [
        (
            "Repeat(\"\u{00C4}\u{03A3} \u{00DF}\u{2014} \", 14000)",
            [
                "ToUpper", "ToLower", "IsPalindrome", "UniqueCharacters", "Reverse", "TitleCase",
                "ReverseWords", "SplitWords", "CountWords", "URLEncode", "HexEncode", "Base64Encode",
                "HTMLEncode", "HashString", "MD5", "SHA1", "SHA256", "SHA512", "AreAnagrams:, x",
                "EqualsIgnoreCase:, x", "HammingDistance:, x", "Split:, \"\"", "Split:, \" \"",
                "Replace:, \" \", \"ab\"", "Replace:, \"\", \"-\"", "MatchesPattern:, \"(a|b)*c\"",
                "HMAC:, \"k\"", "HMAC:, x", "WrapText:, 20", "LevenshteinDistance:, \"abcdefgh\"",
                "VerifyHash:, x", "FormatDateTime:", "PBKDF2:, x, 1, 8",
            ]
        ),
        (
            "Repeat(\"a1\", 150000)",
            [
                "IsAlphanumeric", "HexDecode", "Base64Decode", "LastIndexOf:, \"a\"",
                "CountOccurrences:, \"a\"",
                "IndexOf:, Repeat(\"a1\", 50000) + \"b\"",
            ]
        ),
        ("Repeat(\" \", 300000)", ["Trim", "TrimStart", "IsWhitespace", "CountWords"]),
        ("Repeat(\"7\", 300000)", ["ToDouble", "IsNumeric", "ToNumber"]),
        ("\"[\" + Repeat(\"1,\", 30000) + \"1]\"", ["ParseJSON", "JsonPretty"]),
        ("Repeat(\"[\", 30000) + Repeat(\"]\", 30000)", ["ParseJSON"]),
        ("Repeat(\"a,\\\"b\\\"\\n\", 20000)", ["ParseCsv", "SplitLines", "CountLines"]),
        ("Repeat(\"&amp;%41\", 20000)", ["URLDecode", "HTMLDecode"]),
        (
            "ArrayMap(Range(1, 30000), suggestion(i) { awaken (i * 7919) % 30011; })",
            [
                "ArraySort", "Sort", "Median", "ArrayDistinct", "Mode", "Shuffle", "ToString",
                "ArrayJoin:, \",\"", "StringifyJSON", "Zip:, x", "Windows:, 2", "ChunkArray:, 2",
                "ArrayUnion:, x", "ArrayIntersection:, x", "CsvToString:",
            ]
        ),
        (
            "ArrayMap(Range(1, 30000), suggestion(i) { awaken \"k\" + i; })",
            ["Sort", "ArrayDistinct", "StringifyJSON", "ArrayJoin:, \",\""]
        ),
        ("Range(1, 300000)", ["ArraySum", "ArrayMax", "ArrayReverse", "Variance", "ArrayIndexOf:, 0"]),
    ]

    private static let cases: [String] = subjects.flatMap { subject in
        subject.calls.map { call in
            let parts = call.split(separator: ":", maxSplits: 1)
            let rest = parts.count > 1 ? String(parts[1]) : ""
            return "induce x = \(subject.large); whisper \"\"; \(parts[0])(x\(rest));"
        }
    }

    @Test("a builtin looks again and again, and does next to nothing once it must stop", arguments: cases)
    func builtins(statements: String) throws {
        let whole = try CountedRun(statements)
        #expect(whole.looks >= 3, "only \(whole.looks) looks")
        let stopped = try CountedRun(statements, stoppingAt: 2)
        #expect(stopped.kind == .cancelled)
        #expect(stopped.looks == 2)
        #expect(stopped.instructions < whole.instructions)
    }

    @Test("an instruction limit stops a builtin in the middle", arguments: cases)
    func limits(statements: String) throws {
        let prelude = try #require(statements.firstRange(of: "whisper"))
        let before = try CountedRun(String(statements[..<prelude.lowerBound])).instructions
        let whole = try CountedRun(statements).instructions
        let limit = before + (whole - before) / 2
        let stopped = try CountedRun(statements, limits: ScriptLimits(instructions: limit))
        #expect(stopped.kind == .limit)
        // Work is charged in parts of at most a few slices.
        #expect(stopped.instructions <= limit + 4 * Meter.slice)
    }

    @Test(
        "statements look, too",
        arguments: [
            "induce x = Repeat(\"\u{00E4}\", 200000); whisper \"\"; command x;",
            "induce x = Range(1, 100000); whisper \"\"; observe x;",
            "induce x = Range(1, 100000); induce y = Range(1, 100000); whisper \"\"; DeepEquals(x, y);",
            "induce x = {}; for (i in Range(1, 60000)) { x[\"k\" + i] = i; } induce y = x; whisper \"\"; y.z = 1;",
            "induce x = Repeat(\"a\", 20000000); whisper \"\"; induce y = x + x;",
            "induce x = Repeat(\"7\", 300000); whisper \"\"; induce y = x - 1;",
            "induce x = Range(1, 2000000); whisper \"\"; induce y = x; y[0] = 5;",
        ])
    func statements(statements: String) throws {
        #expect(try CountedRun(statements).looks >= 3)
        let stopped = try CountedRun(statements, stoppingAt: 2)
        #expect(stopped.kind == .cancelled)
        #expect(stopped.looks == 2)
    }

    @Test("a collection looks, and a run that must stop does not finish it")
    func collections() throws {
        let fill = "induce all = []; for (i in Range(1, 150000)) { ArrayPush(all, [i]); } "
        let collect =
            fill + "whisper \"\"; for (i in Range(1, 60000)) { induce x = [i, i, i, i, i, i, i, i]; }"
        let run = try CountedRun(collect)
        // At most one of each slice is the dispatch loop's.
        let before = try CountedRun(fill).instructions
        #expect(run.looks > (run.instructions - before) / Meter.slice + 3)
        for look in 1..<run.looks {
            let stopped = try CountedRun(collect, stoppingAt: look)
            #expect(stopped.kind == .cancelled)
            #expect(stopped.looks == look)
        }
    }

    @Test("a pipe that nobody writes to does not hold a run")
    func pipes() throws {
        let path = "/tmp/hypnoscript-pipe-\(getpid())"
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let stopped = try CountedRun("whisper \"\"; ReadFile(\"\(path)\");", stoppingAt: 2)
        #expect(stopped.kind == .cancelled)
        #expect(stopped.looks == 2)
    }
}
