import SourceText
import Testing

@testable import HypConfig

@Suite("Hostile configuration")
struct ConfigRobustnessTests {
    private func parse(_ text: String) -> [Diagnostic] {
        ConfigParser.parse(SourceFile(name: "a.hyp", text: text)).findings.diagnostics
    }

    @Test("nesting is refused, never followed", arguments: ["{", "["])
    func nesting(bracket: String) {
        let text = "a { x: " + String(repeating: bracket == "{" ? "{ x: " : "[", count: 200_000)
        #expect(parse(text).first?.message == "nesting deeper than 64")
    }

    @Test("sixty-four brackets are not too many")
    func deepestNesting() {
        let text = "a { x: " + String(repeating: "[", count: 63) + String(repeating: "]", count: 63) + "}"
        #expect(parse(text).isEmpty)
    }

    @Test("a million entries in one line are read in linear time")
    func oneLine() {
        let text = "a { x: [" + String(repeating: "1,", count: 400_000) + "] }"
        #expect(parse(text).isEmpty)
    }

    @Test("a file larger than 1 MiB is refused")
    func largeFile() {
        let text = "a { x: \"" + String(repeating: "x", count: 1 << 20) + "\" }"
        let failure = #expect(throws: ConfigFailure.self) {
            try ConfigLoader(environment: [:]).load(text: text, file: "a.hyp")
        }
        #expect(failure?.diagnostics.map(\.oneLine) == ["a.hyp: file larger than 1 MiB"])
    }

    @Test("invalid UTF-8 is refused at its byte")
    func invalidUTF8() {
        let bytes = Array("a { x: \"ä".utf8) + [0xFF] + Array("\" }".utf8)
        let error = #expect(throws: Diagnostic.self) { try ConfigText.decode(bytes, file: "a.hyp") }
        #expect(error?.oneLine == "a.hyp: invalid UTF-8 at byte 10")
    }

    @Test("no change of a byte crashes the parser", arguments: ConfigCorpus.seedBlocks)
    func changedBytes(name: String) throws {
        let bytes = try ConfigCorpus.bytes("seed-blocks/\(name).hyp")
        let alphabet = Array("{}[]:,\"\\/*\n\t u0.-e_\u{0}ä".utf8)
        var state: UInt64 = 7
        for _ in 0..<150 {
            var mutated = bytes
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                mutated[Int(state >> 33) % mutated.count] = alphabet[Int(state >> 20) % alphabet.count]
            }
            // Cutting the text is a change, too.
            mutated.removeLast(Int(state >> 40) % (mutated.count / 4))
            let text = String(decoding: mutated, as: UTF8.self)
            #expect(parse(text).count <= 20)
        }
    }
}
