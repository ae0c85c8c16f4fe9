internal import Effects
internal import SQL

/// Values in the server's text form, on the way there.
enum PostgresText {
    /// Appends the text of a value; nothing for NULL, which has none.
    static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .bool(let flag): bytes.append(UInt8(ascii: flag ? "t" : "f"))
        case .integer(let number): bytes += String(number).utf8
        case .double(let number): bytes += text(of: number).utf8
        case .text(let text), .json(let text), .decimal(let text): bytes += text.utf8
        case .blob(let blob): append(hexadecimal: blob, to: &bytes)
        case .timestamp(let instant): append(Timestamp.sqlTextLength, to: &bytes, instant.writeSQLText)
        case .uuid(let id): append(UniqueID.textLength, to: &bytes, id.writeText)
        case .array(let elements): append(elements, to: &bytes)
        }
    }

    private static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return String(number)
    }

    private static func append(
        _ count: Int, to bytes: inout [UInt8], _ write: (UnsafeMutableBufferPointer<UInt8>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { buffer in
            write(buffer)
            bytes.append(contentsOf: buffer)
        }
    }

    private static func append(hexadecimal blob: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + 3 + blob.count * 2)
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "x"))
        for byte in blob {
            for digit in [byte >> 4, byte & 15] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            }
        }
    }

    /// `{"a",1,NULL,{"c"}}`: quotes around every text spare the question which need them.
    private static func append(_ elements: [SQLValue], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch element {
            case .null: bytes += "NULL".utf8
            case .array(let inner): append(inner, to: &bytes)
            case .bool, .integer, .double, .decimal, .uuid: append(element, to: &bytes)
            case .text(let text), .json(let text): append(quoted: text, to: &bytes)
            case .timestamp:
                bytes.append(UInt8(ascii: "\""))
                append(element, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            case .blob(let blob):
                // The backslash in front of the digits is the only one.
                bytes += #""\"#.utf8
                append(hexadecimal: blob, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(quoted text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { buffer in
            var start = 0
            for (index, byte) in buffer.enumerated()
            where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: buffer[start..<index])
                bytes.append(UInt8(ascii: "\\"))
                start = index
            }
            bytes.append(contentsOf: buffer[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
