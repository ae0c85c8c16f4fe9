/// What a key can hold: how its value is read, and how both are described to people.
package struct ConfigKind<Value: Sendable>: Sendable {
    /// As in "must be …": `a whole number from 1 to 1000`.
    package let expectation: String
    /// What the number counts: `seconds`. The language has no units, so the key's kind fixes it.
    package let unit: String?
    /// Stands in for a value that was refused, so that reading goes on; it is never handed to a consumer.
    let placeholder: Value
    /// Reads a value of the kind.
    package let convert: @Sendable (ConfigNode) throws(ConfigMismatch) -> Value
    /// The value as the configuration would spell it.
    let spell: @Sendable (Value) -> String
    /// Whether no message may show the line of the value, were it written there.
    let isSecret: Bool

    package init(
        _ expectation: String, unit: String? = nil, placeholder: Value, isSecret: Bool = false,
        spell: @escaping @Sendable (Value) -> String,
        convert: @escaping @Sendable (ConfigNode) throws(ConfigMismatch) -> Value
    ) {
        self.expectation = expectation
        self.unit = unit
        self.placeholder = placeholder
        self.isSecret = isSecret
        self.convert = convert
        self.spell = spell
    }
}

extension ConfigKind where Value == String {
    /// Any text but the empty one.
    package static var text: ConfigKind { text(allowsEmpty: false) }

    /// A text.
    package static func text(allowsEmpty: Bool) -> ConfigKind {
        let expectation = allowsEmpty ? "a text" : "a text that is not empty"
        return ConfigKind(expectation, placeholder: "", spell: { "\"\($0)\"" }) {
            node throws(ConfigMismatch) in
            guard let text = node.textValue, allowsEmpty || !text.isEmpty else {
                throw .expected(expectation, at: node, help: node.isPlain ? "write it in quotes" : nil)
            }
            return text
        }
    }

    /// The name of something that is defined elsewhere: an operation, a template.
    package static func name(of thing: String, among names: [String]) -> ConfigKind {
        ConfigKind("the name of \(thing)", placeholder: "", spell: { "\"\($0)\"" }) {
            node throws(ConfigMismatch) in
            guard let text = node.textValue else { throw .expected("the name of \(thing)", at: node) }
            guard names.contains(text) else {
                throw ConfigMismatch(
                    code: ConfigMeaningCode.unknownName,
                    predicate: "must be the name of \(thing), found \(node.shown)",
                    node: node, help: node.suggestion(among: names), guess: node.guess(among: names))
            }
            return text
        }
    }
}

extension ConfigKind {
    /// The same kind, but not from the environment: for what names a thing, and so appears in messages and
    /// records.
    package var written: ConfigKind {
        ConfigKind(expectation, unit: unit, placeholder: placeholder, spell: spell) {
            node throws(ConfigMismatch) in
            if case .environment = node.value {
                throw .expected(
                    expectation, at: node, help: "write it here: it is no secret and appears in messages")
            }
            return try convert(node)
        }
    }
}

extension ConfigKind where Value == Bool {
    /// `true` or `false`.
    package static var boolean: ConfigKind {
        ConfigKind("true or false", placeholder: false, spell: { String($0) }) {
            node throws(ConfigMismatch) in
            switch node.value {
            case .bool(let bool): return bool
            case .environment(_, let secret?):
                if let bool = Bool(secret.reveal()) { return bool }
            default: break
            }
            throw .expected("true or false", at: node, help: "write true or false, without quotes")
        }
    }
}

extension ConfigKind where Value == Int {
    /// A whole number.
    package static func integer(_ range: ClosedRange<Int>, unit: String? = nil) -> ConfigKind {
        let expectation = "a whole number \(describe(range.lowerBound, range.upperBound, largest: Int.max))"
        return ConfigKind(expectation, unit: unit, placeholder: range.lowerBound, spell: { String($0) }) {
            node throws(ConfigMismatch) in
            guard let integer = node.integerValue else { throw .expected(expectation, at: node) }
            guard range.contains(integer) else { throw .outOfRange(expectation, at: node) }
            return integer
        }
    }
}

