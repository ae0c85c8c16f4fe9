/// Member access beyond the inline caches (§7.1, §9).
extension Machine {
    /// `object.symbol`. Fills the cache behind the instruction if later accesses here may go straight to
    /// the slot.
    @inline(never)
    mutating func readField(_ object: Value, _ symbol: Int, _ cache: UnsafeMutablePointer<UInt64>) -> Value {
        guard safepoint() else { return .failure }
        let name = Symbol(index: symbol)
        if object.isDictionary { return readKey(object, name) }
        if object.has(.record) { return readRecord(object, name, cache) }
        guard object.has(.instance) || object.has(.session) else {
            return fail(.runtime, "Cannot access member '\(self.name(name))' on value '\(text(of: object))'")
        }
        guard let member = findMember(object, name), mayAccess(member, name, of: object) else {
            return .failure
        }
        switch member.kind {
        case .field(let slot):
            return read(object.fields, slot, object, member, cache)
        case .staticField(let slot):
            if object.has(.session) { return read(object.fields, slot, object, member, cache) }
            return object.fields.pointee.owner.fields.values[slot]
        case .method(let prototype): return makeFunction(prototype, receiver: object)
        case .staticMethod(let prototype): return makeFunction(prototype, receiver: .null)
        }
    }

    private mutating func readRecord(
        _ object: Value, _ name: Symbol, _ cache: UnsafeMutablePointer<UInt64>
    ) -> Value {
        let record = object.fields
        let shape = shape(of: record)
        if let slot = shape.fields.firstIndex(of: name) {
            cache.pointee = InlineCache(key: record.pointee.header.index, value: slot).bits
            return record.values[slot]
        }
        if let method = recordType(of: shape.type)?.methods[name] {
            return makeFunction(method, receiver: object)
        }
        return fail(.runtime, "Record of type '\(self.name(shape.type))' has no field '\(self.name(name))'")
    }

    private mutating func read(
        _ fields: FieldsReference, _ slot: Int, _ object: Value, _ member: ClassMember,
        _ cache: UnsafeMutablePointer<UInt64>
    ) -> Value {
        if isAlwaysAccessible(member, of: object) {
            cache.pointee = InlineCache(key: fields.pointee.header.index, value: slot).bits
        }
        return fields.values[slot]
    }

    /// The slot of a record's field in a pattern, nil if there is none.
    func slot(of symbol: Int, in record: FieldsReference) -> Int? {
        shape(of: record).fields.firstIndex(of: Symbol(index: symbol))
    }

    /// `object.symbol = value`; false after an error.
    @inline(never)
    mutating func writeField(
        _ object: Value, _ symbol: Int, _ value: Value, _ cache: UnsafeMutablePointer<UInt64>
    ) -> Bool {
        let name = Symbol(index: symbol)
        guard object.has(.instance) || object.has(.session) else {
            return reject("Assignment target is not a session member")
        }
        let layout = layout(of: object)
        let member = object.has(.instance) ? layout.instanceTargets[name] : layout.staticMembers[name]
        let text = self.name(name)
        switch member?.kind {
        case .staticField? where object.has(.instance):
            return reject("Assign static field '\(text)' through session '\(layout.name)', not an instance")
        case .field(let slot)?, .staticField(let slot)?:
            guard let member, mayAccess(member, name, of: object) else { return false }
            if isAlwaysAccessible(member, of: object) {
                cache.pointee = InlineCache(key: object.fields.pointee.header.index, value: slot).bits
            }
            object.fields.values[slot] = value
            return true
        case .method?: return reject("Cannot assign to method '\(text)'")
        case .staticMethod?: return reject("Cannot assign to static method '\(text)'")
        case nil:
            return reject(
                object.has(.instance)
                    ? "Session instance of '\(layout.name)' has no field '\(text)'"
                    : "Session '\(layout.name)' has no static field '\(text)'")
        }
    }

    private mutating func reject(_ text: String) -> Bool {
        _ = raise(.runtime, text)
        return false
    }

    /// What reading `name` finds; nil after recording the error.
    mutating func findMember(_ object: Value, _ name: Symbol) -> ClassMember? {
        let layout = layout(of: object)
        let isInstance = object.has(.instance)
        if let member = isInstance ? layout.instanceMembers[name] : layout.staticMembers[name] {
            return member
        }
        _ = raise(
            .runtime,
            isInstance
                ? "Session instance of '\(layout.name)' has no member '\(self.name(name))'"
                : "Session '\(layout.name)' has no static member '\(self.name(name))'")
        return nil
    }

