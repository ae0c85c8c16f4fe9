/// Values coming in and going out.
extension Machine {
    /// The record type of an object that comes from outside.
    private static let foreignType = "object"

    /// Puts the arguments into the shared table, for the names that the program uses at all.
    mutating func accept(_ arguments: [(String, ScriptValue)]) -> Bool {
        for (name, value) in arguments {
            guard let symbol = program.names.find(name), let cell = program.cellOfSymbol[symbol] else {
                continue
            }
            guard let inner = makeValue(value) else { return false }
            declareShared(cell, inner, constant: false)
        }
        return true
    }

    /// A value of the script for one from outside; nil beyond the memory limit.
    mutating func makeValue(_ value: ScriptValue) -> Value? {
        guard charge(4) else { return nil }
        switch value {
        case .null: return .null
        case .bool(let flag): return Value(flag)
        case .number(let number): return Value(number: number)
        case .string(let text): return heap.makeString(text).map { Value(.string, $0) }
        case .array(let elements):
            guard let array = heap.makeArray(count: elements.count) else { return nil }
            for (index, element) in elements.enumerated() {
                guard let inner = makeValue(element) else { return nil }
                array.pointee.items[index] = inner
            }
            return Value(.array, array)
        case .object(let fields):
            return program.dialect == .documented ? makeObject(fields) : makeRecord(fields)
        }
    }

    private mutating func makeObject(_ fields: [(String, ScriptValue)]) -> Value? {
        guard let object = heap.makeDictionary(capacity: fields.count) else { return nil }
        for (name, value) in fields {
            guard let inner = makeValue(value), let key = heap.makeString(name),
                heap.insert(Value(.string, key), inner, into: object)
            else { return nil }
        }
        return Value(.record, object)
    }

    private mutating func makeRecord(_ fields: [(String, ScriptValue)]) -> Value? {
        var names: [Symbol] = []
        var values: [Value] = []
        for (name, value) in fields {
            guard let inner = makeValue(value) else { return nil }
            let symbol = symbol(for: name)
            if let known = names.firstIndex(of: symbol) {
                values[known] = inner
            } else {
                names.append(symbol)
                values.append(inner)
            }
        }
        let shape = RecordShape(type: symbol(for: Machine.foreignType), fields: names)
        let index = shapes.firstIndex(of: shape) ?? shapes.count
        if index == shapes.count { shapes.append(shape) }
        let key = UInt32(truncatingIfNeeded: index) | LayoutKey.recordBit
        guard let record = heap.makeFields(index: key, count: values.count) else { return nil }
        for (slot, value) in values.enumerated() { record.values[slot] = value }
        return Value(.record, record)
    }

    mutating func symbol(for name: String) -> Symbol {
        if let known = program.names.find(name) { return known }
        let count = program.names.count
        if let known = foreignNames.firstIndex(of: name) { return Symbol(index: count + known) }
        foreignNames.append(name)
        return Symbol(index: count + foreignNames.count - 1)
    }

    /// The program's `result`, at its normal end; nil after an error, for one beyond the memory limit.
    mutating func result() -> ScriptValue? {
        let value: Value
        switch program.result {
        case .none: return .null
        case .register(let register): value = base[register]
        case .cell(let cell):
            value = cells[cell].value.isIndirect ? cells[cell].shared : cells[cell].value
            if value.isUnbound { return .null }
        }
        var size = ResultSize(limit: heap.hardLimit)
        if let result = makeResult(value, depth: 0, &size) { return result }
        stop = .failure(refusal())
        return nil
    }

    /// A value as the world outside gets it while the program runs; nil after an error, for one beyond the
    /// memory limit or when the run must stop.
    mutating func exported(_ value: Value) -> ScriptValue? {
        var size = ResultSize(limit: heap.hardLimit)
        if let result = makeResult(value, depth: 0, &size) { return result }
        if isAllowedToContinue() { _ = failMemory() }
        return nil
    }

    /// Why there is no result. The program has ended, so there are no calls to show.
    private func refusal() -> MachineFailure {
        let (kind, text): (ScriptFailure.Kind, String) =
            if signal.isCancelled {
                (.cancelled, "Cancelled")
            } else if signal.isLate {
                (.timeout, "Time limit exceeded")
            } else {
                (.limit, "Memory limit exceeded")
            }
        return MachineFailure(kind: kind, text: text, isCatchable: false, thrown: .unbound, frames: [])
    }

    /// Deeper than this a result is given as text: code outside walks it by recursion.
    private static let deepestResult = 100

    /// What a result takes outside, where arrays that contain one another are as many as they are shown.
    private struct ResultSize {
        let limit: Int
        private(set) var bytes = 0
        private(set) var count = 0

        init(limit: Int) { self.limit = limit }

        /// Adds a value with so much text; false beyond the limit.
        mutating func add(text: Int) -> Bool {
            // A case with a payload is a box of its own, and its array another one.
            bytes += text + 64
            count += 1
            return bytes <= limit
        }
    }

    private func makeResult(_ value: Value, depth: Int, _ size: inout ResultSize) -> ScriptValue? {
        let text = value.has(.string) ? value.utf8.count : 0
        guard size.add(text: text), size.count & 0xFFF != 0 || !signal.isGiven else { return nil }
        if value.isNull { return .null }
        if value.isBoolean { return .bool(value.isTrue) }
        if value.isNumber {
            return value.number.isFinite ? .number(value.number) : .string(self.text(of: value))
        }
        if value.has(.string) { return .string(String(decoding: value.utf8, as: UTF8.self)) }
        if depth < Machine.deepestResult {
            if value.has(.array) { return makeResult(array: value, depth: depth + 1, &size) }
            if value.isDictionary || value.has(.record) {
                return makeResult(object: value, depth: depth + 1, &size)
            }
        }
        return .string(self.text(of: value))
    }

    private func makeResult(array: Value, depth: Int, _ size: inout ResultSize) -> ScriptValue? {
        var elements: [ScriptValue] = []
        for element in array.elements {
            guard let inner = makeResult(element, depth: depth, &size) else { return nil }
            elements.append(inner)
        }
        return .array(elements)
    }

    private func makeResult(object: Value, depth: Int, _ size: inout ResultSize) -> ScriptValue? {
        var fields: [(String, ScriptValue)] = []
        if object.isDictionary {
            for entry in object.entries {
                guard size.add(text: entry.key.utf8.count),
                    let inner = makeResult(entry.value, depth: depth, &size)
                else { return nil }
                fields.append((String(decoding: entry.key.utf8, as: UTF8.self), inner))
            }
        } else {
            for (slot, name) in shape(of: object.fields).fields.enumerated() {
                guard let inner = makeResult(object.fields.values[slot], depth: depth, &size) else {
                    return nil
                }
                fields.append((self.name(name), inner))
            }
        }
        return .object(fields)
    }
}
