import Glibc

/// More on strings: positions, lines and words, likeness.
extension Library {
    static let moreText: [Builtin] = positions + pieces + comparisons

    private static let positions =
        named("TrimStart") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                return try call.string(text.part(try call.startOfTrimmed(text)..<text.count))
            }
        }
        + named("TrimEnd") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                let trimmed = try call.trimmed(text)
                let start = trimmed.isEmpty ? 0 : try call.startOfTrimmed(text)
                return try call.string(text.part(0..<(trimmed.isEmpty ? 0 : start + trimmed.count)))
            }
        }
        + named("LastIndexOf") {
            native($0, $1, $2) { call throws(Raised) in
                let search = try call.search()
                guard !search.pattern.isEmpty else { return Value(number: Double(search.text.count)) }
                var last = -1
                var start = 0
                while let match = try search.first(from: start) {
                    last = match
                    start = match + 1
                    try call.charge(search.pattern.count / 4 + 8)
                }
                return Value(number: Double(last))
            }
        }
        + named("ReplaceFirst") {
            native($0, $1, $2) { call throws(Raised) in
                let (search, new) = (try call.search(), try call.text(2))
                guard let match = try search.first() else { return call.arguments[0] }
                let rest = search.text.part(match + search.pattern.count..<search.text.count)
                return try call.joined([search.text.part(0..<match), new, rest])
            }
        }
        + named("CharAt") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, index) = (try call.workingText(), try call.natural(1))
                guard index < text.count else { return .null }
                let scalar = try call.scalars(of: text, from: index, to: index + 1)
                return scalar.isEmpty ? .null : try call.string(scalar)
            }
        }
        + named("InsertAt") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, index) = (try call.workingText(), try call.natural(1))
                let start = try call.scalars(of: text, from: 0, to: index)
                return try call.joined([start, try call.text(2), text.part(start.count..<text.count)])
            }
        }
        + named("RemoveAt") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, index) = (try call.workingText(), try call.natural(1))
                guard index < text.count else { return call.arguments[0] }
                let start = try call.scalars(of: text, from: 0, to: index)
                let scalar = try call.scalars(of: text, from: index, to: index + 1)
                return try call.joined([start, text.part(start.count + scalar.count..<text.count)])
            }
        }

    private static let pieces =
        named("Concat") {
            native($0, $1, $2) { call throws(Raised) in
                try call.text { result throws(Raised) in
                    for position in 0..<call.count { try result.append(printed: call.arguments[position]) }
                }
            }
        }
        + named("FormatString") {
            native($0, $1, $2) { call throws(Raised) in try call.formatted(try call.workingText()) }
        }
        + named("SplitLines") {
            native($0, $1, $2) { call throws(Raised) in
                var lines = ValueList(call)
                try call.forEachLine(in: try call.text(0)) { line throws(Raised) in try lines.append(line) }
                return try lines.finish()
            }
        }
        + named("CountLines") {
            native($0, $1, $2) { call throws(Raised) in
                var count = 0
                try call.forEachLine(in: try call.text(0)) { _ in count += 1 }
                return Value(number: Double(count))
            }
        }
        + named("SplitWords") {
            native($0, $1, $2) { call throws(Raised) in
                var words = ValueList(call)
                try call.forEachWord(in: try call.text(0)) { word throws(Raised) in try words.append(word) }
                return try words.finish()
            }
        }
        + named("CountWords") {
            native($0, $1, $2) { call throws(Raised) in
                var count = 0
                try call.forEachWord(in: try call.text(0)) { _ in count += 1 }
                return Value(number: Double(count))
            }
        }
        + named("CountCharacters") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.scalarCount(of: try call.text(0))))
            }
        }
        + named("WrapText") {
            native($0, $1, $2) { call throws(Raised) in
                try call.wrapped(try call.text(0), width: try call.natural(1))
            }
        }

    private static let comparisons =
        named("Compare") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.workingText(), try call.text(1))
                // The order of UTF-8 bytes is that of the scalars.
                return Value(number: Double(left.order(to: right)))
            }
        }
        + named("EqualsIgnoreCase") {
            native($0, $1, $2) { call throws(Raised) in
                Value(try call.isEqualIgnoringCase(try call.text(0), try call.text(1)))
            }
        }
        + named("IsNullOrEmpty") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                return Value(value.isNull || value.has(.string) && value.utf8.isEmpty)
            }
        }
        + named("LevenshteinDistance") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.editDistance().distance))
            }
        }
        + named("SimilarityRatio") {
            native($0, $1, $2) { call throws(Raised) in
                let (distance, length) = try call.editDistance()
                return Value(number: length == 0 ? 1 : 1 - Double(distance) / Double(length))
            }
        }
        + named("HammingDistance") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.text(0), try call.text(1))
                guard try call.scalarCount(of: left) == call.scalarCount(of: right) else { return .null }
                var (distance, offset) = (0, 0)
                try call.holds(forAll: left) { scalar, _ throws(Raised) in
                    guard let other = right.scalar(at: offset) else { return false }
                    if scalar != other { distance += 1 }
                    offset += UTF8.width(other)
                    return true
                }
                return Value(number: Double(distance))
            }
        }
}

