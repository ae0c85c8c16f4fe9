/// The `?` of a statement in the form of databases that number their parameters.
package enum ParameterMarkers {
    /// The text with `$1`, `$2` … for its markers; those inside strings, names and comments stay.
    ///
    /// A text that cannot be cut into tokens is returned as it is: the database says what is wrong with it.
    package static func numbered(_ text: String) -> (text: String, count: Int) {
        guard text.utf8.contains(UInt8(ascii: "?")) else { return (text, 0) }
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

    /// The number, from 1, of the character of the text that is the given one, from 1, of its numbered form.
    package static func character(ofNumbered number: Int, in text: String) -> Int {
        let bytes = Array(text.utf8)
        let tokens: [SQLToken]
        do {
            tokens = try SQLTokenizer.tokens(of: text)
        } catch {
            return number
        }
        var markers = 0
        var place = 1
        var numberedPlace = 1
        for token in tokens {
            let length: Int
            if token.kind == .marker {
                markers += 1
                length = "$\(markers)".utf8.count
            } else {
                length = String(decoding: bytes[token.range], as: UTF8.self).unicodeScalars.count
            }
            if number < numberedPlace + length {
                return token.kind == .marker ? place : place + number - numberedPlace
            }
            numberedPlace += length
            place += token.kind == .marker ? 1 : length
        }
        return place
    }
}
