/// A pattern compiled for searching in time linear in the text: a set of states moves over the scalars, so no
/// pattern can blow up. The dialect has no look-around and no back-references, which would need more.
struct RegularExpression {
    private let program: [PatternInstruction]

    /// Fails for an invalid pattern, and for one that would need an unreasonable program.
    init?(_ pattern: [Unicode.Scalar]) {
        var parser = PatternParser(pattern)
        guard let node = parser.parse(), let program = PatternCompiler.compile(node) else { return nil }
        self.program = program
    }

    /// Whether the pattern matches anywhere in the text.
    ///
    /// - Parameter charging: told the steps taken now and then; may stop the search by throwing.
    func matches<Failure>(
        in text: [Unicode.Scalar], charging: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var current = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        var steps = 0
        for position in 0...text.count {
            // A match may begin anywhere, so every position adds the start.
            if current.enter(0, in: program, at: position, of: text) { return true }
            guard position < text.count else { return false }
            next.removeAll()
            for state in current.states {
                guard case .take(let set) = program[state], set.contains(text[position]) else { continue }
                if next.enter(state + 1, in: program, at: position + 1, of: text) { return true }
            }
            steps += current.states.count + 1
            if steps > 4096 {
                try charging(steps)
                steps = 0
            }
            swap(&current, &next)
        }
        return false
    }
}

/// One step of a compiled pattern; steps follow each other unless they say otherwise.
enum PatternInstruction {
    /// Takes one scalar of the set.
    case take(ScalarSet)
    /// Goes on only where the condition holds.
    case require(PatternAssertion)
    /// Goes on at both places.
    case fork(Int, Int)
    case jump(Int)
    case match
}

/// A condition on a place in the text.
enum PatternAssertion {
    case textStart, textEnd
    case lineStart, lineEnd
    case wordBoundary, noWordBoundary

    func holds(at position: Int, of text: [Unicode.Scalar]) -> Bool {
        switch self {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == "\n"
        case .lineEnd: position == text.count || text[position] == "\n"
        case .wordBoundary: Self.isBoundary(position, of: text)
        case .noWordBoundary: !Self.isBoundary(position, of: text)
        }
    }

    private static func isBoundary(_ position: Int, of text: [Unicode.Scalar]) -> Bool {
        let before = position > 0 && ScalarSet.word.contains(text[position - 1])
        let after = position < text.count && ScalarSet.word.contains(text[position])
        return before != after
    }
}

/// The steps at which a search may be, each at most once.
private struct StateSet {
    private(set) var states: [Int] = []
    private var isMember: [Bool]
    private var pending: [Int] = []

    init(count: Int) {
        isMember = Array(repeating: false, count: count)
    }

    mutating func removeAll() {
        for index in isMember.indices { isMember[index] = false }
        states.removeAll(keepingCapacity: true)
    }

    /// Adds a step and whatever follows from it without taking a scalar; true if that is a match.
    mutating func enter(
        _ state: Int, in program: [PatternInstruction], at position: Int, of text: [Unicode.Scalar]
    ) -> Bool {
        pending.append(state)
        while let state = pending.popLast() {
            if isMember[state] { continue }
            isMember[state] = true
            switch program[state] {
            case .take: states.append(state)
            case .require(let assertion):
                if assertion.holds(at: position, of: text) { pending.append(state + 1) }
            case .fork(let first, let second): pending += [second, first]
            case .jump(let target): pending.append(target)
            case .match: return true
            }
        }
        return false
    }
}
