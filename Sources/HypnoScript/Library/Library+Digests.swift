/// Digests of text and files, as small digits of base sixteen.
extension Library {
    static let digests: [Builtin] = hashes + authentication

    private static let hashes = [
        Builtin("MD5") {
            native($0, $1, $2) { call throws(Raised) in try call.digest(.md5) }
        },
        Builtin("SHA1") {
            native($0, $1, $2) { call throws(Raised) in try call.digest(.sha1) }
        },
        Builtin("SHA256") {
            native($0, $1, $2) { call throws(Raised) in try call.digest(.sha256) }
        },
        Builtin("SHA512") {
            native($0, $1, $2) { call throws(Raised) in try call.digest(.sha512) }
        },
        Builtin("VerifyHash") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.workingText(), try call.text(1))
                return Value(TextCase.lowercased(left) == TextCase.lowercased(right))
            }
        },
        Builtin("HashFile") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                let algorithm = try call.algorithm(1)
                let bytes = try call.attempt(call.files.read(path, reserving: call.reserve))
                try call.charge(bytes.count / 4)
                return try call.string(bytes.withUnsafeBytes { algorithm.text(of: $0) })
            }
        },
    ]

    private static let authentication = [
        Builtin("HMAC") {
            native($0, $1, $2) { call throws(Raised) in
                let (message, key) = (try call.workingText(), try call.text(1))
                return try call.string(try call.algorithm(2).code(of: .init(message), key: .init(key)))
            }
        },
        Builtin("VerifyHMAC") {
            native($0, $1, $2) { call throws(Raised) in
                let (message, signature) = (try call.workingText(), try call.text(1))
                let key = try call.text(2)
                let code = try call.algorithm(3).code(of: .init(message), key: .init(key))
                let given = TextCase.lowercased(signature)
                // Every byte is looked at, so that the time does not tell how many are right.
                guard given.count == code.count else { return .false }
                return Value(zip(given, code).reduce(0) { $0 | $1.0 ^ $1.1 } == 0)
            }
        },
        Builtin("PBKDF2") {
            native($0, $1, $2) { call throws(Raised) in
                let (password, salt) = (try call.text(0), try call.text(1))
                let (rounds, count) = (try call.natural(2), try call.natural(3))
                guard count < 1 << 30 else { throw call.machine.pointee.outOfMemory() }
                try call.reserve(count * 4)
                let key = PasswordKey(password: .init(password), salt: .init(salt), rounds: rounds)
                var bytes: [UInt8] = []
                var number: UInt32 = 0
                while bytes.count < count {
                    number += 1
                    try call.charge(64)
                    // A thousand rounds take about as long as thirty thousand instructions.
                    bytes += try key.block(number) { () throws(Raised) in try call.charge(30_000) }
                }
                return try call.string(Hexadecimal.encoded(bytes[..<count]))
            }
        },
    ]
}

extension BuiltinCall {
    fileprivate func digest(_ algorithm: Digest) throws(Raised) -> Value {
        try string(algorithm.text(of: UnsafeRawBufferPointer(try workingText())))
    }

    /// The algorithm that an argument names; SHA-256 without one.
    fileprivate func algorithm(_ position: Int) throws(Raised) -> Digest {
        guard let value = optional(position), !value.isNull else { return .sha256 }
        let name = try string(position)
        guard let algorithm = Digest(named: name) else {
            throw raise(.runtime, "Unknown hash algorithm '\(name)'")
        }
        return algorithm
    }
}
