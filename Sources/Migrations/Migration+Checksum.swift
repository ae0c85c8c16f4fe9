internal import Crypto
internal import SQL

extension Migration {
    /// SHA-256 over version, description and statements, in hexadecimal digits.
    ///
    /// Each part is preceded by its length, so that no two different migrations have the same bytes; blank
    /// space and comments do not count, so that a file may be formatted and explained after it was applied.
    package var checksum: String {
        var hash = SHA256()
        func add(_ text: String) {
            var bytes = "\(text.utf8.count):\(text)"
            bytes.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        }
        add(version)
        add(description)
        for statements in [up, down] {
            add("\(statements.count)")
            for statement in statements { add(CanonicalSQL.text(of: statement)) }
        }
        return hash.finalize().reduce(into: "") { text, byte in
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
    }
}
