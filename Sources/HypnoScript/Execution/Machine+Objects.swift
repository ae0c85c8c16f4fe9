/// Objects, and assignments to parts of values.
extension Machine {
    /// An object literal with the keys of a list.
    @inline(never)
    mutating func makeObject(_ list: Int, _ values: UnsafeMutablePointer<Value>) -> Value {
        guard safepoint() else { return .failure }
        let keys = program.keyLists[list].constants
        guard let dictionary = heap.makeDictionary(capacity: keys.count) else { return failMemory() }
        for (index, key) in keys.enumerated() {
            guard heap.insert(program.constants.values[key], values[index], into: dictionary) else {
                return failMemory()
            }
        }
        return Value(.record, dictionary)
    }

    /// `object.symbol` of an object.
    mutating func readKey(_ object: Value, _ name: Symbol) -> Value {
        value(in: object, name)
            ?? fail(.runtime, "Object has no field '\(self.name(name))'")
    }

    private func value(in object: Value, _ name: Symbol) -> Value? {
        guard name.index < program.names.count else {
            var text = self.name(name)
            return text.withUTF8 { object.value(ofKey: $0) }
        }
        return program.names.withUTF8(of: name) { object.value(ofKey: $0) }
    }

    /// `object?.symbol`, the object not being null.
    @inline(never)
    mutating func readOptionalField(_ object: Value, _ symbol: Int) -> Value {
        if object.isDictionary { return value(in: object, Symbol(index: symbol)) ?? .null }
        var unused = InlineCache.empty.bits
        return withUnsafeMutablePointer(to: &unused) { readField(object, symbol, $0) }
    }

    /// `container[key]` of what is no array.
    mutating func indexByKey(_ container: Value, _ key: Value) -> Value {
        guard program.dialect == .documented, container.has(.record) else {
            return fail(.type, "Cannot index non-array")
        }
        if container.isDictionary {
            guard key.has(.string) else { return fail(.type, "Object keys must be strings") }
            return container.value(ofKey: key.utf8) ?? .null
        }
        guard key.has(.string) else { return fail(.type, "Cannot index non-array") }
        let text = String(decoding: key.utf8, as: UTF8.self)
        guard let name = program.names.find(text) ?? foreignSymbol(text) else {
            let type = name(shape(of: container.fields).type)
            return fail(.runtime, "Record of type '\(type)' has no field '\(text)'")
        }
        return readOptionalField(container, name.index)
    }

    private func foreignSymbol(_ text: String) -> Symbol? {
        foreignNames.firstIndex(of: text).map { Symbol(index: program.names.count + $0) }
    }

    // MARK: Copies with changes

    /// `object.symbol = value`: unbound when that changed an instance or session, else the copy that has the
    /// value.
    @inline(never)
    mutating func writeMember(
        _ object: Value, _ symbol: Int, _ value: Value, _ cache: UnsafeMutablePointer<UInt64>, isOwn: Bool
    ) -> Value {
        guard object.isDictionary else {
            return writeField(object, symbol, value, cache) ? .unbound : .failure
        }
        guard safepoint() else { return .failure }
        guard let key = heap.makeString(name(symbol)) else { return failMemory() }
        return setting(Value(.string, key), value, in: object, isOwn: isOwn)
    }

    private mutating func setting(_ key: Value, _ value: Value, in object: Value, isOwn: Bool) -> Value {
        if isOwn { return settingOwn(key, value, in: object) }
        guard charge(object.dictionary.pointee.count / 16) else { return .failure }
        guard let copy = heap.setting(key, value, in: object.dictionary) else { return failMemory() }
        return Value(.record, copy)
    }

    /// The object itself if it is the variable's alone, else a copy that is.
    private mutating func settingOwn(_ key: Value, _ value: Value, in object: Value) -> Value {
        var dictionary = object.dictionary
        if dictionary.pointee.header.index != LayoutKey.ownedDictionary {
            guard charge(dictionary.pointee.count / 16) else { return .failure }
            guard let copy = heap.copy(dictionary, adding: max(4, dictionary.pointee.count / 2)) else {
                return failMemory()
            }
            dictionary = copy
            dictionary.pointee.header.index = LayoutKey.ownedDictionary
        }
        guard heap.insert(key, value, into: dictionary) else { return failMemory() }
        return Value(.record, dictionary)
    }

    /// Notes that more than one variable may have an object.
    @inline(never)
    func share(_ value: Value) {
        if value.isDictionary { value.dictionary.pointee.header.index = LayoutKey.dictionary }
    }

