import Fuzzing
import Glibc

/// `hypfuzz --serve`: runs the programs that come in on standard input and says what each did.
///
/// A request is eight digits, the number of bytes, and so many bytes of program. The answer is a line with
/// the exit status, the bytes of output and the bytes of the error's text, and then both. One process runs
/// any number of programs: the start of a process takes longer than most of them.
enum ProgramServer {
    /// Returns at the end of the input.
    static func run() {
        while let digits = bytes(8), let count = Int(String(decoding: digits, as: UTF8.self)),
            let text = bytes(count)
        {
            let end = ProgramEnd(of: String(decoding: text, as: UTF8.self))
            let output = Array(end.output.utf8)
            let error = Array(end.error.utf8)
            write(Array("\(end.status) \(output.count) \(error.count)\n".utf8) + output + error)
        }
    }

    private static func bytes(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = bytes.withUnsafeMutableBytes {
                read(STDIN_FILENO, $0.baseAddress?.advanced(by: filled), count - filled)
            }
            guard more > 0 else { return nil }
            filled += more
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
