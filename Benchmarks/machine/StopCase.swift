import HypnoScript
import SourceText

/// Programs whose one statement under observation works on something large.
struct StopCase {
    /// What is measured, as it stands in the report.
    let name: String
    /// Declares what the statement uses.
    let setup: [String]
    let statement: String
}

/// The large values that calls are made with, by variable, and how a program makes them.
enum LargeValues {
    /// How a program makes each of them; `size` is the number of bytes of a text.
    static func declaration(_ name: String, size: Int) -> [String] {
        func text(_ piece: String) -> [String] {
            ["induce \(name) = Repeat(\"\(piece)\", \(size / piece.replacingEscapes.utf8.count));"]
        }
        let count = size / 24
        switch name {
        case "words": return text("Lorem ipsum, dolor! 42 ")
        case "accents": return text("\u{00C4}\u{03A3} \u{00DF}\u{2014} \u{00E9} ")
        case "letters": return text("a")
        case "marks": return text("<&>\\\"'%=+ \\n,")
        case "blanks": return text(" ")
        case "spaces": return text("\u{2003}")
        case "digits": return text("4a6f")
        case "percents": return text("%41")
        case "entities": return text("&amp;")
        case "table": return text("a,\\\"b\\\",c\\n")
        case "json": return ["induce \(name) = \"[\" + Repeat(\"1,\", \(size / 8)) + \"1]\";"]
        case "brackets": return ["induce \(name) = Repeat(\"[\", \(size / 8)) + Repeat(\"]\", \(size / 8));"]
        case "numbers":
            return [
                "induce \(name) = [0];",
                "loop (induce i = 1; i < \(count); i = i + 1) { "
                    + "ArrayPush(\(name), (i * 7919) % 1000003); }",
            ]
        case "fractions":
            return [
                "induce \(name) = [0];",
                "loop (induce i = 1; i < \(count); i = i + 1) { ArrayPush(\(name), i / \(count)); }",
            ]
        case "strings":
            return [
                "induce \(name) = [\"0\"];",
                "loop (induce i = 1; i < \(count / 4); i = i + 1) { ArrayPush(\(name), \"k\" + (i * 7919) % 1000003); }",
            ]
        case "equals":
            return [
                "induce piece = Repeat(\"x\", \(size / 64));", "induce \(name) = [];",
                "loop (induce i = 0; i < 64; i = i + 1) { ArrayPush(\(name), piece + i); }",
            ]
        case "rows":
            return [
                "induce \(name) = [];",
                "loop (induce i = 0; i < \(count / 8); i = i + 1) { ArrayPush(\(name), [i, \"x\"]); }",
            ]
        case "objects":
            return [
                "induce \(name) = [];",
                "loop (induce i = 0; i < \(count / 16); i = i + 1) { ArrayPush(\(name), {a: i, b: \"x\"}); }",
            ]
        case "deep":
            return [
                "induce \(name) = [1];",
                "loop (induce i = 0; i < \(count / 8); i = i + 1) { \(name) = [\(name)]; }",
            ]
        case "keys":
            return [
                "induce \(name) = {};",
                "loop (induce i = 0; i < \(count / 8); i = i + 1) { \(name)[\"k\" + i] = i; }",
            ]
        default: return []
        }
    }

    static let texts = [
        "words", "accents", "letters", "marks", "blanks", "spaces", "digits", "percents", "entities", "table",
        "json", "brackets",
    ]
    static let arrays = ["numbers", "fractions", "strings", "equals", "rows", "objects", "deep"]
    static let all = texts + arrays + ["keys"]

    /// What follows the first argument, for each kind of it.
    static func rest(for name: String) -> [String] {
        if texts.contains(name) {
            return [
                "", ", \(name)", ", \"a\"", ", \" \", \"ab\"", ", 1000000", ", 1000000, 2000000",
                ", 99000000, \"x\"",
                ", \"(a|b)*c\"",
            ]
        }
        if arrays.contains(name) {
            return [
                "", ", \(name)", ", \",\"", ", 1", ", 1000000", ", 100, 1000000", ", pass", ", pass, 0",
                ", [1, 2]",
            ]
        }
        return ["", ", \(name)", ", \"k1\"", ", pass"]
    }
}

extension String {
    /// As a program reads it.
    fileprivate var replacingEscapes: String {
        var result = ""
        var isEscaped = false
        for character in self {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }
}

extension StopCase {
    /// The functions that take a value of this kind, with it and various further arguments.
    static func calls(of value: String, size: Int, only: Set<String>?) -> [StopCase] {
        func cases(_ size: Int) -> [StopCase] {
            let setup =
                LargeValues.declaration(value, size: size) + ["induce pass = suggestion(x) { awaken x; };"]
            return HypnoScript.functionNames.filter { only?.contains($0) ?? true }.flatMap { name in
                LargeValues.rest(for: value).map { rest in
                    let call = "\(name)(\(value)\(rest))"
                    return StopCase(name: call, setup: setup, statement: "\(call);")
                }
            }
        }
        // What a short value of the same kind is an error for is no call to be measured.
        return zip(cases(size), cases(1600)).compactMap { large, small in
            guard let script = script([small], catches: false) else { return nil }
            let watch = Watch(lasting: 2)
            let error = watch.run(script)
            return error.isEmpty || error == "Cancelled" ? large : nil
        }
    }

