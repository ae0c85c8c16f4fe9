/// What a builtin of the reference takes and yields, as far as the checker cares.
struct BuiltinSignature: Sendable {
    /// The kinds of a parameter (§15).
    enum Parameter: Character, Sendable {
        /// A number, or what the language turns into one; a whole number.
        case number = "n", whole = "i", count = "u"
        /// A string; one of which the first character counts.
        case string = "s", character = "c"
        /// An array; one of numbers.
        case array = "a", numbers = "A"
        case any = "v"
    }

    let parameters: [Parameter]
    /// How many of them a call must have.
    let required: Int
    let result: StaticType
    /// Whether the documented dialect knows more ways to call it: then nothing about arguments is certain.
    let isOverloaded: Bool

    /// The signature of the builtin with this exact name.
    static func of(_ name: String) -> BuiltinSignature? { table[name] }

    private static let overloaded: Set<String> = [
        "Min", "Max", "Range", "Repeat", "IsEmpty", "Contains", "IndexOf", "Reverse", "RemoveDuplicates",
        "ToBoolean", "Length",
    ]

    private static let table: [String: BuiltinSignature] = {
        var table: [String: BuiltinSignature] = [:]
        for line in lines.split(separator: "\n") {
            let (arguments, result) = (line.prefix { $0 != ":" }, line.drop { $0 != ":" }.dropFirst())
            let kinds = arguments.split(separator: " ").first ?? ""
            let names = result.split(separator: " ").map(String.init)
            let required = kinds.prefix { $0 != "?" }.count { $0 != "-" }
            for name in names.dropFirst() {
                table[name] = BuiltinSignature(
                    parameters: kinds.compactMap(Parameter.init), required: required,
                    result: type(names[0]), isOverloaded: overloaded.contains(name))
            }
        }
        return table
    }()

    private static func type(_ letter: String) -> StaticType {
        switch letter {
        case "n": .number
        case "s": .string
        case "b": .boolean
        case "a": .array(.unknown)
        case "A": .array(.number)
        case "S": .array(.string)
        default: .unknown
        }
    }

    /// In each line the parameters, those after `?` optional, then the result and who is like that.
    private static let lines = """
        n: n ToInt Sin Cos Tan Sqrt Log Log10 Abs Floor Ceil Round HashNumber
        nn: n Pow
        nn: v Min Max
        nnn: n Clamp
        i: n Factorial Fibonacci
        ii: n Gcd Lcm
        i: b IsPrime IsLeapYear
        s: n ToDouble HashString
        ?v: s ToString
        s: b ToBoolean IsWhitespace IsEmpty IsPalindrome
        n: v DeepTrance
        i: v HypnoticCountdown Exit
        s: v TranceInduction HypnoticVisualization
        v: n Length
        ss: n CountOccurrences
        ss: v IndexOf
        s: s ToUpper ToLower Capitalize Trim UniqueCharacters ReverseWords TitleCase
        s: v Reverse RemoveDuplicates
        sss: s Replace
        ss: b StartsWith EndsWith Contains AreAnagrams MatchesPattern
        ss: S Split
        suu: s Substring
        su: v Repeat
        suc: s PadLeft PadRight
        a: n ArrayLength
        a: b ArrayIsEmpty
        au: v ArrayGet
        a: v ArrayFirst ArrayLast
        av: n ArrayIndexOf ArrayCount
        av: b ArrayContains
        a: a ArrayDistinct ArrayReverse
        au: a ArrayTake ArraySkip
        auu: a ArraySlice
        as: s ArrayJoin
        A: n ArraySum ArrayAverage ArrayMin ArrayMax Mean Median Mode Variance StandardDeviation
        A: v Range
        A: A ArraySort
        An: n Percentile
        AA: n Correlation
        AA: A LinearRegression
        u: n SimpleRandom
        s: b IsValidEmail IsValidUrl IsValidPhoneNumber IsAlphanumeric IsAlphabetic IsNumeric
        s: b IsLowercase IsUppercase FileExists IsFile IsDirectory
        nnn: b IsInRange
        -: n CurrentTimestamp DayOfWeek DayOfYear CurrentYear CurrentMonth CurrentDay CurrentHour
        -: n CurrentMinute CurrentSecond GetCpuCount
        -: s CurrentDate CurrentTime CurrentDateTime GetCurrentDirectory GetHomeDirectory
        -: s GetTempDirectory GetOperatingSystem GetArchitecture GetHostname GetUsername
        -: S GetArgs
        s: s FormatDateTime ReadFile
        iu: v DaysInMonth
        s: v GetEnv DeleteFile CreateDirectory GetFileExtension GetFileName GetParentDirectory
        ss: v SetEnv WriteFile AppendFile RenameFile
        s: S ListDirectory
        s: n GetFileSize
        ss: n CopyFile
        """
}

extension BuiltinSignature.Parameter {
    /// What the parameter wants, as messages name it.
    var type: StaticType {
        switch self {
        case .number, .whole, .count: .number
        case .string, .character: .string
        case .array, .numbers: .array(.unknown)
        case .any: .unknown
        }
    }

    /// Whether a call with such an argument fails whatever its value is.
    func refuses(_ argument: StaticType) -> Bool {
        switch self {
        case .number, .whole, .count: !argument.mayBecomeNumber
        case .string, .character: argument.isKnown && argument.bare != .string
        case .array, .numbers:
            if case .array = argument.bare { false } else { argument.isKnown }
        case .any: false
        }
    }
}
