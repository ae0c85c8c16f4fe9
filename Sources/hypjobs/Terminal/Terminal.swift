import Glibc
import Synchronization

/// Where the command line writes: results on standard output, everything else on standard error.
struct Terminal: Sendable {
    /// When to colour.
    enum ColourChoice: String, CaseIterable, Sendable {
        case auto, always, never
    }

    let usesColour: Bool
    let usesColourForErrors: Bool
    /// Whether a person watches standard error: progress is redrawn in place.
    let showsProgress: Bool

    init(colour: ColourChoice, environment: [String: String]) {
        let isOutputTerminal = isatty(STDOUT_FILENO) == 1
        let isErrorTerminal = isatty(STDERR_FILENO) == 1
        let isRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        let isPlain = environment["TERM"] == "dumb"
        let isForced = environment["CLICOLOR_FORCE"].map { $0 != "0" && !$0.isEmpty } ?? false
        func decide(_ isTerminal: Bool) -> Bool {
            switch colour {
            case .always: true
            case .never: false
            case .auto: !isRefused && (isForced || (isTerminal && !isPlain))
            }
        }
        usesColour = decide(isOutputTerminal)
        usesColourForErrors = decide(isErrorTerminal)
        showsProgress = isErrorTerminal
    }

    /// A line of the result.
    func print(_ line: String) {
        Terminal.write(line + "\n", to: STDOUT_FILENO)
    }

    /// Text of the result, without a line's end.
    func write(_ text: String) {
        Terminal.write(text, to: STDOUT_FILENO)
    }

    /// A line beside the result.
    func note(_ line: String) {
        Terminal.write(line + "\n", to: STDERR_FILENO)
    }

    /// Text beside the result, without a line's end.
    func noteText(_ text: String) {
        Terminal.write(text, to: STDERR_FILENO)
    }

    /// One of many lines that tell how a long work goes on: the work does not depend on being heard.
    func event(_ line: String) {
        Terminal.write(line + "\n", to: STDOUT_FILENO, isResult: false)
    }

    /// Writes all of it, however often the system takes only a part. A closed pipe ends the program by its
    /// signal; a result that cannot be written ends it with a status, since nobody could use the rest.
    static func write(_ text: String, to descriptor: Int32, isResult: Bool = true) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor, isResult: isResult) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, isResult: Bool = true) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR || errno == EAGAIN { continue }
            guard written > 0 else {
                guard isResult, descriptor == STDOUT_FILENO else { return }
                let reason = String(cString: strerror(errno))
                write("error: the result cannot be written: \(reason)\n", to: STDERR_FILENO)
                exit(ExitStatus.environment.rawValue)
            }
            rest = rest.dropFirst(written)
        }
    }
}

/// The colours that mean something, always beside a glyph or a word that means the same.
enum Style: String {
    case grey = "90"
    case blue = "34"
    case cyan = "36"
    case green = "32"
    case yellow = "33"
    case red = "31"
    case magenta = "35"
    case bold = "1"

    func callAsFunction(_ text: String, if isOn: Bool) -> String {
        isOn ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
