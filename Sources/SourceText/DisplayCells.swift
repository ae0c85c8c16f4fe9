/// How a scalar shows on a terminal: the text to print for it and the columns that takes.
///
/// Anything that could move the cursor, recolour the screen or reorder the line is shown as a visible
/// stand-in, so that a hostile text cannot make a diagnostic lie about itself.
struct DisplayCell {
    var text: String
    var width: Int

    /// Tabs end at multiples of four columns here, whatever the terminal's own stops are.
    static let tabStop = 4

    /// The cell of a scalar that begins at a display column.
    init(_ scalar: Unicode.Scalar, atColumn column: Int) {
        switch scalar.value {
        case 0x09:
            width = Self.tabStop - column % Self.tabStop
            text = String(repeating: " ", count: width)
        case 0x20..<0x7F:
            (text, width) = (String(scalar), 1)
        case 0x00..<0x20:
            (text, width) = (Self.picture(ofControl: scalar.value), 1)
        default:
            (text, width) = Self.cell(beyondASCII: scalar)
        }
    }

    private static func cell(beyondASCII scalar: Unicode.Scalar) -> (text: String, width: Int) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            ("\u{FFFD}", 1)
        case .nonspacingMark, .enclosingMark:
            (String(scalar), 0)
        default:
            (String(scalar), scalar.isWide ? 2 : 1)
        }
    }

    /// U+2400 … are the pictures of the control characters.
    private static func picture(ofControl value: UInt32) -> String {
        Unicode.Scalar(0x2400 + value).map(String.init) ?? "\u{FFFD}"
    }
}

extension Unicode.Scalar {
    /// Whether terminals give the scalar two columns (Unicode Standard Annex 11: W and F, by block).
    fileprivate var isWide: Bool {
        switch value {
        case ..<0x1100: false
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
            true
        default: properties.isEmojiPresentation
        }
    }
}

extension String {
    /// The text with every unprintable scalar replaced by a visible stand-in.
    var displayable: String {
        var shown = ""
        for scalar in unicodeScalars {
            shown += DisplayCell(scalar, atColumn: 0).text
        }
        return shown
    }
}
