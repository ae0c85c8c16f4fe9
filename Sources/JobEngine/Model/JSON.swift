/// A JSON value whose numbers keep the text they were written with, so that no integer loses a digit on its
/// way through the queue. Members of an object keep their order.
package indirect enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The literal as RFC 8259 writes it, for example `12345678901234567890` or `1.5e3`.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One `"key": value` of an object.
    package struct Member: Sendable, Hashable {
        package let key: String
        package let value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    package static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// A finite double as a number; `inf`, `-inf` and `NaN`, which JSON lacks, as text.
    package static func double(_ value: Double) -> JSON {
        guard value.isFinite else { return .string(value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf") }
        if let exact = Int64(exactly: value), exact.magnitude < 1 << 53 { return .number(String(exact)) }
        return .number(value.description)
    }

    /// The value of a member of an object; nil if there is none or this is no object.
    package subscript(key key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    package init(stringLiteral value: String) { self = .string(value) }

    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

// MARK: - Text

extension JSON {
    /// The compact text: one line, no blanks.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text for people: members on lines of their own, indented by two blanks.
    package var prettyText: String {
        var bytes: [UInt8] = []
        appendPretty(to: &bytes, depth: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let literal): bytes.append(contentsOf: literal.utf8)
        case .string(let text): JSON.append(quoted: text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSON.append(quoted: member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func appendPretty(to bytes: inout [UInt8], depth: Int) {
        let indent = [UInt8](repeating: UInt8(ascii: " "), count: 2 * (depth + 1))
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(contentsOf: "[\n".utf8)
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(contentsOf: ",\n".utf8) }
                bytes.append(contentsOf: indent)
                element.appendPretty(to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "\n"))
            bytes.append(contentsOf: indent.dropLast(2))
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(contentsOf: "{\n".utf8)
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(contentsOf: ",\n".utf8) }
                bytes.append(contentsOf: indent)
                JSON.append(quoted: member.key, to: &bytes)
                bytes.append(contentsOf: ": ".utf8)
                member.value.appendPretty(to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "\n"))
            bytes.append(contentsOf: indent.dropLast(2))
            bytes.append(UInt8(ascii: "}"))
        case .null, .bool, .number, .string, .array, .object:
            append(to: &bytes)
        }
    }

    private static func append(quoted text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
