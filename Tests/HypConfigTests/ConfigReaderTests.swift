import SourceText
import Testing

@testable import HypConfig

@Suite("Reading values")
struct ConfigReaderTests {
    private func read<Value>(
        _ text: String, environment: [String: String] = [:], _ schema: (inout ConfigReader) -> Value
    ) throws(ConfigFailure) -> Value {
        try ConfigLoader(environment: environment).load(text: text, file: "a.hyp").read { root in
            root.block("a", "A block.", schema)
        }
    }

    private func errors<Value>(
        _ text: String, environment: [String: String] = [:], _ schema: (inout ConfigReader) -> Value
    ) -> [String] {
        do throws(ConfigFailure) {
            _ = try read(text, environment: environment, schema)
            return []
        } catch {
            return error.diagnostics.map(\.oneLine)
        }
    }

    @Test(
        "a whole number may be written with a fraction of zero",
        arguments: ["7", "7.0", "70e-1", "env.SEVEN"])
    func integers(written: String) throws {
        let value = try read("a { x: \(written) }", environment: ["SEVEN": "7"]) {
            $0.value("x", .integer(1...9), "A number.")
        }
        #expect(value == 7)
    }

    @Test(
        "other things are no whole numbers", arguments: ["7.5", "\"7\"", "true", "[7]", "env.BLANK", "1e300"])
    func noIntegers(written: String) {
        let found = errors("a { x: \(written) }", environment: ["BLANK": " 7"]) {
            $0.value("x", .integer(1...9), "A number.")
        }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("a.hyp:1:8: 'x' must be a whole number from 1 to 9, found ") == true)
    }

    @Test("a null is as good as nothing")
    func null() throws {
        #expect(try read("a { x: null }") { $0.value("x", .integer(1...9), default: 4, "A number.") } == 4)
        #expect(try read("a { x: null }") { $0.optional("x", .boolean, "A switch.") } == nil)
        #expect(try read("a { x: null }") { $0.optionalBlock("x", "A block.") { _ in 1 } } == nil)
        #expect(errors("a { x: null }") { $0.notYet("x", help: "") } == [])
        #expect(
            errors("a { x: null }") { $0.value("x", .text, "A text.") } == [
                "a.hyp:1:1: 'a' needs the key 'x'"
            ])
    }

    @Test("a key that nobody reads is an error at the key")
    func unknownKeys() {
        let found = errors("a {\n  x: 1\n  \"y\": { z: 2 }\n}\n") {
            $0.value("x", .integer(0...9), "A number.")
        }
        #expect(found == ["a.hyp:3:3: unknown key 'y'"])
    }

    @Test("what is not built yet is refused unless it is switched off")
    func notYet() {
        #expect(errors("a { x: false }") { $0.notYet("x", help: "") } == [])
        #expect(
            errors("a { x: true }") { $0.notYet("x", help: "") } == ["a.hyp:1:5: 'x' is not supported yet"])
        let schema: (inout ConfigReader) -> Void = { reader in
            reader.notYetBlock("x", "Later.", help: "") {
                _ = $0.value("size", .integer(1...9), default: 1, "Size.")
            }
        }
        #expect(errors("a { x { enabled: false, size: 3 } }", schema) == [])
        #expect(errors("a { x { size: 3 } }", schema) == ["a.hyp:1:5: 'x' is not supported yet"])
        #expect(errors("a { x { enabled: false, sise: 3 } }", schema) == ["a.hyp:1:25: unknown key 'sise'"])
    }

    @Test("mistakes accumulate in the order of the text")
    func accumulation() {
        let found = errors("a { z: 1, y: \"no\", x: true }\nb { }\n") { reader in
            _ = reader.value("x", .text, "A text.")
            _ = reader.value("y", .boolean, "A switch.")
        }
        #expect(
            found == [
                "a.hyp:1:5: unknown key 'z'",
                "a.hyp:1:14: 'y' must be true or false, found the text \"no\"",
                "a.hyp:1:23: 'x' must be a text that is not empty, found true",
                "a.hyp:2:1: unknown key 'b'",
            ])
    }

    @Test("a block that is none is one mistake")
    func notABlock() {
        let found = errors("a: { x: 5 }") { reader in
            reader.block("x", "A block.") { $0.value("needed", .text, "A text.") }
        }
        #expect(found == ["a.hyp:1:9: 'x' must be a block, found 5"])
    }

    @Test("a text from the environment is no block and no list")
    func environmentIsText() {
        let found = errors("a { x: env.X, y: env.X }", environment: ["X": "[1]"]) { reader in
            _ = reader.value("x", .list(of: .integer(0...9)), "Numbers.")
            _ = reader.blocks("y", "Blocks.") { _, _ in 0 }
        }
        #expect(
            found == [
                "a.hyp:1:8: 'x' must be a list, each element a whole number from 0 to 9, found env.X",
                "a.hyp:1:18: 'y' must be a list of blocks, found env.X",
            ])
    }

    @Test("a long text is not repeated in a message")
    func longTexts() {
        let shown = String(repeating: "y", count: 40)
        let found = errors("a { x: \"\(String(repeating: "y", count: 500))\" }") {
            $0.value("x", .boolean, "A switch.")
        }
        #expect(
            found == [
                "a.hyp:1:8: 'x' must be true or false, found the text \"\(shown)…\""
            ])
    }

    @Test("a thousand rows are read in linear time")
    func manyRows() throws {
        let rows = (0..<5_000).map { "r\($0) { x: \($0) }" }.joined(separator: "\n")
        let values = try read("a {\n\(rows)\n}\n") { reader in
            reader.rows("A row.") { _, row in row.value("x", .integer(0...9999), "A number.") }
        }
        #expect(values == Array(0..<5_000))
    }
}
