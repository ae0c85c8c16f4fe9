import Effects

/// Makes programs of the reference that run to their end: every value is of the kind that is wanted, loops
/// and calls end. What they print depends on scopes, closures and control flow in odd combinations.
struct ReferenceGenerator {
    private let random: SeededRandom
    private var budget = 0
    private var depth = 0
    private var loops = 0
    /// Functions with a smaller number may be called here.
    private var callable = 0
    private var counter = 0
    private var isInFunction = false
    /// Whether the documented dialect's statements may be used as well.
    private let isDocumented: Bool
    private(set) var tokens: [String] = []

    init(_ random: SeededRandom, documented: Bool) {
        self.random = random
        isDocumented = documented
    }

    mutating func program(nodes: Int) -> [String] {
        put("Focus", "{")
        put("induce", "a", "=", "1", ";", "induce", "b", "=", "\"b\"", ";", "induce", "c", "=", "true", ";")
        put(
            "induce", "n", "=", "1", ";", "induce", "s", "=", "\"s\"", ";", "induce", "flag", "=", "true", ";"
        )
        put("induce", "list", "=", "[", "1", ",", "\"b\"", ",", "[", "3", "]", "]", ";")
        if isDocumented { put("induce", "o", "=", "{", "x", ":", "1", "}", ";") }
        put("sharedTrance", "induce", "shared", "=", "5", ";")
        for index in 0..<4 {
            budget = 10
            isInFunction = true
            put("suggestion", "g\(index)", "(", "p", ",", "q", ")")
            block()
            isInFunction = false
            callable = index + 1
        }
        budget = nodes
        while budget > 0 { statement() }
        for name in ["a", "b", "c", "n", "s", "flag", "list", "shared"] { put("observe", name, ";") }
        if isDocumented { put("observe", "o", ";") }
        put("}", "Relax")
        return tokens
    }

