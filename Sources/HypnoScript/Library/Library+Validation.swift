/// Questions about the form of a text.
extension Library {
    static let validation: [Builtin] = characters + forms

    private static let characters = [
        Builtin("IsAlphanumeric") {
            native($0, $1, $2) { call throws(Raised) in
                let scalars = try call.scalars(0)
                return Value(try call.holds(forAll: scalars, \.isLetterOrNumber))
            }
        },
        Builtin("IsAlphabetic") {
            native($0, $1, $2) { call throws(Raised) in
                let scalars = try call.scalars(0)
                return Value(try call.holds(forAll: scalars, \.properties.isAlphabetic))
            }
        },
        Builtin("IsNumeric") {
            native($0, $1, $2) { call throws(Raised) in
                let scalars = try call.scalars(0)
                return Value(try call.holds(forAll: scalars, \.isNumber))
            }
        },
        Builtin("IsLowercase") {
            native($0, $1, $2) { call throws(Raised) in
                let scalars = try call.scalars(0)
                let holds = try call.holds(forAll: scalars) {
                    !$0.properties.isAlphabetic || $0.properties.isLowercase
                }
                return Value(holds)
            }
        },
        Builtin("IsUppercase") {
            native($0, $1, $2) { call throws(Raised) in
                let scalars = try call.scalars(0)
                let holds = try call.holds(forAll: scalars) {
                    !$0.properties.isAlphabetic || $0.properties.isUppercase
                }
                return Value(holds)
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
            native($0, $1, $2) { call throws(Raised) in Value(TextForm.isEmail(try call.workingText())) }
        },
        Builtin("IsValidUrl") {
            native($0, $1, $2) { call throws(Raised) in Value(TextForm.isURL(try call.scalars(0))) }
        },
        Builtin("IsValidPhoneNumber") {
            native($0, $1, $2) { call throws(Raised) in Value(TextForm.isPhoneNumber(try call.scalars(0))) }
        },
        Builtin("MatchesPattern") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, pattern) = (try call.scalars(0), try call.scalars(1))
                guard let expression = RegularExpression(pattern) else { return Value(false) }
                return Value(try expression.matches(in: text, charging: call.charge))
            }
        },
    ]
}

/// The forms that the language calls an address or number, which are not those of any standard.
private enum TextForm {
    /// `[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}`
    static func isEmail(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty,
            parts[0].allSatisfy({ isAlphanumeric($0) || "._%+-".utf8.contains($0) }),
            let point = parts[1].lastIndex(of: UInt8(ascii: "."))
        else { return false }
        let domain = parts[1][..<point]
        let top = parts[1][(point + 1)...]
        return !domain.isEmpty && domain.allSatisfy { isAlphanumeric($0) || ".-".utf8.contains($0) }
            && top.count >= 2 && top.allSatisfy { isAlphanumeric($0) && $0 > UInt8(ascii: "9") }
    }

    /// `https?://[^\s/$.?#].[^\s]*`
    static func isURL(_ text: [Unicode.Scalar]) -> Bool {
        let scheme = ["https://", "http://"].first { text.starts(with: $0.unicodeScalars) }
        guard let scheme else { return false }
        let rest = text.dropFirst(scheme.unicodeScalars.count)
        guard let first = rest.first, let second = rest.dropFirst().first else { return false }
        return !first.properties.isWhitespace && !"/$.?#".unicodeScalars.contains(first) && second != "\n"
            && !rest.dropFirst(2).contains(where: \.properties.isWhitespace)
    }

    /// `\+?[1-9]\d{1,14}`, not counting hyphens, blanks and round brackets.
    static func isPhoneNumber(_ text: [Unicode.Scalar]) -> Bool {
        var digits = text.filter { !"- ()".unicodeScalars.contains($0) }[...]
        if digits.first == "+" { digits.removeFirst() }
        guard let first = digits.popFirst(), ("1"..."9").contains(first) else { return false }
        return (1...14).contains(digits.count)
            && digits.allSatisfy { $0.properties.generalCategory == .decimalNumber }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
