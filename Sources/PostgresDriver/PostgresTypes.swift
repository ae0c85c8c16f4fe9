internal import CPostgres
internal import Effects
internal import SQL

/// The server's types that a program meets, by their numbers in `pg_type`.
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    static let oid: UInt32 = 26
}

/// Values on their way to the server and back, in its text form, which loses nothing: numbers keep all
/// their digits, instants their microseconds.
enum PostgresText {
    /// The text of a value; nil for NULL.
    static func text(of value: SQLValue) -> String? {
        switch value {
        case .null: nil
        case .bool(let flag): flag ? "t" : "f"
        case .integer(let number): String(number)
        case .double(let number): text(of: number)
        case .text(let text), .json(let text): text
        case .blob(let bytes): hexadecimal(bytes)
        case .timestamp(let instant): instant.sqlText
        case .uuid(let id): id.description
        }
    }

    private static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return String(number)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        var text = "\\x"
        text.reserveCapacity(2 + bytes.count * 2)
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] {
                text.unicodeScalars.append(Unicode.Scalar(digit < 10 ? 48 + digit : 87 + digit))
            }
        }
        return text
    }

    /// The value of a field, by the type of its column; types without a form of ours come as text.
    static func value(_ field: UnsafeBufferPointer<UInt8>, type: UInt32) -> SQLValue {
        let text = String(decoding: field, as: UTF8.self)
        switch type {
        case PostgresType.bool:
            return .bool(text == "t")
        case PostgresType.int2, PostgresType.int4, PostgresType.int8, PostgresType.oid:
            return Int64(text).map(SQLValue.integer) ?? .text(text)
        case PostgresType.float4, PostgresType.float8:
            return Double(text).map(SQLValue.double) ?? .text(text)
        case PostgresType.uuid:
            return UniqueID(text).map(SQLValue.uuid) ?? .text(text)
        case PostgresType.timestamp:
            return Timestamp(sqlText: text).map(SQLValue.timestamp) ?? .text(text)
        case PostgresType.timestamptz:
            return Timestamp(rfc3339: text + ":00").map(SQLValue.timestamp) ?? .text(text)
        case PostgresType.json, PostgresType.jsonb:
            return .json(text)
        case PostgresType.bytea:
            return bytes(text).map(SQLValue.blob) ?? .text(text)
        default:
            return .text(text)
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("\\x") else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8.dropFirst(2) {
            let digit = character < 58 ? character &- 48 : character &- 87
            guard digit < 16 else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }
}
