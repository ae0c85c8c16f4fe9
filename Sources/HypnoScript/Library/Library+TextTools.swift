/// Small puzzles with text, and deterministic hashes.
extension Library {
    static let textTools: [Builtin] = hashing + comparison + rearrangement

    private static let hashing = [
        Builtin("HashString") {
            native($0, $1, $2) { call throws(Raised) in
                var hash = SipHash()
                hash.append(try call.workingText())
                // The end mark keeps the hashes of adjacent strings apart where a hash covers several.
                hash.append(0xFF)
                return Value(number: Double(hash.finish()))
            }
        },
        Builtin("HashNumber") {
            native($0, $1, $2) { call throws(Raised) in
                let bits = try call.number(0).bitPattern
                var hash = SipHash()
                hash.append((0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) })
                return Value(number: Double(hash.finish()))
            }
        },
        Builtin("SimpleRandom") {
            native($0, $1, $2) { call throws(Raised) in
                // One step of Knuth's MMIX generator.
                let seed = UInt64(try call.natural(0))
                return Value(number: Double(seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407))
            }
        },
    ]

    private static let comparison = [
        Builtin("AreAnagrams") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.scalars(0), try call.scalars(1))
                return Value(left.count == right.count && left.sorted() == right.sorted())
            }
        },
        Builtin("IsPalindrome") {
            native($0, $1, $2) { call throws(Raised) in
                var lowered = String(String.UnicodeScalarView(try call.lettersAndNumbers(0)))
                let bytes = lowered.withUTF8 { TextCase.lowercased($0) }
                let letters = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
                return Value(letters.elementsEqual(letters.reversed()))
            }
        },
        Builtin("CountOccurrences") {
            native($0, $1, $2) { call throws(Raised) in
                let search = try call.search()
                return Value(number: search.pattern.isEmpty ? 0 : Double(search.matchCount))
            }
        },
    ]

    private static let rearrangement = [
        Builtin("RemoveDuplicates") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloadedForArray { return try call.distinctElements() }
                return try call.string(try call.distinctScalars())
            }
        },
        Builtin("UniqueCharacters") {
            native($0, $1, $2) { call throws(Raised) in try call.string(try call.distinctScalars()) }
        },
        Builtin("ReverseWords") {
            native($0, $1, $2) { call throws(Raised) in
                try call.joined(try call.workingText().words.reversed()) { _ in nil }
            }
        },
        Builtin("TitleCase") {
            native($0, $1, $2) { call throws(Raised) in
                try call.joined(try call.workingText().words) { $0.scalar(at: 0) }
            }
        },
    ]
}

extension BuiltinCall {
    /// The scalars of a string argument.
    func scalars(_ position: Int) throws(Raised) -> [Unicode.Scalar] {
        let text = try text(position)
        try reserve(text.count * 4)
        try charge(text.count / 16)
        return Array(String(decoding: text, as: UTF8.self).unicodeScalars)
    }

    /// Words with a blank between them; what `capital` finds at the start of one is written in upper case.
    fileprivate func joined(
        _ words: [UnsafeBufferPointer<UInt8>], capital: (UnsafeBufferPointer<UInt8>) -> Unicode.Scalar?
    ) throws(Raised) -> Value {
        var bytes: [UInt8] = []
        for (index, word) in words.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: " ")) }
            var rest = word
            if let first = capital(word) {
                bytes += TextCase.uppercased(first).utf8
                rest = word.part(UTF8.width(first)..<word.count)
            }
            bytes += rest
            try charge(word.count / 16 + 1)
        }
        return try string(bytes)
    }

    /// The scalars of a string argument that are letters or numbers.
    fileprivate func lettersAndNumbers(_ position: Int) throws(Raised) -> [Unicode.Scalar] {
        var kept: [Unicode.Scalar] = []
        for (index, scalar) in try scalars(position).enumerated() {
            if index & 0x3FF == 0 { try charge(512) }
            if scalar.isLetterOrNumber { kept.append(scalar) }
        }
        return kept
    }

    /// The first occurrence of each scalar of the first argument.
    fileprivate func distinctScalars() throws(Raised) -> String {
        var seen: Set<Unicode.Scalar> = []
        var distinct = String.UnicodeScalarView()
        for (index, scalar) in try scalars(0).enumerated() {
            if index & 0x3FF == 0 { try charge(512) }
            if seen.insert(scalar).inserted { distinct.append(scalar) }
        }
        return String(distinct)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The longest pieces without Unicode white space.
    var words: [UnsafeBufferPointer<UInt8>] {
        var words: [UnsafeBufferPointer<UInt8>] = []
        var start = 0
        var offset = 0
        while let scalar = scalar(at: offset) {
            let end = offset + UTF8.width(scalar)
            if scalar.isASCII ? isBlank(offset) : scalar.properties.isWhitespace {
                if offset > start { words.append(part(start..<offset)) }
                start = end
            }
            offset = end
        }
        if count > start { words.append(part(start..<count)) }
        return words
    }
}
