/// JSON text and the values it stands for.
extension Library {
    static let json: [Builtin] =
        named("ParseJSON", "FromJson", "JsonParse") {
            native($0, $1, $2) { call throws(Raised) in
                try JSONReader.value(of: try call.text(0), call)
            }
        }
        + named("StringifyJSON", "ToJson", "JsonStringify") {
            native($0, $1, $2) { call throws(Raised) in
                try JSONWriter.text(of: try call.value(0), indented: false, call)
            }
        }
        + named("JsonPretty") {
            native($0, $1, $2) { call throws(Raised) in
                try JSONWriter.text(of: try call.document(0), indented: true, call)
            }
        }
        + named("JsonQuery") {
            native($0, $1, $2) { call throws(Raised) in
                let (document, path) = (try call.document(0), try call.text(1))
                let found = try call.query(document, path)
                return found.isNull ? call.optional(2) ?? .null : found
            }
        }
        + named("JsonMerge") {
            native($0, $1, $2) { call throws(Raised) in
                try call.merged(try call.document(0), try call.document(1), depth: 0)
            }
        }
}

extension BuiltinCall {
    /// v: a value; text is read as JSON.
    fileprivate func document(_ position: Int) throws(Raised) -> Value {
        let value = try value(position)
        return value.has(.string) ? try JSONReader.value(of: value.utf8, self) : value
    }

    /// What `a.b[0].c` leads to; null where it leads nowhere.
    fileprivate func query(_ document: Value, _ path: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        var value = document
        for part in path.split(whereSeparator: { $0 == 0x2E || $0 == 0x5B || $0 == 0x5D }) {
            let key = UnsafeBufferPointer(rebasing: part)
            try charge(1)
            if value.has(.record) {
                value = try object(of: value).value(ofKey: key) ?? .null
            } else if value.has(.array), key.allSatisfy({ 0x30 <= $0 && $0 <= 0x39 }),
                let index = Int(String(decoding: key, as: UTF8.self)), index < value.elements.count
            {
                value = value.elements[index]
            } else {
                return .null
            }
        }
        return value
    }

    /// How deep two documents are merged; below that the second wins.
    private static let deepestMerge = 500

    /// Objects key by key, arrays one behind the other, else the second.
    fileprivate func merged(_ left: Value, _ right: Value, depth: Int) throws(Raised) -> Value {
        if left.has(.array), right.has(.array) {
            return try appending(right.elements, to: left)
        }
        guard left.isDictionary, right.isDictionary, depth < Self.deepestMerge else { return right }
        let result = try object(capacity: left.entries.count + right.entries.count)
        try charge(left.entries.count + right.entries.count)
        for entry in left.entries {
            try charge(16)
            try insert(entry.key, entry.value, into: result)
        }
        for entry in right.entries {
            try charge(16)
            var value = entry.value
            if let known = left.value(ofKey: entry.key.utf8) {
                value = try merged(known, value, depth: depth + 1)
            }
            try insert(entry.key, value, into: result)
        }
        return result
    }
}
