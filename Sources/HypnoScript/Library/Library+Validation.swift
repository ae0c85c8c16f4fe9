/// Questions about the form of a text.
extension Library {
    static let validation: [Builtin] = characters + forms

    private static let characters = [
        Builtin("IsAlphanumeric") {
            native($0, $1, $2) { call throws(Raised) in
                Value(try call.consists { $0.isLetterOrNumber })
            }
        },
        Builtin("IsAlphabetic") {
            native($0, $1, $2) { call throws(Raised) in
                Value(try call.consists { $0.properties.isAlphabetic })
            }
        },
        Builtin("IsNumeric") {
            native($0, $1, $2) { call throws(Raised) in
                Value(try call.consists { $0.isNumber })
            }
        },
        Builtin("IsLowercase") {
            native($0, $1, $2) { call throws(Raised) in
                Value(try call.consists { !$0.properties.isAlphabetic || $0.properties.isLowercase })
            }
        },
        Builtin("IsUppercase") {
            native($0, $1, $2) { call throws(Raised) in
                Value(try call.consists { !$0.properties.isAlphabetic || $0.properties.isUppercase })
            }
        },
    ]

    private static let forms = [
        Builtin("IsInRange") {
            native($0, $1, $2) { call throws(Raised) in
                let (value, low, high) = (try call.number(0), try call.number(1), try call.number(2))
                return Value(low <= value && value <= high)
            }
        },
        Builtin("IsValidEmail") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.isEmail(try call.text(0))) }
        },
        Builtin("IsValidUrl") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.isURL(try call.text(0))) }
        },
        Builtin("IsValidPhoneNumber") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.isPhoneNumber(try call.text(0))) }
        },
        Builtin("MatchesPattern") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, pattern) = (try call.text(0), try call.text(1))
                guard pattern.count <= RegularExpression.longestPattern,
                    let expression = RegularExpression(try call.scalars(1))
                else { return Value(false) }
                return Value(try expression.matches(in: text, charging: call.charge))
            }
        },
    ]
}

extension BuiltinCall {
    /// Whether there are scalars in the first argument, and a condition holds for all.
    fileprivate func consists(_ holds: (Unicode.Scalar) -> Bool) throws(Raised) -> Bool {
        let text = try text(0)
        if text.isEmpty { return false }
        return try self.holds(forAll: text) { scalar, _ in holds(scalar) }
    }

    // The forms that the language calls an address or number, which are not those of any standard.

    /// `[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}`
    fileprivate func isEmail(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Bool {
        guard let at = text.place(of: UInt8(ascii: "@"), from: 0) else { return false }
        let (name, host) = (text.part(0..<at), text.part(at + 1..<text.count))
        guard !name.isEmpty, try holds(forAll: name, { $0.isASCIIAlphanumeric || "._%+-".hasScalar($0) }),
            try holds(forAll: host, { $0.isASCIIAlphanumeric || ".-".hasScalar($0) }),
            let point = host.lastIndex(of: UInt8(ascii: ".")), point > 0
        else { return false }
        let top = host.part(point + 1..<host.count)
        guard top.count >= 2 else { return false }
        return try holds(forAll: top) { $0.isASCIIAlphanumeric && $0 > "9" }
    }

    /// `https?://[^\s/$.?#].[^\s]*`
    fileprivate func isURL(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Bool {
        let scheme = ["https://", "http://"].first { text.starts(with: $0.utf8) }
        guard let scheme else { return false }
        let rest = text.part(scheme.utf8.count..<text.count)
        var position = 0
        let holds = try holds(forAll: rest) { scalar in
            position += 1
            switch position {
            case 1: return !scalar.properties.isWhitespace && !"/$.?#".hasScalar(scalar)
            case 2: return scalar != "\n"
            default: return !scalar.properties.isWhitespace
            }
        }
        return holds && position > 1
    }

    /// `\+?[1-9]\d{1,14}`, not counting hyphens, blanks and round brackets.
    fileprivate func isPhoneNumber(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Bool {
        var count = 0
        var isSigned = false
        let holds = try holds(forAll: text) { scalar in
            if "- ()".hasScalar(scalar) { return true }
            if scalar == "+", count == 0, !isSigned {
                isSigned = true
                return true
            }
            count += 1
            if count == 1 { return ("1"..."9").contains(scalar) }
            return count <= 15 && scalar.properties.generalCategory == .decimalNumber
        }
        return holds && count > 1
    }

    private func holds(
        forAll text: UnsafeBufferPointer<UInt8>, _ condition: (Unicode.Scalar) -> Bool
    ) throws(Raised) -> Bool {
        try holds(forAll: text) { scalar, _ in condition(scalar) }
    }
}

extension String {
    fileprivate func hasScalar(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}

extension Unicode.Scalar {
    fileprivate var isASCIIAlphanumeric: Bool {
        ("0"..."9").contains(self) || ("a"..."z").contains(self) || ("A"..."Z").contains(self)
    }
}
