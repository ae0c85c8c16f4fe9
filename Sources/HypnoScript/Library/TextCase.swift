/// Full Unicode case mapping of UTF-8 text, the same in every locale.
enum TextCase {
    /// Appends the text in upper case; `ß` becomes `SS`.
    static func uppercase(
        _ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder
    ) throws(Raised) {
        var offset = 0
        while let scalar = text.scalar(at: offset) {
            if scalar.isASCII {
                let byte = text[offset]
                try result.append(letters(from: "a").contains(byte) ? byte ^ 0x20 : byte)
                offset += 1
            } else {
                try result.charge(scalarCost)
                try result.append(scalar.properties.uppercaseMapping)
                offset += UTF8.width(scalar)
            }
        }
    }

    /// Appends the text in lower case; a capital sigma at the end of a word becomes `ς`.
    static func lowercase(
        _ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder
    ) throws(Raised) {
        var offset = 0
        while let scalar = text.scalar(at: offset) {
            if scalar.isASCII {
                let byte = text[offset]
                try result.append(letters(from: "A").contains(byte) ? byte ^ 0x20 : byte)
                offset += 1
                continue
            }
            try result.charge(scalarCost)
            if scalar == capitalSigma {
                try result.append(try isFinalSigma(offset, in: text, &result) ? "ς" : "σ")
            } else {
                try result.append(scalar.properties.lowercaseMapping)
            }
            offset += UTF8.width(scalar)
        }
    }

    /// One scalar in upper case, which may be several scalars.
    static func uppercased(_ scalar: Unicode.Scalar) -> String {
        scalar.properties.uppercaseMapping
    }

    private static let capitalSigma: Unicode.Scalar = "Σ"
    /// The tables of Unicode take some fifty nanoseconds.
    private static let scalarCost = 16

    private static func letters(from first: Unicode.Scalar) -> ClosedRange<UInt8> {
        let first = UInt8(ascii: first)
        return first...(first + 25)
    }

    /// The Final_Sigma condition of the Unicode Standard, table 3-17: a cased letter before it and none after
    /// it, not counting what ignores case, such as marks and apostrophes.
    private static func isFinalSigma(
        _ offset: Int, in text: UnsafeBufferPointer<UInt8>, _ result: inout TextBuilder
    ) throws(Raised) -> Bool {
        var before = offset
        var isAfterLetter = false
        while before > 0 {
            before = text.startOfScalar(before: before)
            try result.charge(scalarCost)
            guard let scalar = text.scalar(at: before) else { break }
            if scalar.properties.isCaseIgnorable { continue }
            isAfterLetter = scalar.properties.isCased
            break
        }
        guard isAfterLetter else { return false }
        var after = offset + UTF8.width(capitalSigma)
        while let scalar = text.scalar(at: after) {
            try result.charge(scalarCost)
            if !scalar.properties.isCaseIgnorable { return !scalar.properties.isCased }
            after += UTF8.width(scalar)
        }
        return true
    }
}

extension BuiltinCall {
    /// A text in lower case.
    func lowercased(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> TextBuilder {
        var result = TextBuilder(self)
        try TextCase.lowercase(text, to: &result)
        return result
    }

    /// Whether two texts differ in letter case alone.
    func isEqualIgnoringCase(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Bool {
        let this = try lowercased(left)
        let that = try lowercased(right)
        return this.bytes.hasSameBytes(as: that.bytes)
    }
}
