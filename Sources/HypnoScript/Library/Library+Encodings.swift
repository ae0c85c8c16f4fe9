/// Text in other writings, and back.
extension Library {
    static let encodings: [Builtin] = [
        Builtin("Base64Encode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(Base64.encoded(try call.codedText()))
            }
        },
        Builtin("Base64Decode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.decoded(Base64.decoded(try call.codedText()), or: "Invalid Base64")
            }
        },
        Builtin("HexEncode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.encoded { Hexadecimal.encoded($0) }
            }
        },
        Builtin("HexDecode") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.codedText()
                guard text.count % 2 == 0 else {
                    throw call.raise(.runtime, "Hex string must have even length")
                }
                return try call.decoded(Hexadecimal.decoded(text), or: "Invalid hex")
            }
        },
        Builtin("URLEncode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.encoded { FormCoding.encoded($0) }
            }
        },
        Builtin("URLDecode") {
            native($0, $1, $2) { call throws(Raised) in
                // What is no UTF-8 shows as replacement characters.
                let bytes = FormCoding.decoded(try call.codedText())
                return try call.string(String(decoding: bytes, as: UTF8.self))
            }
        },
        Builtin("HTMLEncode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.encoded { HTMLCoding.encoded($0) }
            }
        },
        Builtin("HTMLDecode") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(HTMLCoding.decoded(try call.codedText()))
            }
        },
    ]
}

extension BuiltinCall {
    /// The first argument, whose coded form may be six times as long.
    fileprivate func codedText() throws(Raised) -> UnsafeBufferPointer<UInt8> {
        let text = try workingText()
        try charge(text.count / 4)
        try reserve(text.count * 8)
        return text
    }

    /// Where each byte is coded by itself.
    fileprivate func encoded(
        _ encode: (UnsafeBufferPointer<UInt8>) -> [UInt8]
    ) throws(Raised) -> Value {
        try string(try inPieces(of: try codedText(), atBlanks: false, encode))
    }

    fileprivate func decoded(_ bytes: [UInt8]?, or problem: String) throws(Raised) -> Value {
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw raise(.runtime, problem)
        }
        return try string(text)
    }
}
