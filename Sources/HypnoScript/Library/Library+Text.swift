import Glibc

/// Strings: UTF-8 whose lengths and offsets count bytes and whose pieces are scalars, never grapheme
/// clusters.
extension Library {
    static let text: [Builtin] = inspection + search + caseMapping + cutting + building

    private static let inspection = [
        Builtin("Length") {
            native($0, $1, $2) { call throws(Raised) in
                guard let value = call.optional(0) else {
                    throw call.raise(.runtime, "Function 'Length' requires at least 1 argument")
                }
                if value.has(.string) { return Value(number: Double(value.utf8.count)) }
                if value.has(.array) { return Value(number: Double(value.elements.count)) }
                if value.isDictionary { return Value(number: Double(value.entries.count)) }
                var printed: [UInt8] = []
                try call.print(value, to: &printed)
                throw call.raise(
                    .type,
                    "Function 'Length' expects string or array argument, got "
                        + String(decoding: printed, as: UTF8.self))
            }
        },
        Builtin("IsEmpty") {
            native($0, $1, $2) { call throws(Raised) in
                if let isEmpty = call.isEmptyContainer { return Value(isEmpty) }
                return Value(try call.text(0).isEmpty)
            }
        },
        Builtin("IsWhitespace") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.text(0).trimmed.isEmpty) }
        },
    ]

    private static let search = [
        Builtin("IndexOf") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloadedForArray { return Value(number: Double(try call.indexOfElement() ?? -1)) }
                return Value(number: Double(try call.search().first() ?? -1))
            }
        },
        Builtin("Contains") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloadedForArray { return Value(try call.indexOfElement() != nil) }
                return Value(try call.search().first() != nil)
            }
        },
        Builtin("StartsWith") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.search().isPrefix) }
        },
        Builtin("EndsWith") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.search().isSuffix) }
        },
    ]

    private static let caseMapping = [
        Builtin("ToUpper") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(
                    try call.inPieces(of: try call.workingText(), atBlanks: false, TextCase.uppercased))
            }
        },
        Builtin("ToLower") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(
                    try call.inPieces(of: try call.workingText(), atBlanks: true, TextCase.lowercased))
            }
        },
        Builtin("Capitalize") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.workingText()
                guard let first = text.scalar(at: 0) else { return try call.string(text) }
                let rest = text.part(UTF8.width(first)..<text.count)
                return try call.string(Array(TextCase.uppercased(first).utf8) + rest)
            }
        },
    ]

    private static let cutting = [
        Builtin("Trim") {
            native($0, $1, $2) { call throws(Raised) in try call.string(try call.workingText().trimmed) }
        },
        Builtin("Substring") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.workingText()
                let (start, end) = (try call.natural(1), try call.natural(2))
                return try call.string(text.scalars(from: start, to: end))
            }
        },
        Builtin("Reverse") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloadedForArray { return try call.reversedElements() }
                let text = try call.workingText()
                return try call.string(count: text.count) { result in
                    text.forEachScalar { scalar in
                        for offset in scalar {
                            result[text.count - scalar.upperBound + offset - scalar.lowerBound] = text[offset]
                        }
                    }
                }
            }
        },
        Builtin("Split") {
            native($0, $1, $2) { call throws(Raised) in
                let search = try call.search()
                return search.pattern.isEmpty
                    ? try call.scalars(of: search.text) : try call.pieces(of: search)
            }
        },
    ]

    private static let building = [
        Builtin("Replace") {
            native($0, $1, $2) { call throws(Raised) in
                try call.replaced(try call.search(), with: try call.text(2))
            }
        },
        Builtin("Repeat") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloaded, call.count > 1, !call.arguments[0].has(.string) {
                    return try call.array(repeating: call.arguments[0], count: try call.natural(1))
                }
                return try call.repeated(try call.text(0), try call.natural(1))
            }
        },
        Builtin("PadLeft") {
            native($0, $1, $2) { call throws(Raised) in try call.padded(leading: true) }
        },
        Builtin("PadRight") {
            native($0, $1, $2) { call throws(Raised) in try call.padded(leading: false) }
        },
    ]
}

