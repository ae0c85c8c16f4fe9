/// Bytes as digits of base sixteen.
enum Hexadecimal {
    /// Two small digits for each byte.
    static func encoded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// Two small digits for each byte.
    static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder
    ) throws(Raised) {
        for byte in bytes {
            try result.append(smallDigit(byte >> 4))
            try result.append(smallDigit(byte & 15))
        }
    }

    private static func smallDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// False where there is anything but pairs of digits.
    static func decode(
        _ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder
    ) throws(Raised) -> Bool {
        guard text.count % 2 == 0 else { return false }
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = digit(text[index]), let low = digit(text[index + 1]) else { return false }
            try result.append(high << 4 | low)
        }
        return true
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
            (byte | 0x20) - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// RFC 4648, with padding.
enum Base64 {
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func encode(_ bytes: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder) throws(Raised) {
        let letters = alphabet.utf8Start
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                let sextet = Int(group >> UInt32(18 - 6 * index) & 63)
                try result.append(index <= count ? letters[sextet] : UInt8(ascii: "="))
            }
        }
    }

    /// False where the text is not in that form.
    static func decode(
        _ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder
    ) throws(Raised) -> Bool {
        guard text.count % 4 == 0 else { return false }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var group: UInt32 = 0
        for index in 0..<(text.count - padding) {
            guard let sextet = value(text[index]) else { return false }
            group = group << 6 | sextet
            guard index % 4 > 0 else { continue }
            try result.append(UInt8(truncatingIfNeeded: group >> UInt32(6 - 2 * (index % 4))))
        }
        return true
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

/// The coding of forms: a blank is `+`, everything but letters, digits and `-._~` a `%` with two digits.
enum FormCoding {
    static func encode(_ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder) throws(Raised) {
        for byte in text {
            if byte == UInt8(ascii: " ") {
                try result.append(UInt8(ascii: "+"))
            } else if isPlain(byte) {
                try result.append(byte)
            } else {
                try result.append(UInt8(ascii: "%"))
                try result.append(digit(byte >> 4))
                try result.append(digit(byte & 15))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// A `%` without two digits stands for itself.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder) throws(Raised) {
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
                let high = Hexadecimal.digit(text[index + 1]), let low = Hexadecimal.digit(text[index + 2])
            {
                try result.append(high << 4 | low)
                index += 3
            } else {
                try result.append(text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// The five characters that HTML cannot hold as they are.
enum HTMLCoding {
    private static let names: [(character: UInt8, text: [UInt8])] = [
        (UInt8(ascii: "&"), Array("&amp;".utf8)), (UInt8(ascii: "<"), Array("&lt;".utf8)),
        (UInt8(ascii: ">"), Array("&gt;".utf8)), (UInt8(ascii: "\""), Array("&quot;".utf8)),
        (UInt8(ascii: "'"), Array("&#39;".utf8)), (UInt8(ascii: "'"), Array("&apos;".utf8)),
    ]

    static func encode(_ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder) throws(Raised) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): try result.append("&amp;" as StaticString)
            case UInt8(ascii: "<"): try result.append("&lt;" as StaticString)
            case UInt8(ascii: ">"): try result.append("&gt;" as StaticString)
            case UInt8(ascii: "\""): try result.append("&quot;" as StaticString)
            case UInt8(ascii: "'"): try result.append("&#39;" as StaticString)
            default: try result.append(byte)
            }
        }
    }

    /// Also numeric references; an unknown one stands for itself.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder) throws(Raised) {
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "&") {
                // A reference takes a small part of a microsecond.
                try result.charge(128)
                if let (bytes, end) = reference(in: text, at: index) {
                    for byte in bytes { try result.append(byte) }
                    index = end
                    continue
                }
            }
            try result.append(text[index])
            index += 1
        }
    }

    private static func reference(
        in text: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> (bytes: [UInt8], end: Int)? {
        let rest = text[start..<min(text.count, start + 12)]
        guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let word = Array(text[start...end])
        if let known = names.first(where: { $0.text == word }) { return ([known.character], end + 1) }
        let digits = word.dropFirst(2).dropLast()
        guard word.count > 3, word[1] == UInt8(ascii: "#") else { return nil }
        let isHexadecimal = digits.first.map { $0 | 0x20 } == UInt8(ascii: "x")
        let written = isHexadecimal ? digits.dropFirst() : digits
        guard written.allSatisfy({ Hexadecimal.digit($0) != nil }) else { return nil }
        let number = UInt32(String(decoding: written, as: UTF8.self), radix: isHexadecimal ? 16 : 10)
        guard let scalar = number.flatMap(Unicode.Scalar.init) else { return nil }
        return (Array(String(Character(scalar)).utf8), end + 1)
    }
}
