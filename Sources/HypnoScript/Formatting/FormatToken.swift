/// A comment as it stands between two tokens.
struct FormatComment {
    /// Without blanks at its end.
    let text: String
    /// How many line ends stand before it, since the token or comment before.
    let newlinesBefore: Int
    /// The blanks before it, where it stands behind something in its line.
    let blanksBefore: Int

    /// Whether it begins with `//`, so that the line ends with it.
    var endsLine: Bool { text.hasPrefix("//") }
}

/// A token with what stands before it.
struct FormatToken {
    let kind: TokenKind
    let text: String
    let start: SourceOffset
    let comments: [FormatComment]
    /// How many line ends stand before it, since the token or comment before.
    let newlinesBefore: Int
    /// Whether anything at all stands between it and the token before.
    let hasGap: Bool

    /// Whether it is written with letters.
    var isWord: Bool { text.unicodeScalars.first.map { $0.isWordPart } ?? false }

    var isOpening: Bool { kind == .leftParenthesis || kind == .leftBracket || kind == .leftBrace }

    var isClosing: Bool { kind == .rightParenthesis || kind == .rightBracket || kind == .rightBrace }
}

/// Cuts what stands between two tokens into comments and line ends.
struct TriviaReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int
    private(set) var comments: [FormatComment] = []
    private(set) var newlines = 0
    private var blanks = 0

    /// Reads the bytes of a gap.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
        while index < bytes.endIndex { step() }
    }

    private mutating func step() {
        let next = index + 1 < bytes.endIndex ? bytes[index + 1] : 0
        switch (bytes[index], next) {
        case (UInt8(ascii: "\n"), _):
            newlines += 1
            blanks = 0
            index += 1
        case (UInt8(ascii: "/"), UInt8(ascii: "/")):
            take(to: bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex)
        case (UInt8(ascii: "/"), UInt8(ascii: "*")):
            take(to: endOfBlockComment())
        default:
            blanks += 1
            index += 1
        }
    }

    private func endOfBlockComment() -> Int {
        var end = index + 2
        while end + 1 < bytes.endIndex {
            if bytes[end] == UInt8(ascii: "*"), bytes[end + 1] == UInt8(ascii: "/") { return end + 2 }
            end += 1
        }
        return bytes.endIndex
    }

    private mutating func take(to end: Int) {
        let text = String(decoding: bytes[index..<end], as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Self.trimmed)
        comments.append(
            FormatComment(
                text: lines.joined(separator: "\n"), newlinesBefore: newlines, blanksBefore: blanks))
        (newlines, blanks) = (0, 0)
        index = end
    }

    /// A line without blanks at its end.
    private static func trimmed(_ line: Substring) -> String {
        var scalars = line.unicodeScalars
        while let last = scalars.last, last == " " || last == "\t" || last == "\r" { scalars.removeLast() }
        return String(scalars)
    }
}
