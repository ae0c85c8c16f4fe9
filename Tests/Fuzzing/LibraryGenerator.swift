import Effects
import HypnoScript

/// Makes programs that call the library with whatever comes along.
struct LibraryGenerator {
    let random: SeededRandom
    private static let names = HypnoScript.functionNames.filter {
        // Half an hour of pauses is no finding.
        !["TranceInduction", "HypnoticVisualization"].contains($0)
    }

    private func below(_ bound: Int) -> Int { Int(random.uniform(below: UInt64(bound))) }

    private func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

    /// A program whose errors are caught, so that every call is made.
    func program() -> String {
        var text = "Focus {\n"
        for _ in 0..<(1 + below(6)) {
            text += "try { observe \(call(depth: 0)); } catch (e) { observe e; }\n"
        }
        return text + "} Relax\n"
    }

    private func call(depth: Int) -> String {
        let arguments = (0..<below(5)).map { _ in value(depth: depth + 1) }
        return "\(pick(Self.names))(\(arguments.joined(separator: ", ")))"
    }

    private func value(depth: Int) -> String {
        switch below(depth > 3 ? 6 : 12) {
        case 0, 1:
            return pick([
                "0", "1", "-1", "2", "0.5", "-0.4", "3", "7", "100", "1000000", "9007199254740993",
                "100000000000000000000", "(0 / 0)", "(1 / 0)", "(-1 / 0)", "-0.000001", "64", "53", "255",
            ])
        case 2, 3: return string()
        case 4: return pick(["true", "false", "null", "PI"])
        case 5: return "MatchesPattern(\(string()), \"\(pattern(depth: 0))\")"
        case 6, 7:
            return "[" + (0..<below(5)).map { _ in value(depth: depth + 1) }.joined(separator: ", ") + "]"
        case 8:
            let keys = ["a", "b", "\"\"", "\"k k\"", "length"]
            return "{"
                + (0..<below(4)).map { "\(keys[$0]): \(value(depth: depth + 1))" }
                .joined(separator: ", ") + "}"
        case 9:
            return pick([
                "suggestion (x) { awaken x; }", "suggestion () { awaken 1; }",
                "suggestion (a, b) { awaken a; }",
                "suggestion (a, b) { awaken a - b; }", "suggestion (x) { throw x; }",
                "suggestion (x) { awaken x + 1; }",
            ])
        default: return call(depth: depth + 1)
        }
    }

    private func string() -> String {
        pick([
            "\"\"", "\"a\"", "\"abc abc\"", "\"é日😀\"", "\" \\t x \\n\"", "\"1\"", "\"-2.5e3\"", "\"nan\"",
            "\"true\"",
            "\"{\\\"a\\\": [1, {\\\"b\\\": null}]}\"", "\"[1,2\"", "\"\\\"\\\\ud800\\\"\"",
            "\"a,b\\n1,\\\"2\"",
            "\"{0} {1} {9999999999}\"", "\"%Y-%m-%d %H\"", "\"%q %\"", "\"a.b[0].c\"", "\"aGVsbG8=\"",
            "\"ZZ%41+\"",
            "\"&lt;&#65;&#x1F600;&bogus;\"", "\"00ff\"", "\"SHA512\"", "\"ß İ ς\"", "\"a-b c_d\"", "\"../x\"",
            "Repeat(\"ab\", \(below(300)))", "\"\\r\\n\\r\"", "\"\(pattern(depth: 0))\"",
        ])
    }

    /// A regular expression, most often a valid one, as it stands in a string literal.
    private func pattern(depth: Int) -> String {
        switch below(depth > 3 ? 6 : 14) {
        case 0: return pick(["a", "b", "ab", "é", "1", "_", " ", "-", ","])
        case 1:
            return pick([
                ".", "\\\\d", "\\\\w+", "\\\\s*", "\\\\b", "^", "$", "\\\\p{L}", "\\\\PN", "\\\\x41",
            ])
        case 2:
            return pick(["[a-z]", "[^a]", "[[:alpha:]_]", "[]a]", "[a-\\\\d]", "[\\\\]]", "[é-日]", "[a&&b]"])
        case 3:
            return pick(["(", ")", "[", "*", "+?", "{", "}", "|", "\\\\", "(?", "(?=a)", "\\\\1", "(?P<n>"])
        case 4: return ""
        case 5: return pick(["(?i)", "(?m)", "(?s-i:", "(?x) # c", "(?U)"])
        case 6, 7: return pattern(depth: depth + 1) + pattern(depth: depth + 1)
        case 8: return "(\(pattern(depth: depth + 1)))"
        case 9:
            return pattern(depth: depth + 1) + pick(["*", "+", "?", "*?", "{2}", "{0,3}", "{2,}", "{1000}"])
        case 10: return pattern(depth: depth + 1) + "|" + pattern(depth: depth + 1)
        case 11: return "(?:\(pattern(depth: depth + 1))){\(below(40)),}"
        case 12: return "(?P<n>\(pattern(depth: depth + 1)))"
        default: return "^\(pattern(depth: depth + 1))$"
        }
    }
}
