/// A text kept once in a `NameTable`: an identifier, the contents of a string literal, a type name.
///
/// Two symbols of the same table are equal exactly when their texts have the same bytes.
package struct Symbol: Hashable, Sendable {
    private let compact: Int32

    init(index: Int) { compact = Int32(truncatingIfNeeded: index) }

    /// Counts from 0 in order of first appearance, so that side tables can be arrays.
    package var index: Int { Int(compact) }
}

/// The texts of one program, each stored once.
///
/// An open-addressing hash table over one buffer of UTF-8 bytes: interning a name that is known already
/// allocates nothing, so that the lexer needs no `String` per token.
package struct NameTable: Sendable {
    private var bytes: [UInt8] = []
    /// `ends[i]` is where text i stops in `bytes`; it starts where its predecessor stops.
    private var ends: [Int] = []
    private var hashes: [UInt32] = []
    /// Index of a text plus one, 0 for a free slot; the count is a power of two, at most half of it used.
    private var slots: [Int32]

    package init() {
        slots = [Int32](repeating: 0, count: 256)
    }

    /// How many texts there are.
    package var count: Int { ends.count }

    /// The text as a `String`; for messages and for tables keyed by name, not for hot paths.
    package subscript(_ symbol: Symbol) -> String {
        withUTF8(of: symbol) { String(decoding: $0, as: UTF8.self) }
    }

    /// Lends the bytes of a text.
    package func withUTF8<Result>(
        of symbol: Symbol, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let range = range(of: symbol.index)
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// The symbol of `text`, added if it is new.
    package mutating func intern(_ text: String) -> Symbol {
        var text = text
        return text.withUTF8 { intern($0) }
    }

    /// The symbol of a text given as valid UTF-8, added if it is new.
    package mutating func intern(_ text: UnsafeBufferPointer<UInt8>) -> Symbol {
        let hash = Self.hash(text)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[index] == hash && holds(text, at: index) { return Symbol(index: index) }
            slot = (slot + 1) & (slots.count - 1)
        }
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = Int32(truncatingIfNeeded: ends.count)
        if ends.count * 2 > slots.count { grow() }
        return Symbol(index: ends.count - 1)
    }

    /// The symbol of `text` if this program mentions it at all.
    package func find(_ text: String) -> Symbol? {
        var text = text
        return text.withUTF8 { wanted in
            let hash = Self.hash(wanted)
            var slot = Int(hash) & (slots.count - 1)
            while slots[slot] != 0 {
                let index = Int(slots[slot]) - 1
                if hashes[index] == hash && holds(wanted, at: index) { return Symbol(index: index) }
                slot = (slot + 1) & (slots.count - 1)
            }
            return nil
        }
    }

    private func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    private func holds(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        let range = range(of: index)
        return range.count == text.count
            && bytes.withUnsafeBufferPointer { stored in
                for offset in 0..<text.count where stored[range.lowerBound + offset] != text[offset] {
                    return false
                }
                return true
            }
    }

    private mutating func grow() {
        var larger = [Int32](repeating: 0, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(hash) & (larger.count - 1)
            while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = Int32(truncatingIfNeeded: index + 1)
        }
        slots = larger
    }

    /// FNV-1a. A script that collides on purpose slows down its own compilation only.
    private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in text { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return hash
    }
}
