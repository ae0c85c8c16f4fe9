import SourceText

/// The compiled form of a script: code and tables, immutable, shared by all its runs on any thread.
///
/// A run copies the code, because inline caches write into it; the rest it only reads.
final class Program {
    let dialect: ScriptDialect
    let sources: SourceSet
    let names: NameTable
    /// Code of all functions, one after the other. The first word is `halt`, where the program itself
    /// returns to.
    let code: [UInt64]
    let constants: ConstantPool
    let prototypes: [Prototype]
    /// The part of `prototypes` that calls need, and their numbers in the order of their code.
    let entries: UnsafeMutablePointer<PrototypeEntry>
    private let prototypesByStart: [Int]
    let mainPrototype: Int
    let classes: [ClassLayout]
    let shapes: [RecordShape]
    /// The handlers of all prototypes, in one prototype from the innermost outwards.
    let handlers: [Handler]
    /// The keys of object literals, as constants, and of copies with changes.
    let keyLists: [KeyList]
    /// By the number of the declaration.
    let recordTypes: [RecordType]
    /// The code of the callbacks that are used, by their place in `Library.callbacks`.
    let callbackPrototypes: [Int: Int]
    /// By cell: the value that the documented dialect gives to an unbound name.
    let fallbacks: [Int: Value]
    let modules: [ModuleCode]
    /// The symbol of each cell.
    let cells: [Symbol]
    let cellOfSymbol: [Symbol: Int]
    /// Texts of `fail`, with their class.
    let messages: [StaticFailure]
    /// Where each stretch of code comes from, by ascending start.
    let lines: [LineEntry]
    /// Stretches of code that count as belonging to a session though their function does not: static
    /// initialisers.
    let sessionRanges: [SessionRange]
    /// Where the program's `result` is at the end.
    let result: ResultPlace

    init(_ parts: ProgramParts) {
        dialect = parts.tree.dialect
        sources = parts.tree.sources
        handlers = parts.handlers
        keyLists = parts.keyLists
        recordTypes = parts.recordTypes
        callbackPrototypes = parts.callbackPrototypes
        fallbacks = parts.fallbacks
        modules = parts.modules
        names = parts.tree.names
        code = parts.code
        constants = parts.constants.pool(parts.tree.names)
        entries = PrototypeEntry.table(parts.prototypes)
        prototypesByStart = parts.prototypes.indices.sorted {
            (parts.prototypes[$0].start, parts.prototypes[$0].length)
                < (parts.prototypes[$1].start, parts.prototypes[$1].length)
        }
        prototypes = parts.prototypes
        mainPrototype = parts.mainPrototype
        classes = parts.classes
        shapes = parts.shapes
        cells = parts.cells
        cellOfSymbol = parts.cellOfSymbol
        messages = parts.messages
        lines = parts.lines
        sessionRanges = parts.sessionRanges
        result = parts.result
    }

    deinit {
        entries.deallocate()
    }

    /// The prototype whose code the word at `position` belongs to.
    func prototype(at position: Int) -> Int {
        var (low, high) = (0, prototypesByStart.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if prototypes[prototypesByStart[middle]].start <= position { low = middle } else { high = middle }
        }
        return prototypesByStart[low]
    }

    /// The source place of the instruction that has a word at `position`.
    func offset(at position: Int) -> SourceOffset? {
        var (low, high) = (0, lines.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lines[middle].start <= position { low = middle } else { high = middle }
        }
        return lines.isEmpty ? nil : lines[low].offset
    }

    /// The class whose rights code at `position` has by itself, not through its callers.
    func classIndex(at position: Int) -> Int? {
        for range in sessionRanges where range.start <= position && position < range.end {
            return range.classIndex
        }
        return prototypes[prototype(at: position)].classIndex
    }
}

// Safe because every stored property is immutable after init, and nobody writes to the raw memory of
// `constants` and `entries` afterwards.
extension Program: @unchecked Sendable {}

