/// Reads a pattern; nil anywhere means that the pattern is invalid.
struct PatternParser {
    private var rest: ArraySlice<Unicode.Scalar>
    var flags = PatternFlags()
    private var depth = 0

    /// Groups and classes nest up to this depth, so that reading and compiling need a bounded stack.
    private static let maximumDepth = 100
    /// How many quantifiers may follow each other.
    private static let maximumQuantifiers = 4
    private static let maximumCount = 1000

    init(_ pattern: [Unicode.Scalar]) {
        rest = pattern[...]
    }

    /// The whole pattern.
    mutating func parse() -> PatternNode? {
        guard let node = parseAlternatives(), rest.isEmpty else { return nil }
        return node
    }

    /// Alternatives up to the end of the group; flags set in them end with it.
    private mutating func parseAlternatives() -> PatternNode? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { return nil }
        let outerFlags = flags
        defer { flags = outerFlags }
        var alternatives: [PatternNode] = []
        repeat {
            guard let sequence = parseSequence() else { return nil }
            alternatives.append(sequence)
        } while skip("|")
        return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
    }

    private mutating func parseSequence() -> PatternNode? {
        var nodes: [PatternNode] = []
        skipIgnored()
        while let scalar = peek, scalar != "|", scalar != ")" {
            guard let atom = parseAtom(), let node = parseQuantifiers(of: atom) else { return nil }
            nodes.append(node)
            skipIgnored()
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func parseAtom() -> PatternNode? {
        guard let scalar = next() else { return nil }
        switch scalar {
        case "(": return parseGroup()
        case "[": return parseClass().map { .set($0) }
        case ".": return .set(flags.dotMatchesNewline ? .any : .notNewline)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return parseEscape()
        case "*", "+", "?", "{": return nil
        default: return .set(flags.folded(.scalar(scalar)))
        }
    }

    private mutating func parseGroup() -> PatternNode? {
        if skip("?") {
            if skip("P") {
                guard skip("<"), skipGroupName() else { return nil }
            } else if skip("<") {
                guard skipGroupName() else { return nil }
            } else {
                return parseFlags()
            }
        }
        guard let node = parseAlternatives(), skip(")") else { return nil }
        return node
    }

    /// `(?flags)`, which hold up to the end of the enclosing group, or `(?flags:…)`.
    private mutating func parseFlags() -> PatternNode? {
        let outerFlags = flags
        var isOn = true
        while let scalar = next() {
            switch scalar {
            case ")": return .empty
            case ":":
                defer { flags = outerFlags }
                guard let node = parseAlternatives(), skip(")") else { return nil }
                return node
            case "-" where isOn: isOn = false
            default:
                guard flags.set(scalar, isOn) else { return nil }
            }
        }
        return nil
    }

    private mutating func skipGroupName() -> Bool {
        guard let first = peek, first == "_" || first.properties.isAlphabetic else { return false }
        while let scalar = next() {
            if scalar == ">" { return true }
            guard scalar.isLetterOrNumber || "_.[]".unicodeScalars.contains(scalar) else { return false }
        }
        return false
    }

    private mutating func parseQuantifiers(of atom: PatternNode) -> PatternNode? {
        var node = atom
        var count = 0
        skipIgnored()
        while let scalar = peek, "*+?{".unicodeScalars.contains(scalar) {
            count += 1
            guard count <= Self.maximumQuantifiers, let range = parseQuantifier() else { return nil }
            node = .repetition(node, minimum: range.minimum, maximum: range.maximum)
            _ = skip("?")
            skipIgnored()
        }
        return node
    }

    private mutating func parseQuantifier() -> (minimum: Int, maximum: Int?)? {
        switch next() {
        case "*": return (0, nil)
        case "+": return (1, nil)
        case "?": return (0, 1)
        default:
            guard let minimum = parseCount() else { return nil }
            if skip("}") { return (minimum, minimum) }
            guard skip(",") else { return nil }
            if skip("}") { return (minimum, nil) }
            guard let maximum = parseCount(), maximum >= minimum, skip("}") else { return nil }
            return (minimum, maximum)
        }
    }

    private mutating func parseCount() -> Int? {
        var digits = ""
        while let scalar = peek, ("0"..."9").contains(scalar), digits.count < 6 {
            digits.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        guard let count = Int(digits), count <= Self.maximumCount else { return nil }
        return count
    }
}

// MARK: - Scalars

extension PatternParser {
    var peek: Unicode.Scalar? { rest.first }

    /// The scalar after the current one.
    var peekSecond: Unicode.Scalar? { rest.dropFirst().first }

    mutating func next() -> Unicode.Scalar? { rest.popFirst() }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    /// Skips blanks and comments where the flag `x` allows them.
    mutating func skipIgnored() {
        guard flags.ignoresWhiteSpace else { return }
        while let scalar = peek, scalar.properties.isWhitespace || scalar == "#" {
            if scalar == "#" {
                rest = rest.drop { $0 != "\n" }
            } else {
                rest.removeFirst()
            }
        }
    }

    /// Goes one level deeper while `body` reads.
    mutating func nested<Result>(_ body: (inout PatternParser) -> Result?) -> Result? {
        depth += 1
        defer { depth -= 1 }
        return depth <= Self.maximumDepth ? body(&self) : nil
    }
}

/// What `(?…)` can switch.
struct PatternFlags {
    private var ignoresCase = false
    private(set) var isMultiline = false
    private(set) var dotMatchesNewline = false
    private(set) var ignoresWhiteSpace = false

    /// False for a flag that does not exist.
    mutating func set(_ flag: Unicode.Scalar, _ isOn: Bool) -> Bool {
        switch flag {
        case "i": ignoresCase = isOn
        case "m": isMultiline = isOn
        case "s": dotMatchesNewline = isOn
        case "x": ignoresWhiteSpace = isOn
        // Whether quantifiers are greedy does not matter here; Unicode cannot be switched off.
        case "U": return true
        case "u": return isOn
        default: return false
        }
        return true
    }

    func folded(_ set: ScalarSet) -> ScalarSet {
        ignoresCase ? .anyCase(set) : set
    }
}
