/// The `?` of a statement in the form of databases that number their parameters.
package enum ParameterMarkers {
    /// The text with `$1`, `$2` … for its markers; those inside strings, names and comments stay.
    ///
    /// A text that cannot be cut into tokens is returned as it is: the database says what is wrong with it.
    package static func numbered(_ text: String) -> (text: String, count: Int) {
        let bytes = Array(text.utf8)
        let tokens: [SQLToken]
        do {
            tokens = try SQLTokenizer.tokens(of: text)
        } catch {
            return (text, 0)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 16)
        var count = 0
        for token in tokens {
            if token.kind == .marker {
                count += 1
                result.append(contentsOf: "$\(count)".utf8)
            } else {
                result.append(contentsOf: bytes[token.range])
            }
        }
        return (String(decoding: result, as: UTF8.self), count)
    }
}