/// A function as the machine needs it.
struct Prototype: Sendable {
    var name: String
    /// Where its code starts and how many words it has.
    var start = 0
    var length = 0
    /// The fewest and the most arguments; the most is -1 for a function that takes any number as one array.
    var requiredCount: Int
    var parameterCount: Int
    var registerCount = 0
    /// Its part of `Program.handlers`.
    var handlers = 0..<0
    var markedRanges: [MarkedRange] = []
    /// An anonymous suggestion: R[0] is its function value.
    var isClosure = false
    /// How many boxes of captured variables its function values remember.
    var captureCount = 0
    /// Part of the library: never shown in a trace.
    var isLibrary = false
    /// The class whose session frame a call of this function is; nil for plain functions.
    var classIndex: Int?
    /// Made by the compiler: not shown in a trace.
    var isHidden = false
}

/// Where errors of a stretch of code lead, in the machine's words.
struct Handler: Sendable {
    let range: Range<Int>
    let target: Int
    /// The register of the error, as in `FunctionCode.handle`.
    let error: Int
    let keepsFailure: Bool
}

/// The names of an object literal or of a copy's changes.
struct KeyList: Hashable, Sendable {
    let symbols: [Symbol]
    /// The same as string constants.
    let constants: [Int]
}

/// What a record declaration adds to the values of its type.
struct RecordType: Sendable {
    let name: Symbol
    /// By name; a constructor is not among them.
    var methods: [Symbol: Int] = [:]
    /// What `T(…)` calls.
    var constructor: Int?
}

/// A module in code: what runs it, and the cells of what it declares, in order.
struct ModuleCode: Sendable {
    let prototype: Int
    let declared: [Int]
}

/// What a call must know about a prototype, in raw memory.
struct PrototypeEntry {
    let start: Int32
    let registerCount: Int32
    /// Instructions counted for a call: all of the function's.
    let cost: Int32
    let parameterCount: Int32

    static func table(_ prototypes: [Prototype]) -> UnsafeMutablePointer<PrototypeEntry> {
        let table = UnsafeMutablePointer<PrototypeEntry>.allocate(capacity: prototypes.count)
        for (index, prototype) in prototypes.enumerated() {
            (table + index).initialize(
                to: PrototypeEntry(
                    start: Int32(truncatingIfNeeded: prototype.start),
                    registerCount: Int32(truncatingIfNeeded: prototype.registerCount),
                    cost: Int32(truncatingIfNeeded: prototype.length),
                    parameterCount: Int32(truncatingIfNeeded: prototype.parameterCount)))
        }
        return table
    }
}

/// A failure that is known when compiling and happens when executed.
struct StaticFailure: Sendable {
    let kind: ScriptFailure.Kind
    let text: String
}

/// From `start` on, code belongs to the source at `offset`.
struct LineEntry: Sendable {
    var start: Int
    let offset: SourceOffset
}

/// Code of a static initialiser.
struct SessionRange: Sendable {
    var start: Int
    var end: Int
    let classIndex: Int
}

/// Where the variable `result` is when the program has ended.
enum ResultPlace: Sendable {
    case none
    case register(Int)
    case cell(Int)
}

/// The type and field names of a record, in the order of its slots.
struct RecordShape: Hashable, Sendable {
    let type: Symbol
    var fields: [Symbol]
}

/// A session declaration: where members are and who may see them.
struct ClassLayout: Sendable {
    let name: String
    var instanceFieldCount = 0
    var staticFieldCount = 0
    /// What reading `name` on an instance and on the session finds, in the language's order of lookup.
    var instanceMembers: [Symbol: ClassMember] = [:]
    var staticMembers: [Symbol: ClassMember] = [:]
    /// What assignment to `name` on an instance finds: fields come before methods there.
    var instanceTargets: [Symbol: ClassMember] = [:]
    var hasConstructor = false
    var hasPrivateConstructor = false
    /// The fewest and the most arguments that the constructor takes.
    var requiredCount = 0
    var parameterCount = 0
    /// The code of `S(…)`, with as many arguments as the constructor takes and with any other number.
    var newPrototype = 0
    var mismatchPrototype = 0
}

/// What a member name stands for.
struct ClassMember: Sendable {
    enum Kind: Sendable {
        case field(slot: Int)
        case staticField(slot: Int)
        case method(prototype: Int)
        case staticMethod(prototype: Int)
    }

    let kind: Kind
    let isPrivate: Bool
}
