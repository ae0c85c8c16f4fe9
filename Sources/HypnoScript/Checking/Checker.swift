package import SourceText

/// Looks for mistakes in a program that parses, without running it.
///
/// Scoping is dynamic and variables take any value, so most of what other checkers do would be guessing.
/// Two rules keep the findings sound: a name has a type only if every declaration and assignment that could
/// reach it agrees, and what is not known is compatible with everything. Names are typed in several passes
/// until nothing changes any more; one last pass reports.
package struct Checker {
    let tree: SyntaxTree
    let undeclared: UndeclaredNames
    var names: NameFacts
    var context = CheckContext()
    var reports: Reports
    /// Whether this is the pass that reports.
    var isReporting = false
    /// Whether a name was read since the watch on it began.
    var watch: (name: Symbol, isSeen: Bool)?
    /// Where the last statement began that is an expression: a call there may be meant as output.
    var callStatement: SourceOffset?
    /// For how many more names the nearest one is looked for, which takes time with every name there is.
    var adviceLeft = Checker.mostAdvice
    /// `this`, if the program mentions it.
    let this: Symbol?
    /// Some module's declarations are not known, so any name may be one of them.
    let hasUnknownModules: Bool

    /// More passes than any program needs that people write; beyond them nothing is known.
    private static let maximumPasses = 12

    /// A program with more unknown names has other problems than misspellings.
    private static let mostAdvice = 100

    /// Parses and checks a program.
    ///
    /// Walks the tree by recursion like `HypnoScript.compile`, and needs the same stack.
    package static func check(
        _ source: SourceFile, dialect: ScriptDialect = .documented, modules: (any ModuleLoader)? = nil,
        undeclared: UndeclaredNames = .arguments
    ) throws(ScriptSyntaxError) -> ScriptCheck {
        let tree = try SyntaxTree.parse(source, dialect, modules: modules)
        var checker = Checker(tree, undeclared)
        return checker.check()
    }

    private init(_ tree: SyntaxTree, _ undeclared: UndeclaredNames) {
        self.tree = tree
        self.undeclared = undeclared
        names = NameFacts(tree)
        reports = Reports(tree)
        this = tree.names.find(HypnoScript.thisName)
        hasUnknownModules = tree.statements.contains { statement in
            switch statement.kind {
            case .module(.loaded, _): false
            case .module: true
            default: false
            }
        }
    }

    private mutating func check() -> ScriptCheck {
        var passes = 0
        repeat {
            names.hasChanged = false
            walk()
            passes += 1
            if passes == Self.maximumPasses { names.forgetTypes() }
        } while names.hasChanged && passes < Self.maximumPasses
        names.settle()
        isReporting = true
        walk()
        checkDeclarations()
        checkUndeclaredReads()
        return ScriptCheck(findings: reports.sorted(), arguments: arguments())
    }

    /// Takes one of the look-ups that are left; false if none is.
    mutating func mayAdvise() -> Bool {
        adviceLeft -= 1
        return adviceLeft >= 0
    }

    private mutating func walk() {
        block(tree.items)
        for module in tree.modules { block(module.items) }
    }

    /// Names that are read and declared nowhere: without modules that may declare them, they come from
    /// outside.
    private func arguments() -> [String] {
        guard undeclared == .arguments, !hasUnknownModules else { return [] }
        return names.undeclaredReads.map { tree.names[$0.name] }
    }
}

/// Where in the program the checker is.
struct CheckContext {
    /// The function whose code this is, -1 for the program itself.
    var function = CheckContext.global
    /// The session whose member's code this is.
    var session: SessionID?
    /// Whether `this` is bound here; nil if nobody knows.
    var hasThis: Bool? = false
    /// How many loops of this function are around.
    var loops = 0
    /// What the body of `while` declared so far whose scope is the innermost; nil if another scope is.
    var whileBody: Set<Symbol>?
    /// Errors are caught here, so that none is certain to end the program.
    var isCaught = false
    /// Whether this is in an `entrance` or `finale`.
    var isInEntrance = false
    /// How many blocks of cases of this function are around.
    var cases = 0

    static let global = -1
}

/// The findings so far.
struct Reports {
    private let tree: SyntaxTree
    private var findings: [(SourceOffset, ScriptFinding)] = []
    private var known: Set<ScriptFinding> = []

    init(_ tree: SyntaxTree) {
        self.tree = tree
    }

    /// Adds a finding, unless it is about a module or was made before.
    ///
    /// - Parameter guess: what the word at `start` is probably meant to be.
    mutating func add(
        _ severity: ScriptFinding.Severity, _ code: DiagnosticCode, _ message: String, at start: SourceOffset,
        length: Int? = nil, help: String? = nil, guess: Spelling.Guess? = nil
    ) {
        guard Int(start.utf8) <= tree.source.text.utf8.count else { return }
        let position = tree.position(of: start)
        let finding = ScriptFinding(
            severity: severity, code: code, message: message, position: position,
            length: length ?? tree.source.wordLength(at: start), help: help ?? guess?.question,
            replacement: severity == .error ? guess?.replacement(at: position) : nil)
        if known.insert(finding).inserted { findings.append((start, finding)) }
    }

    func sorted() -> [ScriptFinding] {
        findings.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(
            \.element.1)
    }
}

extension SourceFile {
    /// How many scalars the word at a place has; one where there is none.
    package func wordLength(at position: SourcePosition) -> Int {
        let rest = line(position.line).unicodeScalars.dropFirst(position.column - 1)
        return max(1, rest.prefix { $0.isWordPart }.count)
    }

    /// How many scalars the word at an offset has; one where there is none.
    func wordLength(at offset: SourceOffset) -> Int {
        var count = 0
        let start = text.utf8.index(text.startIndex, offsetBy: min(Int(offset.utf8), text.utf8.count))
        for scalar in text.unicodeScalars[start...] {
            guard scalar.isWordPart else { break }
            count += 1
        }
        return max(1, count)
    }

    /// Where a word occurs for the first time from an offset on; the offset if it does not.
    func offset(ofWord word: String, from start: SourceOffset) -> SourceOffset {
        let bytes = Array(text.utf8.dropFirst(Int(start.utf8)).prefix(4096))
        let wanted = Array(word.utf8)
        var index = 0
        while index + wanted.count <= bytes.count {
            let end = index + wanted.count
            if bytes[index] == wanted[0], bytes[index..<end].elementsEqual(wanted),
                index == 0 || !bytes[index - 1].isNamePart, end == bytes.count || !bytes[end].isNamePart
            {
                return SourceOffset(utf8: Int(start.utf8) + index)
            }
            index += 1
        }
        return start
    }
}

extension UInt8 {
    /// Whether an ASCII byte can be part of a name; those beyond ASCII are taken to be.
    fileprivate var isNamePart: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
