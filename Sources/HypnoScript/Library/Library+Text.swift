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
                throw call.raise(
                    .type,
                    "Function 'Length' expects string or array argument, got \(try call.printed(value))")
            }
        },
        Builtin("IsEmpty") {
            native($0, $1, $2) { call throws(Raised) in
                if let isEmpty = call.isEmptyContainer { return Value(isEmpty) }
                return Value(try call.text(0).isEmpty)
            }
        },
        Builtin("IsWhitespace") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                return Value(try call.startOfTrimmed(text) == text.count)
            }
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
            native($0, $1, $2) { call throws(Raised) in Value(try call.text(0).begins(with: try call.text(1)))
            }
        },
        Builtin("EndsWith") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.text(0).ends(with: try call.text(1))) }
        },
    ]

    private static let caseMapping = [
        Builtin("ToUpper") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                return try call.text { result throws(Raised) in
                    try result.reserve(text.count)
                    try TextCase.uppercase(text, to: &result)
                }
            }
        },
        Builtin("ToLower") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                return try call.text { result throws(Raised) in
                    try result.reserve(text.count)
                    try TextCase.lowercase(text, to: &result)
                }
            }
        },
        Builtin("Capitalize") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                guard let first = text.scalar(at: 0) else { return try call.string(text) }
                return try call.text { result throws(Raised) in
                    try result.append(TextCase.uppercased(first))
                    try result.append(text.part(UTF8.width(first)..<text.count))
                }
            }
        },
    ]

    private static let cutting = [
        Builtin("Trim") {
            native($0, $1, $2) { call throws(Raised) in try call.string(try call.trimmed(try call.text(0))) }
        },
        Builtin("Substring") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                let (start, end) = (try call.natural(1), try call.natural(2))
                return try call.string(try call.scalars(of: text, from: start, to: end))
            }
        },
        Builtin("Reverse") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloadedForArray { return try call.reversedElements() }
                return try call.reversed(try call.text(0))
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

    /// A search for the second argument in the first.
    func search() throws(Raised) -> ByteSearch {
        try ByteSearch(self, text: try text(0), pattern: try text(1))
    }

    /// A string of exactly `count` bytes, refused before anything is done if the memory limit forbids it.
    fileprivate func sizedString(
        _ count: Int, _ write: (inout TextBuilder) throws(Raised) -> Void
    ) throws(Raised) -> Value {
        try reserve(count)
        return try text { result throws(Raised) in
            try result.reserve(count)
            try write(&result)
        }
    }

    /// The scalars in reverse order.
    fileprivate func reversed(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        try string(count: text.count) { result throws(Raised) in
            try holds(forAll: text) { scalar, start throws(Raised) in
                let width = UTF8.width(scalar)
                for offset in 0..<width { result[text.count - start - width + offset] = text[start + offset] }
                return true
            }
        }
    }

    fileprivate func scalars(of text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        let empty = try string("")
        let count = try scalarCount(of: text) + 2
        let (result, elements) = try newArray(count: count)
        elements[0] = empty
        elements[count - 1] = empty
        var start = 0
        try inParts(of: count - 2, costing: { 16 * $0 }) { part throws(Raised) in
            for index in part {
                let end = start + Self.length(ofScalarStartingWith: text[start])
                elements[index + 1] = try string(text.part(start..<end))
                start = end
            }
        }
        return result
    }

    fileprivate func pieces(of search: ByteSearch) throws(Raised) -> Value {
        var pieces = ValueList(self)
        var start = 0
        try search.forEachMatch { match throws(Raised) in
            try pieces.append(search.text.part(start..<match))
            start = match + search.pattern.count
        }
        try pieces.append(search.text.part(start..<search.text.count))
        return try pieces.finish()
    }

    fileprivate func replaced(
        _ search: ByteSearch, with replacement: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Value {
        guard !search.pattern.isEmpty else { return try interspersed(search.text, with: replacement) }
        let matches = try search.matchCount()
        let count = Self.size(
            of: replacement.count, times: matches, plus: search.text.count - matches * search.pattern.count)
        return try sizedString(count) { result throws(Raised) in
            var start = 0
            try search.forEachMatch { match throws(Raised) in
                try result.append(search.text.part(start..<match))
                try result.append(replacement)
                start = match + search.pattern.count
            }
            try result.append(search.text.part(start..<search.text.count))
        }
    }

    /// `text` with `separator` before every scalar and at the end.
    private func interspersed(
        _ text: UnsafeBufferPointer<UInt8>, with separator: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Value {
        let count = Self.size(of: separator.count, times: try scalarCount(of: text) + 1, plus: text.count)
        return try sizedString(count) { result throws(Raised) in
            try holds(forAll: text) { scalar, start throws(Raised) in
                try result.append(separator)
                try result.append(scalar)
                return true
            }
            try result.append(separator)
        }
    }

    fileprivate func repeated(
        _ text: UnsafeBufferPointer<UInt8>, _ times: Int
    ) throws(Raised) -> Value {
        let count = Self.size(of: text.count, times: times, plus: 0)
        return try sizedString(count) { result throws(Raised) in
            if count > 0 { try result.append(text, times: times) }
        }
    }

    /// The first argument, padded with the third until it has as many bytes as the second says; a longer
    /// padding character makes the result longer.
    fileprivate func padded(leading: Bool) throws(Raised) -> Value {
        let (text, width) = (try text(0), try natural(1))
        let padding = try character(2)
        let times = max(0, width - text.count)
        let count = Self.size(of: padding.count, times: times, plus: text.count)
        return try sizedString(count) { result throws(Raised) in
            if leading { try result.append(padding, times: times) }
            try result.append(text)
            if !leading { try result.append(padding, times: times) }
        }
    }

    /// `size · times + rest`, or the greatest number there is instead of an overflow.
    private static func size(of size: Int, times: Int, plus rest: Int) -> Int {
        let (product, overflows) = size.multipliedReportingOverflow(by: times)
        let (sum, overflowsToo) = product.addingReportingOverflow(rest)
        return overflows || overflowsToo ? .max : sum
    }
}
