/// A piece of SQL text; the pieces of a text, one after the other, are the text.
package struct SQLToken: Sendable, Hashable {
    /// What the piece is.
    package enum Kind: Sendable {
        /// A keyword or an unquoted name.
        case word
        /// `"name"`, `` `name` `` or `[name]`.
        case quotedName
        /// `'text'`.
        case string
        /// `E'text'`, in which a backslash escapes.
        case escapeString
        /// `$tag$text$tag$`.
        case dollarString
        case number
        /// `?`, where a value goes.
        case marker
        /// One of the punctuation and operator symbols, the longest that fits.
        case symbol
        case whitespace
        /// `-- …` up to the line's end, or `/* … */`, which nests.
        case comment
    }

    package let kind: Kind
    /// The UTF-8 offsets in the text.
    package let range: Range<Int>
}
