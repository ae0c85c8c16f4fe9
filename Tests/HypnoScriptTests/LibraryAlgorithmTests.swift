import Effects
import Glibc
import SourceText
import Testing

@testable import HypnoScript

@Suite("The library's own algorithms give what simple ones give")
struct LibraryAlgorithmTests {
    private func output(_ statements: String) -> String {
        let run = ProgramRun("Focus { \(statements) } Relax")
        #expect(run.error.isEmpty)
        return run.output
    }

    private func printed(_ number: Double) -> String { NumberText.string(number) }

    @Test("distinct numbers are those that are not within the tolerance of an earlier one")
    func distinctNumbers() {
        let random = SeededRandom(seed: 11)
        var numbers: [Double] = [
            0, 2, 2 - 0x1p-52, 1, 1 + 0x1p-52, 1 - 0x1p-53, 0x1p-53, -0x1p-53, 2.5, -2.5,
        ]
        for _ in 0..<300 {
            let unit = Double(random.next() % 64)
            numbers += [unit * 0x1p-54, 1 + unit * 0x1p-52, -unit * 0x1p-53, 2 + unit * 0x1p-51]
        }
        var kept: [Double] = []
        for number in numbers where !kept.contains(where: { abs($0 - number) < 2.220446049250313e-16 }) {
            kept.append(number)
        }
        let texts = numbers.map { "(\(printed($0)))" }.joined(separator: ", ")
        let found = output("observe ArrayDistinct([\(texts)]);")
        #expect(found == "[\(kept.map { printed($0) }.joined(separator: ", "))]\n")
    }

    @Test(
        "distinct values of other kinds",
        arguments: [
            ("[1 / 0, 1 / 0]", "[inf, inf]"), ("[[1, [2]], [1, [2]], [1, [3]]]", "[[1, [2]], [1, [3]]]"),
            ("[{a: 1, b: 2}, {b: 2, a: 1}, {a: 1}]", "[{a: 1, b: 2}, {a: 1}]"),
            ("[true, false, true, null, null]", "[true, false, null]"),
            ("[\"a\", \"b\", \"a\", [\"a\"], [\"a\"]]", "[a, b, [a]]"),
            ("[[0.5], [0.5 + 0.0000000000000001], [0.25]]", "[[0.5], [0.25]]"),
        ])
    func distinctValues(array: String, expected: String) {
        #expect(output("observe ArrayDistinct(\(array));") == expected + "\n")
    }

