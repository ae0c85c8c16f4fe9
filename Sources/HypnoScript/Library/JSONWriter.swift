/// Turns values into JSON text, compact or indented by two blanks. With a stack of its own, as the reader.
struct JSONWriter {
    private let call: BuiltinCall
    private let isIndented: Bool
    private var bytes: [UInt8] = []
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
        return try call.string(writer.bytes)
    }

    private init(_ call: BuiltinCall, _ isIndented: Bool) {
        self.call = call
        self.isIndented = isIndented
    }

    private mutating func write(_ value: Value) throws(Raised) {
        try begin(value)
        while let innermost = open.last {
            try call.charge(1)
            if innermost.next == innermost.count {
                open.removeLast()
                if innermost.count > 0 { newLine() }
                bytes.append(innermost.elements == nil ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                continue
            }
            if innermost.next > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine()
            open[open.count - 1].next += 1
            if let elements = innermost.elements {
                try begin(elements[innermost.next])
            } else if let entries = innermost.entries {
                writeString(entries[innermost.next].key.utf8)
                bytes.append(UInt8(ascii: ":"))
                if isIndented { bytes.append(UInt8(ascii: " ")) }
                try begin(entries[innermost.next].value)
            }
        }
    }

    private mutating func begin(_ value: Value) throws(Raised) {
        try call.reserve(bytes.count * 2 + open.count * 64)
        if value.has(.array) {
            bytes.append(UInt8(ascii: "["))
            open.append(OpenContainer(elements: value.elements, entries: nil))
        } else if value.has(.record) {
            bytes.append(UInt8(ascii: "{"))
            open.append(OpenContainer(elements: nil, entries: try call.object(of: value).entries))
        } else if value.has(.string) {
            writeString(value.utf8)
        } else if value.isNumber, !value.number.isFinite {
            bytes += "null".utf8
        } else if value.isObject {
            throw call.raise(
                .type, "Builtin '\(call.name)' cannot convert \(try call.printed(value))")
        } else {
            try call.print(value, to: &bytes)
        }
    }

    private mutating func newLine() {
        guard isIndented else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * open.count))
    }

    private mutating func writeString(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20: bytes += "\\u00".utf8 + Hexadecimal.encoded([byte])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
