/// A place in code that jumps lead to, known or still to come.
struct Label {
    fileprivate let index: Int
}

/// The code of one function under construction: words, jumps, source places, registers and open scopes.
struct FunctionCode {
    private(set) var words: [UInt64] = []
    private(set) var lines: [LineEntry] = []
    var sessionRanges: [SessionRange] = []
    /// The source place that instructions emitted from now on belong to.
    var focus = SourceOffset(utf8: 0)

    /// The first register that is not in use, and how many were ever needed.
    private(set) var nextRegister = 1
    private(set) var registerCount = 1
    /// Set once the function does not fit the instruction format.
    private(set) var isTooLarge = false

    var scopes: [CodeScope] = []
    var loops: [LoopLabels] = []
    /// What `awaken` leaves outside of functions, and the `finally` blocks that jumps out of here run first.
    var blocks: [BlockExit] = []
    var finals: [FinallyExit] = []
    private(set) var handlers: [CodeHandler] = []
    /// Where the scopes with a mark are open, outermost first where they nest.
    private(set) var markedRanges: [MarkedRange] = []
    /// The registers of the environments that an anonymous suggestion made here captures, besides those that
    /// this code itself captured.
    var environments: [Int] = []
    /// R[0] is the function itself, and it captured something.
    var capturesAnything = false
    /// It does not bind what it captured but looks there first, except for what its parameters bind.
    var readsCaptures = false
    var ownCells: Set<Int> = []
    /// For each captured cell it uses, where its function value remembers the box.
    private(set) var captureSlots: [Int: Int] = [:]
    /// Where `getCaptured` stands.
    private var captureReads: [Int] = []
    /// Behind an assignment to a captured variable: its cell, the register it came from, and this place.
    private var lastCapture: (cell: Int, register: Int, position: Int)?
    /// Every way out yields the final `this`.
    var isRecordConstructor = false
    /// An anonymous suggestion inside a record's constructor, whose `this` may still change.
    var isWithinRecordConstructor = false
    /// The class whose session frame this code belongs to.
    var classIndex: Int?
    /// R[0] is certainly an instance of that class.
    var hasThis = false
    /// Set for the program itself: leaving it by `awaken` is an error.
    var isMain = false

    private var targets: [Int?] = []
    private var jumps: [(word: Int, label: Int)] = []
    /// The latest place that a label marks: instructions across it must not be fused.
    private var lastTarget = 0
    private var usedLabels: Set<Int> = []
    /// Where the last instruction stands, if it has one word.
    private var lastInstruction: Int?

    var position: Int { words.count }

    /// Adds an instruction and returns where it stands.
    @discardableResult
    mutating func emit(_ instruction: Instruction) -> Int {
        if lines.last?.offset != focus { lines.append(LineEntry(start: words.count, offset: focus)) }
        words.append(instruction.bits)
        lastInstruction = words.count - 1
        return words.count - 1
    }

    @discardableResult
    mutating func emit(_ opcode: Opcode, a: Int = 0, b: Int = 0, c: Int = 0) -> Int {
        emit(Instruction(opcode, a: a, b: b, c: c))
    }

    @discardableResult
    mutating func emit(_ opcode: Opcode, a: Int = 0, b: Int = 0, wide: Int) -> Int {
        if wide >= Instruction.wideLimit { isTooLarge = true }
        return emit(Instruction(opcode, a: a, b: b, wide: wide))
    }

    /// Adds the second word of the instruction before, which may belong to another place in the source.
    mutating func emit(word: UInt64, at place: SourceOffset? = nil) {
        if let place, lines.last?.offset != place {
            lines.append(LineEntry(start: words.count, offset: place))
        }
        words.append(word)
        lastInstruction = nil
    }

    /// Calls R[callee] with `count` arguments.
    mutating func emitCall(_ window: Int, count: Int, callee: Int) {
        if let last = lastInstruction, last == words.count - 1 {
            let move = Instruction(bits: words[last])
            if move.opcode == .move { words[last] = Instruction(.moveAndCall, a: move.a, b: move.b).bits }
        }
        emit(.call, a: window, b: count, c: callee)
    }

