/// Words that are names like any other, except where the documented dialect gives them a place.
struct SoftWords {
    let `for`: Symbol
    let `in`: Symbol
    let of: Symbol
    let `throw`: Symbol
    let `try`: Symbol
    let `catch`: Symbol
    let finally: Symbol
    let function: Symbol
    let `var`: Symbol
    let record: Symbol
    let with: Symbol
    let `import`: Symbol
    let `as`: Symbol

    /// All of them.
    static let spellings = [
        "for", "in", "of", "throw", "try", "catch", "finally", "function", "var", "record", "with", "import",
        "as",
    ]

    init(in names: inout NameTable) {
        `for` = names.intern("for")
        `in` = names.intern("in")
        of = names.intern("of")
        `throw` = names.intern("throw")
        `try` = names.intern("try")
        `catch` = names.intern("catch")
        finally = names.intern("finally")
        function = names.intern("function")
        `var` = names.intern("var")
        record = names.intern("record")
        with = names.intern("with")
        `import` = names.intern("import")
        `as` = names.intern("as")
    }
}

extension Parser {
    /// Whether a token is this soft word.
    func isSoft(_ word: KeyPath<SoftWords, Symbol>, _ token: Token) -> Bool {
        token.kind == .identifier && token.symbol == softWords[keyPath: word]
    }

    /// Moves over the current token if it is this soft word.
    mutating func skipSoft(_ word: KeyPath<SoftWords, Symbol>) -> Bool {
        guard isSoft(word, current) else { return false }
        advance()
        return true
    }
}
