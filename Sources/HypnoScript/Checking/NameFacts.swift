/// What a program does with its names, and what their values are.
struct NameFacts {
    /// A name in the code of one function, or of the program itself.
    struct Place: Hashable {
        let name: Symbol
        let function: Int
    }

    /// A name that is read although nothing declares it.
    struct UndeclaredRead {
        let name: Symbol
        let start: SourceOffset
        var count: Int
        /// Whether the first read is where errors are caught.
        let isCaught: Bool
    }

    /// By place: what its declarations there make it.
    private var declared: [Place: StaticType] = [:]
    /// By name: what all its declarations make it.
    private var declaredAnywhere: [Symbol: StaticType] = [:]
    /// By place: the type that an annotation gives it.
    private var annotated: [Place: StaticType] = [:]
    /// By name: what is assigned to it without a declaration, anywhere.
    private var assigned: [Symbol: StaticType] = [:]
    /// By name: some declaration makes it a constant; some makes it a variable.
    private var constants: Set<Symbol> = []
    private var variables: Set<Symbol> = []
    /// Sessions and records that are declared once under their name.
    private var sessions: [Symbol: SessionID] = [:]
    private var records: [Symbol: RecordID] = [:]
    private(set) var recordNames: Set<Symbol> = []
    /// Types are no longer looked for.
    private var isForgetful = false
    private(set) var undeclaredReads: [UndeclaredRead] = []
    private var readIndices: [Symbol: Int] = [:]
    /// Whether the pass under way learned something.
    var hasChanged = false

    init(_ tree: SyntaxTree) {
        var sessionCounts: [Symbol: Int] = [:]
        for (index, session) in tree.sessions.enumerated() {
            sessionCounts[session.name, default: 0] += 1
            sessions[session.name] = SessionID(index: index)
        }
        for (name, count) in sessionCounts where count > 1 { sessions[name] = nil }
        for (index, record) in tree.records.enumerated() {
            records[record.name] = recordNames.contains(record.name) ? nil : RecordID(index: index)
            recordNames.insert(record.name)
        }
    }

    // MARK: Learning

    /// Notes a declaration in the code of a function.
    mutating func declare(
        _ name: Symbol, in function: Int, constant: Bool = false, as type: StaticType,
        annotation: StaticType? = nil
    ) {
        let place = Place(name: name, function: function)
        if let annotation, annotation.isKnown { annotated[place] = annotation }
        let type = isForgetful ? .unknown : annotation.flatMap { $0.isKnown ? $0 : nil } ?? type
        if Self.learn(&declared[place], type) { hasChanged = true }
        if Self.learn(&declaredAnywhere[name], type) { hasChanged = true }
        let isNew = constant ? constants.insert(name).inserted : variables.insert(name).inserted
        if isNew { hasChanged = true }
    }

    /// Notes an assignment that finds or makes a variable.
    mutating func assign(_ name: Symbol, _ type: StaticType) {
        if Self.learn(&assigned[name], isForgetful ? .unknown : type) { hasChanged = true }
    }

    /// Adds what is known; whether that is more than before.
    private static func learn(_ known: inout StaticType?, _ type: StaticType) -> Bool {
        let joined = (known ?? .unseen).joined(type)
        defer { known = joined }
        return known != joined
    }

    /// Gives up on types: the program needs more passes than are worth it.
    mutating func forgetTypes() {
        isForgetful = true
        declared = declared.mapValues { _ in .unknown }
        declaredAnywhere = declaredAnywhere.mapValues { _ in .unknown }
        assigned = assigned.mapValues { _ in .unknown }
    }

    /// Ends the learning: what was never seen is unknown.
    mutating func settle() {
        for (place, type) in declared where type == .unseen { declared[place] = .unknown }
        for (name, type) in declaredAnywhere where type == .unseen { declaredAnywhere[name] = .unknown }
        for (name, type) in assigned where type == .unseen { assigned[name] = .unknown }
        hasChanged = false
    }

    /// Notes a read of a name that nothing declares; nothing before the last pass is final.
    mutating func noteUndeclared(_ name: Symbol, at start: SourceOffset, isCaught: Bool) {
        if let index = readIndices[name] {
            undeclaredReads[index].count += 1
        } else {
            readIndices[name] = undeclaredReads.count
            undeclaredReads.append(UndeclaredRead(name: name, start: start, count: 1, isCaught: isCaught))
        }
    }

    // MARK: Asking

    /// Whether anything in the program makes the name a variable.
    func isIntroduced(_ name: Symbol) -> Bool { declaredAnywhere[name] != nil || assigned[name] != nil }

    func isDeclared(_ name: Symbol) -> Bool { declaredAnywhere[name] != nil }

    /// The names that declarations give.
    var declaredNames: Dictionary<Symbol, StaticType>.Keys { declaredAnywhere.keys }

    /// Whether every binding of the name is a constant.
    func isConstant(_ name: Symbol) -> Bool { constants.contains(name) && !variables.contains(name) }

    /// What the name holds when code of a function reads it.
    func type(of name: Symbol, in function: Int) -> StaticType {
        let place = Place(name: name, function: function)
        if let annotation = annotated[place] { return annotation }
        let global = declared[Place(name: name, function: CheckContext.global)]
        // Without a declaration here or in the program itself it may be an argument.
        guard let own = declared[place] ?? (global == nil ? nil : declaredAnywhere[name]) else {
            return .unknown
        }
        return assigned[name].map { own.joined($0) } ?? own
    }

    /// What the declarations that code of a function sees make the name, whatever is assigned later.
    func declaredType(of name: Symbol, in function: Int) -> StaticType {
        let place = Place(name: name, function: function)
        let global = declared[Place(name: name, function: CheckContext.global)]
        return annotated[place] ?? declared[place] ?? (global == nil ? nil : declaredAnywhere[name])
            ?? .unknown
    }

    func session(named name: Symbol) -> SessionID? { sessions[name] }

    func record(named name: Symbol) -> RecordID? { records[name] }
}
