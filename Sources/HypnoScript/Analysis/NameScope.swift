/// What the resolver knows about one open scope at the point it has reached.
struct NameScope {
    let key: ScopeKey
    /// The names declared in this scope so far in the text, or by an earlier pass of a loop around this
    /// point, each with whether it is a constant.
    private(set) var declared: [Symbol: Bool] = [:]
    /// Those that are declared on every way to this point.
    private var certain: Set<Symbol> = []
    /// `certain` in order of arrival, so that a branch can be taken back.
    private var arrivals: [Symbol] = []

    init(_ key: ScopeKey) {
        self.key = key
    }

    func isCertain(_ name: Symbol) -> Bool { certain.contains(name) }

    /// Declares `name` here and now; false if the scope also declares it with the other constness.
    mutating func declare(_ name: Symbol, constant: Bool) -> Bool {
        settle(name)
        return anticipate(name, constant: constant)
    }

    /// Notes a declaration that a later pass of a loop may meet; false as in `declare`.
    mutating func anticipate(_ name: Symbol, constant: Bool) -> Bool {
        guard let known = declared[name] else {
            declared[name] = constant
            return true
        }
        return known == constant
    }

    /// Notes that `name` is bound from here on.
    mutating func settle(_ name: Symbol) {
        if certain.insert(name).inserted { arrivals.append(name) }
    }

    /// A point to which `takeBack` can return.
    var mark: Int { arrivals.count }

    /// The names that became certain since `mark`.
    func arrivals(since mark: Int) -> ArraySlice<Symbol> { arrivals[mark...] }

    /// Forgets what became certain since `mark`, and returns it.
    mutating func takeBack(to mark: Int) -> [Symbol] {
        let undone = Array(arrivals[mark...])
        for name in undone { certain.remove(name) }
        arrivals.removeSubrange(mark...)
        return undone
    }
}
