import Crypto

/// The digests that scripts may ask for by name.
enum Digest: String {
    case md5, sha1, sha256, sha512

    /// The algorithm of a name, in any letter case and with or without hyphens; nil if there is none.
    init?(named name: String) {
        self.init(rawValue: name.lowercased().filter { $0 != "-" })
    }

    /// Keys longer than this are longer than a block of any of these; they count by their digest (RFC 2104).
    static let longestKey = 128

    /// The digest of what `feed` hands out.
    func bytes(
        of feed: ((UnsafeRawBufferPointer) -> Void) throws(Raised) -> Void
    ) throws(Raised) -> [UInt8] {
        switch self {
        case .md5: try Self.digest(Insecure.MD5(), feed)
        case .sha1: try Self.digest(Insecure.SHA1(), feed)
        case .sha256: try Self.digest(SHA256(), feed)
        case .sha512: try Self.digest(SHA512(), feed)
        }
    }

    private static func digest<Function: HashFunction>(
        _ function: Function, _ feed: ((UnsafeRawBufferPointer) -> Void) throws(Raised) -> Void
    ) throws(Raised) -> [UInt8] {
        var function = function
        try feed { function.update(bufferPointer: $0) }
        return Array(function.finalize())
    }

    /// The authentication code of the message that `feed` hands out.
    func code(
        key: [UInt8], of feed: ((UnsafeRawBufferPointer) -> Void) throws(Raised) -> Void
    ) throws(Raised) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch self {
        case .md5: try Self.authenticate(HMAC<Insecure.MD5>(key: key), feed)
        case .sha1: try Self.authenticate(HMAC<Insecure.SHA1>(key: key), feed)
        case .sha256: try Self.authenticate(HMAC<SHA256>(key: key), feed)
        case .sha512: try Self.authenticate(HMAC<SHA512>(key: key), feed)
        }
    }

    private static func authenticate<Function: HashFunction>(
        _ code: HMAC<Function>, _ feed: ((UnsafeRawBufferPointer) -> Void) throws(Raised) -> Void
    ) throws(Raised) -> [UInt8] {
        var code = code
        try feed { code.update(data: $0) }
        return Array(code.finalize())
    }
}

/// Keys from passwords (RFC 8018) by HMAC-SHA256.
struct PasswordKey {
    private let key: SymmetricKey
    private let rounds: Int

    /// - Parameter password: at most `Digest.longestKey` bytes; a longer one counts by its digest.
    init(password: [UInt8], rounds: Int) {
        key = SymmetricKey(data: password)
        self.rounds = max(1, rounds)
    }

    /// How many bytes one block has.
    static let blockLength = 32

    /// The block of this number, from 1 on.
    ///
    /// - Parameters:
    ///   - salt: hands the salt out.
    ///   - charging: asked before each thousand rounds.
    func block(
        _ number: UInt32, salt: ((UnsafeRawBufferPointer) -> Void) throws(Raised) -> Void,
        charging: () throws(Raised) -> Void
    ) throws(Raised) -> [UInt8] {
        let suffix = (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
        var first = HMAC<SHA256>(key: key)
        try salt { first.update(data: $0) }
        first.update(data: suffix)
        var code = Array(first.finalize())
        var sum = code
        for round in 1..<max(rounds, 1) {
            if round % 1000 == 0 { try charging() }
            code = Array(HMAC<SHA256>.authenticationCode(for: code, using: key))
            for index in sum.indices { sum[index] ^= code[index] }
        }
        return sum
    }
}