    /// False, with the error recorded, for a private member out of reach.
    mutating func mayAccess(_ member: ClassMember, _ name: Symbol, of object: Value) -> Bool {
        let index = LayoutKey.index(of: object.fields.pointee.header.index)
        if !member.isPrivate || accessingClass() == index { return true }
        let kind =
            switch member.kind {
            case .field, .staticField: "field"
            case .method, .staticMethod: "method"
            }
        return reject(
            "Access denied to private \(kind) '\(self.name(name))' of session "
                + "'\(program.classes[index].name)'"
        )
    }

    /// Whether this instruction may use the member whoever called it.
    func isAlwaysAccessible(_ member: ClassMember, of object: Value) -> Bool {
        !member.isPrivate
            || program.classIndex(at: position) == LayoutKey.index(of: object.fields.pointee.header.index)
    }

    @inline(never)
    mutating func makeFunction(_ prototype: Int, receiver: Value) -> Value {
        guard safepoint() else { return .failure }
        guard
            let function = heap.makeFunction(
                prototype: UInt32(truncatingIfNeeded: prototype), receiver: receiver)
        else { return failMemory() }
        return Value(.function, function)
    }
}

// MARK: Making records, sessions and instances

extension Machine {
    @inline(never)
    mutating func makeRecord(
        _ shape: Int, _ values: UnsafeMutablePointer<Value>, _ word: UInt64
    ) -> Value {
        guard safepoint() else { return .failure }
        let count = Int(truncatingIfNeeded: word & 0xFFFF_FFFF)
        // The lowest bit says `record`; it is all that making a value needs to know of the declaration.
        let isStructural = registeredTypes[Int(truncatingIfNeeded: word &>> 32)] & 1 == 1
        let key =
            UInt32(truncatingIfNeeded: shape) | LayoutKey.recordBit
            | (isStructural ? LayoutKey.structuralBit : 0)
        guard let record = heap.makeFields(index: key, count: count) else { return failMemory() }
        record.values.update(from: values, count: count)
        return Value(.record, record)
    }

    @inline(never)
    mutating func makeSession(_ index: Int) -> Value {
        guard safepoint() else { return .failure }
        let count = program.classes[index].staticFieldCount
        let key = UInt32(truncatingIfNeeded: index) | LayoutKey.sessionBit
        guard let session = heap.makeFields(index: key, count: count) else { return failMemory() }
        session.values.update(repeating: .null, count: count)
        return Value(.session, session)
    }

    /// An instance of the session in R[0].
    @inline(never)
    mutating func makeInstance(of session: Value) -> Value {
        guard safepoint() else { return .failure }
        let index = LayoutKey.index(of: session.fields.pointee.header.index)
        let count = program.classes[index].instanceFieldCount
        let key = UInt32(truncatingIfNeeded: index)
        guard let instance = heap.makeFields(index: key, count: count, owner: session) else {
            return failMemory()
        }
        instance.values.update(repeating: .null, count: count)
        return Value(.instance, instance)
    }

    /// False, with the error recorded, if the private constructor of a class is out of reach.
    @inline(never)
    mutating func requireConstructor(_ index: Int) -> Bool {
        if accessingClass() == index { return true }
        return reject("Access denied to private constructor of session '\(program.classes[index].name)'")
    }

    @inline(never)
    mutating func failConstructorMismatch(_ index: Int, received: Value) {
        let layout = program.classes[index]
        _ = raise(
            .runtime,
            layout.hasConstructor
                ? "Constructor for session '\(layout.name)' expects "
                    + (layout.requiredCount == layout.parameterCount
                        ? "" : "\(layout.requiredCount) to ")
                    + "\(layout.parameterCount) arguments, "
                    + "received \(text(of: received))"
                : "Session '\(layout.name)' does not define a constructor but arguments were provided")
    }

    @inline(never)
    mutating func requireType(_ symbol: Int) -> Bool {
        if registeredTypes[symbol] >= 0 { return true }
        return reject("Undefined tranceify type '\(name(symbol))'")
    }
}
