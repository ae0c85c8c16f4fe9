/// The structure of a pattern.
indirect enum PatternNode {
    case empty
    case set(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// Greedy or not makes no difference to whether there is a match.
    case repetition(PatternNode, minimum: Int, maximum: Int?)
}

/// Turns the structure of a pattern into steps.
struct PatternCompiler {
    private var program: [PatternInstruction] = []
    private var work = 0

    /// Counted repetitions multiply steps: `((a{100}){100}){100}` would be a million.
    private static let greatestProgram = 20_000

    /// Nil if the pattern would need too many steps.
    static func compile(_ node: PatternNode) -> [PatternInstruction]? {
        var compiler = PatternCompiler()
        guard compiler.add(node) else { return nil }
        return compiler.program + [.match]
    }

    /// Adds a node's steps; false as soon as there are too many.
    private mutating func add(_ node: PatternNode) -> Bool {
        work += 1
        guard program.count < Self.greatestProgram, work < 4 * Self.greatestProgram else { return false }
        switch node {
        case .empty: return true
        case .set(let set):
            program.append(.take(set))
            return true
        case .assertion(let assertion):
            program.append(.require(assertion))
            return true
        case .sequence(let nodes):
            for node in nodes {
                guard add(node) else { return false }
            }
            return true
        case .alternatives(let nodes): return add(alternatives: nodes)
        case .repetition(let node, let minimum, let maximum):
            for _ in 0..<minimum {
                guard add(node) else { return false }
            }
            guard let maximum else { return add(endless: node) }
            return add(node, optionally: maximum - minimum)
        }
    }

    private mutating func add(alternatives nodes: [PatternNode]) -> Bool {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            let fork = program.count
            if index < nodes.count - 1 { program.append(.fork(fork + 1, 0)) }
            guard add(node) else { return false }
            if index < nodes.count - 1 {
                jumps.append(program.count)
                program.append(.jump(0))
                program[fork] = .fork(fork + 1, program.count)
            }
        }
        for jump in jumps { program[jump] = .jump(program.count) }
        return true
    }

    private mutating func add(endless node: PatternNode) -> Bool {
        let fork = program.count
        program.append(.fork(fork + 1, 0))
        guard add(node) else { return false }
        program.append(.jump(fork))
        program[fork] = .fork(fork + 1, program.count)
        return true
    }

    private mutating func add(_ node: PatternNode, optionally times: Int) -> Bool {
        var forks: [Int] = []
        for _ in 0..<times {
            forks.append(program.count)
            program.append(.fork(program.count + 1, 0))
            guard add(node) else { return false }
        }
        for fork in forks { program[fork] = .fork(fork + 1, program.count) }
        return true
    }
}