    @Test(
        "sorting keeps the order of equal numbers and puts NaN last", arguments: [0, 1, 5, 12, 13, 100, 3000])
    func sorting(count: Int) {
        let random = SeededRandom(seed: UInt64(count))
        let special = [0.0, -0.0, .infinity, -.infinity, .nan]
        let numbers = (0..<count).map { index in
            index % 7 == 3 ? special[Int(random.next() % 5)] : Double(random.next() % 50) - 25
        }
        let texts = numbers.map { number in
            number.isNaN
                ? "(0 / 0)"
                : number.isInfinite ? (number > 0 ? "(1 / 0)" : "(-1 / 0)") : "(\(printed(number)))"
        }
        let sorted = numbers.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? left.offset < right.offset : b.isNaN }
            return a == b ? left.offset < right.offset : a < b
        }
        let expected = sorted.map { printed($0.element) }.joined(separator: ", ")
        var program = "induce a = []; "
        for text in texts { program += "ArrayPush(a, \(text)); " }
        #expect(output(program + "observe ArraySort(a);") == "[\(expected)]\n")
    }

    @Test("strings are sorted by their scalars, a beginning before the whole")
    func sortedStrings() {
        let sorted = output(#"observe Sort(["b", "é", "a", "ab", "", "Z", "😀", "ﬀ", "a"]);"#)
        #expect(sorted == "[, Z, a, a, ab, b, é, ﬀ, 😀]\n")
    }

    @Test(
        "the first of the most frequent numbers is the mode",
        arguments: [("[3, 1, 2, 1, 3]", "3"), ("[]", "0"), ("[0, -0, -0]", "-0"), ("[5]", "5")])
    func modes(array: String, expected: String) {
        #expect(output("observe Mode(\(array));") == expected + "\n")
    }

    @Test("numbers of very many digits are read like short ones")
    func longNumbers() {
        let zeros = String(repeating: "0", count: 20_000)
        let nines = String(repeating: "9", count: 20_000)
        for (text, expected) in [
            ("\(zeros)12.5", 12.5), ("12.5\(zeros)", 12.5), ("-0.\(zeros)1e20003", -100),
            ("1\(zeros)e-20000", 1), ("0.\(nines)", 1), ("1\(zeros)", .infinity), ("\(zeros)", 0),
            ("9007199254740993.\(zeros)1", 9_007_199_254_740_994),
            ("9007199254740993.\(zeros)", 9_007_199_254_740_992),
            ("5e\(nines)", .infinity), ("5e-\(nines)", 0), ("+.5\(zeros)", 0.5),
        ] {
            #expect(
                output("observe ToDouble(\"\(text)\");") == printed(expected) + "\n", "\(text.prefix(30))")
        }
        for text in ["\(zeros)x", "1.\(zeros).", "1\(zeros)e", "1\(zeros)e+", ".e\(zeros)", "+-\(zeros)"] {
            #expect(
                ProgramRun("Focus { ToDouble(\"\(text)\"); } Relax").error.hasSuffix("invalid float literal"))
        }
    }

    @Test("UTF-8 is what the standard library takes for it")
    func unicode() {
        let random = SeededRandom(seed: 5)
        let pieces: [[UInt8]] = [
            [0x41], [0xC3, 0xA4], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0xED, 0xA0, 0x80],
            [0xC0, 0x80],
            [0xE0, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8], [0x80], [0xE2, 0x82], [0xF0, 0x90],
            [0xEE, 0x80, 0x80],
        ]
        for _ in 0..<2000 {
            let bytes = (0..<(random.next() % 4)).flatMap { _ in
                pieces[Int(random.next() % UInt64(pieces.count))]
            }
            var check = UnicodeCheck()
            let holds = bytes.withUnsafeBufferPointer { check.accepts($0) } && check.isComplete
            #expect(holds == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }

    @Test("bytes that are no UTF-8 show as the standard library shows them")
    func repaired() {
        let bytes: [UInt8] = [0x41, 0xE2, 0x82, 0x41, 0x80, 0xF0, 0x9F, 0x98, 0x80, 0xFF]
        let coded = bytes.map { "%" + String($0, radix: 16) }.joined()
        #expect(output("observe URLDecode(\"\(coded)\");") == String(decoding: bytes, as: UTF8.self) + "\n")
    }

    @Test(
        "texts are the same from both ends, in lower case",
        arguments: [
            ("A man, a plan: Panama", true), ("Äbä", true), ("ab", false), ("", true), ("Σας", false),
            ("a1 !1A", true),
        ])
    func palindromes(text: String, expected: Bool) {
        #expect(output("observe IsPalindrome(\"\(text)\");") == "\(expected)\n")
    }

    @Test("a pattern is found where the standard library finds it")
    func search() {
        let random = SeededRandom(seed: 3)
        for _ in 0..<300 {
            let text = String(
                (0..<(random.next() % 20)).map { _ in random.next() % 2 == 0 ? "a" : "b" as Character })
            let pattern = String(
                (0..<(1 + random.next() % 4)).map { _ in random.next() % 2 == 0 ? "a" : "b" as Character })
            let pieces = text.split(separator: pattern, omittingEmptySubsequences: false).map(String.init)
            #expect(
                output("observe Split(\"\(text)\", \"\(pattern)\");")
                    == "[\(pieces.joined(separator: ", "))]\n")
        }
    }

    @Test(
        "sums of captured variables",
        arguments: [
            (
                "induce n = \"a\"; induce f = suggestion(x) { awaken x + n; }; observe f(1) + f(\"b\");",
                "1aba\n"
            ),
            (
                "suggestion make() { induce t = 0; awaken suggestion(x) { t = t + x; awaken t; }; } "
                    + "induce f = make(); f(1); f(\"z\"); observe f(2);", "1z2\n"
            ),
            (
                "suggestion make() { freeze t = 1; awaken suggestion(x) { t = t + x; awaken t; }; } "
                    + "try { make()(1); } catch (e) { observe e; }",
                "Cannot reassign constant variable 't'\n"
            ),
            (
                "suggestion make() { induce t = 0 / 0; awaken suggestion(x) { t = t + x; awaken t; }; } "
                    + "observe make()(1);", "NaN\n"
            ),
            (
                "suggestion make(a, b) { awaken [suggestion(x) { a = a + b; awaken a; }, suggestion() { awaken b + a; }]; } "
                    + "induce p = make(1, 10); p[0](0); p[0](0); observe p[1]();", "31\n"
            ),
            (
                "suggestion make() { awaken suggestion(x) { awaken x + later; }; } induce f = make(); "
                    + "try { f(1); } catch (e) { observe e; } induce later = 5; observe f(1);",
                "Variable 'later' not found\n6\n"
            ),
        ])
    func capturedSums(statements: String, output expected: String) {
        #expect(output(statements) == expected)
    }
}
