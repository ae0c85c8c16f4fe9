/// Small puzzles with text, and deterministic hashes.
extension Library {
    static let textTools: [Builtin] = hashing + comparison + rearrangement

    private static let hashing = [
        Builtin("HashString") {
            native($0, $1, $2) { call throws(Raised) in
                var hash = SipHash()
                let text = try call.text(0)
                try call.inParts(of: text.count) { hash.append(text.part($0)) }
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
                var counts = ScalarCounts()
                try call.holds(forAll: try call.text(0)) { scalar, _ in
                    _ = counts.add(1, to: scalar)
                    return true
                }
                try call.holds(forAll: try call.text(1)) { scalar, _ in
                    _ = counts.add(-1, to: scalar)
                    return true
                }
                return Value(counts.areZero)
            }
        },
        Builtin("IsPalindrome") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.isPalindrome(try call.text(0))) }
        },
        Builtin("CountOccurrences") {
            native($0, $1, $2) { call throws(Raised) in
                let search = try call.search()
                return Value(number: search.pattern.isEmpty ? 0 : Double(try search.matchCount()))
            }
        },
    ]

    private static let rearrangement = [
        Builtin("RemoveDuplicates") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloadedForArray { return try call.distinctElements() }
                return try call.distinctScalars()
            }
        },
        Builtin("UniqueCharacters") {
            native($0, $1, $2) { call throws(Raised) in try call.distinctScalars() }
        },
        Builtin("ReverseWords") {
            native($0, $1, $2) { call throws(Raised) in
                try call.reversedWords(of: try call.text(0))
            }
        },
        Builtin("TitleCase") {
            native($0, $1, $2) { call throws(Raised) in
                try call.capitalizedWords(of: try call.text(0))
            }
        },
    ]
}

extension BuiltinCall {
    /// The scalars of a string argument.
    func scalars(_ position: Int) throws(Raised) -> [Unicode.Scalar] {
        let text = try text(position)
        let count = try scalarCount(of: text)
        try reserve(count * 4)
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(count)
        try holds(forAll: text) { scalar, _ in
            scalars.append(scalar)
            return true
        }
        return scalars
    }

    /// Whether the letters and numbers of a text are the same from both ends, in lower case.
    fileprivate func isPalindrome(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Bool {
        var kept = TextBuilder(self)
        try holds(forAll: text) { scalar, _ throws(Raised) in
            if scalar.isLetterOrNumber { try kept.append(scalar) }
            return true
        }
        let lowered = try lowercased(kept.bytes)
        let letters = lowered.bytes
        var end = letters.count
        return try holds(forAll: letters) { scalar, offset throws(Raised) in
            if offset >= end { return true }
            end = letters.startOfScalar(before: end)
            return letters.scalar(at: end) == scalar
        }
    }

    /// The words with a blank between them, the last one first. They are written from the end on, so none need
    /// be remembered.
    fileprivate func reversedWords(of text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        var (length, count) = (0, 0)
        try forEachWord(in: text) { word in
            length += word.count
            count += 1
        }
        return try string(count: length + max(count - 1, 0)) { result throws(Raised) in
            var start = length + max(count - 1, 0)
            try forEachWord(in: text) { word throws(Raised) in
                start -= word.count
                guard let source = word.baseAddress,
                    machine.pointee.heap.copy(source, to: result + start, count: word.count)
                else { throw outOfMemory() }
                if start > 0 {
                    start -= 1
                    result[start] = UInt8(ascii: " ")
                }
            }
        }
    }

    /// The words with a blank between them, each with its first scalar in upper case.
    fileprivate func capitalizedWords(of text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        try self.text { result throws(Raised) in
            try forEachWord(in: text) { word throws(Raised) in
                guard let first = word.scalar(at: 0) else { return }
                if result.count > 0 { try result.append(UInt8(ascii: " ")) }
                try result.append(TextCase.uppercased(first))
                try result.append(word.part(UTF8.width(first)..<word.count))
                try charge(32)
            }
        }
    }

    /// The first occurrence of each scalar of the first argument.
    fileprivate func distinctScalars() throws(Raised) -> Value {
        var seen = ScalarCounts()
        let source = try text(0)
        return try text { result throws(Raised) in
            try holds(forAll: source) { scalar, _ throws(Raised) in
                if seen.add(1, to: scalar) == 1 { try result.append(scalar) }
                return true
            }
        }
    }
}

/// How often scalars occur.
private struct ScalarCounts {
    private var ofASCII = [Int](repeating: 0, count: 128)
    private var ofOthers: [Unicode.Scalar: Int] = [:]

    /// The new count.
    mutating func add(_ more: Int, to scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII {
            ofASCII[Int(scalar.value)] += more
            return ofASCII[Int(scalar.value)]
        }
        ofOthers[scalar, default: 0] += more
        return ofOthers[scalar, default: 0]
    }

    var areZero: Bool { ofASCII.allSatisfy { $0 == 0 } && ofOthers.values.allSatisfy { $0 == 0 } }
}
