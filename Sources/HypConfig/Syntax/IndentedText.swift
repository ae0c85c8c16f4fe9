/// The inside of a triple-quoted text while it is read, with enough memory of how it was written to take
/// the indentation off.
///
/// A character that was written as an escape is content, never indentation and never a line's end.
struct IndentedText {
    private struct Line {
        var start: Int
        var end: Int
        /// How many blanks the line begins with, as written.
        var indent = 0
        /// Whether only blanks have been written so far.
        var isBlank = true
    }

    private var bytes: [UInt8] = []
    private var lines = [Line(start: 0, end: 0)]

    /// Adds a byte as written.
    mutating func append(_ byte: UInt8) {
        bytes.append(byte)
        let last = lines.count - 1
        lines[last].end = bytes.count
        guard lines[last].isBlank else { return }
        if byte.isBlank { lines[last].indent += 1 } else { lines[last].isBlank = false }
    }

    /// Adds what an escape stands for.
    mutating func append(decoded text: String) {
        bytes += text.utf8
        lines[lines.count - 1].end = bytes.count
        lines[lines.count - 1].isBlank = false
    }

    /// Ends a line at a newline as written.
    mutating func endLine() {
        lines.append(Line(start: bytes.count, end: bytes.count))
    }

    /// The text without its frame and its common indentation: the dedent rule of the language.
    var dedented: String {
        guard lines.count > 1 else { return String(decoding: bytes, as: UTF8.self) }
        var body = lines[...]
        let head = body.removeFirst()
        if let last = body.last, last.isBlank { body.removeLast() }

        var parts = head.isBlank ? [] : [bytes[head.start..<head.end]]
        let margin = commonIndent(of: body)
        for line in body {
            parts.append(line.isBlank ? [] : bytes[line.start + margin..<line.end])
        }
        return String(decoding: Array(parts.joined(separator: [.newline])), as: UTF8.self)
    }

    /// The longest run of blanks that every line with content begins with; a tab equals only a tab.
    private func commonIndent(of body: ArraySlice<Line>) -> Int {
        let written = body.filter { !$0.isBlank }
        guard let first = written.first else { return 0 }
        return written.dropFirst().reduce(first.indent) { common, line in
            var length = 0
            while length < min(common, line.indent), bytes[first.start + length] == bytes[line.start + length]
            {
                length += 1
            }
            return length
        }
    }
}