    /// R[register] = a captured variable.
    mutating func readCaptured(_ cell: Int, into register: Int) {
        if let last = lastCapture, last.cell == cell, last.position == words.count, lastTarget < words.count {
            if last.register != register { emit(.move, a: register, b: last.register) }
            return
        }
        captureReads.append(emit(.getCaptured, a: register, wide: cell))
        emit(word: UInt64(slot(of: cell)))
    }

    /// A captured variable = R[register].
    mutating func assignCaptured(_ cell: Int, from register: Int) {
        emit(.setCaptured, a: register, b: bindingScope, wide: cell)
        emit(word: UInt64(slot(of: cell)))
        lastCapture = (cell, register, words.count)
    }

    private mutating func slot(of cell: Int) -> Int {
        if let slot = captureSlots[cell] { return slot }
        captureSlots[cell] = captureSlots.count
        return captureSlots.count - 1
    }

    mutating func emit(_ opcode: Opcode, a: Int = 0, b: Int = 0, to label: Label) {
        jumps.append((words.count, label.index))
        usedLabels.insert(label.index)
        emit(Instruction(opcode, a: a, b: b))
    }

    mutating func newLabel() -> Label {
        targets.append(nil)
        return Label(index: targets.count - 1)
    }

    mutating func place(_ label: Label) {
        targets[label.index] = words.count
        lastTarget = words.count
    }

    /// Marks this place as one across which no instructions are fused, and returns it.
    mutating func barrier() -> Int {
        lastTarget = words.count
        return words.count
    }

    /// Errors of the code between two barriers lead to `target`.
    ///
    /// - Parameters:
    ///   - error: the register that receives the error's value, and the one behind it, if `keepsFailure`,
    ///     what it takes to raise it again.
    mutating func handle(
        _ range: Range<Int>, at target: Label, error: Int, keepsFailure: Bool = false
    ) {
        handlers.append(
            CodeHandler(range: range, target: target, error: error, keepsFailure: keepsFailure))
    }

    /// Opens a scope whose mark is in a register by now.
    mutating func open(_ scope: CodeScope) {
        var scope = scope
        if let mark = scope.mark {
            scope.markedRange = markedRanges.count
            markedRanges.append(MarkedRange(start: words.count, end: .max, mark: mark))
        }
        scopes.append(scope)
    }

    mutating func close() -> CodeScope {
        let scope = scopes.removeLast()
        if let range = scope.markedRange { markedRanges[range].end = words.count }
        return scope
    }

    /// Where a handler begins, once all labels are placed.
    func position(of handler: CodeHandler) -> Int { targets[handler.target.index] ?? 0 }

    mutating func placeIfUsed(_ label: Label) {
        if usedLabels.contains(label.index) { place(label) }
    }

    /// Takes away the last instruction if it is `R[register] += K[…]` and no jump leads behind it.
    mutating func removeStep(of register: Int) -> (instruction: Instruction, focus: SourceOffset)? {
        removeLast { $0.opcode == .addConstant && $0.a == register && $0.b == register }
    }

    /// Takes away the last instruction if it is `R[register] = R[…] + R[…]` and no jump leads behind it.
    mutating func removeAddition(to register: Int) -> (instruction: Instruction, focus: SourceOffset)? {
        removeLast { $0.opcode == .add && $0.a == register }
    }

    private mutating func removeLast(
        where isWanted: (Instruction) -> Bool
    ) -> (instruction: Instruction, focus: SourceOffset)? {
        guard let last = lastInstruction, lastTarget <= last, let line = lines.last else { return nil }
        let instruction = Instruction(bits: words[last])
        guard isWanted(instruction) else { return nil }
        words.removeLast()
        if line.start == last { lines.removeLast() }
        lastInstruction = nil
        return (instruction, line.offset)
    }

