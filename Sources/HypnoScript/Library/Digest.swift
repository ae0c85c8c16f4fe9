import Crypto

/// The digests that scripts may ask for by name.
enum Digest: String {
    case md5, sha1, sha256, sha512

    /// The algorithm of a name, in any letter case and with or without hyphens; nil if there is none.
    init?(named name: String) {
        self.init(rawValue: name.lowercased().filter { $0 != "-" })
    }

    /// Small digits of base sixteen.
    func text(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        switch self {
        case .md5: Hexadecimal.encoded(Insecure.MD5.hash(data: bytes))
        case .sha1: Hexadecimal.encoded(Insecure.SHA1.hash(data: bytes))
        case .sha256: Hexadecimal.encoded(SHA256.hash(data: bytes))
        case .sha512: Hexadecimal.encoded(SHA512.hash(data: bytes))
        }
    }

    /// The authentication code of a message.
    func code(of message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) -> [UInt8] {
        let key = SymmetricKey(data: Array(key))
        return switch self {
        case .md5:
            Hexadecimal.encoded(HMAC<Insecure.MD5>.authenticationCode(for: message, using: key))
        case .sha1:
            Hexadecimal.encoded(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
        case .sha256: Hexadecimal.encoded(HMAC<SHA256>.authenticationCode(for: message, using: key))
        case .sha512: Hexadecimal.encoded(HMAC<SHA512>.authenticationCode(for: message, using: key))
        }
    }
}

/// Keys from passwords (RFC 8018) by HMAC-SHA256.
struct PasswordKey {
    private let key: SymmetricKey
    private let salt: [UInt8]
    private let rounds: Int

    init(password: UnsafeRawBufferPointer, salt: UnsafeRawBufferPointer, rounds: Int) {
        key = SymmetricKey(data: Array(password))
        self.salt = Array(salt)
        self.rounds = max(1, rounds)
    }

    /// How many bytes one block has.
    static let blockLength = 32

    /// The block of this number, from 1 on. `charging` is asked before each thousand rounds.
    func block(_ number: UInt32, charging: () throws(Raised) -> Void) throws(Raised) -> [UInt8] {
        let suffix = (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
        var code = Array(HMAC<SHA256>.authenticationCode(for: salt + suffix, using: key))
        var sum = code
        for round in 1..<max(rounds, 1) {
            if round % 1000 == 0 { try charging() }
            code = Array(HMAC<SHA256>.authenticationCode(for: code, using: key))
            for index in sum.indices { sum[index] ^= code[index] }
        }
        return sum
    }
}
