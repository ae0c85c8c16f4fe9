/// A named text, cut into lines once, so that a place in it can be found and shown.
///
/// A line ends at LF. A CR before it belongs to the line ending; a lone CR does not end a line.
package struct SourceFile: Sendable {
    /// The name people know the text by, usually a path; diagnostics print it.
    package let name: String
    /// The whole text.
    package let text: String
    /// The UTF-8 offset at which each line begins; never empty.
    private let lineStarts: [Int]

    package init(name: String, text: String) {
        self.name = name
        var contiguous = text
        contiguous.makeContiguousUTF8()
        self.text = contiguous
        lineStarts = Self.lineStarts(of: contiguous)
    }

    /// How many lines the text has; the empty text has one.
    package var lineCount: Int { lineStarts.count }

    /// The line with this 1-based number, without its ending; empty when there is no such line.
    package func line(_ number: Int) -> Substring {
        guard lineStarts.indices.contains(number - 1) else { return "" }
        let bytes = text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: lineStarts[number - 1])
        var end = bytes.endIndex
        if number < lineStarts.count {
            end = bytes.index(bytes.startIndex, offsetBy: lineStarts[number] - 1)
        }
        if end > start, number < lineStarts.count {
            let last = bytes.index(before: end)
            if bytes[last] == UInt8(ascii: "\r") { end = last }
        }
        return text[start..<end]
    }

    /// The line and column of the scalar at this UTF-8 offset; an offset outside the text is moved into it.
    package func position(ofUTF8Offset offset: Int) -> SourcePosition {
        let bytes = text.utf8
        let target = min(max(offset, 0), bytes.count)
        let line = lineIndex(ofUTF8Offset: target)
        let from = bytes.index(bytes.startIndex, offsetBy: lineStarts[line])
        let to = bytes.index(bytes.startIndex, offsetBy: target)
        let scalarsBefore = bytes[from..<to].reduce(0) { $1.beginsScalar ? $0 + 1 : $0 }
        return SourcePosition(line: line + 1, column: scalarsBefore + 1)
    }

    /// The greatest index whose line begins at or before the offset.
    private func lineIndex(ofUTF8Offset offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private static func lineStarts(of text: String) -> [Int] {
        var starts = [0]
        var offset = 0
        for byte in text.utf8 {
            offset += 1
            if byte == UInt8(ascii: "\n") { starts.append(offset) }
        }
        return starts
    }
}

extension UInt8 {
    /// Whether this UTF-8 byte is the first of a scalar, not a continuation.
    package var beginsScalar: Bool { self & 0b1100_0000 != 0b1000_0000 }
}
