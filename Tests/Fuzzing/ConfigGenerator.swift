package import Effects

/// Makes configuration files from the grammar: they parse, and mean nothing.
package struct ConfigGenerator {
    private let random: SeededRandom
    private var budget = 0
    private var text = ""
    private var keys = 0

    package init(_ random: SeededRandom) {
        self.random = random
    }

    /// A file of roughly this many values.
    package mutating func file(nodes: Int) -> String {
        (text, budget, keys) = ("", nodes, 0)
        trivia()
        var isFirst = true
        repeat {
            if !isFirst { separator() }
            isFirst = false
            key()
            trivia()
            if chance(2) {
                text += ":"
                trivia()
            }
            object(depth: 0)
        } while budget > 0
        trivia()
        return text
    }

    private func below(_ bound: Int) -> Int { Int(random.uniform(below: UInt64(bound))) }

    private func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    private func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

    private mutating func trivia() {
        text += pick([
            "", "", " ", "  ", "\t", "\n", "\n\n\n", " /* c */ ", "/* two\n   lines */", "  // c  \n",
        ])
    }

    /// At least a newline, or exactly one comma.
    private mutating func separator() {
        trivia()
        text += pick(["\n", ",", "\n\n", " // c\n", " , // c\n", "/* a\n b */"])
        trivia()
    }

    /// No key twice.
    private mutating func key() {
        keys += 1
        text += pick(["k\(keys)", "k-\(keys)_é", "\"k \(keys)\"", "default\(keys)"])
    }

    private mutating func object(depth: Int) {
        text += "{"
        trivia()
        let count = budget > 0 && depth < 20 ? below(4) : 0
        for index in 0..<count {
            if index > 0 { separator() }
            key()
            trivia()
            if chance(4) {
                object(depth: depth + 1)
            } else {
                text += ":"
                trivia()
                value(depth: depth + 1)
            }
        }
        if count > 0, chance(6) { text += "," }
        trivia()
        text += "}"
    }

    private mutating func value(depth: Int) {
        budget -= 1
        switch below(depth < 20 && budget > 0 ? 8 : 5) {
        case 0: text += pick(["0", "-1", "42", "2.5", "1e3", "-0.5E-2"])
        case 1: text += pick(["true", "false", "null", "env.PORT", "env.EMPTY"])
        case 2, 3: text += pick(["\"\"", "\"a // b\"", "\"q \\\" { [ \\\\\"", "\"\\u00e9é\""])
        case 4:
            text += pick(["\"\"\"one line\"\"\"", "\"\"\"\n    SELECT 1\n      FROM \"t\" // x\n  \"\"\""])
        case 5: object(depth: depth)
        default:
            text += "["
            trivia()
            let count = below(4)
            for index in 0..<count {
                if index > 0 { separator() }
                value(depth: depth + 1)
            }
            trivia()
            text += "]"
        }
    }
}
