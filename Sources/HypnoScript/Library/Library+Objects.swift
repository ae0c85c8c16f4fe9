/// Objects; a record counts as the object of its fields. None of these changes its argument.
extension Library {
    static let objects: [Builtin] =
        named("HasKey") {
            native($0, $1, $2) { call throws(Raised) in
                let (object, key) = (try call.object(0), try call.text(1))
                return Value(object.value(ofKey: key) != nil)
            }
        }
        + named("Keys") {
            native($0, $1, $2) { call throws(Raised) in
                try call.array(try call.object(0).entries.map(\.key))
            }
        }
        + named("Values") {
            native($0, $1, $2) { call throws(Raised) in
                try call.array(try call.object(0).entries.map(\.value))
            }
        }
        + named("RemoveKey") {
            native($0, $1, $2) { call throws(Raised) in
                let (object, key) = (try call.object(0), try call.text(1))
                let result = try call.object(capacity: object.entries.count)
                for entry in object.entries where !entry.key.utf8.elementsEqual(key) {
                    try call.insert(entry.key, entry.value, into: result)
                }
                return result
            }
        }
        + named("Merge") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.object(0), try call.object(1))
                let result = try call.object(capacity: left.entries.count + right.entries.count)
                for entry in left.entries { try call.insert(entry.key, entry.value, into: result) }
                for entry in right.entries { try call.insert(entry.key, entry.value, into: result) }
                return result
            }
        }
}

extension BuiltinCall {
    /// o: an object argument, the work of one pass over it accounted for; a record as an object of its own.
    func object(_ position: Int) throws(Raised) -> Value {
        let value = try value(position)
        guard value.has(.record) else {
            throw raise(
                .type,
                "Builtin '\(name)' expected object argument at position \(position + 1), got "
                    + machine.pointee.text(of: value))
        }
        let object = try object(of: value)
        try charge(object.entries.count)
        return object
    }

    /// A record as an object; an object as itself.
    func object(of value: Value) throws(Raised) -> Value {
        if value.isDictionary { return value }
        let names = machine.pointee.shape(of: value.fields).fields
        let result = try object(capacity: names.count)
        for (slot, name) in names.enumerated() {
            let key = try string(machine.pointee.name(name))
            try insert(key, value.fields.values[slot], into: result)
        }
        return result
    }

    /// An object of these keys and values.
    func object(_ entries: [(String, Value)]) throws(Raised) -> Value {
        let result = try object(capacity: entries.count)
        for (key, value) in entries { try insert(try string(key), value, into: result) }
        return result
    }
}
