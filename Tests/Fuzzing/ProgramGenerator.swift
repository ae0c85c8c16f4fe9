package import Effects

/// Makes programs of the documented dialect from its grammar: they parse, and mean nothing.
package struct ProgramGenerator {
    let random: SeededRandom
    /// How many more nodes may be made; what is made when none are left is a leaf.
    private var budget = 0
    private(set) var tokens: [String] = []
    private var loops = 0
    private var depth = 0

    /// Deeper expressions say nothing new.
    private static let deepest = 5

    package init(_ random: SeededRandom) {
        self.random = random
    }

    /// A program of roughly this many nodes.
    package mutating func program(nodes: Int) -> [String] {
        (tokens, budget, loops, depth) = ([], nodes, 0, 0)
        if chance(6) { declaration() }
        put("Focus", "{")
        let isKnown = !chance(5)
        if isKnown { prelude() }
        budget = nodes
        var count = 0
        repeat {
            if chance(12) { block("entrance") } else { statement() }
            count += 1
        } while budget > 0 || count < nodes / 8
        // What the names hold in the end shows what went wrong before.
        if isKnown { for name in Self.variables { put("observe", name, ";") } }
        put("}", "Relax")
        return tokens
    }

    // MARK: Choices

    func below(_ bound: Int) -> Int { Int(random.uniform(below: UInt64(bound))) }

    func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

    mutating func put(_ items: String...) { tokens += items }

    private mutating func spend() -> Bool {
        budget -= 1
        return budget > 0
    }

    static let variables = [
        "a", "b", "c", "n", "s", "list", "größe", "result", "throw", "record", "E", "null",
    ]
    static let functions = [("f", 1), ("g", 2), ("twice", 1), ("count", 0)]

    func variable() -> String { pick(Self.variables) }

    func functionName() -> String { pick(Self.functions.map(\.0)) }

    // MARK: Statements

    /// Gives every name a value, so that the program gets further than its first line.
    private mutating func prelude() {
        for name in Self.variables {
            put("induce", name, "=")
            leaf(isLiteral: true)
            put(";")
        }
        put("induce", "list", "=", "[", "1", ",", "\"b\"", ",", "[", "3", "]", "]", ";")
        for (name, count) in Self.functions {
            put("suggestion", name, "(")
            for index in 0..<count { put(index > 0 ? "," : "", ["p", "q"][index]) }
            put(")")
            budget = 12
            block()
        }
        put("tranceify", "P", "{", "x", ":", "number", ";", "}")
        tokens.removeAll(where: \.isEmpty)
    }

    private mutating func declaration() {
        switch below(4) {
        case 0: put("suggestion", functionName()); signatureAndBody()
        case 1: session()
        case 2: put("tranceify", "P", "{", "x", ":", "number", ";", "y", "?", ":", "string", ",", "}")
        default: put("sharedTrance", variable(), "=", "1", ";")
        }
    }

    mutating func block(_ words: String...) {
        tokens += words
        put("{")
        for _ in 0..<below(4) where spend() { statement() }
        put("}")
    }

    mutating func statement() {
        guard spend() else { return put("observe", "1", ";") }
        if tokens.last == ";", !chance(4) {
            // What fails is caught, so that the rest of the program runs.
            put("try", "{")
            statement()
            return put("}", "catch", "(", "e", ")", "{", "observe", "e", ";", "}")
        }
        switch below(24) {
        case 0...3: put(pick(["induce", "induce", "freeze", "embed", "var"]), variable()); initialiser()
        case 4, 5: put(variable(), "="); expression(); put(";")
        case 6, 7: put(pick(["observe", "whisper", "command", "murmur"])); expression(); put(";")
        case 8: conditional()
        case 9: put("while", "("); expression(); put(")"); loopBody()
        case 10: header("loop"); loopBody()
        case 11: header("for"); loopBody()
        case 12:
            put("for", "(", "induce", variable(), pick(["in", "of"])); expression(); put(")")
            loopBody()
        case 13: put("suggestion", functionName()); signatureAndBody()
        case 14: attempt()
        case 15: session()
        case 16: put(pick(["throw", "drift"]), "("); expression(); put(")", ";")
        case 17: put("assert"); expression(); put(pick([":", ","]), "\"m\"", ";")
        case 18: put("awaken"); expression(); put(";")
        case 19: if loops > 0 { put(pick(["snap", "sink"]), ";") } else { put(";") }
        case 20: put("oscillate", variable(), ";")
        case 21: put(variable(), "[", "0", "]", "="); expression(); put(";")
        case 22: put("induce", "[", "a", ",", "b", "]", "="); expression(); put(";")
        default: expression(statement: true); put(";")
        }
    }

    private mutating func initialiser() {
        if chance(4) { put(":", pick(["number", "string", "boolean", "P", "Foo"])) }
        if chance(8) { put("[", "]") }
        if tokens.last == "]" && tokens.dropLast(2).last != "number" && !tokens.suffix(4).contains(":") {
            tokens.removeLast(2)
        }
        put("=")
        expression()
        put(";")
    }

    private mutating func conditional() {
        put("if", "(")
        expression()
        put(")")
        if chance(8) { put("deepFocus"); block() } else { body() }
        if chance(2) {
            put("else")
            if chance(3) { conditional() } else { body() }
        }
    }

    /// A statement without braces must not swallow the `else` of another one.
    private mutating func body() {
        if chance(4) { put("observe"); expression(); put(";") } else { block() }
    }

    private mutating func loopBody() {
        loops += 1
        block()
        loops -= 1
    }

    private mutating func header(_ word: String) {
        put(word, "(", "induce", "n", "=", "0", ";", "n", "<", "3", ";", "n", "=", "n", "+", "1", ")")
    }

    private mutating func attempt() {
        block("try")
        switch below(3) {
        case 0: block("catch", "(", "e", ")")
        case 1: block("catch"); block("finally")
        default: block("finally")
        }
    }

    mutating func signatureAndBody() {
        let outer = loops
        loops = 0
        put("(")
        for index in 0..<below(3) {
            if index > 0 { put(",") }
            put(["a", "b", "c"][index])
            if chance(4) { put("?") }
            if chance(3) { put(":", pick(["number", "string"])) }
            if chance(5) { put("="); leaf() }
        }
        put(")")
        if chance(4) { put(":", "number") }
        block()
        loops = outer
    }

    private mutating func session() {
        put("session", pick(["S", "T"]), "{")
        for index in 0..<below(3) {
            put(pick(["expose", "conceal"]), "f\(index)", ":", "number", "="); leaf(); put(";")
        }
        if chance(2) { put("suggestion", "constructor"); signatureAndBody() }
        if chance(2) { put("expose", "suggestion", "m"); signatureAndBody() }
        if chance(3) { put("dominant", "suggestion", "d"); signatureAndBody() }
        put("}")
    }

    // MARK: Expressions

    /// - Parameter isStatement: it stands where a statement begins, and cannot begin with a brace.
    mutating func expression(statement isStatement: Bool = false) {
        guard spend(), depth < Self.deepest else { return leaf() }
        depth += 1
        defer { depth -= 1 }
        switch below(isStatement ? 12 : 20) {
        case 0: leaf()
        case 1: put("("); expression(); put(")")
        case 2: call()
        case 3: access()
        case 4: put(chance(2) ? "list" : variable(), "["); expression(); put("]")
        case 5:
            put(pick(Self.builtins), "(")
            arguments()
            put(")")
        case 6: put("("); expression(); put(")", pick(Self.operators)); expression()
        case 7: put("["); arguments(); put("]")
        case 8: put(pick(["-", "!", "await"])); operand()
        case 9: put("ArrayPush", "(", variable(), ","); expression(); put(")")
        case 10: put(variable(), "?.", "("); arguments(); put(")")
        case 11: put("Try", "("); expression(); put(","); expression(); put(")")
        case 12: put(variable(), pick(Self.operators)); operand()
        case 13: put("{"); fields(); put("}")
        case 14: put(variable(), "with", "{"); fields(); put("}")
        case 15: put("suggestion"); signatureAndBody()
        case 16: put("P", "{", "x", ":"); expression(); put("}")
        case 17: entrain()
        case 18: put("function", "g"); signatureAndBody()
        default: leaf(); put(pick(Self.operators)); operand()
        }
    }

    private mutating func call() {
        let (name, count) = Self.functions[below(Self.functions.count)]
        put(name, "(")
        for index in 0..<(chance(12) ? below(4) : count) {
            if index > 0 { put(",") }
            expression()
        }
        put(")")
    }

    private mutating func access() {
        put(variable(), pick([".", "?."]), pick(["x", "f0", "m", "constructor", "length"]))
    }

    private mutating func operand() {
        if chance(2) { leaf() } else { put("("); expression(); put(")") }
    }

    private mutating func arguments() {
        for index in 0..<below(4) {
            if index > 0 { put(",") }
            expression()
        }
    }

    private mutating func fields() {
        let keys = ["a", "b", "\"k k\"", "number"]
        for index in 0..<below(4) {
            if index > 0 { put(",") }
            put(keys[index], ":")
            expression()
        }
    }

    private mutating func entrain() {
        put("entrain", "(")
        expression()
        put(")", "{")
        for _ in 0..<below(3) {
            put("when")
            pattern()
            if chance(4) { put("if"); expression() }
            put("=>")
            if chance(3) { block() } else { put("("); expression(); put(")") }
            put(pick([",", ";"]))
        }
        put("otherwise", "=>")
        leaf()
        put("}")
    }

    private mutating func pattern() {
        switch below(7) {
        case 0: put(pick(["1", "0.5", "\"s\"", "true"]))
        case 1: put("[", "a", ",", "...", "b", "]")
        case 2: put("n", ":", pick(["number", "string", "array"]))
        case 3: put("P", "{", "x", ":", "1", "}")
        case 4: put("["); pattern(); put("]")
        default: put(variable())
        }
    }

    mutating func leaf(isLiteral: Bool = false) {
        switch below(isLiteral ? 3 : 8) {
        case 0: put(pick(["0", "1", "2.5", "007", "1000000", "0.1", "123456789012345678"]))
        case 1:
            put(
                pick(["\"\"", "\"a b\"", "\"x\\\"y\"", "\"é\\n\"", "\"0\"", "\"[a\"", "\"(a|b)*c\"", "\"1\""])
            )
        case 2: put(pick(["true", "false", "null", "PI", "'it'"]))
        default: put(variable())
        }
    }

    static let operators = [
        "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??", "lucidFallback",
        "underMyControl", "goingDeeper",
    ]

    static let builtins = [
        "Length", "ToString", "Substring", "Repeat", "Split", "ArrayMap", "ArrayFilter", "ArraySort", "Sort",
        "MatchesPattern", "ParseJSON", "StringifyJSON", "JsonQuery", "FormatDateTime", "Range", "PadLeft",
        "Keys", "Merge", "GroupBy", "ArrayReduce", "Flatten", "ParseCsv", "CsvToString", "Base64Decode",
        "HexDecode", "URLDecode", "HTMLDecode", "TryOrAwaken", "Compose", "Memoize", "ArrayPop", "RemoveKey",
        "ToInt", "ToNumber", "Round", "RoundTo", "Factorial", "Fibonacci", "Gcd", "Lcm", "NextPrime",
        "PrimeFactors", "Percentile", "LinearRegression", "WrapText", "FormatString", "LevenshteinDistance",
        "Replace", "ArrayJoin", "Concat", "TypeOf", "DeepEquals", "ArrayDistinct", "Windows", "Chunk", "Zip",
        "HashString", "SHA256", "HMAC", "AssertThrows", "RepeatAction", "IfTranced", "EnsureAwakening",
        "ParseArguments", "Partition", "Sample", "Shuffle", "InsertAt", "CreateArray", "ArraySet",
    ]
}

