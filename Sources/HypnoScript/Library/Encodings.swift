/// Bytes as digits of base sixteen.
enum Hexadecimal {
    /// Two small digits for each byte.
    static func encoded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
        return result
    }

    /// Nil where there is anything but pairs of digits.
    static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = digit(text[index]), let low = digit(text[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
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
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                let sextet = Int(group >> UInt32(18 - 6 * index) & 63)
                result.append(index <= count ? alphabet[sextet] : UInt8(ascii: "="))
            }
        }
        return result
    }

    /// Nil where the text is not in that form.
    static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        for (index, byte) in text.dropLast(padding).enumerated() {
            guard let sextet = value(byte) else { return nil }
            group = group << 6 | sextet
            guard index % 4 > 0 else { continue }
            result.append(UInt8(truncatingIfNeeded: group >> UInt32(6 - 2 * (index % 4))))
        }
        return result
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
    static func encoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for byte in text {
            if byte == UInt8(ascii: " ") {
                result.append(UInt8(ascii: "+"))
            } else if isPlain(byte) {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "%"))
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }

    /// A `%` without two digits stands for itself.
    static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
                let high = Hexadecimal.digit(text[index + 1]), let low = Hexadecimal.digit(text[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
        return result
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
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

    static func encoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        text.flatMap { byte in names.first { $0.character == byte }?.text ?? [byte] }
    }

    /// Also numeric references; an unknown one stands for itself.
    static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "&"), let (bytes, end) = reference(in: text, at: index) {
                result += bytes
                index = end
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
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
