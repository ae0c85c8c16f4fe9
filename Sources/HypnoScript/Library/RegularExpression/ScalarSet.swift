/// A set of scalars, described rather than listed.
indirect enum ScalarSet: Sendable {
    case range(ClosedRange<UInt32>)
    case property(@Sendable (Unicode.Scalar) -> Bool)
    case union([ScalarSet])
    case intersection(ScalarSet, ScalarSet)
    case complement(ScalarSet)
    /// The set with all letters that differ from its own by case only.
    case anyCase(ScalarSet)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .range(let range): range.contains(scalar.value)
        case .property(let holds): holds(scalar)
        case .union(let sets): sets.contains { $0.contains(scalar) }
        case .intersection(let left, let right): left.contains(scalar) && right.contains(scalar)
        case .complement(let set): !set.contains(scalar)
        case .anyCase(let set): scalar.caseVariants.contains { set.contains($0) }
        }
    }

    /// The set of one scalar.
    static func scalar(_ scalar: Unicode.Scalar) -> ScalarSet {
        .range(scalar.value...scalar.value)
    }

    static let digit = ScalarSet.property { $0.properties.generalCategory == .decimalNumber }
    static let whiteSpace = ScalarSet.property { $0.properties.isWhitespace }
    static let word = ScalarSet.property { scalar in
        if scalar.isASCII { return scalar == "_" || scalar.isLetterOrNumber }
        if scalar.properties.isAlphabetic || scalar.properties.isJoinControl { return true }
        switch scalar.properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return false
        }
    }
    static let any = ScalarSet.range(0...0x10FFFF)
    static let notNewline = ScalarSet.complement(.scalar("\n"))
}

extension ScalarSet {
    /// A class by the name it has in `[[:name:]]`; these are ASCII.
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alnum": union([alpha, numerals])
        case "alpha": alpha
        case "ascii": .range(0...0x7F)
        case "blank": union([.scalar(" "), .scalar("\t")])
        case "cntrl": union([.range(0...0x1F), .scalar("\u{7F}")])
        case "digit": numerals
        case "graph": .range(0x21...0x7E)
        case "lower": .range(0x61...0x7A)
        case "print": .range(0x20...0x7E)
        case "punct":
            union([.range(0x21...0x2F), .range(0x3A...0x40), .range(0x5B...0x60), .range(0x7B...0x7E)])
        case "space": union([.range(0x09...0x0D), .scalar(" ")])
        case "upper": .range(0x41...0x5A)
        case "word": union([alpha, numerals, .scalar("_")])
        case "xdigit": union([numerals, .range(0x41...0x46), .range(0x61...0x66)])
        default: nil
        }
    }

    private static let alpha = union([.range(0x41...0x5A), .range(0x61...0x7A)])
    private static let numerals = ScalarSet.range(0x30...0x39)

    /// A class by the name it has in `\p{Name}`: general categories and a few properties, not scripts.
    static func unicode(_ name: String) -> ScalarSet? {
        let key = String(name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" })
        switch key {
        case "any": return any
        case "ascii": return .range(0...0x7F)
        case "alphabetic", "alpha": return .property { $0.properties.isAlphabetic }
        case "uppercase", "upper": return .property { $0.properties.isUppercase }
        case "lowercase", "lower": return .property { $0.properties.isLowercase }
        case "whitespace", "space": return whiteSpace
        default:
            let short = longNames[key] ?? key
            let matching = categories.filter {
                $0.key == short || short.count == 1 && $0.key.hasPrefix(short)
            }
            let wanted = Set(matching.values)
            return wanted.isEmpty ? nil : .property { wanted.contains($0.properties.generalCategory) }
        }
    }

    private static let categories: [String: Unicode.GeneralCategory] = [
        "lu": .uppercaseLetter, "ll": .lowercaseLetter, "lt": .titlecaseLetter, "lm": .modifierLetter,
        "lo": .otherLetter, "mn": .nonspacingMark, "mc": .spacingMark, "me": .enclosingMark,
        "nd": .decimalNumber, "nl": .letterNumber, "no": .otherNumber, "pc": .connectorPunctuation,
        "pd": .dashPunctuation, "ps": .openPunctuation, "pe": .closePunctuation, "pi": .initialPunctuation,
        "pf": .finalPunctuation, "po": .otherPunctuation, "sm": .mathSymbol, "sc": .currencySymbol,
        "sk": .modifierSymbol, "so": .otherSymbol, "zs": .spaceSeparator, "zl": .lineSeparator,
        "zp": .paragraphSeparator, "cc": .control, "cf": .format, "co": .privateUse, "cn": .unassigned,
    ]

    private static let longNames: [String: String] = [
        "letter": "l", "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt",
        "modifierletter": "lm", "otherletter": "lo", "mark": "m", "nonspacingmark": "mn",
        "spacingmark": "mc", "enclosingmark": "me", "number": "n", "decimalnumber": "nd", "digit": "nd",
        "letternumber": "nl", "othernumber": "no", "punctuation": "p", "punct": "p",
        "connectorpunctuation": "pc", "dashpunctuation": "pd", "openpunctuation": "ps",
        "closepunctuation": "pe", "initialpunctuation": "pi", "finalpunctuation": "pf",
        "otherpunctuation": "po", "symbol": "s", "mathsymbol": "sm", "currencysymbol": "sc",
        "modifiersymbol": "sk", "othersymbol": "so", "separator": "z", "spaceseparator": "zs",
        "lineseparator": "zl", "paragraphseparator": "zp", "other": "c", "control": "cc", "cntrl": "cc",
        "format": "cf", "privateuse": "co", "unassigned": "cn",
    ]
}

extension Unicode.Scalar {
    /// The scalar and the single scalars that upper, lower and lower-of-upper case make of it.
    fileprivate var caseVariants: [Unicode.Scalar] {
        func single(_ text: String) -> Unicode.Scalar? {
            text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
        }
        let upper = single(properties.uppercaseMapping)
        let lower = single(properties.lowercaseMapping)
        return [self, upper, lower, upper.flatMap { single($0.properties.lowercaseMapping) }].compactMap(
            \.self)
    }
}
