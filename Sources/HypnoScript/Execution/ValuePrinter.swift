/// Writes values in their printed form (§4), piece by piece. Keeps the containers it is in on a stack of its
/// own: they may nest as deep as a script likes, and contain one another so often that the text never ends.
struct ValuePrinter {
    /// Room for the text of one number.
    let scratch: UnsafeMutablePointer<UInt8>

    /// A container that is being printed, and how many of its parts were.
    private struct OpenContainer {
        let value: Value
        var next = 0

        var count: Int { value.has(.array) ? value.elements.count : value.entries.count }
        var closing: StaticString { value.has(.array) ? "]" : "}" }
    }

    /// So many values are written between two looks.
    private static let valuesPerLook = 1 << 10

    /// - Parameters:
    ///   - describe: the text of a value that is no number, string or container.
    ///   - look: told now and then how many values were written; may end it by throwing.
    ///   - write: takes the pieces; may end it by throwing.
    func print<Failure>(
        _ value: Value, describe: (Value) -> String, look: (Int) throws(Failure) -> Void,
        to write: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        func put(_ text: StaticString) throws(Failure) {
            try write(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        var open: [OpenContainer] = []
        var current = value
        var written = 0
        while true {
            written += 1
            if written % Self.valuesPerLook == 0 { try look(Self.valuesPerLook) }
            if current.has(.array) || current.isDictionary {
                try put(current.has(.array) ? "[" : "{")
                open.append(OpenContainer(value: current))
            } else {
                try printAtom(current, describe, write)
            }
            while let innermost = open.last, innermost.next == innermost.count {
                try put(innermost.closing)
                open.removeLast()
            }
            guard let innermost = open.last else { return }
            if innermost.next > 0 { try put(", ") }
            if innermost.value.has(.array) {
                current = innermost.value.elements[innermost.next]
            } else {
                let entry = innermost.value.entries[innermost.next]
                try write(entry.key.utf8)
                try put(": ")
                current = entry.value
            }
            open[open.count - 1].next += 1
        }
    }

    private func printAtom<Failure>(
        _ value: Value, _ describe: (Value) -> String,
        _ write: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        if value.isNumber {
            let count = NumberText.write(value.number, to: scratch)
            try write(UnsafeBufferPointer(start: scratch, count: count))
        } else if value.has(.string) {
            try write(value.utf8)
        } else {
            let text = Array(describe(value).utf8)
            for byte in text {
                scratch[0] = byte
                try write(UnsafeBufferPointer(start: scratch, count: 1))
            }
        }
    }
}

extension UnsafeMutablePointer<Machine> {
    /// Hands the printed form of a value to `write`, piece by piece.
    func print(
        _ value: Value, to write: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Void
    ) throws(Raised) {
        try ValuePrinter(scratch: pointee.scratch).print(
            value, describe: { pointee.description(of: $0) },
            look: { values throws(Raised) in if !pointee.charge(values) { throw .raised } }, to: write)
    }
}

extension Machine {
    /// The longest value text in a message.
    private static let longestQuote = 1000

    /// The rest of a value's text is not wanted.
    private enum Cut: Error { case cut }

    /// The printed form for messages, cut off where it gets long.
    func text(of value: Value) -> String {
        var bytes: [UInt8] = []
        do throws(Cut) {
            try ValuePrinter(scratch: scratch).print(
                value, describe: { description(of: $0) }, look: { (_: Int) throws(Cut) in },
                to: { (piece: UnsafeBufferPointer<UInt8>) throws(Cut) in
                    bytes.append(contentsOf: piece.prefix(Machine.longestQuote + 1 - bytes.count))
                    if bytes.count > Machine.longestQuote { throw .cut }
                })
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            return String(
                String(decoding: bytes[..<Machine.longestQuote], as: UTF8.self).unicodeScalars.dropLast())
                + "…"
        }
    }

    /// What stands for a value that is no number, string or container.
    func description(of value: Value) -> String {
        if value.isBoolean { return value.isTrue ? "true" : "false" }
        if value.has(.record) { return "<record \(name(shape(of: value.fields).type))>" }
        if value.has(.function) {
            return "<function \(program.prototypes[Int(value.function.pointee.header.index)].name)>"
        }
        if value.has(.session) { return "<session \(layout(of: value).name)>" }
        if value.has(.instance) { return "<session-instance \(layout(of: value).name)>" }
        return "null"
    }

    /// The text of a number in `scratch`, valid until the next one.
    func numberText(_ number: Double) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: scratch, count: NumberText.write(number, to: scratch))
    }
}
