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
                try call.parts(of: try call.object(0), \.key)
            }
        }
        + named("Values") {
            native($0, $1, $2) { call throws(Raised) in
                try call.parts(of: try call.object(0), \.value)
            }
        }
        + named("RemoveKey") {
            native($0, $1, $2) { call throws(Raised) in
                let (object, key) = (try call.object(0), try call.text(1))
                let result = try call.object(capacity: object.entries.count)
                for entry in object.entries where !entry.key.utf8.hasSameBytes(as: key) {
                    try call.charge(16)
                    try call.insert(entry.key, entry.value, into: result)
                }
                return result
            }
        }
        + named("Merge") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.object(0), try call.object(1))
                let result = try call.object(capacity: left.entries.count + right.entries.count)
                for entries in [left.entries, right.entries] {
                    for entry in entries {
                        try call.charge(16)
                        try call.insert(entry.key, entry.value, into: result)
                    }
                }
                return result
            }
        }
}

extension BuiltinCall {
    /// o: an object argument; a record as an object of its own.
    func object(_ position: Int) throws(Raised) -> Value {
        let value = try value(position)
        guard value.has(.record) else {
            throw raise(
                .type,
                "Builtin '\(name)' expected object argument at position \(position + 1), got "
                    + machine.pointee.text(of: value))
        }
        return try object(of: value)
    }

    /// The keys or the values of an object.
    func parts(of object: Value, _ part: (DictionaryEntry) -> Value) throws(Raised) -> Value {
        let entries = object.entries
        let (result, elements) = try newArray(count: entries.count)
        try inParts(of: entries.count) { range throws(Raised) in
            for index in range { elements[index] = part(entries[index]) }
        }
        return result
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
