/// Turns values into JSON text, compact or indented by two blanks. With a stack of its own, as the reader.
struct JSONWriter: ~Copyable {
    private let call: BuiltinCall
    private let isIndented: Bool
    private var text: TextBuilder
    private var open: [OpenContainer] = []

    /// A container, how many of its parts were written, and its entries if it is an object.
    private struct OpenContainer {
        let elements: UnsafeBufferPointer<Value>?
        let entries: UnsafeBufferPointer<DictionaryEntry>?
        var next = 0

        var count: Int { elements?.count ?? entries?.count ?? 0 }
    }

    static func text(of value: Value, indented: Bool, _ call: BuiltinCall) throws(Raised) -> Value {
        var writer = JSONWriter(call, indented)
        try writer.write(value)
        return try writer.finish()
    }

    private init(_ call: BuiltinCall, _ isIndented: Bool) {
        self.call = call
        self.isIndented = isIndented
        text = TextBuilder(call)
    }

    private mutating func finish() throws(Raised) -> Value { try text.finish() }

    private mutating func write(_ value: Value) throws(Raised) {
        try begin(value)
        while let innermost = open.last {
            try call.charge(16)
            if innermost.next == innermost.count {
                open.removeLast()
                if innermost.count > 0 { try newLine() }
                try text.append(innermost.elements == nil ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                continue
            }
            if innermost.next > 0 { try text.append(UInt8(ascii: ",")) }
            try newLine()
            open[open.count - 1].next += 1
            if let elements = innermost.elements {
                try begin(elements[innermost.next])
            } else if let entries = innermost.entries {
                try writeString(entries[innermost.next].key.utf8)
                try text.append(UInt8(ascii: ":"))
                if isIndented { try text.append(UInt8(ascii: " ")) }
                try begin(entries[innermost.next].value)
            }
        }
    }

    private mutating func begin(_ value: Value) throws(Raised) {
        if open.count & 0xFF == 0 { try call.reserve(open.count * 128) }
        if value.has(.array) {
            try text.append(UInt8(ascii: "["))
            open.append(OpenContainer(elements: value.elements, entries: nil))
        } else if value.has(.record) {
            try text.append(UInt8(ascii: "{"))
            open.append(OpenContainer(elements: nil, entries: try call.object(of: value).entries))
        } else if value.has(.string) {
            try writeString(value.utf8)
        } else if value.isNumber, !value.number.isFinite {
            try text.append("null" as StaticString)
        } else if value.isObject {
            throw call.raise(
                .type, "Builtin '\(call.name)' cannot convert \(try call.printed(value))")
        } else {
            try text.append(printed: value)
        }
    }

    private mutating func newLine() throws(Raised) {
        guard isIndented else { return }
        try text.append(0x0A)
        for _ in 0..<open.count { try text.append("  " as StaticString) }
    }

    private mutating func writeString(_ string: UnsafeBufferPointer<UInt8>) throws(Raised) {
        try text.append(UInt8(ascii: "\""))
        var start = 0
        for (index, byte) in string.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            try text.append(string.part(start..<index))
            start = index + 1
            try text.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: try text.append(UInt8(ascii: "b"))
            case 0x09: try text.append(UInt8(ascii: "t"))
            case 0x0A: try text.append(UInt8(ascii: "n"))
            case 0x0C: try text.append(UInt8(ascii: "f"))
            case 0x0D: try text.append(UInt8(ascii: "r"))
            case 0..<0x20:
                try text.append("u00" as StaticString)
                for digit in Hexadecimal.encoded([byte]) { try text.append(digit) }
            default: try text.append(byte)
            }
        }
        try text.append(string.part(start..<string.count))
        try text.append(UInt8(ascii: "\""))
    }
}
