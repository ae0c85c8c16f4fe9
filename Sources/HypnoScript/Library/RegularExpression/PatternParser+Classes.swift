// MARK: - Escapes

extension PatternParser {
    /// What follows a backslash outside of brackets.
    mutating func parseEscape() -> PatternNode? {
        switch peek {
        case "A": return assertion(.textStart)
        case "z": return assertion(.textEnd)
        case "b" where peekSecond != "{": return assertion(.wordBoundary)
        case "B": return assertion(.noWordBoundary)
        case "p", "P": return parseProperty().map { .set(flags.folded($0)) }
        default:
            if let set = parseClassEscape() { return .set(flags.folded(set)) }
            return parseScalarEscape().map { .set(flags.folded(.scalar($0))) }
        }
    }

    private mutating func assertion(_ assertion: PatternAssertion) -> PatternNode {
        _ = next()
        return .assertion(assertion)
    }

    /// `d`, `w`, `s` and their negations; nil, with nothing read, for everything else.
    private mutating func parseClassEscape() -> ScalarSet? {
        let set: ScalarSet
        switch peek {
        case "d": set = .digit
        case "D": set = .complement(.digit)
        case "w": set = .word
        case "W": set = .complement(.word)
        case "s": set = .whiteSpace
        case "S": set = .complement(.whiteSpace)
        default: return nil
        }
        _ = next()
        return set
    }

    private mutating func parseProperty() -> ScalarSet? {
        let isNegated = next() == "P"
        guard let first = next() else { return nil }
        guard first == "{" else { return named(String(first), isNegated) }
        let isNegatedInside = skip("^")
        var name = ""
        while let scalar = next() {
            if scalar == "}" { return named(name, isNegated != isNegatedInside) }
            name.unicodeScalars.append(scalar)
        }
        return nil
    }

    private func named(_ name: String, _ isNegated: Bool) -> ScalarSet? {
        ScalarSet.unicode(name).map { isNegated ? .complement($0) : $0 }
    }

    /// An escape that stands for one scalar.
    private mutating func parseScalarEscape() -> Unicode.Scalar? {
        guard let scalar = next() else { return nil }
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "a": return "\u{07}"
        case "x": return parseHexadecimal(digits: 2)
        case "u": return parseHexadecimal(digits: 4)
        case "U": return parseHexadecimal(digits: 8)
        default:
            // Letters and digits are reserved, among them the back-references; `<` and `>` as well.
            let isPunctuation = scalar.isASCII && !scalar.isLetterOrNumber && scalar != "<" && scalar != ">"
            return isPunctuation ? scalar : nil
        }
    }

    private mutating func parseHexadecimal(digits: Int) -> Unicode.Scalar? {
        let isBraced = skip("{")
        var text = ""
        while let scalar = peek, scalar.properties.isASCIIHexDigit, text.count < (isBraced ? 8 : digits) {
            text.unicodeScalars.append(scalar)
            _ = next()
        }
        guard isBraced ? skip("}") : text.count == digits else { return nil }
        return UInt32(text, radix: 16).flatMap { Unicode.Scalar($0) }
    }
}

// MARK: - Bracketed classes

extension PatternParser {
    /// What follows `[`, up to and including its `]`.
    mutating func parseClass() -> ScalarSet? {
        nested { $0.parseNestedClass() }
    }

    private mutating func parseNestedClass() -> ScalarSet? {
        let isNegated = skip("^")
        guard var set = parseUnion(isFirst: true) else { return nil }
        while let operation = parseSetOperator() {
            guard let right = parseUnion(isFirst: false) else { return nil }
            set = operation(set, right)
        }
        guard skip("]") else { return nil }
        let folded = flags.folded(set)
        return isNegated ? .complement(folded) : folded
    }

    /// `&&`, `--` or `~~`: what is in both, in the left one only, in exactly one.
    private mutating func parseSetOperator() -> ((ScalarSet, ScalarSet) -> ScalarSet)? {
        guard isAtSetOperator, let sign = next(), next() != nil else { return nil }
        switch sign {
        case "&": return { .intersection($0, $1) }
        case "-": return { .intersection($0, .complement($1)) }
        default: return { .intersection(.union([$0, $1]), .complement(.intersection($0, $1))) }
        }
    }

    private var isAtSetOperator: Bool {
        guard let sign = peek, "&-~".unicodeScalars.contains(sign) else { return false }
        return peekSecond == sign
    }

    /// Items up to an operator or the closing bracket, which counts as an item where it comes first.
    private mutating func parseUnion(isFirst: Bool) -> ScalarSet? {
        var items: [ScalarSet] = []
        if isFirst, skip("]") { items.append(.scalar("]")) }
        while let scalar = peek, scalar != "]", !isAtSetOperator {
            if flags.ignoresWhiteSpace, scalar.properties.isWhitespace {
                _ = next()
            } else {
                guard let item = parseItem() else { return nil }
                items.append(item)
            }
        }
        return .union(items)
    }

    private mutating func parseItem() -> ScalarSet? {
        if skip("[") {
            return peek == ":" ? parsePOSIXClass() : parseClass()
        }
        if peek == "\\" {
            _ = next()
            if peek == "p" || peek == "P" { return parseProperty() }
            if let set = parseClassEscape() { return set }
            return parseScalarEscape().flatMap { parseRange(from: $0) }
        }
        return next().flatMap { parseRange(from: $0) }
    }

    /// The range that begins with a scalar, or the scalar alone.
    private mutating func parseRange(from first: Unicode.Scalar) -> ScalarSet? {
        guard peek == "-", let second = peekSecond, second != "]", second != "-" else {
            return .scalar(first)
        }
        _ = next()
        guard let scalar = next(), scalar != "[" else { return nil }
        guard let last = scalar == "\\" ? parseScalarEscape() : scalar, last >= first else { return nil }
        return .range(first.value...last.value)
    }

    /// `[:name:]` or `[:^name:]`, its first bracket read.
    private mutating func parsePOSIXClass() -> ScalarSet? {
        _ = next()
        let isNegated = skip("^")
        var name = ""
        while let scalar = next(), scalar != ":" { name.unicodeScalars.append(scalar) }
        guard skip("]"), let set = ScalarSet.posix(name) else { return nil }
        return isNegated ? .complement(set) : set
    }
}
