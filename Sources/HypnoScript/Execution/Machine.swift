import Glibc
import SourceText

/// One run of a script: all its mutable state, in raw memory that one thread owns.
///
/// The dispatch loop (`Interpreter.swift`) keeps the program counter and the base register in locals and
/// stores them here before it calls anything slow. So whatever these extensions do happens at a safe point:
/// `pc` is behind the current instruction, and everything alive is in the stack below the current
/// function's last register, in cells, in the trail or in constants.
struct Machine {
    let program: Program
    let host: ScriptHost
    let limits: RunLimits
    let signal: StopSignal
    var heap: Heap

    /// This run's copy of the code: inline caches write into it.
    let code: UnsafeMutablePointer<UInt64>
    var stack: UnsafeMutablePointer<Value>
    /// The end of the usable stack. A little lies behind it, so that a call may write its window before it
    /// checks.
    var stackEnd: UnsafeMutablePointer<Value>
    /// As of the last slow path: behind the current instruction, and the current function's R[0].
    var pc: UnsafeMutablePointer<UInt64>
    var base: UnsafeMutablePointer<Value>

    let cells: UnsafeMutablePointer<Cell>
    var trail = Trail()
    /// By symbol: the record declaration of this name that was executed last, doubled, plus one for `record`;
    /// negative without one.
    let registeredTypes: UnsafeMutablePointer<Int32>
    /// The program's record shapes, then those of record arguments, and names that only these mention.
    var shapes: [RecordShape]
    /// The numbers of shapes, once copies with changes make new ones.
    var shapeIndices: [RecordShape: Int] = [:]
    /// By module: the cells it declared or changed, once it was begun.
    var moduleCells: [Int: [Int]] = [:]
    /// The modules that are running, with what the global names were before each.
    var moduleSnapshots: [(module: Int, values: [Value])] = []
    var foreignNames: [String] = []

    var meter: Meter
    var output: OutputBuffer
    /// Why the run stops, once something returned `Value.failure`.
    var stop: Stop?
    /// Room for the text of one number.
    let scratch: UnsafeMutablePointer<UInt8>
    /// Room for one value that is on its way into an array.
    let single: UnsafeMutablePointer<Value>

    /// What ends a run early.
    enum Stop {
        case exit(code: Int)
        case failure(MachineFailure)
    }

    static let scratchSize = 512
    static let initialStack = 1024
    static let stackSlack = 16

    init(
        _ program: Program, host: ScriptHost, limits: ScriptLimits, cancellation: ScriptCancellation?,
        collectsAlways: Bool
    ) {
        self.program = program
        self.host = host
        self.limits = RunLimits(limits)
        signal = StopSignal(limits, cancellation)
        heap = Heap(limit: limits.heapBytes, signal: signal, collectsAlways: collectsAlways)
        code = UnsafeMutableBufferPointer.copy(of: program.code)
        let main = program.prototypes[program.mainPrototype]
        let capacity = Swift.max(Machine.initialStack, main.registerCount + 64)
        stack = .allocate(capacity: capacity + Machine.stackSlack)
        stack.initialize(repeating: .zero, count: capacity + Machine.stackSlack)
        stackEnd = stack + capacity
        heap.tableBytes = capacity * 8
        pc = code + main.start
        base = stack + 2
        stack[0] = Value(bits: UInt64(UInt(bitPattern: code)))
        cells = .allocate(capacity: Swift.max(1, program.cells.count))
        cells.initialize(repeating: Cell(), count: program.cells.count)
        registeredTypes = .allocate(capacity: Swift.max(1, program.names.count))
        registeredTypes.initialize(repeating: -1, count: program.names.count)
        shapes = program.shapes
        meter = Meter(limit: limits.instructions)
        output = OutputBuffer()
        scratch = .allocate(capacity: Machine.scratchSize)
        single = .allocate(capacity: 1)
    }

    /// Frees everything; no value of the run may be used afterwards.
    mutating func release() {
        heap.release()
        trail.release()
        output.release()
        code.deallocate()
        stack.deallocate()
        cells.deallocate()
        registeredTypes.deallocate()
        scratch.deallocate()
        single.deallocate()
    }

    /// Stores where the dispatch loop is, before anything slow.
    @inline(__always)
    mutating func save(_ pc: UnsafeMutablePointer<UInt64>, _ base: UnsafeMutablePointer<Value>) {
        self.pc = pc
        self.base = base
    }

    /// The place in the program's code of the instruction being executed.
    var position: Int { pc - code - 1 }

