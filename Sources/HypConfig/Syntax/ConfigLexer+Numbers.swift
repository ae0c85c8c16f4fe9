import SourceText

extension ConfigLexer {
    /// Whether the cursor is where a number begins.
    var isAtNumber: Bool {
        guard let byte = current else { return false }
        return byte.isDigit || byte == .minus
    }

    /// Reads a number: the longest run that could be meant as one must be one as a whole.
    ///
    /// What is wrong is reported and read as null.
    mutating func number() -> ConfigValue {
        let start = offset
        let opening = position()
        skipRun { $0.continuesWord || $0 == "." || $0 == "+" }
        let written = text(start..<offset)
        let length = written.unicodeScalars.count
        guard let shape = NumberShape(written) else {
            report(
                ConfigCode.invalidNumber, "invalid number '\(written)'", at: opening, length: length,
                help: Self.helpForNumber(written))
            return .null
        }
        switch shape {
        case .whole:
            if let value = Int64(written) { return .integer(value) }
        case .fractional:
            if let value = Double(written), value.isFinite { return .double(value) }
        }
        report(
            ConfigCode.invalidNumber, "number out of range '\(written)'", at: opening, length: length,
            help:
                "whole numbers have 64 bits, others are IEEE doubles; longer digits fit into a text in quotes"
        )
        return .null
    }

    private static func helpForNumber(_ written: String) -> String {
        let digits = written.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        let unit = written.dropFirst(digits.count)
        if NumberShape(String(digits)) != nil, !unit.isEmpty, unit.allSatisfy(\.isLetter) {
            return "write \(digits): a number has no unit here, its key fixes the unit"
        }
        return "numbers are written like 5, -5, 3.5 or 1e3; a text needs quotes"
    }
}

/// What kind of number a text is, by its grammar alone.
enum NumberShape {
    case whole
    case fractional

    /// nil when the text is not `-? (0 | [1-9][0-9]*) ( "." [0-9]+ )? ( [eE] [+-]? [0-9]+ )?`.
    init?(_ text: String) {
        var rest = Substring(text).utf8
        if rest.first == .minus { rest.removeFirst() }
        let whole = rest.prefix(while: \.isDigit)
        guard let first = whole.first, first != UInt8(ascii: "0") || whole.count == 1 else { return nil }
        rest = rest.dropFirst(whole.count)
        self = .whole
        if rest.first == .dot {
            let digits = rest.dropFirst().prefix(while: \.isDigit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(1 + digits.count)
            self = .fractional
        }
        if let letter = rest.first, letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") {
            rest.removeFirst()
            if let sign = rest.first, sign == .minus || sign == UInt8(ascii: "+") { rest.removeFirst() }
            let digits = rest.prefix(while: \.isDigit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            self = .fractional
        }
        guard rest.isEmpty else { return nil }
    }
}
