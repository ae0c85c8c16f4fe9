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

    /// The program's `result`, at its normal end.
    mutating func result() -> ScriptValue {
        switch program.result {
        case .none: return .null
        case .register(let register): return makeResult(base[register], depth: 0)
        case .cell(let cell):
            let value = cells[cell].value.isIndirect ? cells[cell].shared : cells[cell].value
            return value.isUnbound ? .null : makeResult(value, depth: 0)
        }
    }

    /// Deeper than this a result is given as text: code outside walks it by recursion.
    private static let deepestResult = 100

    /// The value as the world outside gets it; something shorter, and `isResultCut` set, if the run must stop
    /// meanwhile.
    mutating func makeResult(_ value: Value, depth: Int) -> ScriptValue {
        resultParts &+= 1
        if resultParts & 0x3FF == 0, signal.isGiven { isResultCut = true }
        if isResultCut { return .null }
        if value.isNull { return .null }
        if value.isBoolean { return .bool(value.isTrue) }
        if value.isNumber {
            return value.number.isFinite ? .number(value.number) : .string(text(of: value))
        }
        if value.has(.string) { return .string(String(decoding: value.utf8, as: UTF8.self)) }
        if depth < Machine.deepestResult {
            if value.has(.array) {
                var parts: [ScriptValue] = []
                for element in value.elements where !isResultCut {
                    parts.append(makeResult(element, depth: depth + 1))
                }
                return .array(parts)
            }
            if value.isDictionary {
                var parts: [(String, ScriptValue)] = []
                for entry in value.entries where !isResultCut {
                    let key = String(decoding: entry.key.utf8, as: UTF8.self)
                    parts.append((key, makeResult(entry.value, depth: depth + 1)))
                }
                return .object(parts)
            }
            if value.has(.record) {
                let names = shape(of: value.fields).fields
                return .object(
                    names.enumerated().map { slot, name in
                        (self.name(name), makeResult(value.fields.values[slot], depth: depth + 1))
                    })
            }
        }
        return .string(text(of: value))
    }
}
