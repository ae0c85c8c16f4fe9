import SourceText

extension ConfigKind {
    /// A list whose elements are all of one kind.
    package static func list<Element: Sendable>(of element: ConfigKind<Element>) -> ConfigKind
    where Value == [Element] {
        let expectation = "a list, each element \(element.expectation)"
        return ConfigKind(
            expectation, unit: element.unit, placeholder: [],
            spell: { "[" + $0.map(element.spell).joined(separator: ", ") + "]" }
        ) { node throws(ConfigMismatch) in
            guard case .array(let nodes) = node.value else {
                throw .expected(expectation, at: node, help: "write it in brackets: [ … ]")
            }
            var values: [Element] = []
            for (index, node) in nodes.enumerated() {
                do throws(ConfigMismatch) {
                    values.append(try element.convert(node))
                } catch {
                    throw error.inElement(index)
                }
            }
            return values
        }
    }

    /// A list with at least one element and none twice.
    package static func set<Element: Sendable & Hashable>(of element: ConfigKind<Element>) -> ConfigKind
    where Value == [Element] {
        let all = list(of: element)
        return ConfigKind(
            all.expectation, unit: all.unit, placeholder: all.placeholder, spell: all.spell
        ) { node throws(ConfigMismatch) in
            let values = try all.convert(node)
            guard !values.isEmpty else {
                throw ConfigMismatch(
                    code: ConfigMeaningCode.outOfRange, predicate: "must not be empty", node: node)
            }
            guard case .array(let nodes) = node.value else { return values }
            var seen: Set<Element> = []
            for (value, node) in zip(values, nodes) where !seen.insert(value).inserted {
                throw ConfigMismatch(
                    code: ConfigMeaningCode.duplicateName, predicate: "names \(node.shown) twice",
                    node: node, help: "remove one of the two")
            }
            return values
        }
    }
}

extension ConfigMismatch {
    /// The same mismatch as part of a list.
    fileprivate func inElement(_ index: Int) -> ConfigMismatch {
        var mismatch = self
        mismatch.element = "[\(index)]" + element
        return mismatch
    }
}

extension ConfigNode {
    /// The text, whether written or from the environment.
    package var textValue: String? {
        switch value {
        case .text(let text): text
        case .environment(_, let secret?): secret.reveal()
        default: nil
        }
    }

    /// Whether the configuration names a variable instead of the value.
    var isFromEnvironment: Bool {
        if case .environment = value { true } else { false }
    }

    /// The whole number; a number with a fraction counts when the fraction is zero.
    var integerValue: Int? {
        switch value {
        case .integer(let integer): Int(exactly: integer)
        case .double(let double): Int(exactly: double)
        case .environment(_, let secret?): Int(secret.reveal())
        default: nil
        }
    }

    /// The number.
    var doubleValue: Double? {
        switch value {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        case .environment(_, let secret?): Double(secret.reveal()).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }
}

extension ConfigNode {
    /// A help line for a text that is none of these names. What comes from the environment is not compared:
    /// a near name would tell what it is like.
    package func suggestion(among names: [String]) -> String? {
        if case .text(let text) = value { .suggestion(for: text, among: names) } else { .known(names) }
    }
}

extension ConfigNode {
    /// What a text is probably meant to be that is none of these names.
    func guess(among names: [String]) -> Spelling.Guess? {
        if case .text(let text) = value { Spelling.guess(text, among: names) } else { nil }
    }

    /// What puts the word that is meant in the place of this text or key. Nil where there is a choice, and
    /// where more is written than the word and its quotes.
    func replacement(_ guess: Spelling.Guess?) -> Replacement? {
        var place = position
        switch length - (guess?.written.unicodeScalars.count ?? 0) {
        case 0: break
        case 2: place.column += 1
        default: return nil
        }
        return guess?.replacement(at: place)
    }
}

extension String {
    /// A help line for a name that is none of these.
    package static func suggestion(for name: String, among names: [String]) -> String? {
        Spelling.guess(name, among: names)?.question ?? known(names)
    }

    /// A help line that lists names.
    fileprivate static func known(_ names: [String]) -> String? {
        guard !names.isEmpty, names.count <= 16 else { return nil }
        return "known: " + names.joined(separator: ", ")
    }
}
