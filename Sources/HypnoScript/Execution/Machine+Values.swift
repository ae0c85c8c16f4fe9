import Glibc

extension Value {
    /// `==` of §7.4: numbers with an absolute tolerance, nothing else converts, containers are never equal.
    @inline(never)
    func isEqual(to other: Value, _ machine: UnsafeMutablePointer<Machine>) -> Bool {
        if has(.record) && other.has(.record) { return isStructurallyEqual(to: other, machine) }
        return isEqual(to: other)
    }

    /// Objects, and records of a type declared with `record`, are equal when their contents are.
    private func isStructurallyEqual(to other: Value, _ machine: UnsafeMutablePointer<Machine>) -> Bool {
        let isComparable =
            isDictionary
            || isRecord && fields.pointee.header.index & LayoutKey.structuralBit != 0 && other.isRecord
                && other.fields.pointee.header.index & LayoutKey.structuralBit != 0
        return isComparable && isDeeplyEqual(to: other, machine)
    }

    /// The same where neither can be a record.
    @inline(never)
    func isEqual(to other: Value) -> Bool {
        if isNumber && other.isNumber { return abs(number - other.number) < 2.220446049250313e-16 }
        if has(.string) { return other.has(.string) && hasSameText(as: other) }
        return !isObject && bits == other.bits
    }

    private func hasSameText(as other: Value) -> Bool {
        let (left, right) = (utf8, other.utf8)
        guard left.count == right.count else { return false }
        guard let start = left.baseAddress, let otherStart = right.baseAddress else { return true }
        return memcmp(start, otherStart, left.count) == 0
    }

    /// Deep equality of §7.4: arrays by element, records by type and fields, functions by declaration, the
    /// others by identity. With a stack of its own, because values nest as deep as a script likes.
    func isDeeplyEqual(to other: Value, _ machine: UnsafeMutablePointer<Machine>) -> Bool {
        if !isObject || has(.string) { return isEqual(to: other) }
        var pending = [(self, other)]
        while let (left, right) = pending.popLast() {
            // A script that is being stopped gets any answer: the builtin's next charge fails too.
            guard machine.pointee.charge(1) else { return false }
            guard left.bits &>> 48 == right.bits &>> 48 || left.isNumber && right.isNumber else {
                return false
            }
            if left.has(.array) {
                let (these, those) = (left.elements, right.elements)
                guard these.count == those.count else { return false }
                for index in these.indices.reversed() { pending.append((these[index], those[index])) }
            } else if left.isDictionary || right.isDictionary {
                guard Value.pairEntries(left, right, &pending) else { return false }
            } else if left.has(.record) {
                guard machine.pointee.pairFields(left.fields, right.fields, &pending) else { return false }
            } else if left.has(.function) {
                let (this, that) = (left.function.pointee.header.index, right.function.pointee.header.index)
                // What the library made of functions is itself only; it takes any number of arguments.
                let isMade = machine.pointee.program.entries[Int(this)].parameterCount < 0
                guard this == that, !isMade || left.bits == right.bits else { return false }
            } else if left.isObject && !left.has(.string) {
                guard left.bits == right.bits else { return false }
            } else if !left.isEqual(to: right) {
                return false
            }
        }
        return true
    }

    /// Adds the values of two objects to what must be equal; false if they have not the same keys.
    private static func pairEntries(
        _ left: Value, _ right: Value, _ pending: inout [(Value, Value)]
    ) -> Bool {
        guard left.isDictionary, right.isDictionary, left.entries.count == right.entries.count else {
            return false
        }
        for entry in left.entries.reversed() {
            guard let other = right.value(ofKey: entry.key.utf8) else { return false }
            pending.append((entry.value, other))
        }
        return true
    }
}

extension Machine {
    /// Adds the fields of two records of one type to what must be equal; false if they have not the same
    /// names.
    func pairFields(_ left: FieldsReference, _ right: FieldsReference, _ pending: inout [(Value, Value)])
        -> Bool
    {
        let (this, that) = (shape(of: left), shape(of: right))
        guard this.type == that.type, this.fields.count == that.fields.count else { return false }
        for (slot, name) in this.fields.enumerated().reversed() {
            guard let other = that.fields.firstIndex(of: name) else { return false }
            pending.append((left.values[slot], right.values[other]))
        }
        return true
    }

    func shape(of record: FieldsReference) -> RecordShape {
        shapes[LayoutKey.index(of: record.pointee.header.index)]
    }

    /// §4.2, nil where it fails.
    static func number(from value: Value) -> Double? {
        if value.isNumber { return value.number }
        if value.isBoolean { return value.isTrue ? 1 : 0 }
        return value.has(.string) ? NumberText.parse(value.utf8) : nil
    }

