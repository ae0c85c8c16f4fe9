internal import Effects
internal import SQL

/// The values of a statement in the server's text form, which loses nothing: numbers keep all their digits,
/// instants their microseconds. One buffer for all texts, used again for every statement.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    /// Where each value's text begins; nil for NULL.
    private var offsets: [Int?] = []

    /// Takes the values of the next statement.
    mutating func fill(_ values: [SQLValue]) {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        for value in values {
            if case .null = value {
                offsets.append(nil)
                continue
            }
            offsets.append(bytes.count)
            PostgresText.append(value, to: &bytes)
            bytes.append(0)
        }
    }

    /// The position, from 0, of the first value that the server cannot hold: a text with a NUL.
    static func firstWithNUL(_ values: [SQLValue]) -> Int? {
        values.firstIndex { value in
            switch value {
            case .text(let text), .json(let text), .decimal(let text): text.utf8.contains(0)
            case .array(let elements): firstWithNUL(elements) != nil
            case .null, .bool, .integer, .double, .blob, .timestamp, .uuid: false
            }
        }
    }

    /// The texts as libpq takes them, valid inside the body.
    func withPointers<Result>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { body(Int32(clamping: $0.count), $0.baseAddress) }
        }
    }
}
