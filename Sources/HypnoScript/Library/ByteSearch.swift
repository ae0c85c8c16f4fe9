import Glibc

/// Finds one text in another, byte for byte, which for UTF-8 is scalar for scalar.
///
/// The search of Knuth, Morris and Pratt: linear whatever the texts, so that no script can hang in a builtin.
struct ByteSearch {
    let text: UnsafeBufferPointer<UInt8>
    let pattern: UnsafeBufferPointer<UInt8>
    /// For each length of a matched beginning of the pattern, less one: the length of the longest shorter
    /// beginning that the same bytes end with.
    private let fallbacks: [Int]

    init(text: UnsafeBufferPointer<UInt8>, pattern: UnsafeBufferPointer<UInt8>) {
        self.text = text
        self.pattern = pattern
        var fallbacks = [Int](repeating: 0, count: pattern.count)
        var matched = 0
        for index in pattern.indices.dropFirst() {
            while matched > 0, pattern[index] != pattern[matched] { matched = fallbacks[matched - 1] }
            if pattern[index] == pattern[matched] { matched += 1 }
            fallbacks[index] = matched
        }
        self.fallbacks = fallbacks
    }

    /// Where the pattern first occurs at or after `start`; the empty pattern occurs everywhere.
    func first(from start: Int = 0) -> Int? {
        guard let first = pattern.first else { return start }
        var matched = 0
        var offset = start
        while offset < text.count {
            if matched == 0 {
                guard let candidate = place(of: first, from: offset) else { return nil }
                offset = candidate
            } else if text[offset] != pattern[matched] {
                matched = fallbacks[matched - 1]
                continue
            }
            matched += 1
            offset += 1
            if matched == pattern.count { return offset - matched }
        }
        return nil
    }

    private func place(of byte: UInt8, from start: Int) -> Int? {
        guard let base = text.baseAddress,
            let found = memchr(base + start, Int32(byte), text.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Calls `body` with the place of each occurrence that does not overlap an earlier one; not for the empty
    /// pattern.
    func forEachMatch(_ body: (Int) -> Void) {
        var start = 0
        while let match = first(from: start) {
            body(match)
            start = match + pattern.count
        }
    }

    /// How many occurrences there are that do not overlap; not for the empty pattern.
    var matchCount: Int {
        var count = 0
        forEachMatch { _ in count += 1 }
        return count
    }

    /// Whether the text begins with the pattern.
    var isPrefix: Bool {
        text.count >= pattern.count && text.prefix(pattern.count).elementsEqual(pattern)
    }

    /// Whether the text ends with the pattern.
    var isSuffix: Bool {
        text.count >= pattern.count && text.suffix(pattern.count).elementsEqual(pattern)
    }
}
