/// The names that the documented dialect gives a meaning where no variable has them.
enum Vocabulary {
    /// What a name stands for in a call.
    enum Meaning {
        case special(SpecialForm)
        /// The place in `BuiltinTable.standard`.
        case builtin(Int)
        /// The place in `Library.callbacks`.
        case callback(Int)
        /// The constructor of a record type.
        case record
    }

    /// What a name means in a call; compared without letter case and `_`.
    static func meaning(of name: String) -> Meaning? {
        meanings[normalized(name)]
    }

    /// How many arguments the callee looks for in registers.
    static func parameterCount(of meaning: Meaning) -> Int {
        guard case .callback(let index) = meaning else { return 0 }
        return Library.callbacks[index].parameterCount
    }

    /// Whether a call stores into the place that its first argument is.
    static func changesItsArgument(_ name: String) -> Bool {
        switch meaning(of: name) {
        case .special(.push)?, .special(.set)?, .special(.pop)?: true
        default: false
        }
    }

    /// Values that names have where no variable does; these in exactly this spelling.
    static let values: [(name: String, value: Value)] = [
        ("null", .null), ("PI", Value(number: .pi)), ("E", Value(number: 2.718281828459045)),
        ("PHI", Value(number: 1.618033988749895)), ("SQRT2", Value(number: 1.4142135623730951)),
        ("SQRT3", Value(number: 1.7320508075688772)),
    ]

    /// A name as it is compared: no `_`, ASCII letters small.
    static func normalized(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 where byte != UInt8(ascii: "_") {
            bytes.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let meanings: [String: Meaning] = {
        var meanings: [String: Meaning] = [:]
        for (index, callback) in Library.callbacks.enumerated() where !callback.takesAnyNumber {
            meanings[normalized(callback.name)] = .callback(index)
        }
        for (index, builtin) in Library.extensions.enumerated() {
            meanings[normalized(builtin.name)] = .builtin(Library.builtins.count + index)
        }
        for (index, builtin) in Library.builtins.enumerated() {
            meanings[normalized(builtin.name)] = .builtin(index)
        }
        for (alias, name) in aliases {
            meanings[normalized(alias)] = BuiltinTable.standard.index(of: name).map { .builtin($0) }
        }
        meanings["try"] = .special(.attempt)
        meanings["arraypush"] = .special(.push)
        meanings["arrayset"] = .special(.set)
        meanings["arraypop"] = .special(.pop)
        return meanings
    }()

    /// Every name that can be called, in the spelling of the documentation.
    static let callableNames: [String] =
        Library.builtins.map(\.name) + Library.extensions.map(\.name)
        + Library.callbacks.filter { !$0.takesAnyNumber }.map(\.name) + aliases.map(\.0)
        + ["Try", "ArrayPush", "ArraySet", "ArrayPop"]

    /// Documented names of functions that the reference has under another.
    private static let aliases: [(String, String)] = synonyms.split(separator: "\n").flatMap { line in
        let words = line.split(separator: " ").map(String.init)
        return words.dropLast().map { ($0, words[words.count - 1]) }
    }

    /// In each line the reference's name comes last.
    private static let synonyms = """
        Average AverageArray ArrayAverage
        MaxArray ArrayMax
        MinArray ArrayMin
        Sum SumArray ArraySum
        ArrayMedian CalculateMedian Median
        ArrayVariance CalculateVariance Variance
        ArrayStandardDeviation CalculateStandardDeviation StandardDeviation
        CalculateMean Mean
        CalculateMode Mode
        CalculateRange Range
        CalculatePercentile Percentile
        CalculateCorrelation Correlation
        ReverseArray ArrayReverse
        Unique Distinct ArrayDistinct
        Join ArrayJoin
        First ArrayFirst
        Last ArrayLast
        Take ArrayTake
        Skip ArraySkip
        Slice ArraySlice
        Get ArrayGet
        Count ArrayCount
        GetCurrentTime Timestamp CurrentTimestamp
        GetCurrentDate CurrentDate
        GetCurrentTimeString CurrentTime
        GetCurrentDateTime CurrentDateTime
        GetYear CurrentYear
        GetMonth CurrentMonth
        GetDay CurrentDay
        GetHour CurrentHour
        GetMinute CurrentMinute
        GetSecond CurrentSecond
        GetDayOfWeek DayOfWeek
        GetDayOfYear DayOfYear
        GetDaysInMonth DaysInMonth
        GetEnvVar GetEnvironmentVariable GetEnv
        SetEnvVar SetEnvironmentVariable SetEnv
        GetProcessorCount GetCpuCount
        DirectoryExists IsDirectory
        MoveFile RenameFile
        IsAlpha IsAlphabetic
        ReplaceAll Replace
        ToLowerCase ToLower
        ToUpperCase ToUpper
        CountSubstring CountOccurrences
        """
}

/// Calls whose arguments are not simply evaluated first.
enum SpecialForm {
    /// `Try(value, alternative)`
    case attempt
    /// `ArrayPush(place, values…)`
    case push
    /// `ArraySet(place, index, value)`
    case set
    /// `ArrayPop(place)`
    case pop
}