extension BuiltinCall {
    /// The first argument, the work of one pass over it accounted for.
    func workingText() throws(Raised) -> UnsafeBufferPointer<UInt8> {
        let text = try text(0)
        try charge(text.count / 16)
        return text
    }

    /// What `transform` makes of a text, piece by piece, so that a deadline is seen in between.
    ///
    /// - Parameter atBlanks: the mapping of a scalar depends on its neighbours, but not beyond a blank.
    func inPieces(
        of text: UnsafeBufferPointer<UInt8>, atBlanks: Bool,
        _ transform: (UnsafeBufferPointer<UInt8>) -> [UInt8]
    ) throws(Raised) -> [UInt8] {
        let size = 1 << 16
        if text.count <= size { return transform(text) }
        var result: [UInt8] = []
        var start = 0
        while start < text.count {
            var end = min(start + size, text.count)
            while end < text.count,
                atBlanks ? text[end - 1] != UInt8(ascii: " ") : text[end] & 0xC0 == 0x80
            {
                end += 1
            }
            try charge((end - start) / 2)
            result += transform(text.part(start..<end))
            start = end
        }
        return result
    }

    /// Whether there are elements, and a condition that is not cheap holds for all.
    func holds<Element>(
        forAll elements: [Element], _ holds: (Element) -> Bool
    ) throws(Raised) -> Bool {
        for (index, element) in elements.enumerated() {
            if index & 0x3FF == 0 { try charge(min(1024, elements.count - index) / 4) }
            if !holds(element) { return false }
        }
        return !elements.isEmpty
    }

    /// A search for the second argument in the first.
    func search() throws(Raised) -> ByteSearch {
        let text = try workingText()
        return ByteSearch(text: text, pattern: try self.text(1))
    }

    /// A string of exactly `count` bytes, refused before anything is done if the memory limit forbids it.
    fileprivate func chargedString(
        count: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void
    ) throws(Raised) -> Value {
        try reserve(count)
        try charge(count / 16)
        return try string(count: count, fill: fill)
    }

    fileprivate func scalars(of text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        let empty = try string("")
        let count = text.scalarCount + 2
        try charge(count)
        let (result, elements) = try newArray(count: count)
        elements[0] = empty
        elements[count - 1] = empty
        var start = 0
        for index in 1..<(count - 1) {
            let end = start + Self.length(ofScalarStartingWith: text[start])
            elements[index] = try string(text.part(start..<end))
            start = end
        }
        return result
    }

    fileprivate func pieces(of search: ByteSearch) throws(Raised) -> Value {
        let count = search.matchCount + 1
        try charge(count)
        let (result, elements) = try newArray(count: count)
        var start = 0
        for index in 0..<count {
            let end = index + 1 < count ? search.first(from: start) ?? search.text.count : search.text.count
            elements[index] = try string(search.text.part(start..<end))
            start = end + search.pattern.count
        }
        return result
    }

