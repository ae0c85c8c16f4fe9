import SourceText

// MARK: Reading

extension Checker {
    /// A read of a name as a value.
    mutating func read(_ name: Symbol, at start: SourceOffset) -> StaticType {
        if watch?.name == name { watch?.isSeen = true }
        if name == this { return readThis(at: start) }
        if names.isIntroduced(name) { return names.type(of: name, in: context.function) }
        guard isReporting else { return .unseen }
        readUndeclared(name, at: start)
        return .unknown
    }

    private mutating func readThis(at start: SourceOffset) -> StaticType {
        if let this, names.isIntroduced(this) { return .unknown }
        switch (context.hasThis, context.session) {
        case (true?, let session?): return .instance(session)
        case (false?, .some):
            // A caller's `this` may still be there.
            warn(CheckCode.session, "Cannot use 'this' in a static context", at: start)
        case (false?, nil) where context.function == CheckContext.global && !hasUnknownModules:
            fail(CheckCode.unknownName, "Undefined variable 'this'", at: start)
        default: break
        }
        return .unknown
    }

    private mutating func readUndeclared(_ name: Symbol, at start: SourceOffset) {
        let text = tree.names[name]
        if tree.dialect == .documented, Vocabulary.values.contains(where: { $0.name == text }) { return }
        if BuiltinSignature.of(text) != nil
            || tree.dialect == .documented && Vocabulary.meaning(of: text) != nil
        {
            // A name of the library is no argument: it is meant as a value, which it is not.
            if !isPlausibleArgument(text) {
                let help =
                    tree.dialect == .documented
                    ? "builtins are no values; pass suggestion (x) { awaken \(text)(x); }"
                    : "builtins are no values; call it, or wrap it in a suggestion"
                return fail(CheckCode.unknownName, "Undefined variable '\(text)'", at: start, help: help)
            }
        }
        guard !hasUnknownModules else { return }
        names.noteUndeclared(name, at: start, isCaught: context.isCaught)
    }

    /// Library names in small letters, such as `count` or `first`, are likely to be meant as variables.
    private func isPlausibleArgument(_ name: String) -> Bool {
        undeclared == .arguments && BuiltinSignature.of(name) == nil
            && name.first.map { $0.isLowercase } ?? false
    }

    /// Judges the names that are read and not declared, once all are known.
    mutating func checkUndeclaredReads() {
        for read in names.undeclaredReads {
            let text = tree.names[read.name]
            let guess = guessVariable(read.name)
            switch undeclared {
            case .mistakes:
                reports.add(
                    read.isCaught ? .warning : .error, CheckCode.unknownName, "Undefined variable '\(text)'",
                    at: read.start, guess: guess)
            case .arguments:
                guard read.count == 1, let guess, isMisspelling(text, of: guess.word) else { continue }
                reports.add(
                    .warning, CheckCode.unknownName, "Undefined variable '\(text)'", at: read.start,
                    help: guess.question + " Otherwise it is an argument of the job")
            }
        }
    }

    /// A name that is not declared is assigned to: legal, and new variables usually begin with `induce`.
    mutating func checkAssignment(toUndeclared name: Symbol, at start: SourceOffset) {
        let text = tree.names[name]
        let guess = guessVariable(name)
        let isMistake =
            switch undeclared {
            case .mistakes: true
            case .arguments: guess.map { isMisspelling(text, of: $0.word) } ?? false
            }
        guard isMistake else { return }
        warn(
            CheckCode.unknownName, "Cannot assign to undefined variable '\(text)'", at: start,
            help: guess.map { $0.question + " This makes a new variable" }
                ?? "this makes a new variable; declare it with 'induce'")
    }

    private mutating func guessVariable(_ name: Symbol) -> Spelling.Guess? {
        guard mayAdvise() else { return nil }
        var candidates = names.declaredNames.filter { $0 != name }.map { tree.names[$0] }
        if tree.dialect == .documented { candidates += Vocabulary.values.map(\.name) }
        return Spelling.guess(tree.names[name], among: candidates)
    }

