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
    /// others by identity.
    func isDeeplyEqual(to other: Value, _ machine: UnsafeMutablePointer<Machine>) -> Bool {
        if !isObject || has(.string) { return isEqual(to: other) }
        return Comparison(machine).areEqual(self, other)
    }
}

/// Compares values part by part, with a stack of its own, because they nest as deep as a script likes.
private struct Comparison {
    private let machine: UnsafeMutablePointer<Machine>

    /// Two containers of one kind and length, and how many of their parts were found equal.
    private struct OpenPair {
        let left: Value
        let right: Value
        let count: Int
        var next = 0
    }

    init(_ machine: UnsafeMutablePointer<Machine>) {
        self.machine = machine
    }

    func areEqual(_ left: Value, _ right: Value) -> Bool {
        var open: [OpenPair] = []
        var pair = (left, right)
        while true {
            // A script that is being stopped gets any answer: whoever asked looks at the signal, too.
            guard machine.pointee.charge(1) else { return false }
            if let count = partCount(pair.0, pair.1) {
                guard count >= 0 else { return false }
                open.append(OpenPair(left: pair.0, right: pair.1, count: count))
            } else if !isEqualAtom(pair.0, pair.1) {
                return false
            }
            while let innermost = open.last, innermost.next == innermost.count { open.removeLast() }
            guard let innermost = open.last else { return true }
            guard let parts = parts(of: innermost) else { return false }
            pair = parts
            open[open.count - 1].next += 1
        }
    }

    /// How many parts two containers have in common; negative if they cannot be equal, nil for other values.
    private func partCount(_ left: Value, _ right: Value) -> Int? {
        guard left.has(.array) || left.has(.record) else { return nil }
        guard left.bits &>> 48 == right.bits &>> 48 else { return -1 }
        if left.has(.array) { return left.elements.count == right.elements.count ? left.elements.count : -1 }
        if left.isDictionary || right.isDictionary {
            guard left.isDictionary, right.isDictionary else { return -1 }
            return left.entries.count == right.entries.count ? left.entries.count : -1
        }
        let (this, that) = (machine.pointee.shape(of: left.fields), machine.pointee.shape(of: right.fields))
        return this.type == that.type && this.fields.count == that.fields.count ? this.fields.count : -1
    }

    /// The next parts that must be equal; nil if one of them has no counterpart.
    private func parts(of pair: OpenPair) -> (Value, Value)? {
        let (left, right) = (pair.left, pair.right)
        if left.has(.array) { return (left.elements[pair.next], right.elements[pair.next]) }
        if left.isDictionary {
            let entry = left.entries[pair.next]
            return right.value(ofKey: entry.key.utf8).map { (entry.value, $0) }
        }
        let name = machine.pointee.shape(of: left.fields).fields[pair.next]
        let other = machine.pointee.shape(of: right.fields).fields.firstIndex(of: name)
        return other.map { (left.fields.values[pair.next], right.fields.values[$0]) }
    }

    private func isEqualAtom(_ left: Value, _ right: Value) -> Bool {
        if left.has(.function), right.has(.function) {
            let (this, that) = (left.function.pointee.header.index, right.function.pointee.header.index)
            // What the library made of functions is itself only; it takes any number of arguments.
            let isMade = machine.pointee.program.entries[Int(this)].parameterCount < 0
            return this == that && (!isMade || left.bits == right.bits)
        }
        if left.isObject, !left.has(.string) { return left.bits == right.bits }
        return left.isEqual(to: right)
    }
}

extension Machine {
    func shape(of record: FieldsReference) -> RecordShape {
        shapes[LayoutKey.index(of: record.pointee.header.index)]
    }

    /// §4.2; nil after recording the type error.
    mutating func convert(_ value: Value) -> Double? {
        if let number = number(from: value) { return number }
        if case .failure(let failure)? = stop, !failure.isCatchable { return nil }
        if value.has(.string) {
            _ = raise(.type, "Cannot convert '\(text(of: value))' to number")
        } else {
            _ = raise(.type, "Cannot convert to number")
        }
        return nil
    }
}

extension Machine {
    /// The class of an instance or session.
    func layout(of value: Value) -> ClassLayout {
        program.classes[LayoutKey.index(of: value.fields.pointee.header.index)]
    }
}