    /// A copy of the container that has the value at an index or key.
    @inline(never)
    mutating func writeElement(
        _ container: Value, _ key: Value, _ value: Value, isOwn: Bool
    ) -> Value {
        guard safepoint() else { return .failure }
        if container.isDictionary {
            guard key.has(.string) else { return fail(.type, "Object keys must be strings") }
            return setting(key, value, in: container, isOwn: isOwn)
        }
        if container.isRecord, key.has(.string) {
            let type = name(shape(of: container.fields).type)
            return fail(.runtime, "Record of type '\(type)' is immutable; use 'with'")
        }
        guard container.has(.array) else { return fail(.type, "Cannot index non-array") }
        guard let number = convert(key) else { return .failure }
        let count = container.elements.count
        let place = number >= 1 ? number.rounded(.towardZero) : 0
        guard place < Double(count) else { return failOutOfBounds(place) }
        if isOwn, container.array.pointee.header.index == ObjectHeader.owned {
            container.array.pointee.items[Int(place)] = value
            return container
        }
        guard charge(count / 16) else { return .failure }
        guard let copy = heap.makeArray(container.elements) else { return failMemory() }
        if isOwn { copy.pointee.header.index = ObjectHeader.owned }
        copy.pointee.items[Int(place)] = value
        return Value(.array, copy)
    }

    mutating func failOutOfBounds(_ place: Double) -> Value {
        // The language saturates at 2⁶⁴ − 1, which a double cannot hold.
        let text = place >= 0x1p64 ? "18446744073709551615" : "\(UInt64(place))"
        return fail(.runtime, "Index \(text) out of bounds")
    }

    /// `base with { … }`: the values stand behind each other.
    mutating func copy(_ base: Value, _ list: KeyList, _ values: UnsafePointer<Value>) -> Value {
        if base.isDictionary { return copy(object: base, list, values) }
        guard base.isRecord else {
            return fail(.type, "Cannot copy value '\(text(of: base))' with changes")
        }
        let record = base.fields
        var shape = shape(of: record)
        var fields = (0..<record.pointee.count).map { record.values[$0] }
        for (index, name) in list.symbols.enumerated() {
            if let slot = shape.fields.firstIndex(of: name) {
                fields[slot] = values[index]
            } else {
                shape.fields.append(name)
                fields.append(values[index])
            }
        }
        guard charge(fields.count) else { return .failure }
        let bits = record.pointee.header.index & LayoutKey.structuralBit
        return makeRecord(shape, fields, bits: bits)
    }

    private mutating func copy(object: Value, _ list: KeyList, _ values: UnsafePointer<Value>) -> Value {
        guard charge(object.dictionary.pointee.count / 16),
            let copy = heap.copy(object.dictionary, adding: list.constants.count)
        else { return stop == nil ? failMemory() : .failure }
        for (index, key) in list.constants.enumerated() {
            guard heap.insert(program.constants.values[key], values[index], into: copy) else {
                return failMemory()
            }
        }
        return Value(.record, copy)
    }

    /// A record of a shape that may be new.
    mutating func makeRecord(_ shape: RecordShape, _ fields: [Value], bits: UInt32) -> Value {
        let key = UInt32(truncatingIfNeeded: index(of: shape)) | LayoutKey.recordBit | bits
        guard let record = heap.makeFields(index: key, count: fields.count) else { return failMemory() }
        for (slot, field) in fields.enumerated() { record.values[slot] = field }
        return Value(.record, record)
    }

    private mutating func index(of shape: RecordShape) -> Int {
        if shapeIndices.isEmpty {
            for (index, known) in shapes.enumerated() where shapeIndices[known] == nil {
                shapeIndices[known] = index
            }
        }
        if let known = shapeIndices[shape] { return known }
        shapes.append(shape)
        shapeIndices[shape] = shapes.count - 1
        return shapes.count - 1
    }

    /// A record of the library's own with one field, as `Ok(v)` makes.
    mutating func makeRecord(ofType type: String, content: Value) -> Value {
        let shape = RecordShape(type: symbol(for: type), fields: [symbol(for: Machine.contentName)])
        return makeRecord(shape, [content], bits: LayoutKey.structuralBit)
    }

    /// The content of such a record, nil if it is none.
    func content(of value: Value, ofType type: String) -> Value? {
        guard value.isRecord else { return nil }
        let shape = shape(of: value.fields)
        guard name(shape.type) == type else { return nil }
        return shape.fields.firstIndex { name($0) == Machine.contentName }.map { value.fields.values[$0] }
    }

    private static let contentName = "value"

    /// Whether a value is a record of a type, which an object never is.
    func isRecord(_ value: Value, ofType type: Int) -> Bool {
        value.isRecord && shape(of: value.fields).type.index == type
    }

    /// The declaration of a record's type that was executed last.
    func recordType(of name: Symbol) -> RecordType? {
        guard name.index < program.names.count, registeredTypes[name.index] >= 0 else { return nil }
        return program.recordTypes[Int(registeredTypes[name.index] >> 1)]
    }
}