    var currentInstruction: Instruction { Instruction(bits: pc[-1]) }

    func name(_ symbol: Symbol) -> String {
        let count = program.names.count
        return symbol.index < count ? program.names[symbol] : foreignNames[symbol.index - count]
    }

    func name(_ index: Int) -> String { name(Symbol(index: index)) }

    var nameOfCalledBuiltin: String {
        currentInstruction.opcode == .callback
            ? Library.callbacks[currentInstruction.wide].name
            : BuiltinTable.standard.builtins[currentInstruction.wide].name
    }
}

extension UnsafeMutableBufferPointer<UInt64> {
    /// Memory of its own with these words.
    fileprivate static func copy(of words: [UInt64]) -> UnsafeMutablePointer<UInt64> {
        let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: words.count)
        words.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { memory.initialize(from: start, count: source.count) }
        }
        return memory
    }
}

// MARK: Failing

extension Machine {
    /// Records why the run stops.
    ///
    /// - Parameters:
    ///   - catchable: whether the script may go on from there; by default unless the runner's limits or its
    ///     will stand behind it.
    ///   - thrown: what the script threw.
    @inline(never)
    mutating func raise(
        _ kind: ScriptFailure.Kind, _ text: String, catchable: Bool? = nil, thrown: Value = .unbound
    ) -> Raised {
        let isCatchable =
            switch kind {
            case .limit, .timeout, .cancelled, .syntax, .abandoned, .diverged: false
            case .type, .runtime, .capability, .undefined, .control: true
            }
        let (frames, depth) = trace()
        stop = .failure(
            MachineFailure(
                kind: kind, text: text, isCatchable: catchable ?? isCatchable, thrown: thrown, frames: frames,
                depth: depth))
        return .raised
    }

    /// `raise`, for slow paths that return a value.
    mutating func fail(_ kind: ScriptFailure.Kind, _ text: String) -> Value {
        _ = raise(kind, text)
        return .failure
    }

    /// The heap gave nothing: that is a limit, unless it gave up because the run must stop.
    mutating func outOfMemory() -> Raised {
        isAllowedToContinue() ? raise(.limit, "Memory limit exceeded") : .raised
    }

    /// `outOfMemory`, for slow paths that return a value.
    mutating func failMemory() -> Value {
        _ = outOfMemory()
        return .failure
    }

    mutating func refuse(_ capability: ScriptCapability) -> Raised {
        raise(.capability, "Capability '\(capability.rawValue)' is not granted")
    }

    mutating func exit(_ code: Int) -> Raised {
        stop = .exit(code: code)
        return .raised
    }

    func check(_ succeeded: Bool) throws(Raised) {
        if !succeeded { throw .raised }
    }

    /// How many calls a trace shows at either end of a deep recursion.
    private static let traceEnds = 20

    /// The functions under way, innermost first; of a deep recursion only the two ends.
    private func trace() -> (frames: [MachineFailure.Frame], depth: Int) {
        var entries: [MachineFailure.Frame] = []
        var depth = 0
        forEachFrame { number, position, _ in
            depth += 1
            let prototype = program.prototypes[number]
            guard !prototype.isLibrary, !prototype.isHidden || entries.isEmpty,
                let offset = program.offset(at: position)
            else { return true }
            entries.append(MachineFailure.Frame(prototype: number, offset: offset))
            if entries.count > 2 * Self.traceEnds { entries.remove(at: Self.traceEnds) }
            return true
        }
        return (entries, depth)
    }

    /// Visits the calls under way from the innermost outwards, until `body` returns false.
    func forEachFrame(
        _ body: (_ prototype: Int, _ position: Int, _ base: UnsafeMutablePointer<Value>) -> Bool
    ) {
        var position = position
        var base = base
        while true {
            guard body(program.prototype(at: position), position, base) else { return }
            let word = base[-2].bits
            let next = Int(truncatingIfNeeded: word & 0xFFFF_FFFF_FFFF) - Int(bitPattern: code)
            if next == 0 { return }
            position = next / MemoryLayout<UInt64>.stride - 1
            base -= Int(truncatingIfNeeded: word &>> 48)
        }
    }

    /// The class whose private members the current code may use: that of the innermost call of a session's
    /// code.
    func accessingClass() -> Int? {
        var found: Int?
        forEachFrame { prototype, position, base in
            found = program.classIndex(at: position)
            if found == nil, program.prototypes[prototype].isClosure {
                let created = base[0].function.pointee.classIndex
                if created >= 0 { found = created }
            }
            return found == nil
        }
        return found
    }
}
