import Glibc

extension String {
    /// Whether the word occurs where neither of its ends continues an identifier: `Date()` is not in
    /// `makeDate()`.
    ///
    /// On bytes and with memchr(3), since all rules together look through every file dozens of times.
    func containsWord(_ word: String) -> Bool {
        !positions(ofWord: word).isEmpty
    }

    /// The UTF-8 offsets at which the word occurs so.
    func positions(ofWord word: String) -> [Int] {
        var text = self
        var word = word
        return text.withUTF8 { text in
            word.withUTF8 { word in
                Self.positions(of: word, in: text).filter { Self.standsAlone(word, at: $0, in: text) }
            }
        }
    }

    private static func positions(
        of word: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>
    ) -> [Int] {
        guard let start = text.baseAddress, let needle = word.baseAddress else { return [] }
        var found: [Int] = []
        var offset = 0
        while offset + word.count <= text.count,
            let hit = memchr(start + offset, Int32(needle.pointee), text.count - word.count - offset + 1)
        {
            let position = UnsafeRawPointer(hit) - UnsafeRawPointer(start)
            if memcmp(hit, needle, word.count) == 0 { found.append(position) }
            offset = position + 1
        }
        return found
    }

    private static func standsAlone(
        _ word: UnsafeBufferPointer<UInt8>, at offset: Int, in text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let end = offset + word.count
        let continuesBefore = offset > 0 && text[offset - 1].isIdentifier && word.first?.isIdentifier == true
        let continuesAfter = end < text.count && text[end].isIdentifier && word.last?.isIdentifier == true
        return !continuesBefore && !continuesAfter
    }
}

extension UInt8 {
    /// Whether the byte can be part of an identifier; every byte beyond ASCII can.
    var isIdentifier: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default:
            false
        }
    }
}
