/// A function of the language that is written in Swift.
///
/// The library hands the machine `Library.builtins: [Builtin]`, once per process; the compiler binds names
/// to places in that array, so a call costs no lookup and a fresh machine no registration. A name that is
/// not in it behaves like any unknown variable.
///
///     Builtin("Sqrt") { native($0, $1, $2) { call throws(Raised) in
///         Value(number: try call.number(0).squareRoot())
///     } }
///
/// Rules for the body:
/// - Arguments are read in order with the typed readers of `BuiltinCall`, which raise the errors of §13
///   themselves (`Builtin 'Sqrt' expected numeric argument at position 1`). Positions are 0-based here,
///   1-based in the texts. Surplus arguments are there but not looked at.
/// - No collection happens inside a builtin: views (`UnsafeBufferPointer`) of arguments and fresh objects
///   stay valid until it returns, and nothing needs registering. Nothing may be kept beyond the return.
/// - Results are made with `TextBuilder`, `call.string…`, `call.array…`, `Value(number:)`, `Value(flag)`,
///   `.null`. Those that need memory raise the memory limit's error; ask `call.reserve(bytes)` before building
///   something large in Swift memory.
/// - Work that grows with its input is charged on the way, not once: `call.inParts(of: count)`,
///   `TextBuilder` or `call.charge(steps)` in the loop, a step for one or two nanoseconds. That counts against
///   the instruction limit and looks at cancellation and deadline every 65,536 steps.
///
/// The machine itself takes three things from the library:
/// - `NumberText.write(_ number: Double, to: UnsafeMutablePointer<UInt8>) -> Int`: §4.1, at most 400 bytes,
///   any double;
/// - `NumberText.parse(_ text: UnsafeBufferPointer<UInt8>) -> Double?`: §4.3;
/// - `TextCase.uppercase(_ text: UnsafeBufferPointer<UInt8>, to: inout TextBuilder)`: full Unicode upper case,
///   for `command`.
struct Builtin: Sendable {
    let name: String
    let function: NativeFunction

    init(_ name: String, _ function: @escaping NativeFunction) {
        self.name = name
        self.function = function
    }
}

/// Machine, arguments, their number → the bits of the result. A C function, because a Swift closure in a
/// table costs a context and its reference counting at every call.
typealias NativeFunction =
    @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, Int) -> UInt64

/// Thrown by everything that has recorded an error in the machine; carries nothing itself.
enum Raised: Error {
    case raised
}

/// Turns the machine's call into a Swift one; the whole body of every builtin stands inside it.
@inline(__always)
func native(
    _ machine: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer, _ count: Int,
    _ body: (BuiltinCall) throws(Raised) -> Value
) -> UInt64 {
    let call = BuiltinCall(
        machine: machine.assumingMemoryBound(to: Machine.self),
        arguments: arguments.assumingMemoryBound(to: Value.self), count: count)
    do throws(Raised) {
        return try body(call).bits
    } catch {
        return Value.failure.bits
    }
}

/// The builtins of the process, as the compiler and the machine see them.
struct BuiltinTable: Sendable {
    static let standard = BuiltinTable()

    /// Those of the reference, those of the documented dialect, those of the compiler.
    let builtins: [Builtin]
    private let indices: [String: Int]
    private let borrowing: [Bool]
    private let counting: [Int]

    /// Those of the documented dialect that scripts call on what they are about to change.
    private static let borrowers: Set<String> = [
        "HasKey", "Keys", "Values", "IsNull", "IsDefined", "IsNumber", "IsString", "IsBoolean", "IsArray",
        "IsObject", "IsFunction", "TypeOf", "DeepEquals", "ArraysEqual", "StringifyJSON", "ToJson",
        "JsonStringify", "Concat", "CsvToString", "AssertEqual", "AssertTrue", "DebugPrint",
    ]

    private init() {
        builtins = Library.builtins + Library.extensions + Library.internals
        borrowing = builtins.enumerated().map { index, builtin in
            index < Library.builtins.count ? builtin.name != "Repeat" : Self.borrowers.contains(builtin.name)
        }
        indices = Dictionary(
            Library.builtins.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        counting = ["ArrayLength", "Length"].compactMap { [indices] in indices[$0] }
    }

    /// Whether the builtin yields the number of elements of an array.
    func counts(_ index: Int) -> Bool { counting.contains(index) }

    /// The place of a builtin of the reference, whose names are exact.
    func index(of name: String) -> Int? {
        indices[name]
    }

    /// Whether no value of the builtin, and nothing that it changes, refers to an argument of it.
    func borrows(_ index: Int) -> Bool { borrowing[index] }

    static func index(of function: InternalFunction) -> Int {
        Library.builtins.count + Library.extensions.count + function.rawValue
    }
}
