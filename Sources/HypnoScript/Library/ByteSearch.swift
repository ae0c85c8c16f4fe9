import Glibc

/// Finds one text in another, byte for byte, which for UTF-8 is scalar for scalar.
///
/// The search of Knuth, Morris and Pratt: linear whatever the texts, so that no script can hang in a builtin.
struct ByteSearch {
    let text: UnsafeBufferPointer<UInt8>
    let pattern: UnsafeBufferPointer<UInt8>
    private let call: BuiltinCall
    /// For each length of a matched beginning of the pattern, less one: the length of the longest shorter
    /// beginning that the same bytes end with. None for a pattern that is longer than the text.
    private let fallbacks: [Int32]

    /// Bytes between two charges.
    private static let window = 1 << 14

    init(
        _ call: BuiltinCall, text: UnsafeBufferPointer<UInt8>, pattern: UnsafeBufferPointer<UInt8>
    ) throws(Raised) {
        self.call = call
        self.text = text
        self.pattern = pattern
        guard pattern.count <= min(text.count, Int(Int32.max)) else {
            fallbacks = []
            return
        }
        try call.reserve(4 * pattern.count)
        var fallbacks: [Int32] = []
        fallbacks.reserveCapacity(pattern.count)
        var matched = 0
        try call.inParts(of: pattern.count, costing: { 2 * $0 }) { part throws(Raised) in
            for index in part {
                while matched > 0, pattern[index] != pattern[matched] {
                    matched = Int(fallbacks[matched - 1])
                }
                if index > 0, pattern[index] == pattern[matched] { matched += 1 }
                fallbacks.append(Int32(truncatingIfNeeded: matched))
            }
        }
        self.fallbacks = fallbacks
    }

    /// Where the pattern first occurs at or after `start`; the empty pattern occurs everywhere.
    func first(from start: Int = 0) throws(Raised) -> Int? {
        guard let first = pattern.first else { return start }
        if fallbacks.isEmpty { return nil }
        var matched = 0
        var offset = start
        var look = offset + Self.window
        while offset < text.count {
            if offset >= look {
                try call.charge(Self.window / 4)
                look = offset + Self.window
            }
            if matched == 0 {
                guard let candidate = text.place(of: first, from: offset) else { return nil }
                offset = candidate
            } else if text[offset] != pattern[matched] {
                matched = Int(fallbacks[matched - 1])
                continue
            }
            matched += 1
            offset += 1
            if matched == pattern.count { return offset - matched }
        }
        return nil
    }

    /// Calls `body` with the place of each occurrence that does not overlap an earlier one; not for the empty
    /// pattern.
    func forEachMatch(_ body: (Int) throws(Raised) -> Void) throws(Raised) {
        var start = 0
        var work = 0
        while let match = try first(from: start) {
            work += 16 + (match - start) / 16
            if work > 1 << 12 {
                try call.charge(work)
                work = 0
            }
            try body(match)
            start = match + pattern.count
        }
    }

    /// How many occurrences there are that do not overlap; not for the empty pattern.
    func matchCount() throws(Raised) -> Int {
        var count = 0
        try forEachMatch { _ in count += 1 }
        return count
    }
}

extension UnsafeBufferPointer<UInt8> {
    func begins(with start: UnsafeBufferPointer<UInt8>) -> Bool {
        count >= start.count && part(0..<start.count).hasSameBytes(as: start)
    }

    func ends(with end: UnsafeBufferPointer<UInt8>) -> Bool {
        count >= end.count && part(count - end.count..<count).hasSameBytes(as: end)
    }
}
