internal import Database
internal import Effects
internal import SQL

/// Arrays as the JSON text that SQLite's `json_each` reads, for it has no arrays of its own.
enum ArrayText {
    /// The statement's values with the text in place of each array.
    static func replaceArrays(in statement: Statement) throws(DatabaseError) -> [SQLValue] {
        var values = statement.bindings
        for (index, value) in values.enumerated() {
            guard case .array(let elements) = value else { continue }
            var text: [UInt8] = []
            guard append(elements, to: &text) else {
                throw DatabaseError(
                    .unexpectedValue,
                    "Value \(index + 1) is an array with bytes in it, which JSON cannot hold",
                    statement: statement.text)
            }
            values[index] = .text(String(decoding: text, as: UTF8.self))
        }
        return values
    }

    /// False when an element has no form in JSON.
    private static func append(_ elements: [SQLValue], to text: inout [UInt8]) -> Bool {
        text.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            guard append(element, to: &text) else { return false }
        }
        text.append(UInt8(ascii: "]"))
        return true
    }

    private static func append(_ value: SQLValue, to text: inout [UInt8]) -> Bool {
        switch value {
        case .null: text += "null".utf8
        case .bool(let flag): text += (flag ? "true" : "false").utf8
        case .integer(let number): text += String(number).utf8
        case .double(let number): text += Self.text(of: number).utf8
        case .decimal(let string):
            guard let number = Double(string) else { return false }
            text += Self.text(of: number).utf8
        case .text(let string), .json(let string): append(quoted: string, to: &text)
        case .timestamp(let instant): append(quoted: instant.sqlText, to: &text)
        case .uuid(let id): append(quoted: id.description, to: &text)
        case .array(let elements): return append(elements, to: &text)
        case .blob: return false
        }
        return true
    }

    /// JSON has no infinity, but SQLite reads a number that is too large as one; NaN it stores as NULL
    /// anyway.
    private static func text(of number: Double) -> String {
        if number.isNaN { return "null" }
        if number.isInfinite { return number < 0 ? "-9e999" : "9e999" }
        return String(number)
    }

    private static func append(quoted string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                text += "\\u00".utf8
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            default:
                text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
