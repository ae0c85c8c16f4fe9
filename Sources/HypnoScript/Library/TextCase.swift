/// Full Unicode case mapping of UTF-8 text, the same in every locale.
package enum TextCase {
    /// The text in upper case; `ß` becomes `SS`.
    package static func uppercased(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if isASCII(text) {
            return text.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 ^ 0x20 : $0 }
        }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            result.append(contentsOf: scalar.properties.uppercaseMapping.utf8)
        }
        return result
    }

    /// The text in lower case; a capital sigma at the end of a word becomes `ς`.
    package static func lowercased(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if isASCII(text) {
            return text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 ^ 0x20 : $0 }
        }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        for index in scalars.indices {
            if scalars[index] == capitalSigma {
                result.append(contentsOf: (isFinalSigma(index, in: scalars) ? "ς" : "σ").utf8)
            } else {
                result.append(contentsOf: scalars[index].properties.lowercaseMapping.utf8)
            }
        }
        return result
    }

    /// One scalar in upper case, which may be several scalars.
    static func uppercased(_ scalar: Unicode.Scalar) -> String {
        scalar.properties.uppercaseMapping
    }

    private static let capitalSigma: Unicode.Scalar = "Σ"

    private static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.allSatisfy { $0 < 0x80 }
    }

    /// The Final_Sigma condition of the Unicode Standard, table 3-17: a cased letter before it and none after
    /// it, not counting what ignores case, such as marks and apostrophes.
    private static func isFinalSigma(
        _ index: String.UnicodeScalarView.Index, in scalars: String.UnicodeScalarView
    ) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        guard let before, before.properties.isCased else { return false }
        let after = scalars[scalars.index(after: index)...].first { !$0.properties.isCaseIgnorable }
        return after.map { !$0.properties.isCased } ?? true
    }
}
