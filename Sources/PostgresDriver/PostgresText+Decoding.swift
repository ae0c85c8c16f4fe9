internal import Effects
internal import SQL

/// Values in the server's text form, on the way back.
extension PostgresText {
    /// The value of a field, by the type of its column. What has no form of its own comes as text, and so
    /// does what is outside of one: an instant before the year 0, or infinity.
    static func value(_ field: UnsafeBufferPointer<UInt8>, type: UInt32) -> SQLValue {
        switch type {
        case PostgresType.bool:
            return .bool(field.first == UInt8(ascii: "t"))
        case PostgresType.int2, PostgresType.int4, PostgresType.int8, PostgresType.oid:
            return integer(field).map(SQLValue.integer) ?? .text(string(field))
        case PostgresType.json, PostgresType.jsonb:
            return .json(string(field))
        case PostgresType.bytea:
            return bytes(field).map(SQLValue.blob) ?? .text(string(field))
        case PostgresType.uuid:
            return UniqueID(utf8: field).map(SQLValue.uuid) ?? .text(string(field))
        case PostgresType.timestamp:
            return Timestamp(sqlUTF8: field).map(SQLValue.timestamp) ?? .text(string(field))
        case PostgresType.timestamptz:
            return instant(field).map(SQLValue.timestamp) ?? .text(string(field))
        case PostgresType.numeric:
            return .decimal(string(field))
        case PostgresType.float4, PostgresType.float8:
            let text = string(field)
            return Double(text).map(SQLValue.double) ?? .text(text)
        default:
            let text = string(field)
            guard let element = PostgresType.element(of: type) else { return .text(text) }
            return ArrayParser(text).parse(element: element).map(SQLValue.array) ?? .text(text)
        }
    }

    private static func string(_ field: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: field, as: UTF8.self)
    }

    private static func integer(_ field: UnsafeBufferPointer<UInt8>) -> Int64? {
        let isNegative = field.first == UInt8(ascii: "-")
        var number: Int64 = 0
        // Counted downwards: the least number has no positive counterpart.
        for byte in isNegative ? field.dropFirst() : field[...] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (next, underflow) = tens.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !underflow else { return nil }
            number = next
        }
        guard field.count > (isNegative ? 1 : 0) else { return nil }
        return isNegative ? number : (number == .min ? nil : -number)
    }

    /// The session's time zone is UTC; a pooler's may be another, whose offset mostly has no minutes.
    private static func instant(_ field: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        if field.suffix(3).elementsEqual("+00".utf8) {
            return Timestamp(sqlUTF8: UnsafeBufferPointer(rebasing: field.dropLast(3)))
        }
        let text = string(field)
        return Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + ":00")
    }

    private static func bytes(_ field: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard field.count >= 2, field.count.isMultiple(of: 2), field[0] == UInt8(ascii: "\\"),
            field[1] == UInt8(ascii: "x")
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(field.count / 2 - 1)
        for place in stride(from: 2, to: field.count, by: 2) {
            guard let high = digit(field[place]), let low = digit(field[place + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// Reads an array like `{1,NULL,"a\"b",{2}}`, also with bounds in front, `[0:1]={1,2}`, which are dropped.
private struct ArrayParser {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The elements; nil for a text that is no array.
    func parse(element: UInt32) -> [SQLValue]? {
        var parser = self
        if parser.current == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            parser.position = end + 1
        }
        guard let elements = parser.list(element), parser.position == bytes.count else { return nil }
        return elements
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard let current, current == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func list(_ type: UInt32) -> [SQLValue]? {
        guard take("{") else { return nil }
        var elements: [SQLValue] = []
        if take("}") { return elements }
        repeat {
            if current == UInt8(ascii: "{") {
                guard let inner = list(type) else { return nil }
                elements.append(.array(inner))
            } else {
                guard let element = element(type) else { return nil }
                elements.append(element)
            }
        } while take(",")
        return take("}") ? elements : nil
    }

    private mutating func element(_ type: UInt32) -> SQLValue? {
        let isQuoted = take("\"")
        var text: [UInt8] = []
        while let byte = current {
            if isQuoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
            {
                break
            }
            position += 1
            if byte == UInt8(ascii: "\\") {
                guard let escaped = current else { return nil }
                text.append(escaped)
                position += 1
            } else {
                text.append(byte)
            }
        }
        guard !isQuoted || take("\"") else { return nil }
        if !isQuoted, text.elementsEqual("NULL".utf8) { return .null }
        return text.withUnsafeBufferPointer { PostgresText.value($0, type: type) }
    }
}
