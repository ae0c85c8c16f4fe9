import Glibc

/// A moment as calendar and clock show it in the time zone of the process.
struct LocalTime {
    private let seconds: Int
    private let nanoseconds: Int
    private(set) var parts = tm()

    /// - Parameter sinceEpoch: the time since 1970-01-01 UTC.
    init(_ sinceEpoch: Duration) {
        let (seconds, attoseconds) = sinceEpoch.components
        // Before 1970 both parts are negative; the clock shows the second that began.
        let isBefore = attoseconds < 0
        self.seconds = Int(seconds) - (isBefore ? 1 : 0)
        nanoseconds = Int((isBefore ? attoseconds + 1_000_000_000_000_000_000 : attoseconds) / 1_000_000_000)
        var time = time_t(self.seconds)
        localtime_r(&time, &parts)
    }

    /// Appends the moment in a format of percent signs and letters; false if the format has an unknown one.
    func write(_ format: String, to result: inout TextBuilder) throws(Raised) -> Bool {
        var rest = format.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                try result.charge(8)
                try result.append(scalar)
                continue
            }
            guard let text = expansion(&rest) else { return false }
            // The C library takes its time.
            try result.charge(256)
            try result.append(text)
        }
        return true
    }

    /// What the specifier stands for that begins after a percent sign.
    private func expansion(_ rest: inout Substring.UnicodeScalarView) -> String? {
        guard let letter = rest.popFirst() else { return nil }
        switch letter {
        case "f": return padded(nanoseconds, 9)
        case "3":
            return rest.popFirst() == "f" ? padded(nanoseconds / 1_000_000, 3) : nil
        case "s": return String(seconds)
        case "z": return offset(separator: "")
        case ":":
            return rest.popFirst() == "z" ? offset(separator: ":") : nil
        case "Z": return offset(separator: ":")
        default:
            return Self.letters.contains(letter) ? standard(letter) : nil
        }
    }

    /// The specifiers that C knows as well; its "C" locale, the only one here, has the texts wanted.
    private static let letters = Set("YCymbBdeaAuwjUWGVHIMSpDFTRcxXnt%".unicodeScalars)

    private func standard(_ letter: Unicode.Scalar) -> String {
        var parts = parts
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            return String(cString: start, count: strftime(start, buffer.count, "%\(letter)", &parts))
        }
    }

    private func offset(separator: String) -> String {
        let minutes = abs(parts.tm_gmtoff) / 60
        let sign = parts.tm_gmtoff < 0 ? "-" : "+"
        return sign + padded(minutes / 60, 2) + separator + padded(minutes % 60, 2)
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension String {
    /// The text of the first `count` characters of C's.
    fileprivate init(cString start: UnsafePointer<CChar>, count: Int) {
        self.init(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
