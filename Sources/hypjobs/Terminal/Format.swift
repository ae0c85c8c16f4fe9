import Effects
import JobEngine

/// How the command line writes quantities for people.
enum Format {
    /// `3 ms`, `1.25 s`, `2 min 5 s`, `3 h 10 min`.
    static func duration(milliseconds: Int) -> String {
        switch milliseconds {
        case ..<1000: "\(milliseconds) ms"
        case ..<60_000: "\(hundredths(milliseconds / 10)) s"
        case ..<3_600_000: "\(milliseconds / 60_000) min \(milliseconds % 60_000 / 1000) s"
        default: "\(milliseconds / 3_600_000) h \(milliseconds % 3_600_000 / 60_000) min"
        }
    }

    /// The same for what was counted in whole milliseconds: nothing takes 0 ms.
    static func duration(wholeMilliseconds: Int) -> String {
        wholeMilliseconds == 0 ? "< 1 ms" : duration(milliseconds: wholeMilliseconds)
    }

    static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return self.duration(milliseconds: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }

    /// `340 µs` below ten milliseconds, else as `duration(milliseconds:)`.
    static func duration(microseconds: Int) -> String {
        microseconds < 10_000 ? "\(microseconds) µs" : duration(milliseconds: microseconds / 1000)
    }

    /// `12 s ago`, `in 3 min`.
    static func relative(_ time: Timestamp, to now: Timestamp) -> String {
        let milliseconds = (now.microseconds - time.microseconds) / 1000
        let text = coarse(milliseconds: Int(abs(milliseconds)))
        return milliseconds >= 0 ? "\(text) ago" : "in \(text)"
    }

    /// `1,234,567`.
    static func count(_ number: Int) -> String {
        let digits = String(abs(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// `1 execution`, `2 executions`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `1.234`.
    static func thousandths(_ value: Double) -> String {
        guard value.isFinite else { return "none" }
        let whole = Int((value * 1000).rounded())
        let fraction = String(whole % 1000)
        return "\(whole / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }

    private static func coarse(milliseconds: Int) -> String {
        switch milliseconds {
        case ..<1000: "\(milliseconds) ms"
        case ..<120_000: "\(milliseconds / 1000) s"
        case ..<7_200_000: "\(milliseconds / 60_000) min"
        case ..<172_800_000: "\(milliseconds / 3_600_000) h"
        default: "\(milliseconds / 86_400_000) days"
        }
    }

    private static func hundredths(_ value: Int) -> String {
        let fraction = String(value % 100)
        return "\(value / 100).\(fraction.count < 2 ? "0" + fraction : fraction)"
    }
}

extension ExecutionSummary {
    /// The state as people see it: a retry that waits is no ordinary queued execution, nor is one for later.
    enum VisibleState: String {
        case queued, scheduled, running, completed, retryable, failed, cancelled

        var glyph: String {
            switch self {
            case .queued: "·"
            case .scheduled: "◷"
            case .running: "▶"
            case .completed: "✓"
            case .retryable: "↻"
            case .failed: "✗"
            case .cancelled: "⊘"
            }
        }

        var style: Style {
            switch self {
            case .queued: .grey
            case .scheduled: .blue
            case .running: .cyan
            case .completed: .green
            case .retryable: .yellow
            case .failed: .red
            case .cancelled: .magenta
            }
        }
    }

    func visibleState(now: Timestamp) -> VisibleState {
        switch status {
        case .queued where attempt > 0 && error != nil: .retryable
        case .queued: (runAt ?? now) > now ? .scheduled : .queued
        case .running: .running
        case .completed: .completed
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }
}
