extension Timestamp {
    /// The length of `sqlText`, always.
    package static let sqlTextLength = 26

    /// `2026-11-24 01:02:03.123456`: the form in which a database stores an instant as text.
    package var sqlText: String {
        String(unsafeUninitializedCapacity: Self.sqlTextLength) { buffer in
            writeSQLText(to: buffer)
            return Self.sqlTextLength
        }
    }

    /// `2026-11-24T01:02:03.123456Z`: the form in which people and programs outside see an instant.
    package var rfc3339: String {
        String(unsafeUninitializedCapacity: Self.sqlTextLength + 1) { buffer in
            writeSQLText(to: buffer)
            buffer[10] = UInt8(ascii: "T")
            buffer[26] = UInt8(ascii: "Z")
            return Self.sqlTextLength + 1
        }
    }

    /// Writes the 26 bytes of `sqlText` without making a string.
    package func writeSQLText(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        precondition(buffer.count >= Self.sqlTextLength, "There is no room for the text")
        let time = microsecondsOfDay
        let date = date
        let seconds = Int(time / 1_000_000)
        var writer = DigitWriter(buffer: buffer)
        writer.write(date.year, digits: 4, then: UInt8(ascii: "-"))
        writer.write(date.month, digits: 2, then: UInt8(ascii: "-"))
        writer.write(date.day, digits: 2, then: UInt8(ascii: " "))
        writer.write(seconds / 3600, digits: 2, then: UInt8(ascii: ":"))
        writer.write(seconds / 60 % 60, digits: 2, then: UInt8(ascii: ":"))
        writer.write(seconds % 60, digits: 2, then: UInt8(ascii: "."))
        writer.write(Int(time % 1_000_000), digits: 6, then: nil)
    }

    /// Reads `sqlText`, also with 0 to 9 digits after the second; nil for anything else.
    package init?(sqlText text: some StringProtocol) {
        self.init(text, separators: " ", hasOffset: false)
    }

    /// Reads the bytes of `sqlText`, for whoever has no string of it.
    package init?(sqlUTF8 bytes: UnsafeBufferPointer<UInt8>) {
        guard let instant = Self.parse(bytes, separators: " ", hasOffset: false) else { return nil }
        self = instant
    }

    /// Reads an RFC 3339 instant with `Z` or an offset and 0 to 9 digits after the second; nil for anything
    /// else.
    package init?(rfc3339 text: some StringProtocol) {
        self.init(text, separators: "Tt ", hasOffset: true)
    }

    private init?(_ text: some StringProtocol, separators: StaticString, hasOffset: Bool) {
        let instant = text.utf8.withContiguousStorageIfAvailable {
            Self.parse($0, separators: separators, hasOffset: hasOffset)
        }
        guard
            let instant = instant
                ?? Array(text.utf8).withUnsafeBufferPointer({
                    Self.parse($0, separators: separators, hasOffset: hasOffset)
                })
        else { return nil }
        self = instant
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, separators: StaticString, hasOffset: Bool
    ) -> Timestamp? {
        var reader = DigitReader(bytes)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), let date = CivilDate(year: year, month: month, day: day),
            reader.skip(separators),
            let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
            let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
            let second = reader.number(digits: 2), second < 60,
            let fraction = reader.microseconds()
        else { return nil }
        var offsetMinutes = 0
        if hasOffset {
            guard let offset = reader.offsetMinutes() else { return nil }
            offsetMinutes = offset
        }
        guard reader.isAtEnd else { return nil }
        let seconds = (hour * 60 + minute - offsetMinutes) * 60 + second
        return Timestamp(date: date, microsecondsOfDay: Int64(seconds * 1_000_000 + fraction))
    }
}

/// Puts decimal numbers of fixed width one after the other into a buffer.
private struct DigitWriter {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var offset = 0

    mutating func write(_ number: Int, digits: Int, then separator: UInt8?) {
        var rest = number
        for index in stride(from: offset + digits - 1, through: offset, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        offset += digits
        if let separator {
            buffer[offset] = separator
            offset += 1
        }
    }
}

/// Takes decimal numbers of fixed width and single characters from the front of a text.
private struct DigitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func number(digits: Int) -> Int? {
        guard bytes.count - offset >= digits else { return nil }
        var number = 0
        for byte in bytes[offset..<offset + digits] {
            guard let digit = Self.digit(byte) else { return nil }
            number = number * 10 + digit
        }
        offset += digits
        return number
    }

    mutating func skip(_ characters: StaticString) -> Bool {
        guard !isAtEnd else { return false }
        let current = bytes[offset]
        guard characters.withUTF8Buffer({ $0.contains(current) }) else { return false }
        offset += 1
        return true
    }

    /// The digits after an optional point, cut off behind the sixth; nil for a point without digits or ten
    /// of them.
    mutating func microseconds() -> Int? {
        guard skip(".") else { return 0 }
        var fraction = 0
        var count = 0
        while !isAtEnd, let digit = Self.digit(bytes[offset]) {
            if count < 6 { fraction = fraction * 10 + digit }
            count += 1
            offset += 1
        }
        guard (1...9).contains(count) else { return nil }
        for _ in min(count, 6)..<6 { fraction *= 10 }
        return fraction
    }

    mutating func offsetMinutes() -> Int? {
        if skip("Zz") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours < 24, skip(":"),
            let minutes = number(digits: 2), minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        let value = byte &- UInt8(ascii: "0")
        return value < 10 ? Int(value) : nil
    }
}
