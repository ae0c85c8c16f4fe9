import SourceText

/// Turns the bytes of a file into a text: UTF-8, without a byte order mark, lines ending in LF.
enum ConfigText {
    /// The largest file, in bytes.
    static let largestFile = 1 << 20

    static func decode(_ bytes: [UInt8], file: String) throws(Diagnostic) -> SourceFile {
        guard bytes.count <= largestFile else {
            throw Diagnostic(
                code: ConfigCode.unreadableFile, message: "file larger than 1 MiB", file: file,
                help: "split it into several files; they are merged in the order of their names")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(
                code: ConfigCode.unreadableFile,
                message: "invalid UTF-8 at byte \(firstInvalidByte(of: bytes))",
                file: file, help: "save the file as UTF-8; the byte is counted from 0")
        }
        return normalise(text, file: file)
    }

    /// Drops a byte order mark and turns CRLF and lone CR into LF.
    static func normalise(_ text: String, file: String) -> SourceFile {
        var bytes = Substring(text).utf8
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard bytes.contains(.carriageReturn) else {
            return SourceFile(name: file, text: String(Substring(bytes)))
        }
        var unixBytes: [UInt8] = []
        unixBytes.reserveCapacity(bytes.count)
        var afterReturn = false
        for byte in bytes {
            if byte == .carriageReturn {
                unixBytes.append(.newline)
            } else if !(byte == .newline && afterReturn) {
                unixBytes.append(byte)
            }
            afterReturn = byte == .carriageReturn
        }
        return SourceFile(name: file, text: String(decoding: unixBytes, as: UTF8.self))
    }

    private static func firstInvalidByte(of bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error, .emptyInput: return offset
            }
        }
    }
}

extension UInt8 {
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
}
