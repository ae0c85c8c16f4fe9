/// A pattern compiled for searching in time linear in the text: a set of states moves over the scalars, so no
/// pattern can blow up. The dialect has no look-around and no back-references, which would need more.
struct RegularExpression {
    private let program: [PatternInstruction]

    /// In bytes; a longer one would need an unreasonable program, or is one class of more ranges than anybody
    /// writes.
    static let longestPattern = 1 << 16

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
        in text: UnsafeBufferPointer<UInt8>, charging: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var current = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        var steps = 0
        var place = TextPlace(before: nil, after: text.scalar(at: 0))
        var offset = 0
        while true {
            // A match may begin anywhere, so every position adds the start.
            if current.enter(0, in: program, at: place) { return true }
            guard let scalar = place.after else { return false }
            offset += UTF8.width(scalar)
            place = TextPlace(before: scalar, after: text.scalar(at: offset))
            next.removeAll()
            for state in current.states {
                guard case .take(let set) = program[state], set.contains(scalar) else { continue }
                if next.enter(state + 1, in: program, at: place) { return true }
            }
            // A state costs some tens of nanoseconds, an entry of the table of members next to nothing.
            steps += 8 * current.states.count + program.count / 16 + 8
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

/// A place in a text: the scalars beside it, nil at the ends.
struct TextPlace {
    let before: Unicode.Scalar?
    let after: Unicode.Scalar?
}

/// A condition on a place in the text.
enum PatternAssertion {
    case textStart, textEnd
    case lineStart, lineEnd
    case wordBoundary, noWordBoundary

    func holds(at place: TextPlace) -> Bool {
        switch self {
        case .textStart: place.before == nil
        case .textEnd: place.after == nil
        case .lineStart: place.before == nil || place.before == "\n"
        case .lineEnd: place.after == nil || place.after == "\n"
        case .wordBoundary: Self.isBoundary(place)
        case .noWordBoundary: !Self.isBoundary(place)
        }
    }

    private static func isBoundary(_ place: TextPlace) -> Bool {
        let before = place.before.map { ScalarSet.word.contains($0) } ?? false
        let after = place.after.map { ScalarSet.word.contains($0) } ?? false
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
        _ state: Int, in program: [PatternInstruction], at place: TextPlace
    ) -> Bool {
        pending.append(state)
        while let state = pending.popLast() {
            if isMember[state] { continue }
            isMember[state] = true
            switch program[state] {
            case .take: states.append(state)
            case .require(let assertion):
                if assertion.holds(at: place) { pending.append(state + 1) }
            case .fork(let first, let second): pending += [second, first]
            case .jump(let target): pending.append(target)
            case .match: return true
            }
        }
        return false
    }
}