    private func below(_ bound: Int) -> Int { Int(random.uniform(below: UInt64(bound))) }
    private func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }
    private func pick(_ choices: [String]) -> String { choices[below(choices.count)] }
    private mutating func put(_ items: String...) { tokens += items }

    private func variable() -> String { pick(isInFunction ? ["a", "b", "c", "p", "q"] : ["a", "b", "c"]) }

    // MARK: Statements

    private mutating func block(_ words: String...) {
        tokens += words
        put("{")
        for _ in 0..<below(4) { statement() }
        put("}")
    }

    private mutating func statement() {
        budget -= 1
        guard budget > 0, depth < 6 else { return put("observe", variable(), ";") }
        depth += 1
        defer { depth -= 1 }
        if isDocumented, chance(3) { return documentedStatement() }
        switch below(17) {
        case 0...2: put(pick(["induce", "induce", "embed"]), variable(), "="); any(); put(";")
        case 3, 4: put(variable(), "="); any(); put(";")
        case 5: put("n", "="); number(); put(";")
        case 6: put(pick(["induce", ""]), "s", "="); string(); put(";")
        case 7, 8: put(pick(["observe", "whisper", "command"])); any(); put(";")
        case 9: put("if", "("); any(); put(")"); block(); if chance(2) { put("else"); block() }
        case 10: loop("loop")
        case 11: boundedWhile()
        case 12: if loops > 0 { put(pick(["snap", "sink"]), ";") } else { put("oscillate", "flag", ";") }
        case 13:
            if isInFunction { put("awaken"); any(); put(";") } else { put("shared", "="); any(); put(";") }
        case 14: put("list", "=", "["); any(); put(",", "list", "]", ";")
        case 15: entrain(); put(";")
        default: call(); put(";")
        }
        tokens.removeAll(where: \.isEmpty)
    }

    private mutating func documentedStatement() {
        switch below(9) {
        case 0: block("try"); block("catch", "(", variable(), ")")
        case 1: block("try"); block("finally")
        case 2: put("try", "{", "throw"); any(); put(";", "}"); block("catch"); block("finally")
        case 3: put("for", "(", variable(), "of", "list", ")"); body()
        case 4: put("o", ".", pick(["x", "y"]), "="); any(); put(";")
        case 5: put("ArrayPush", "(", "list", ","); any(); put(")", ";")
        case 6: put(variable(), "=", "suggestion", "(", "p", ")"); function(); put(";")
        case 7: put("observe", "TryOrAwaken", "("); thunk(); put(","); thunk("e"); put(")", ";")
        default: loop("for")
        }
    }

    private mutating func loop(_ word: String) {
        counter += 1
        let name = "i\(counter)"
        put(word, "(", "induce", name, "=", "0", ";", name, "<", "2", ";", name, "=", name, "+", "1", ")")
        body()
    }

    private mutating func boundedWhile() {
        counter += 1
        let name = "k\(counter)"
        put(
            "induce", name, "=", "0", ";", "while", "(", name, "<", "2", ")", "{", name, "=", name, "+", "1",
            ";")
        loops += 1
        for _ in 0..<below(4) { statement() }
        loops -= 1
        put("}")
    }

    private mutating func body() {
        loops += 1
        block()
        loops -= 1
    }

    private mutating func function() {
        let outer = (loops, isInFunction)
        (loops, isInFunction) = (0, true)
        block()
        (loops, isInFunction) = outer
    }

    private mutating func thunk(_ parameter: String = "") {
        put("suggestion", "(")
        if !parameter.isEmpty { put(parameter) }
        put(")")
        // Without parameters p and q there are none to read.
        put("{", "awaken")
        let outer = isInFunction
        isInFunction = false
        any()
        isInFunction = outer
        put(";", "}")
    }

    // MARK: Expressions

    private mutating func any() {
        budget -= 1
        guard budget > 0, depth < 8 else { return put(variable()) }
        depth += 1
        defer { depth -= 1 }
        switch below(isDocumented ? 14 : 11) {
        case 0, 1: put(variable())
        case 2: number()
        case 3: string()
        case 4: boolean()
        case 5: put("list", "?.", "["); number(); put("]")
        case 6: put("("); any(); put("??"); any(); put(")")
        case 7: put("("); put(variable(), "="); any(); put(")")
        case 8: call()
        case 9: put("("); entrain(); put(")")
        case 10: put("["); any(); put(",", variable(), "]")
        case 11: put("o", "?.", pick(["x", "y"]))
        case 12: put("(", "o", "with", "{", "x", ":"); any(); put("}", ")")
        default: thunk()
        }
    }

    private mutating func call() {
        guard callable > 0 else { return put("ToString", "(", variable(), ")") }
        put("g\(below(callable))", "(")
        any()
        put(",")
        any()
        put(")")
    }

    private mutating func number() {
        switch below(depth < 8 ? 5 : 3) {
        case 0, 1: put(pick(["0", "1", "2", "2.5"]))
        case 2: put("n")
        case 3: put("Length", "("); string(); put(")")
        default:
            depth += 1
            put("(")
            number()
            put(pick(["+", "-", "*", "%"]))
            number()
            put(")")
            depth -= 1
        }
    }

    private mutating func string() {
        switch below(depth < 8 ? 4 : 2) {
        case 0: put(pick(["\"x\"", "\"\"", "\"é\""]))
        case 1: put("s")
        case 2: put("ToString", "("); any(); put(")")
        default: put("(", "\"<\"", "+"); any(); put(")")
        }
    }

    private mutating func boolean() {
        switch below(4) {
        case 0: put(pick(["true", "false", "flag"]))
        case 1: put("("); number(); put(pick(["<", ">=", "=="])); number(); put(")")
        case 2: put("("); any(); put(pick(["==", "!=", "&&", "||"])); any(); put(")")
        default: put("!", "("); any(); put(")")
        }
    }

    private mutating func entrain() {
        put("entrain", "(")
        any()
        put(")", "{")
        for _ in 0..<below(3) {
            put("when", pick(["1", "\"x\"", "true", variable(), "n : number"]))
            if chance(3) { put("if"); boolean() }
            put("=>")
            if chance(3) { block() } else { put("("); any(); put(")") }
            put(";")
        }
        put("otherwise", "=>")
        put("(")
        any()
        put(")", "}")
    }

}
