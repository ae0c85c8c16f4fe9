/// Turns JSON text into values. With a stack of its own, because text from outside nests as deep as it likes.
struct JSONReader {
    private let call: BuiltinCall
    private let text: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var open: [OpenContainer] = []
    /// The elements so far of all open arrays.
    private var elements: [Value] = []

    /// An array or object whose end was not seen yet.
    private enum OpenContainer {
        /// Where its elements begin.
        case array(Int)
        case object(Value, key: Value)
    }

    /// The value of a whole text.
    static func value(of text: UnsafeBufferPointer<UInt8>, _ call: BuiltinCall) throws(Raised) -> Value {
        var reader = JSONReader(call, text)
        return try reader.document()
    }

    private init(_ call: BuiltinCall, _ text: UnsafeBufferPointer<UInt8>) {
        self.call = call
        self.text = text
    }

    private func invalid() -> Raised { call.raise(.runtime, "Invalid JSON") }

    private mutating func document() throws(Raised) -> Value {
        var done: Value?
        var steps = 0
        while true {
            // A deadline is seen within a long text, too: values cost more than their bytes.
            steps += 1
            if steps & 0xFF == 0 { try call.charge(0x4000) }
            if let value = done {
                if open.isEmpty {
                    try skipBlanks()
                    guard index == text.count else { throw invalid() }
                    return value
                }
                done = try add(value)
            } else {
                done = try begin()
            }
        }
    }

    /// The next value if it is complete; nil after the start of a container that is not empty.
    private mutating func begin() throws(Raised) -> Value? {
        try skipBlanks()
        switch peek() {
        case UInt8(ascii: "["):
            index += 1
            if try skip(UInt8(ascii: "]")) { return try call.array([Value]()) }
            try push(.array(elements.count))
            return nil
        case UInt8(ascii: "{"):
            index += 1
            let object = try call.object(capacity: 4)
            if try skip(UInt8(ascii: "}")) { return object }
            try push(.object(object, key: try key()))
            return nil
        default: return try atom()
        }
    }

    private mutating func push(_ container: OpenContainer) throws(Raised) {
        try call.reserve(open.count * 64)
        open.append(container)
    }

    /// Puts a value into the innermost container; the container itself when that was its last.
    private mutating func add(_ value: Value) throws(Raised) -> Value? {
        guard let innermost = open.popLast() else { return value }
        switch innermost {
        case .array(let start):
            if elements.count == elements.capacity { try call.reserve(elements.count * 24) }
            elements.append(value)
            if try skip(UInt8(ascii: "]")) {
                let (array, items) = try call.newArray(count: elements.count - start)
                for (place, element) in elements[start...].enumerated() { items[place] = element }
                elements.removeSubrange(start...)
                return array
            }
            guard try skip(UInt8(ascii: ",")) else { throw invalid() }
            open.append(innermost)
        case .object(let object, let key):
            try call.insert(key, value, into: object)
            if try skip(UInt8(ascii: "}")) { return object }
            guard try skip(UInt8(ascii: ",")) else { throw invalid() }
            open.append(.object(object, key: try self.key()))
        }
        return nil
    }

    private mutating func key() throws(Raised) -> Value {
        try skipBlanks()
        guard peek() == UInt8(ascii: "\"") else { throw invalid() }
        let key = try string()
        guard try skip(UInt8(ascii: ":")) else { throw invalid() }
        return key
    }

    private mutating func atom() throws(Raised) -> Value {
        switch peek() {
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "t"): return try word("true", .true)
        case UInt8(ascii: "f"): return try word("false", .false)
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(Raised) -> Value {
        let rest = text[index...].prefix(word.utf8CodeUnitCount)
        guard word.withUTF8Buffer({ $0.elementsEqual(rest) }) else { throw invalid() }
        index += word.utf8CodeUnitCount
        return value
    }
}

// MARK: Numbers and strings

extension JSONReader {
    private mutating func number() throws(Raised) -> Value {
        let start = index
        if peek() == UInt8(ascii: "-") { index += 1 }
        let whole = try digits()
        guard whole > 0, whole == 1 || text[index - whole] != UInt8(ascii: "0") else { throw invalid() }
        if peek() == UInt8(ascii: ".") {
            index += 1
            guard try digits() > 0 else { throw invalid() }
        }
        if let letter = peek(), letter | 0x20 == UInt8(ascii: "e") {
            index += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { index += 1 }
            guard try digits() > 0 else { throw invalid() }
        }
        guard let number = try call.parse(text.part(start..<index)) else { throw invalid() }
        return Value(number: number)
    }

    private mutating func digits() throws(Raised) -> Int {
        let start = index
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            index += 1
            if (index - start) & 0xFFFF == 0 { try call.charge(0x4000) }
        }
        return index - start
    }

    private mutating func string() throws(Raised) -> Value {
        index += 1
        let start = index
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            index += 1
            if (index - start) & 0xFFFF == 0 { try call.charge(0x4000) }
        }
        if peek() == UInt8(ascii: "\"") {
            index += 1
            return try call.string(text.part(start..<index - 1))
        }
        var result = TextBuilder(call)
        try result.append(text.part(start..<index))
        while let byte = peek(), byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw invalid() }
            index += 1
            if byte == UInt8(ascii: "\\") { try escape(into: &result) } else { try result.append(byte) }
        }
        guard peek() != nil else { throw invalid() }
        index += 1
        return try result.finish()
    }

    private mutating func escape(into result: inout TextBuilder) throws(Raised) {
        guard let letter = peek() else { throw invalid() }
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): try result.append(letter)
        case UInt8(ascii: "b"): try result.append(0x08 as UInt8)
        case UInt8(ascii: "f"): try result.append(0x0C as UInt8)
        case UInt8(ascii: "n"): try result.append(0x0A as UInt8)
        case UInt8(ascii: "r"): try result.append(0x0D as UInt8)
        case UInt8(ascii: "t"): try result.append(0x09 as UInt8)
        case UInt8(ascii: "u"): try result.append(try scalar())
        default: throw invalid()
        }
    }

    /// What follows `\u`; half of a pair alone becomes the replacement character.
    private mutating func scalar() throws(Raised) -> Unicode.Scalar {
        let unit = try codeUnit()
        guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
        guard index + 1 < text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let before = index
        index += 2
        let second = try codeUnit()
        guard (0xDC00..<0xE000).contains(second) else {
            index = before
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func codeUnit() throws(Raised) -> UInt32 {
        guard index + 4 <= text.count else { throw invalid() }
        var unit: UInt32 = 0
        for byte in text[index..<index + 4] {
            guard let digit = Hexadecimal.digit(byte) else { throw invalid() }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }

    // MARK: Bytes

    private func peek() -> UInt8? { index < text.count ? text[index] : nil }

    private mutating func skipBlanks() throws(Raised) {
        let start = index
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            index += 1
            if (index - start) & 0xFFFF == 0 { try call.charge(0x4000) }
        }
    }

    /// Moves over this byte, and blanks before it, if it is there.
    private mutating func skip(_ byte: UInt8) throws(Raised) -> Bool {
        try skipBlanks()
        guard peek() == byte else { return false }
        index += 1
        return true
    }
}