    /// A program that marks where each statement begins.
    static func script(_ cases: [StopCase], catches: Bool = true) -> CompiledScript? {
        var lines = ["Focus {"] + (cases.first?.setup ?? [])
        for stopCase in cases {
            lines.append("whisper \"\";")
            lines.append(
                catches && cases.count > 1 ? "try { \(stopCase.statement) } catch { }" : stopCase.statement)
        }
        lines.append("} Relax")
        let text = lines.joined(separator: "\n    ")
        return try? HypnoScript.compile(SourceFile(name: "case.hyp", text: text))
    }

    /// What is no call of a function.
    static func statements(size: Int) -> [StopCase] {
        func values(_ names: String...) -> [String] {
            names.flatMap { LargeValues.declaration($0, size: size) }
        }
        let third = size / 3
        return [
            StopCase(name: "observe text", setup: values("words"), statement: "observe words;"),
            StopCase(name: "observe array", setup: values("numbers"), statement: "observe numbers;"),
            StopCase(name: "observe nested", setup: values("deep"), statement: "observe deep;"),
            StopCase(name: "observe object", setup: values("keys"), statement: "observe keys;"),
            StopCase(name: "command text", setup: values("words"), statement: "command words;"),
            StopCase(name: "command accents", setup: values("accents"), statement: "command accents;"),
            StopCase(name: "murmur text", setup: values("words"), statement: "murmur words;"),
            StopCase(name: "text + text", setup: values("words"), statement: "words + words;"),
            StopCase(name: "text + number", setup: values("words"), statement: "words + 1;"),
            StopCase(name: "number + text", setup: values("words"), statement: "1 + words;"),
            StopCase(name: "array + text", setup: values("numbers"), statement: "numbers + \"\";"),
            StopCase(
                name: "text == text", setup: values("words") + ["induce other = words + \"\"; "],
                statement: "words == other;"),
            StopCase(
                name: "object == object", setup: values("keys") + ["induce other = keys with { z: 1 };"],
                statement: "(keys with { z: 1 }) == other;"),
            StopCase(name: "text - 1", setup: values("digits"), statement: "digits - 1;"),
            StopCase(
                name: "number text", setup: ["induce ones = Repeat(\"1\", \(size));"], statement: "ones - 1;"),
            StopCase(
                name: "array copy", setup: values("numbers") + ["induce other = numbers;"],
                statement: "other[0] = 1;"),
            StopCase(
                name: "object copy", setup: values("keys") + ["induce other = keys;"],
                statement: "other[\"z\"] = 1;"),
            StopCase(name: "for of object", setup: values("keys"), statement: "for (induce k in keys) { }"),
            StopCase(name: "throw", setup: values("numbers"), statement: "throw numbers;"),
            StopCase(
                name: "array from a long literal", setup: values("numbers"),
                statement: "induce all = numbers; ArrayPush(all, 1);"),
            StopCase(
                name: "many small live", setup: [],
                statement: """
                    induce all = []; loop (induce i = 0; i < 100000000; i = i + 1) { ArrayPush(all, [i]); }
                    """),
            StopCase(
                name: "collection of a full heap",
                setup: [
                    "induce all = [];",
                    "loop (induce i = 0; i < \(size / 16); i = i + 1) { ArrayPush(all, [i]); }",
                ],
                statement: """
                    loop (induce j = 0; j < 100000000; j = j + 1) { induce x = [j, j]; }
                    """),
            StopCase(
                name: "list of objects", setup: [],
                statement: """
                    induce all = null;
                    loop (induce i = 0; i < 100000000; i = i + 1) { all = {next: all, value: "v" + i}; }
                    """),
            StopCase(
                name: "long texts as garbage", setup: ["induce s = Repeat(\"x\", \(third));"],
                statement: """
                    loop (induce i = 0; i < 1000000; i = i + 1) { induce t = i + s; }
                    """),
            StopCase(
                name: "deep recursion", setup: ["suggestion f(n) { awaken f(n + 1) + 1; }"],
                statement: "f(0);"),
            StopCase(name: "result", setup: values("numbers"), statement: "induce result = numbers;"),
            StopCase(name: "result rows", setup: values("rows"), statement: "induce result = rows;"),
            StopCase(name: "result text", setup: values("words"), statement: "induce result = words;"),
            StopCase(
                name: "long pattern", setup: ["induce p = Repeat(\"a?\", \(size / 16));"],
                statement: "MatchesPattern(\"aaaa\", p);"),
            StopCase(
                name: "long class",
                setup: [
                    "induce p = \"[\" + Repeat(\"a-c\", \(size / 16)) + \"]*x\";",
                    "induce t = Repeat(\"abc\", 1000000);",
                ],
                statement: "MatchesPattern(t, p);"),
            StopCase(
                name: "counted pattern", setup: ["induce t = Repeat(\"ab\", 1000000);"],
                statement: "MatchesPattern(t, \"(a{1,90}b?){1,90}x\");"),
        ]
    }

    /// What works on files, in a folder of its own.
    static func files(size: Int, in folder: String) -> [StopCase] {
        let setup =
            LargeValues.declaration("words", size: size)
            + [
                "induce lines = Repeat(\"a\\n\", \(size / 2));",
                "induce p = \"\(folder)/p\"; induce q = \"\(folder)/q\";",
                "WriteFile(p, words); WriteFile(q, lines);",
            ]
        let statements = [
            "WriteFile(p, words);", "AppendFile(p, words);", "ReadFile(p);", "ReadLines(q);", "HashFile(p);",
            "HashFile(p, \"md5\");", "CopyFile(p, q);", "WriteLines(p, [words, words]);",
        ]
        return statements.map { StopCase(name: $0, setup: setup, statement: $0) }
    }
}
