import Effects

/// Damages texts where it hurts: whole tokens are dropped, doubled, swapped or replaced, now and then bytes.
struct Mutation {
    let random: SeededRandom

    /// Words and signs that a lexer may trip over.
    private static let pieces = [
        "{", "}", "(", ")", "[", "]", ";", ",", ":", "=", "=>", "...", "..", ".", "?.", "??", "?", "&", "|",
        "\"", "'", "\\", "//", "/*", "*/", "-", "!", "^", "\u{FEFF}", "\u{0}", "é", "²", "Ⅳ", "\u{301}",
        "1.2.3", "9999999999999999999999", "0.0000000001", "null", "this", "throw", "try", "catch", "finally",
        "for", "of", "in", "with", "record", "import", "as", "var", "function", "suggestion", "session",
        "entrain", "when", "otherwise", "awaken", "snap", "sink", "Focus", "Relax", "entrance", "finale",
        "trigger", "sharedTrance", "freeze", "call", "await", "lucid", "assert", "drift", "mindLink",
        "number", "string", "constructor", "dominant", "expose", "conceal", "tranceify", "label", "\n",
    ]

    private func below(_ bound: Int) -> Int { Int(random.uniform(below: UInt64(max(1, bound)))) }

    /// One to four damages to a list of tokens.
    func damage(_ tokens: [String]) -> [String] {
        var tokens = tokens
        for _ in 0...below(4) where !tokens.isEmpty {
            let place = below(tokens.count)
            switch below(6) {
            case 0: tokens.remove(at: place)
            case 1: tokens.insert(tokens[below(tokens.count)], at: place)
            case 2: tokens.swapAt(place, below(tokens.count))
            case 3: tokens[place] = Self.pieces[below(Self.pieces.count)]
            case 4: tokens.insert(Self.pieces[below(Self.pieces.count)], at: place)
            default: tokens.removeSubrange(place..<min(tokens.count, place + 1 + below(4)))
            }
        }
        return tokens
    }

    /// A few changes to the text itself, which stays UTF-8.
    func damage(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0...below(4) where !scalars.isEmpty {
            let place = below(scalars.count)
            switch below(4) {
            case 0: scalars.remove(at: place)
            case 1:
                scalars.insert(contentsOf: Self.pieces[below(Self.pieces.count)].unicodeScalars, at: place)
            case 2: scalars.swapAt(place, below(scalars.count))
            default: scalars.removeSubrange(place..<min(scalars.count, place + 1 + below(20)))
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
