/// Text in other writings, and back.
extension Library {
    static let encodings: [Builtin] = [
        Builtin("Base64Encode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.coded { text, result throws(Raised) in try Base64.encode(text, to: &result) }
            }
        },
        Builtin("Base64Decode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.decoded(or: "Invalid Base64") { text, result throws(Raised) in
                    try Base64.decode(text, to: &result)
                }
            }
        },
        Builtin("HexEncode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.coded { text, result throws(Raised) in try Hexadecimal.encode(text, to: &result) }
            }
        },
        Builtin("HexDecode") {
            native($0, $1, $2) { call throws(Raised) in
                guard try call.text(0).count % 2 == 0 else {
                    throw call.raise(.runtime, "Hex string must have even length")
                }
                return try call.decoded(or: "Invalid hex") { text, result throws(Raised) in
                    try Hexadecimal.decode(text, to: &result)
                }
            }
        },
        Builtin("URLEncode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.coded { text, result throws(Raised) in try FormCoding.encode(text, to: &result) }
            }
        },
        Builtin("URLDecode") {
            native($0, $1, $2) { call throws(Raised) in
                var result = TextBuilder(call)
                try FormCoding.decode(try call.text(0), to: &result)
                if try call.isUnicode(result.bytes) { return try result.finish() }
                return try call.repaired(result.bytes)
            }
        },
        Builtin("HTMLEncode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.coded { text, result throws(Raised) in try HTMLCoding.encode(text, to: &result) }
            }
        },
        Builtin("HTMLDecode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.coded { text, result throws(Raised) in try HTMLCoding.decode(text, to: &result) }
            }
        },
    ]
}

extension BuiltinCall {
    /// The first argument in another writing.
    fileprivate func coded(
        _ write: (UnsafeBufferPointer<UInt8>, inout TextBuilder) throws(Raised) -> Void
    ) throws(Raised) -> Value {
        let text = try text(0)
        return try self.text { result throws(Raised) in try write(text, &result) }
    }

    /// What the first argument stands for, where it is in that writing and stands for text.
    fileprivate func decoded(
        or problem: String, _ read: (UnsafeBufferPointer<UInt8>, inout TextBuilder) throws(Raised) -> Bool
    ) throws(Raised) -> Value {
        var result = TextBuilder(self)
        guard try read(try text(0), &result), try isUnicode(result.bytes) else {
            throw raise(.runtime, problem)
        }
        return try result.finish()
    }

    /// Bytes as text; what is no UTF-8 shows as replacement characters.
    fileprivate func repaired(_ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
        try text { result throws(Raised) in
            var start = 0
            while start < bytes.count {
                var end = min(start + 1 << 12, bytes.count)
                // Before a byte that begins a scalar: what stands there is repaired the same, alone or not.
                var back = 0
                while back < 3, end < bytes.count, bytes[end] & 0xC0 == 0x80 {
                    end -= 1
                    back += 1
                }
                try result.charge(1 << 14)
                try result.append(String(decoding: bytes.part(start..<end), as: UTF8.self))
                start = end
            }
        }
    }
}
