/// A piece of a configuration file as the formatter sees it: what is written, without its meaning.
struct ConfigPiece: Equatable {
    enum Kind: Equatable {
        /// `{ } [ ] : ,`
        case sign(UInt8)
        /// A word, a number or a text, as it is written.
        case atom
        /// From `//` to the end of the line, or from `/*` to `*/`.
        case comment
    }

    let kind: Kind
    let text: String
    /// How many line ends stand before it.
    let newlinesBefore: Int
    /// How many blanks stand before it in its line.
    let blanksBefore: Int

    var isOpening: Bool { kind == .sign(.openBrace) || kind == .sign(.openBracket) }

    var isClosing: Bool { kind == .sign(.closeBrace) || kind == .sign(.closeBracket) }

    /// Whether the line ends with it.
    var endsLine: Bool { kind == .comment && text.hasPrefix("//") }

    /// Whether both say the same, wherever they stand.
    func isSame(_ other: ConfigPiece) -> Bool {
        kind == other.kind && text.utf8.elementsEqual(other.text.utf8)
    }

    /// The pieces of a text that parses.
    static func all(in bytes: [UInt8]) -> [ConfigPiece] {
        var scanner = Scanner(bytes: bytes)
        return scanner.pieces()
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0

        mutating func pieces() -> [ConfigPiece] {
            var pieces: [ConfigPiece] = []
            var (newlines, blanks) = (0, 0)
            while index < bytes.count {
                let byte = bytes[index]
                if byte == .newline {
                    (newlines, blanks) = (newlines + 1, 0)
                    index += 1
                } else if byte.isBlank {
                    blanks += 1
                    index += 1
                } else {
                    let (kind, end) = piece(beginningWith: byte)
                    let text = Self.trimmed(String(decoding: bytes[index..<end], as: UTF8.self), kind)
                    pieces.append(
                        ConfigPiece(kind: kind, text: text, newlinesBefore: newlines, blanksBefore: blanks))
                    (newlines, blanks) = (0, 0)
                    index = end
                }
            }
            return pieces
        }

        private func piece(beginningWith byte: UInt8) -> (Kind, end: Int) {
            switch byte {
            case .openBrace, .closeBrace, .openBracket, .closeBracket, .colon, .comma:
                return (.sign(byte), index + 1)
            case .quote: return (.atom, endOfText())
            case .slash where index + 1 < bytes.count && bytes[index + 1] == .star:
                return (.comment, endOfBlockComment())
            case .slash:
                return (.comment, bytes[index...].firstIndex(of: .newline) ?? bytes.count)
            default: return (.atom, endOfWord())
            }
        }

        private func endOfText() -> Int {
            let isTriple = bytes[index...].prefix(3).elementsEqual([.quote, .quote, .quote])
            var end = index + (isTriple ? 3 : 1)
            while end < bytes.count {
                if bytes[end] == .backslash {
                    end += 2
                } else if bytes[end] != .quote {
                    end += 1
                } else if !isTriple {
                    return end + 1
                } else if bytes[end...].prefix(3).elementsEqual([.quote, .quote, .quote]) {
                    return end + 3
                } else {
                    end += 1
                }
            }
            return min(end, bytes.count)
        }

        private func endOfBlockComment() -> Int {
            var end = index + 2
            while end + 1 < bytes.count {
                if bytes[end] == .star, bytes[end + 1] == .slash { return end + 2 }
                end += 1
            }
            return bytes.count
        }

        private func endOfWord() -> Int {
            var end = index
            while end < bytes.count {
                switch bytes[end] {
                case .openBrace, .closeBrace, .openBracket, .closeBracket, .colon, .comma, .quote, .slash,
                    .newline, .space, .tab:
                    return max(end, index + 1)
                default: end += 1
                }
            }
            return end
        }

        /// A comment without blanks at the ends of its lines; everything else as it is.
        private static func trimmed(_ text: String, _ kind: Kind) -> String {
            guard kind == .comment else { return text }
            return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                var scalars = line.unicodeScalars
                while let last = scalars.last, last == " " || last == "\t" { scalars.removeLast() }
                return String(scalars)
            }.joined(separator: "\n")
        }
    }
}
