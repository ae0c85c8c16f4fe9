package import SourceText

/// The tables of a program under construction.
struct ProgramParts {
    let tree: SyntaxTree
    var code: [UInt64] = []
    var lines: [LineEntry] = []
    var sessionRanges: [SessionRange] = []
    var constants = ConstantTable()
    var prototypes: [Prototype] = []
    var mainPrototype = 0
    var classes: [ClassLayout] = []
    var shapes: [RecordShape] = []
    var shapeIndices: [RecordShape: Int] = [:]
    var cells: [Symbol] = []
    var cellOfSymbol: [Symbol: Int] = [:]
    var handlers: [Handler] = []
    var keyLists: [KeyList] = []
    var keyListIndices: [KeyList: Int] = [:]
    var recordTypes: [RecordType] = []
    /// The types for which `T(…)` is a call.
    var recordConstructors: Set<Symbol> = []
    var callbackPrototypes: [Int: Int] = [:]
    var fallbacks: [Int: Value] = [:]
    var modules: [ModuleCode] = []
    var messages: [StaticFailure] = []
    var messageIndices: [String: Int] = [:]
    var result = ResultPlace.none
}

/// Turns a resolved tree into code.
///
/// Prototypes are numbered like the functions of the tree, then come the program itself and what sessions
/// need; classes are numbered like the sessions. `code` is the function being generated; its registers
/// follow a stack discipline, with variables at the bottom and intermediate results above.
struct Generator {
    let tree: SyntaxTree
    let resolution: Resolution
    var parts: ProgramParts
    var code = FunctionCode()
    /// Functions too large for the instruction format; they cannot run.
    private(set) var tooLarge: SourceOffset?

    static func generate(_ tree: SyntaxTree, _ resolution: Resolution) throws(ScriptSyntaxError) -> Program {
        var generator = Generator(tree, resolution)
        generator.program()
        if let place = generator.tooLarge {
            throw ScriptSyntaxError(
                CompilationCode.tooLarge, "Function too large", in: tree.source, at: place, length: 1,
                help: "split it into several functions", naming: { " at line \($0.line)" })
        }
        return Program(generator.parts)
    }

    private init(_ tree: SyntaxTree, _ resolution: Resolution) {
        self.tree = tree
        self.resolution = resolution
        parts = ProgramParts(tree: tree)
        for (index, isFree) in resolution.isFree.enumerated() where isFree {
            let symbol = Symbol(index: index)
            parts.cellOfSymbol[symbol] = parts.cells.count
            parts.cells.append(symbol)
        }
        for function in tree.functions {
            parts.prototypes.append(
                Prototype(
                    name: tree.names[function.name], requiredCount: function.requiredCount,
                    parameterCount: function.parameters.count, isClosure: function.isAnonymous))
        }
        for session in tree.sessions { parts.classes.append(ClassLayout(name: tree.names[session.name])) }
        prepareDocumentedDialect()
    }

    private mutating func program() {
        parts.code = [Instruction(.halt).bits]
        parts.mainPrototype = parts.prototypes.count
        parts.prototypes.append(Prototype(name: "Focus", requiredCount: 0, parameterCount: 0))
        reserveModules()
        generate(parts.mainPrototype, at: SourceOffset(utf8: 0)) { generator in
            generator.code.isMain = true
            generator.code.scopes = [CodeScope()]
            generator.block(generator.tree.items)
            generator.parts.result = generator.placeOfResult()
            generator.code.emit(.returnNull)
        }
        generateModules()
    }

    /// More functions than an instruction can name.
    mutating func tooManyFunctions() {
        tooLarge = tooLarge ?? SourceOffset(utf8: 0)
    }

    private func placeOfResult() -> ResultPlace {
        guard let name = tree.names.find(HypnoScript.resultName) else { return .none }
        if let cell = parts.cellOfSymbol[name] { return .cell(cell) }
        return code.local(name).map { .register($0.register) } ?? .none
    }

    /// Generates the code of one prototype with `body`, aside from the function under way.
    mutating func generate(_ prototype: Int, at focus: SourceOffset, _ body: (inout Generator) -> Void) {
        let outer = code
        code = FunctionCode()
        code.focus = focus
        body(&self)
        code.resolveJumps()
        if code.isTooLarge { tooLarge = tooLarge ?? focus }
        append(prototype)
        code = outer
    }

    private mutating func append(_ prototype: Int) {
        let start = parts.code.count
        let firstHandler = parts.handlers.count
        for handler in code.handlers {
            parts.handlers.append(
                Handler(
                    range: handler.range.lowerBound + start..<handler.range.upperBound + start,
                    target: code.position(of: handler) + start, error: handler.error,
                    keepsFailure: handler.keepsFailure))
        }
        parts.prototypes[prototype].markedRanges = code.markedRanges.map {
            MarkedRange(
                start: $0.start + start, end: min($0.end, code.position) + start, mark: $0.mark)
        }
        parts.prototypes[prototype].handlers = firstHandler..<parts.handlers.count
        parts.code += code.words
        for line in code.lines {
            parts.lines.append(LineEntry(start: line.start + start, offset: line.offset))
        }
        for range in code.sessionRanges {
            parts.sessionRanges.append(
                SessionRange(
                    start: range.start + start, end: range.end + start, classIndex: range.classIndex))
        }
        parts.prototypes[prototype].start = start
        parts.prototypes[prototype].length = code.position
        parts.prototypes[prototype].registerCount = code.registerCount
        parts.prototypes[prototype].classIndex = code.classIndex
        parts.prototypes[prototype].captureCount = code.captureSlots.count
    }
}

