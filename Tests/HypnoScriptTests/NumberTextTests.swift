import Testing

@testable import HypnoScript

@Suite("Numbers as text")
struct NumberTextTests {
    @Test(
        "are shortest digits without exponent",
        arguments: [
            (5, "5"), (2.5, "2.5"), (0.1 + 0.2, "0.30000000000000004"), (1e21, "1000000000000000000000"),
            (1e-7, "0.0000001"), (0x1p64, "18446744073709552000"), (-0.0, "-0"), (0, "0"),
            (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "NaN"), (0x1p53, "9007199254740992"),
            (0x1p63, "9223372036854776000"), (-0x1p53, "-9007199254740992"), (-1.5e-5, "-0.000015"),
            (123456789.125, "123456789.125"), (1e16, "10000000000000000"), (-7, "-7"), (100, "100"),
        ] as [(Double, String)])
    func examples(value: Double, text: String) {
        #expect(NumberText.string(value) == text)
    }

    @Test("of the smallest number take 326 bytes, and none takes more than announced")
    func longest() {
        #expect(NumberText.string(0x1p-1074).utf8.count == 326)
        #expect(NumberText.string(-0x1p-1074).utf8.count == NumberText.maximumLength)
        #expect(NumberText.string(-.greatestFiniteMagnitude).utf8.count == 310)
        #expect(NumberText.string(-2.2250738585072014e-308).utf8.count <= NumberText.maximumLength)
    }

    @Test("read back to the same number", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var state = seed
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state ^ (state >> 29))
            guard value.isFinite else { continue }
            let text = NumberText.string(value)
            #expect(!text.contains("e"))
            #expect(text.utf8.count <= NumberText.maximumLength)
            #expect(parse(text)?.bitPattern == value.bitPattern, "seed \(seed), \(value)")
        }
    }

    @Test(
        "may have a sign, a point anywhere and an exponent",
        arguments: [
            ("5.", 5), (".5", 0.5), ("+1e3", 1000), ("-2.5E-1", -0.25), ("007", 7), ("1e400", .infinity),
            ("1e-400", 0), ("inf", .infinity), ("-INFINITY", -.infinity), ("+Inf", .infinity),
            ("9007199254740993", 9_007_199_254_740_992), ("0.1", 0.1),
            ("123456789012345678", 123_456_789_012_345_680),
            ("179769313486231570000000000000000000000", 1.7976931348623157e38),
        ] as [(String, Double)])
    func accepted(text: String, value: Double) {
        #expect(parse(text) == value)
    }

    @Test(
        "are no numbers with anything else in them",
        arguments: [
            "", ".", "-", "+", "e5", "1e", "1e+", " 1", "1 ", "0x10", "1_000", "1,5", "--1", "1.2.3",
            "infinit", "nano",
            "\u{661}", "1e5.0", "+-1",
        ])
    func refused(text: String) {
        #expect(parse(text) == nil)
    }

    @Test("know 'nan' in any letter case")
    func notANumber() throws {
        #expect(try #require(parse("NaN")).isNaN)
        #expect(try #require(parse("-nan")).isNaN)
    }

    private func parse(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { NumberText.parse($0) }
    }
}