    /// Whether a word is more likely another one misspelt than a name of its own. `items` beside `item` is
    /// not, nor is a name that some comment of the program explains.
    private func isMisspelling(_ word: String, of other: String) -> Bool {
        func stem(_ text: String) -> String {
            let small = text.lowercased()
            return small.hasSuffix("es")
                ? String(small.dropLast(2))
                : small.hasSuffix("s")
                    ? String(small.dropLast()) : small
        }
        guard word.count > 3, stem(word) != stem(other), !word.isNumbered(as: other) else { return false }
        return Spelling.distance(Array(word.unicodeScalars), Array(other.unicodeScalars)) <= 2
            && !tree.source.mentionsInComment(word)
    }
}

extension String {
    /// Whether the two differ in digits only: `row1`, `row2`.
    fileprivate func isNumbered(as other: String) -> Bool {
        filter { !$0.isNumber } == other.filter { !$0.isNumber }
    }
}

extension SourceFile {
    /// Whether a line that begins with `//` holds the word.
    fileprivate func mentionsInComment(_ word: String) -> Bool {
        text.split(separator: "\n").contains { line in
            line.drop { $0 == " " || $0 == "\t" }.hasPrefix("//")
                && line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { $0 == word }
        }
    }
}

// MARK: - Declarations

extension Checker {
    /// What is to be said about declarations as such.
    mutating func checkDeclarations() {
        checkSoftWords()
        for function in tree.functions where !function.isAnonymous {
            let name = tree.names[function.name]
            guard BuiltinSignature.of(name) != nil, !isMethod(function) else { continue }
            warn(
                CheckCode.shadowed, "A call of '\(name)' reaches the builtin of that name, not this function",
                at: tree.source.offset(ofWord: name, from: function.start))
        }
        if let start = tree.source.unterminatedComment {
            warn(CheckCode.comment, "Comment without an end", at: start, length: 2)
        }
    }

    private func isMethod(_ function: FunctionDeclaration) -> Bool {
        tree.sessions.contains { $0.methods.contains { tree[$0.function].start == function.start } }
            || tree.records.contains { $0.methods.contains { tree[$0].start == function.start } }
    }

    /// Variables and parameters that are called like a word of the documented dialect.
    private mutating func checkSoftWords() {
        guard tree.dialect == .documented else { return }
        var found: Set<String> = []
        func isSoft(_ name: Symbol) -> Bool { SoftWords.spellings.contains(tree.names[name]) }
        for statement in tree.statements {
            guard case .declare(let declaration) = statement.kind, isSoft(declaration.name) else { continue }
            softWord(declaration.name, from: statement.start, &found)
        }
        for function in tree.functions {
            for parameter in function.parameters where isSoft(parameter.name) {
                softWord(parameter.name, from: function.start, &found)
            }
        }
    }

    private mutating func softWord(_ name: Symbol, from start: SourceOffset, _ found: inout Set<String>) {
        let text = tree.names[name]
        guard found.insert(text).inserted else { return }
        warn(
            CheckCode.softWord, "'\(text)' is also a word of the language",
            at:
                tree.source.offset(ofWord: text, from: start), help: "another name is safe")
    }
}

extension SourceFile {
    /// Where the comment begins that has no end, if there is one: the last `/*` outside of strings and
    /// other comments.
    fileprivate var unterminatedComment: SourceOffset? {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            switch (bytes[index], next) {
            case (UInt8(ascii: "\""), _), (UInt8(ascii: "'"), _):
                index = end(ofString: index, in: bytes)
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                guard let end = end(ofComment: index, in: bytes) else { return SourceOffset(utf8: index) }
                index = end
            default: index += 1
            }
        }
        return nil
    }

    private func end(ofString start: Int, in bytes: [UInt8]) -> Int {
        var index = start + 1
        while index < bytes.count, bytes[index] != bytes[start] {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index + 1
    }

    private func end(ofComment start: Int, in bytes: [UInt8]) -> Int? {
        var index = start + 2
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") { return index + 2 }
            index += 1
        }
        return nil
    }
}
