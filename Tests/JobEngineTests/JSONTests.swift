import Effects
import HypnoScript
import Testing

@testable import JobEngine

@Suite("JSON")
struct JSONTests {
    @Test(
        "a document comes back as it was, without its blanks",
        arguments: [
            ("null", "null"), (" true ", "true"), ("\n\t\rfalse", "false"), ("{}", "{}"), ("[ ]", "[]"),
            (#"{"b": 1, "a": [ 2 , {"c" : null} ]}"#, #"{"b":1,"a":[2,{"c":null}]}"#),
            ("12345678901234567890123", "12345678901234567890123"), ("-0", "-0"), ("0.10", "0.10"),
            ("1E+2", "1E+2"), ("-1.5e-300", "-1.5e-300"), ("9007199254740993", "9007199254740993"),
            (#""""#, #""""#), (#""a\/b""#, #""a/b""#), (#""\u0041\u00e9\u20AC""#, #""Aé€""#),
            (#""\ud83d\ude00""#, #""😀""#), (#""\b\f\n\r\t\"\\""#, #""\u0008\u000c\n\r\t\"\\""#),
            (#""\u0000""#, #""\u0000""#), ("\"\u{7F}\u{2028}\"", "\"\u{7F}\u{2028}\""),
            (#"{"":{"":[]}}"#, #"{"":{"":[]}}"#),
        ])
    func documents(text: String, compact: String) throws {
        let json = try JSON(parsing: text)
        #expect(json.text == compact)
        #expect(try JSON(parsing: json.text) == json)
        #expect(try JSON(parsing: json.prettyText) == json)
    }

    @Test(
        "what is no JSON is refused where it goes wrong",
        arguments: [
            ("", "Expected a JSON value, found the end", 1),
            ("  ", "Expected a JSON value, found the end", 3),
            ("nul", "Expected a JSON value (text needs double quotes)", 1),
            ("nulls", "Expected the end of the JSON text", 5),
            ("1 2", "Expected the end of the JSON text", 3),
            ("01", "Expected the end of the JSON text", 2), ("1.", "Expected a digit", 3),
            (".5", "Expected a JSON value (text needs double quotes)", 1), ("-", "Expected a digit", 2),
            ("1e+", "Expected a digit", 4), ("+1", "Expected a JSON value (text needs double quotes)", 1),
            ("NaN", "Expected a JSON value (text needs double quotes)", 1),
            ("'a'", "Expected a JSON value (text needs double quotes)", 1),
            ("[1,]", "Expected a JSON value (text needs double quotes)", 4),
            ("[1 2]", "Expected ',' or ']' in a JSON array", 4),
            ("[1", "Expected ',' or ']' in a JSON array", 3),
            (#"{"a":1,}"#, "Expected a key in double quotes", 8),
            ("{a:1}", "Expected a key in double quotes", 2),
            (#"{"a" 1}"#, "Expected ':' after key 'a'", 6),
            (#"{"a":1 "b":2}"#, "Expected ',' or '}' in a JSON object", 8),
            (#"{"a":1,"a":2}"#, "Duplicate key 'a'", 8), (#""abc"#, "Unterminated string", 1),
            (#""a\"#, "Unterminated string", 4), (#""\x""#, "Unknown escape in a string", 2),
            (#""\u12g4""#, "Malformed \\u escape", 2), (#""\u123"#, "Malformed \\u escape", 2),
            (#""\ud83d""#, "Lone surrogate", 2), (#""\ud83d\n""#, "Lone surrogate", 2),
            (#""\ud83d\u0041""#, "Lone surrogate", 2), (#""\ude00""#, "Lone surrogate", 2),
            ("\"a\tb\"", "Control character in a string; write it as an escape", 3),
        ])
    func refusals(text: String, message: String, column: Int) {
        #expect(throws: JSONError(message: message, column: column, line: 1)) { try JSON(parsing: text) }
    }

    @Test("a place on a later line is counted from that line's beginning")
    func lines() {
        #expect(throws: JSONError(message: "Expected a key in double quotes", column: 3, line: 3)) {
            try JSON(parsing: "{\n  \"a\": 1,\n  b: 2\n}")
        }
    }

    @Test("nesting is followed 128 levels deep and refused beyond", arguments: ["[", #"{"a":"#])
    func depth(opening: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + "1"
                + String(repeating: opening == "[" ? "]" : "}", count: depth)
        }
        #expect(try JSON(parsing: nested(128)).text == nested(128))
        #expect(throws: JSONError.self) { try JSON(parsing: nested(129)) }
        // Not deep but long: closed levels do not count.
        let wide = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
        #expect(try JSON(parsing: wide).text == wide)
    }

    @Test("keys that only look the same are two keys")
    func keysByScalars() throws {
        let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
        #expect(try JSON(parsing: text).text.utf8.elementsEqual(text.utf8))
    }

    @Test(
        "a double is written so that it reads back, whole ones without a fraction",
        arguments: [
            (0.0, "0"), (1.0, "1"), (-3.0, "-3"), (0.1, "0.1"), (1e21, "1e+21"),
            (9_007_199_254_740_991, "9007199254740991"),
            (-9_223_372_036_854_775_808, "-9.223372036854776e+18"),
            (9_223_372_036_854_775_808, "9.223372036854776e+18"), (.leastNonzeroMagnitude, "5e-324"),
        ])
    func doubles(value: Double, text: String) throws {
        #expect(JSON.double(value).text == text)
        #expect(ScriptValue(try JSON(parsing: text)) == .number(value))
    }

    @Test("what JSON has no number for is written as text")
    func specialDoubles() {
        #expect(JSON.double(.nan).text == #""NaN""#)
        #expect(JSON.double(.infinity).text == #""inf""#)
        #expect(JSON.double(-.infinity).text == #""-inf""#)
    }

    @Test("text for people has a member a line, and empty ones stay closed")
    func prettyText() {
        let json: JSON = ["a": ["x", .object([]), .array([])], "b": .bool(true)]
        #expect(
            json.prettyText == """
                {
                  "a": [
                    "x",
                    {},
                    []
                  ],
                  "b": true
                }
                """)
    }

    @Test("random values survive writing and reading", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        let json = JSONTests.random(random, depth: 5)
        #expect(try JSON(parsing: json.text) == json, "seed \(seed)")
        #expect(try JSON(parsing: json.prettyText) == json, "seed \(seed)")
    }

    private static func random(_ random: SeededRandom, depth: Int) -> JSON {
        func text() -> String {
            let scalars = (0..<random.uniform(below: 6)).compactMap { _ in
                Unicode.Scalar(UInt32(random.uniform(below: random.uniform(below: 2) == 0 ? 128 : 0x11_0000)))
            }
            return String(String.UnicodeScalarView(scalars))
        }
        switch random.uniform(below: depth > 0 ? 7 : 5) {
        case 0: return .null
        case 1: return .bool(random.next() & 1 == 0)
        case 2: return .integer(Int64(bitPattern: random.next()))
        case 3: return .double(Double(bitPattern: random.next()))
        case 4: return .string(text())
        case 5:
            return .array((0..<random.uniform(below: 5)).map { _ in Self.random(random, depth: depth - 1) })
        default:
            return .object(
                (0..<random.uniform(below: 5)).map {
                    JSON.Member("\($0)" + text(), Self.random(random, depth: depth - 1))
                })
        }
    }
}

@Suite("Arguments and results")
struct ScriptArgumentsTests {
    @Test("arguments become values of the language in their order")
    func values() throws {
        let values = try ScriptArguments.values(
            of: #"{"z":[1,"two",null],"a":{"deep":true},"m":12345678901234567890}"#)
        #expect(values.map(\.0) == ["z", "a", "m"])
        #expect(
            values.map(\.1) == [
                .array([.number(1), .string("two"), .null]), .object([("deep", .bool(true))]),
                .number(12_345_678_901_234_567_168),
            ])
    }

    @Test(
        "arguments that are no JSON object are refused in these words",
        arguments: [
            ("[1]", "Arguments are a JSON object, found an array"),
            ("null", "Arguments are a JSON object, found null"),
            (#""a""#, "Arguments are a JSON object, found a string"),
            ("{", "Arguments are not JSON: Expected a key in double quotes at column 2"),
        ])
    func refusals(text: String, message: String) {
        let error = #expect(throws: JobEngineError.self) { try ScriptArguments.values(of: text) }
        #expect(error?.code == .invalidArguments)
        #expect(error?.message == message)
    }

    @Test("a result is kept as JSON, and none is none")
    func results() {
        #expect(ScriptArguments.text(of: .null) == nil)
        #expect(ScriptArguments.text(of: .array([.null, .number(2.5)])) == "[null,2.5]")
        #expect(ScriptArguments.text(of: .object([("a", .string("ü\n"))])) == #"{"a":"ü\n"}"#)
    }
}
