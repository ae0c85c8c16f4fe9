/// More on strings: positions, lines and words, likeness.
extension Library {
    static let moreText: [Builtin] = positions + pieces + comparisons

    private static let positions =
        named("TrimStart") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.workingText()
                return try call.string(text.part(text.startOfTrimmed..<text.count))
            }
        }
        + named("TrimEnd") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.workingText()
                let trimmed = text.trimmed
                let start = trimmed.isEmpty ? 0 : text.startOfTrimmed
                return try call.string(text.part(0..<(trimmed.isEmpty ? 0 : start + trimmed.count)))
            }
        }
        + named("LastIndexOf") {
            native($0, $1, $2) { call throws(Raised) in
                let search = try call.search()
                guard !search.pattern.isEmpty else { return Value(number: Double(search.text.count)) }
                var last = -1
                var start = 0
                while let match = search.first(from: start) {
                    last = match
                    start = match + 1
                    try call.charge(search.pattern.count / 16)
                }
                return Value(number: Double(last))
            }
        }
        + named("ReplaceFirst") {
            native($0, $1, $2) { call throws(Raised) in
                let (search, new) = (try call.search(), try call.text(2))
                guard let match = search.first() else { return call.arguments[0] }
                let rest = search.text.part(match + search.pattern.count..<search.text.count)
                return try call.joined([search.text.part(0..<match), new, rest])
            }
        }
        + named("CharAt") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, index) = (try call.workingText(), try call.natural(1))
                guard index < text.count else { return .null }
                let scalar = text.scalars(from: index, to: index + 1)
                return scalar.isEmpty ? .null : try call.string(scalar)
            }
        }
        + named("InsertAt") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, index) = (try call.workingText(), try call.natural(1))
                let start = text.scalars(from: 0, to: index)
                return try call.joined([start, try call.text(2), text.part(start.count..<text.count)])
            }
        }
        + named("RemoveAt") {
            native($0, $1, $2) { call throws(Raised) in
                let (text, index) = (try call.workingText(), try call.natural(1))
                guard index < text.count else { return call.arguments[0] }
                let start = text.scalars(from: 0, to: index)
                let scalar = text.scalars(from: index, to: index + 1)
                return try call.joined([start, text.part(start.count + scalar.count..<text.count)])
            }
        }

    private static let pieces =
        named("Concat") {
            native($0, $1, $2) { call throws(Raised) in
                var bytes: [UInt8] = []
                for position in 0..<call.count {
                    try call.print(call.arguments[position], to: &bytes)
                    try call.reserve(bytes.count * 2)
                }
                return try call.string(bytes)
            }
        }
        + named("FormatString") {
            native($0, $1, $2) { call throws(Raised) in try call.formatted(try call.workingText()) }
        }
        + named("SplitLines") {
            native($0, $1, $2) { call throws(Raised) in try call.strings(try call.workingText().lines) }
        }
        + named("CountLines") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.workingText().reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }))
            }
        }
        + named("SplitWords") {
            native($0, $1, $2) { call throws(Raised) in try call.strings(try call.workingText().words) }
        }
        + named("CountWords") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.workingText().words.count))
            }
        }
        + named("CountCharacters") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.workingText().scalarCount))
            }
        }
        + named("WrapText") {
            native($0, $1, $2) { call throws(Raised) in
                try call.wrapped(try call.workingText(), width: try call.natural(1))
            }
        }

    private static let comparisons =
        named("Compare") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.workingText(), try call.text(1))
                // The order of UTF-8 bytes is that of the scalars.
                if left.lexicographicallyPrecedes(right) { return Value(number: -1) }
                return Value(number: right.lexicographicallyPrecedes(left) ? 1 : 0)
            }
        }
        + named("EqualsIgnoreCase") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.workingText(), try call.text(1))
                return Value(TextCase.lowercased(left) == TextCase.lowercased(right))
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
                let (left, right) = (try call.scalars(0), try call.scalars(1))
                guard left.count == right.count else { return .null }
                var distance = 0
                for index in left.indices {
                    if index & 0x3FF == 0 { try call.charge(256) }
                    if left[index] != right[index] { distance += 1 }
                }
                return Value(number: Double(distance))
            }
        }
}

extension BuiltinCall {
    /// Pieces one behind the other.
    func joined(_ pieces: [UnsafeBufferPointer<UInt8>]) throws(Raised) -> Value {
        let count = pieces.reduce(0) { $0 + $1.count }
        try reserve(count)
        return try string(count: count) { start in
            var end = start
            for piece in pieces {
                guard let source = piece.baseAddress else { continue }
                end.update(from: source, count: piece.count)
                end += piece.count
            }
        }
    }

    /// Texts as an array of strings.
    func strings(_ texts: [UnsafeBufferPointer<UInt8>]) throws(Raised) -> Value {
        try charge(texts.count)
        let (result, elements) = try newArray(count: texts.count)
        for index in texts.indices { elements[index] = .null }
        for (index, text) in texts.enumerated() { elements[index] = try string(text) }
        return result
    }

    /// `{0}` and the like replaced by the further arguments; numbers without an argument stay.
    fileprivate func formatted(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "{"), let (number, end) = text.placeholder(at: index),
                number < count - 1
            {
                try print(arguments[1 + number], to: &bytes)
                try reserve(bytes.count * 2)
                index = end
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return try string(bytes)
    }

    /// Lines of whole words, each as full as the width in scalars allows.
    fileprivate func wrapped(_ text: UnsafeBufferPointer<UInt8>, width: Int) throws(Raised) -> Value {
        guard width > 0 else { return try array([arguments[0]]) }
        var lines: [Value] = []
        var line: [UInt8] = []
        var length = 0
        for word in text.words {
            let wordLength = word.scalarCount
            if length > 0, length + 1 + wordLength > width {
                lines.append(try string(line))
                line = []
                length = 0
            }
            if length > 0 { line.append(UInt8(ascii: " ")) }
            line += word
            length += wordLength + (length > 0 ? 1 : 0)
        }
        if length > 0 { lines.append(try string(line)) }
        return try array(lines)
    }

    /// The edit distance of two texts in scalars, and the length of the longer one.
    fileprivate func editDistance() throws(Raised) -> (distance: Int, length: Int) {
        try reserve(32 * (try text(0).count + text(1).count))
        let left = Array(String(decoding: try workingText(), as: UTF8.self).unicodeScalars)
        let right = Array(try string(1).unicodeScalars)
        var previous = Array(0...right.count)
        var row = previous
        for (index, scalar) in left.enumerated() {
            try charge(right.count + 1)
            row[0] = index + 1
            for column in 0..<right.count {
                let replaced = previous[column] + (scalar == right[column] ? 0 : 1)
                row[column + 1] = min(replaced, previous[column + 1] + 1, row[column] + 1)
            }
            swap(&previous, &row)
        }
        return (previous[right.count], max(left.count, right.count))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Behind the white space that the text begins with.
    var startOfTrimmed: Int {
        var start = 0
        while let scalar = scalar(at: start), scalar.properties.isWhitespace { start += UTF8.width(scalar) }
        return start
    }

    /// What stands between line ends; CR LF is one.
    var lines: [UnsafeBufferPointer<UInt8>] {
        var lines: [UnsafeBufferPointer<UInt8>] = []
        var start = 0
        for (index, byte) in enumerated() where byte == 0x0A {
            let end = index > start && self[index - 1] == 0x0D ? index - 1 : index
            lines.append(part(start..<end))
            start = index + 1
        }
        lines.append(part(start..<count))
        return lines
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
