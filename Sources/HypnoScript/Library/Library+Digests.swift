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
                Value(try call.isEqualIgnoringCase(try call.text(0), try call.text(1)))
            }
        },
        Builtin("HashFile") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                let algorithm = try call.algorithm(1)
                let digest = try algorithm.bytes { update throws(Raised) in
                    try call.attempt(
                        call.files.read(
                            path, charging: call.charge,
                            { chunk throws(Raised) in
                                try call.charge(4 * chunk.count)
                                update(UnsafeRawBufferPointer(chunk))
                            }))
                }
                return try call.string(Hexadecimal.encoded(digest))
            }
        },
    ]

    private static let authentication = [
        Builtin("HMAC") {
            native($0, $1, $2) { call throws(Raised) in
                let (message, key) = (try call.text(0), try call.text(1))
                let code = try call.code(of: message, key: key, try call.algorithm(2))
                return try call.string(Hexadecimal.encoded(code))
            }
        },
        Builtin("VerifyHMAC") {
            native($0, $1, $2) { call throws(Raised) in
                let (message, signature) = (try call.text(0), try call.text(1))
                let code = Hexadecimal.encoded(
                    try call.code(of: message, key: try call.text(2), try call.algorithm(3)))
                let given = try call.lowercased(signature)
                // Every byte is looked at, so that the time does not tell how many are right.
                guard given.count == code.count else { return .false }
                return Value(zip(given.bytes, code).reduce(0) { $0 | $1.0 ^ $1.1 } == 0)
            }
        },
        Builtin("PBKDF2") {
            native($0, $1, $2) { call throws(Raised) in
                let (password, salt) = (try call.text(0), try call.text(1))
                let (rounds, count) = (try call.natural(2), try call.natural(3))
                guard count < 1 << 30 else { throw call.machine.pointee.outOfMemory() }
                try call.reserve(count * 4)
                let key = PasswordKey(password: try call.key(password, .sha256), rounds: rounds)
                return try call.text { result throws(Raised) in
                    var number: UInt32 = 0
                    while result.count < 2 * count {
                        number += 1
                        try call.charge(1000)
                        // A thousand rounds take about as long as a million instructions.
                        let block = try key.block(
                            number, salt: { update throws(Raised) in try call.feed(salt, to: update) },
                            charging: { () throws(Raised) in try call.charge(1_000_000) })
                        let digits = Hexadecimal.encoded(block)
                        for digit in digits.prefix(2 * count - result.count) { try result.append(digit) }
                    }
                }
            }
        },
    ]
}

extension BuiltinCall {
    fileprivate func digest(_ algorithm: Digest) throws(Raised) -> Value {
        let text = try text(0)
        let digest = try algorithm.bytes { update throws(Raised) in try feed(text, to: update) }
        return try string(Hexadecimal.encoded(digest))
    }

    /// A key, or its digest if it is long.
    fileprivate func key(_ text: UnsafeBufferPointer<UInt8>, _ algorithm: Digest) throws(Raised) -> [UInt8] {
        if text.count <= Digest.longestKey { return Array(text) }
        return try algorithm.bytes { update throws(Raised) in try feed(text, to: update) }
    }

    /// The authentication code of a message.
    fileprivate func code(
        of message: UnsafeBufferPointer<UInt8>, key: UnsafeBufferPointer<UInt8>, _ algorithm: Digest
    ) throws(Raised) -> [UInt8] {
        try algorithm.code(key: try self.key(key, algorithm)) { update throws(Raised) in
            try feed(message, to: update)
        }
    }

    /// Hands a text out in parts; a digest takes two to three nanoseconds for a byte.
    fileprivate func feed(
        _ text: UnsafeBufferPointer<UInt8>, to update: (UnsafeRawBufferPointer) -> Void
    ) throws(Raised) {
        try inParts(of: text.count, costing: { 2 * $0 }) { part in
            update(UnsafeRawBufferPointer(text.part(part)))
        }
    }

    /// The algorithm that an argument names; SHA-256 without one.
    fileprivate func algorithm(_ position: Int) throws(Raised) -> Digest {
        guard let value = optional(position), !value.isNull else { return .sha256 }
        let text = try text(position)
        // No name is nearly as long.
        let name = String(decoding: text.part(0..<min(text.count, 1000)), as: UTF8.self)
        guard let algorithm = Digest(named: name) else {
            throw raise(.runtime, "Unknown hash algorithm '\(name)'")
        }
        return algorithm
    }
}