    fileprivate func replaced(
        _ search: ByteSearch, with replacement: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Value {
        guard !search.pattern.isEmpty else { return try interspersed(search.text, with: replacement) }
        let matches = search.matchCount
        let count = Self.size(
            of: replacement.count, times: matches, plus: search.text.count - matches * search.pattern.count)
        return try chargedString(count: count) { result in
            var writer = ByteWriter(result)
            var start = 0
            search.forEachMatch { match in
                writer.write(search.text.part(start..<match))
                writer.write(replacement)
                start = match + search.pattern.count
            }
            writer.write(search.text.part(start..<search.text.count))
        }
    }

    /// `text` with `separator` before every scalar and at the end.
    private func interspersed(
        _ text: UnsafeBufferPointer<UInt8>, with separator: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Value {
        let count = Self.size(of: separator.count, times: text.scalarCount + 1, plus: text.count)
        return try chargedString(count: count) { result in
            var writer = ByteWriter(result)
            text.forEachScalar { scalar in
                writer.write(separator)
                writer.write(text.part(scalar))
            }
            writer.write(separator)
        }
    }

    fileprivate func repeated(
        _ text: UnsafeBufferPointer<UInt8>, _ times: Int
    ) throws(Raised) -> Value {
        let count = Self.size(of: text.count, times: times, plus: 0)
        return try chargedString(count: count) { result in
            var writer = ByteWriter(result)
            if count > 0 { writer.write(text, times: times) }
        }
    }

    /// The first argument, padded with the third until it has as many bytes as the second says; a longer
    /// padding character makes the result longer.
    fileprivate func padded(leading: Bool) throws(Raised) -> Value {
        let (text, width) = (try text(0), try natural(1))
        let padding = try character(2)
        let times = max(0, width - text.count)
        let count = Self.size(of: padding.count, times: times, plus: text.count)
        return try chargedString(count: count) { result in
            var writer = ByteWriter(result)
            if leading { writer.write(padding, times: times) }
            writer.write(text)
            if !leading { writer.write(padding, times: times) }
        }
    }

    /// `size · times + rest`, or the greatest number there is instead of an overflow.
    private static func size(of size: Int, times: Int, plus rest: Int) -> Int {
        let (product, overflows) = size.multipliedReportingOverflow(by: times)
        let (sum, overflowsToo) = product.addingReportingOverflow(rest)
        return overflows || overflowsToo ? .max : sum
    }
}

/// Writes pieces one behind the other into memory that is large enough.
private struct ByteWriter {
    private var end: UnsafeMutablePointer<UInt8>

    init(_ start: UnsafeMutablePointer<UInt8>) {
        end = start
    }

    mutating func write(_ piece: UnsafeBufferPointer<UInt8>) {
        guard let start = piece.baseAddress else { return }
        end.update(from: start, count: piece.count)
        end += piece.count
    }

    mutating func write(_ piece: UnsafeBufferPointer<UInt8>, times: Int) {
        if piece.count == 1 {
            memset(end, Int32(piece[0]), times)
            end += times
        } else {
            for _ in 0..<times { write(piece) }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The text without Unicode white space at its ends.
    var trimmed: UnsafeBufferPointer<UInt8> {
        var start = 0
        while start < count, isBlank(start) { start += 1 }
        while let scalar = scalar(at: start), scalar.properties.isWhitespace { start += UTF8.width(scalar) }
        var end = count
        while end > start, isBlank(end - 1) { end -= 1 }
        while end > start {
            let last = startOfScalar(before: end)
            guard let scalar = scalar(at: last), scalar.properties.isWhitespace else { break }
            end = last
        }
        return part(start..<end)
    }

    /// Whether a byte is white space of ASCII: the tables of Unicode take twenty times as long.
    func isBlank(_ offset: Int) -> Bool {
        self[offset] == 0x20 || (0x09...0x0D).contains(self[offset])
    }

    /// The scalars at the positions from `start` up to but not including `end`, both moved into the text.
    func scalars(from start: Int, to end: Int) -> UnsafeBufferPointer<UInt8> {
        guard start < end else { return part(0..<0) }
        let from = offset(ofScalar: start, from: 0)
        return part(from..<offset(ofScalar: end - start, from: from))
    }

    /// Where the scalar begins that is `distance` scalars behind the one at `offset`, at most the end.
    private func offset(ofScalar distance: Int, from offset: Int) -> Int {
        var (offset, rest) = (offset, distance)
        while rest > 0, offset < count {
            offset += 1
            while offset < count, self[offset] & 0xC0 == 0x80 { offset += 1 }
            rest -= 1
        }
        return offset
    }
}