// MARK: Functions and scopes

extension Generator {
    /// Generates a suggestion, trigger or method as the prototype with the function's own number.
    mutating func function(
        _ id: FunctionID, className: String? = nil, classIndex: Int? = nil, hasThis: Bool = false
    ) {
        let function = tree[id]
        if let className { parts.prototypes[id.index].name = "\(className)::\(tree.names[function.name])" }
        generate(id.index, at: function.start) { generator in
            generator.code.classIndex = classIndex
            generator.code.hasThis = hasThis
            let parameters = generator.code.allocate(function.parameters.count)
            generator.openScope(.function(id))
            if hasThis { generator.bindThis() }
            generator.bindParameters(function, from: parameters)
            generator.block(function.body)
            generator.returnNull()
        }
    }

    /// Binds the constant `this` to R[0].
    mutating func bindThis(constant: Bool = true) {
        guard let this = tree.names.find(HypnoScript.thisName) else { return }
        bind(this, to: 0, constant: constant)
    }

    /// Opens a scope; if it may bind names with cells, it keeps the trail's mark in a register.
    mutating func openScope(_ key: ScopeKey) {
        guard resolution.bindingScopes.contains(key) else { return code.open(CodeScope()) }
        guard resolution.capturedScopes.contains(key) else {
            let mark = code.allocate()
            code.emit(.mark, a: mark)
            return code.open(CodeScope(mark: mark))
        }
        let mark = code.allocate(2)
        code.emit(.markCapturing, a: mark)
        code.open(CodeScope(mark: mark, environment: mark + 1))
        code.environments.append(mark + 1)
    }

    /// Leaves the innermost scope by falling off its end.
    mutating func closeScope() {
        let scope = code.close()
        if scope.environment != nil { code.environments.removeLast() }
        if let mark = scope.mark { code.emit(.unwind, a: mark) }
    }

    /// Declares `name` in the innermost scope with the value of a register that is the name's own from here
    /// on, unless the name has a cell.
    mutating func bind(_ name: Symbol, to register: Int, constant: Bool = false) {
        if let cell = parts.cellOfSymbol[name] {
            code.emit(
                constant ? .declareConstantCell : .declareCell, a: register, b: code.bindingScope, wide: cell)
        } else {
            code.scopes[code.scopes.count - 1].locals[name] = CodeScope.Local(
                register: register, isConstant: constant)
        }
    }

    /// Declares `name` in the innermost scope with the value that `evaluate` puts into a register it is
    /// given.
    mutating func declare(
        _ name: Symbol, constant: Bool = false, _ evaluate: (inout Generator, _ target: Int) -> Void
    ) {
        if parts.cellOfSymbol[name] != nil {
            let temporary = code.allocate()
            evaluate(&self, temporary)
            bind(name, to: temporary, constant: constant)
            code.release(to: temporary)
        } else if let known = code.scopes[code.scopes.count - 1].locals[name] {
            evaluate(&self, known.register)
        } else {
            let register = code.allocate()
            evaluate(&self, register)
            bind(name, to: register, constant: constant)
        }
    }

    mutating func returnNull() {
        if code.isRecordConstructor { return returnThis() }
        if code.mark(from: 0) != nil {
            let register = code.allocate()
            loadConstant(.null, into: register)
            emitReturn(register)
            code.release(to: register)
        } else {
            code.emit(.returnNull)
        }
    }

    /// Returns R[register], taking back what the function's open scopes bound.
    mutating func emitReturn(_ register: Int) {
        if let mark = code.mark(from: 0) {
            code.emit(.returnUnwinding, a: register, b: mark)
        } else {
            code.emit(.return, a: register)
        }
    }
}

// MARK: Constants and failures

extension Generator {
    mutating func loadConstant(_ value: Value, into register: Int) {
        code.emit(.loadConstant, a: register, wide: parts.constants.index(of: value))
    }

    mutating func loadString(_ symbol: Symbol, into register: Int) {
        code.emit(.loadConstant, a: register, wide: parts.constants.index(ofString: symbol))
    }

    mutating func fail(_ kind: ScriptFailure.Kind, _ text: String) {
        let index: Int
        if let known = parts.messageIndices[text] {
            index = known
        } else {
            index = parts.messages.count
            parts.messageIndices[text] = index
            parts.messages.append(StaticFailure(kind: kind, text: text))
        }
        code.emit(.fail, wide: index)
    }

    /// The number of a record shape: same type and fields in the same order are the same shape.
    mutating func shape(_ shape: RecordShape) -> Int {
        if let known = parts.shapeIndices[shape] { return known }
        parts.shapeIndices[shape] = parts.shapes.count
        parts.shapes.append(shape)
        return parts.shapes.count - 1
    }
}

/// The code of what only the compiler finds wrong.
package enum CompilationCode {
    package static let tooLarge = DiagnosticCode(
        2020, "Function too large",
        """
        A function, or the program outside its functions, uses more variables and intermediate results than \
        the machine has registers for (about 28,000). Data of that size belongs into a file or a table.
        """)

    package static let all = [tooLarge]
}