    /// §4.2; nil after recording the type error.
    mutating func convert(_ value: Value) -> Double? {
        if let number = Machine.number(from: value) { return number }
        if value.has(.string) {
            _ = raise(.type, "Cannot convert '\(text(of: value))' to number")
        } else {
            _ = raise(.type, "Cannot convert to number")
        }
        return nil
    }
}

// MARK: Printing

extension Machine {
    /// The longest value text in a message.
    private static let longestQuote = 1000

    /// The printed form for messages, cut off where it gets long.
    func text(of value: Value) -> String {
        var bytes: [UInt8] = []
        _ = print(value, to: &bytes) { $0 > Machine.longestQuote }
        guard bytes.count > Machine.longestQuote else { return String(decoding: bytes, as: UTF8.self) }
        return String(
            String(decoding: bytes[..<Machine.longestQuote], as: UTF8.self).unicodeScalars.dropLast()) + "…"
    }

    /// Appends the printed form (§4); false after an error, for a text beyond the memory limit.
    mutating func append(_ value: Value, to bytes: inout [UInt8]) -> Bool {
        let before = bytes.count
        let limit = heap.hardLimit
        var looked = before
        let isWhole = print(value, to: &bytes) { count in
            if count > limit { return true }
            // 64 KiB take about 0.5 ms; the longest text there may be, seconds.
            guard count - looked > 1 << 16 else { return false }
            looked = count
            return isLate
        }
        if !isWhole, bytes.count > limit {
            _ = failMemory()
            return false
        }
        return charge(isWhole ? (bytes.count - before) / 16 : Meter.slice)
    }

    /// A container that is being printed, and how many of its parts were.
    private struct OpenContainer {
        let value: Value
        var next = 0

        var count: Int { value.has(.array) ? value.elements.count : value.entries.count }
        var closing: UInt8 { value.has(.array) ? UInt8(ascii: "]") : UInt8(ascii: "}") }
    }

    /// Appends the printed form until `stop` says that it is too long. Keeps the containers it is in on a
    /// stack of its own: they may nest as deep as a script likes, and contain one another so often that the
    /// text never ends.
    private func print(_ value: Value, to bytes: inout [UInt8], stop: (Int) -> Bool) -> Bool {
        var open: [OpenContainer] = []
        var current = value
        while true {
            if current.has(.array) || current.isDictionary {
                bytes.append(current.has(.array) ? UInt8(ascii: "[") : UInt8(ascii: "{"))
                open.append(OpenContainer(value: current))
            } else {
                printAtom(current, to: &bytes)
            }
            if stop(bytes.count) { return false }
            while let innermost = open.last, innermost.next == innermost.count {
                bytes.append(innermost.closing)
                open.removeLast()
            }
            guard let innermost = open.last else { return true }
            if innermost.next > 0 { bytes.append(contentsOf: [UInt8(ascii: ","), UInt8(ascii: " ")]) }
            if innermost.value.has(.array) {
                current = innermost.value.elements[innermost.next]
            } else {
                let entry = innermost.value.entries[innermost.next]
                bytes.append(contentsOf: entry.key.utf8)
                bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
                current = entry.value
            }
            open[open.count - 1].next += 1
        }
    }

    private func printAtom(_ value: Value, to bytes: inout [UInt8]) {
        if value.isNumber {
            let count = NumberText.write(value.number, to: scratch)
            bytes.append(contentsOf: UnsafeBufferPointer(start: scratch, count: count))
        } else if value.has(.string) {
            bytes.append(contentsOf: value.utf8)
        } else {
            bytes.append(contentsOf: description(of: value).utf8)
        }
    }

    private func description(of value: Value) -> String {
        if value.isBoolean { return value.isTrue ? "true" : "false" }
        if value.has(.record) { return "<record \(name(shape(of: value.fields).type))>" }
        if value.has(.function) {
            return "<function \(program.prototypes[Int(value.function.pointee.header.index)].name)>"
        }
        if value.has(.session) { return "<session \(layout(of: value).name)>" }
        if value.has(.instance) { return "<session-instance \(layout(of: value).name)>" }
        return "null"
    }

    /// The class of an instance or session.
    func layout(of value: Value) -> ClassLayout {
        program.classes[LayoutKey.index(of: value.fields.pointee.header.index)]
    }

    /// The text of a number in `scratch`, valid until the next one.
    func numberText(_ number: Double) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: scratch, count: NumberText.write(number, to: scratch))
    }
}