    /// Joins reads of captured variables with what is done with them: a dispatch is most of the time that such
    /// an instruction takes.
    private mutating func joinCaptureReads() {
        for place in captureReads where place + 2 < words.count {
            let read = Instruction(bits: words[place])
            let sum = Instruction(bits: words[place + 2])
            guard sum.opcode == .add else { continue }
            let next = place + 3 < words.count ? Instruction(bits: words[place + 3]) : Instruction(.halt)
            func returnsSum(at place: Int) -> Bool {
                guard place < words.count else { return false }
                let instruction = Instruction(bits: words[place])
                return instruction.opcode == .return && instruction.a == sum.a
            }
            let opcode: Opcode
            if next.opcode == .setCaptured, next.wide == read.wide, next.a == read.a, sum.a == read.a {
                opcode = returnsSum(at: place + 5) ? .addToCapturedAndReturn : .addToCaptured
            } else {
                opcode = returnsSum(at: place + 3) ? .getCapturedAddAndReturn : .getCapturedAndAdd
            }
            words[place] = Instruction(opcode, a: read.a, b: read.b, wide: read.wide).bits
        }
    }

    /// Fills in the jumps; call once, at the end.
    mutating func resolveJumps() {
        joinCaptureReads()
        for jump in jumps {
            guard let target = targets[jump.label] else { preconditionFailure("a label was never placed") }
            let offset = target - (jump.word + 1)
            if abs(offset) >= Instruction.offsetLimit { isTooLarge = true }
            words[jump.word] = Instruction(bits: words[jump.word]).with(offset: offset).bits
        }
        jumps = []
    }
}

// MARK: Registers and scopes

extension FunctionCode {
    /// Takes the next `count` registers.
    mutating func allocate(_ count: Int = 1) -> Int {
        let first = nextRegister
        nextRegister += count
        if nextRegister >= Instruction.registerLimit {
            isTooLarge = true
            nextRegister = first
        }
        registerCount = max(registerCount, nextRegister)
        return first
    }

    /// Gives back all registers from `first` on.
    mutating func release(to first: Int) {
        nextRegister = first
    }

    /// The register of a name that resolves with certainty.
    func local(_ name: Symbol) -> CodeScope.Local? {
        for scope in scopes.reversed() {
            if let local = scope.locals[name] { return local }
        }
        return nil
    }

    /// The register that holds the trail mark of the outermost scope from `depth` on that has one.
    func mark(from depth: Int) -> Int? {
        scopes[depth...].lazy.compactMap(\.mark).first
    }

    /// B of the instructions that may bind a name in the innermost scope.
    var bindingScope: Int { scopes.last?.mark ?? Instruction.globalScope }
}

/// An open scope while code is generated.
struct CodeScope {
    struct Local {
        let register: Int
        let isConstant: Bool
    }

    var locals: [Symbol: Local] = [:]
    /// The register with the length of the trail at entry, if this scope may bind names that have cells.
    var mark: Int?
    /// The register with what anonymous suggestions capture of this scope.
    var environment: Int?
    /// Its place in `FunctionCode.markedRanges`.
    fileprivate(set) var markedRange: Int?

    init(mark: Int? = nil, environment: Int? = nil) {
        self.mark = mark
        self.environment = environment
    }
}

/// A stretch of code in which a scope is open whose bindings begin at the mark in a register.
struct MarkedRange: Sendable {
    var start: Int
    var end: Int
    let mark: Int
}

/// Where `snap` and `sink` of a loop lead, and which scopes they leave.
struct LoopLabels {
    let atSnap: Label
    let atSink: Label
    let scopeDepth: Int
    /// How many `finally` blocks were open around it.
    let finallyDepth: Int
}

/// A block that `awaken` leaves: an `entrance`, or the body of a case outside of functions.
struct BlockExit {
    let end: Label
    /// Where the value goes; nil if nobody wants it.
    let target: Int?
    let scopeDepth: Int
    let finallyDepth: Int
}

/// A way to leave a construct by a jump.
enum CodeExit: Equatable {
    /// The places in `FunctionCode.loops` and `.blocks`.
    case snap(loop: Int)
    case sink(loop: Int)
    case block(Int)
    /// Out of the function.
    case result
}

/// An open `try` with a `finally`: who jumps out of it notes where to and runs the block first.
struct FinallyExit {
    let start: Label
    /// The register that says how to go on behind the block: 0 forward, 1 raise again, then `exits`.
    let state: Int
    /// The register of the value that goes along.
    let value: Int
    let scopeDepth: Int
    var exits: [CodeExit] = []

    static let firstExit = 2
}

/// Where errors of a stretch of code lead.
struct CodeHandler {
    let range: Range<Int>
    let target: Label
    let error: Int
    let keepsFailure: Bool
}