extension ConfigKind where Value == Double {
    /// A number with or without a fraction.
    package static func double(_ range: ClosedRange<Double>, unit: String? = nil) -> ConfigKind {
        let largest = Double.greatestFiniteMagnitude
        let expectation =
            "a number \(describe(range.lowerBound.plain, range.upperBound.plain, largest: largest.plain))"
        return ConfigKind(expectation, unit: unit, placeholder: range.lowerBound, spell: { $0.plain }) {
            node throws(ConfigMismatch) in
            guard let number = node.doubleValue else { throw .expected(expectation, at: node) }
            guard range.contains(number) else { throw .outOfRange(expectation, at: node) }
            return number
        }
    }
}

extension ConfigKind where Value == Duration {
    /// A time in seconds, with or without a fraction.
    package static func seconds(_ range: ClosedRange<Double>) -> ConfigKind {
        duration(range, unit: "seconds", seconds: 1)
    }

    /// A time in milliseconds.
    package static func milliseconds(_ range: ClosedRange<Double>) -> ConfigKind {
        duration(range, unit: "milliseconds", seconds: 0.001)
    }

    private static func duration(_ range: ClosedRange<Double>, unit: String, seconds: Double) -> ConfigKind {
        let numbers = ConfigKind<Double>.double(range, unit: unit)
        let expectation = "a number of \(unit)" + numbers.expectation.dropFirst("a number".count)
        return ConfigKind(
            expectation, unit: unit, placeholder: .seconds(range.lowerBound * seconds),
            spell: { ($0 / .seconds(seconds)).rounded(toPlaces: 6).plain }
        ) { node throws(ConfigMismatch) in
            guard let number = node.doubleValue else {
                throw .expected(expectation, at: node, help: "the number has no unit: it counts \(unit)")
            }
            guard range.contains(number) else { throw .outOfRange(expectation, at: node) }
            // Rounded to what a database's clock tells, so that 0.1 seconds are 100 milliseconds.
            return .microseconds(Int64((number * seconds * 1_000_000).rounded()))
        }
    }
}

extension ConfigKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    ///
    /// - Parameter fallback: what stands in for a value that was refused.
    package static func choice(_ fallback: Value) -> ConfigKind {
        let names = Value.allCases.map(\.rawValue)
        let quoted = names.map { "\"\($0)\"" }
        let expectation =
            (names.count > 2 ? "one of " : "") + quoted.joined(separator: names.count > 2 ? ", " : " or ")
        return ConfigKind(expectation, placeholder: fallback, spell: { "\"\($0.rawValue)\"" }) {
            node throws(ConfigMismatch) in
            guard let text = node.textValue else { throw .expected(expectation, at: node) }
            guard let value = Value(rawValue: text) else {
                throw ConfigMismatch(
                    code: ConfigMeaningCode.unknownName,
                    predicate: "must be \(expectation), found \(node.shown)",
                    node: node, help: node.suggestion(among: names), guess: node.guess(among: names))
            }
            return value
        }
    }
}

extension ConfigMismatch {
    fileprivate static func outOfRange(_ expectation: String, at node: ConfigNode) -> ConfigMismatch {
        ConfigMismatch(
            code: ConfigMeaningCode.outOfRange, predicate: "must be \(expectation), found \(node.shown)",
            node: node)
    }
}

/// `from 1 to 9`, or `of at least 1` when there is no upper limit worth naming.
private func describe<Bound: Equatable>(_ lower: Bound, _ upper: Bound, largest: Bound) -> String {
    upper == largest ? "of at least \(lower)" : "from \(lower) to \(upper)"
}

extension Double {
    /// The number as people write it: without `.0`.
    fileprivate var plain: String {
        Int64(exactly: self).map { String($0) } ?? String(self)
    }

    fileprivate func rounded(toPlaces places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