// MARK: - Text

extension ProgramGenerator {
    /// Tokens as a text, with blanks, line ends and comments strewn in.
    package static func text(of tokens: [String], _ random: SeededRandom) -> String {
        var text = ""
        for (index, token) in tokens.enumerated() {
            if index > 0 {
                let gap = gap(random)
                let isTight = gap.isEmpty && mustSeparate(tokens[index - 1], token)
                text += isTight || gap.hasPrefix("/") && tokens[index - 1] == "/" ? " " : ""
                text += gap
            }
            text += token
        }
        return text + (random.uniform(below: 2) == 0 ? "\n" : "")
    }

    private static func gap(_ random: SeededRandom) -> String {
        switch random.uniform(below: 24) {
        case 0...7: ""
        case 8...15: " "
        case 16: "\n"
        case 17: "\n\n\n   "
        case 18: "\t"
        case 19: "\r\n"
        case 20: " // note  \n"
        case 21: "/* a\n   b */"
        case 22: "\n  // {own line\n"
        default: " "
        }
    }

    /// Whether two tokens without a gap would be read as others.
    private static func mustSeparate(_ left: String, _ right: String) -> Bool {
        guard let last = left.unicodeScalars.last, let first = right.unicodeScalars.first else {
            return false
        }
        func isWord(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic || scalar == "_" || scalar.properties.numericType != nil
        }
        if isWord(last), isWord(first) { return true }
        if last.properties.numericType != nil, first == "." { return true }
        let both = String(last) + String(first)
        return ["==", "=>", "!=", ">=", "<=", "&&", "||", "??", "?.", "//", "/*", ".."].contains(both)
    }
}