extension BuiltinCall {
    /// Pieces one behind the other.
    func joined(_ pieces: [UnsafeBufferPointer<UInt8>]) throws(Raised) -> Value {
        try text { result throws(Raised) in
            try result.reserve(pieces.reduce(0) { $0 + $1.count })
            for piece in pieces { try result.append(piece) }
        }
    }

    /// `{0}` and the like replaced by the further arguments; numbers without an argument stay.
    fileprivate func formatted(_ format: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        try text { result throws(Raised) in
            var index = 0
            while index < format.count {
                if format[index] == UInt8(ascii: "{"), let (number, end) = format.placeholder(at: index),
                    number < count - 1
                {
                    try result.append(printed: arguments[1 + number])
                    try charge(4)
                    index = end
                } else {
                    try result.append(format[index])
                    index += 1
                }
            }
        }
    }

    /// Lines of whole words, each as full as the width in scalars allows.
    fileprivate func wrapped(_ text: UnsafeBufferPointer<UInt8>, width: Int) throws(Raised) -> Value {
        guard width > 0 else { return try array([arguments[0]]) }
        var lines = ValueList(self)
        var line = TextBuilder(self)
        var length = 0
        try forEachWord(in: text) { word throws(Raised) in
            let wordLength = try scalarCount(of: word)
            if length > 0, length + 1 + wordLength > width {
                try lines.append(line.bytes)
                line.removeAll()
                length = 0
            }
            if length > 0 { try line.append(UInt8(ascii: " ")) }
            try line.append(word)
            length += wordLength + (length > 0 ? 1 : 0)
        }
        if length > 0 { try lines.append(line.bytes) }
        return try lines.finish()
    }

    /// The edit distance of two texts in scalars, and the length of the longer one.
    fileprivate func editDistance() throws(Raised) -> (distance: Int, length: Int) {
        let leftText = try text(0)
        let right = try scalars(1)
        try reserve(16 * right.count)
        var (previous, row): ([Int], [Int]) = ([], [])
        try inParts(of: right.count + 1) { part throws(Raised) in
            previous += part
            row += part
        }
        var length = 0
        try holds(forAll: leftText) { scalar, _ throws(Raised) in
            length += 1
            row[0] = length
            try inParts(of: right.count, costing: { 2 * $0 }) { part throws(Raised) in
                for column in part {
                    let replaced = previous[column] + (scalar == right[column] ? 0 : 1)
                    row[column + 1] = min(replaced, previous[column + 1] + 1, row[column] + 1)
                }
            }
            swap(&previous, &row)
            return true
        }
        return (previous[right.count], max(length, right.count))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The order of the bytes, which is that of the scalars: below, at or above zero.
    func order(to other: UnsafeBufferPointer<UInt8>) -> Int {
        if let start = baseAddress, let otherStart = other.baseAddress {
            let order = memcmp(start, otherStart, Swift.min(count, other.count))
            if order != 0 { return order < 0 ? -1 : 1 }
        }
        return count == other.count ? 0 : count < other.count ? -1 : 1
    }

    /// The number in `{…}` at this place, and where it ends.
    fileprivate func placeholder(at start: Int) -> (number: Int, end: Int)? {
        var index = start + 1
        var number = 0
        while index < count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self[index]), number < 1 << 32 {
            number = number * 10 + Int(self[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start + 1, index < count, self[index] == UInt8(ascii: "}") else { return nil }
        return (number, index + 1)
    }
}
