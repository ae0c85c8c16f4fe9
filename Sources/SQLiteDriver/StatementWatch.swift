internal import Effects

/// Looks after the running statement: whether somebody interrupts it, and whether its time is over.
/// Asked by SQLite's callbacks, on the connection's own thread.
final class StatementWatch {
    private let signal: InterruptSignal
    private let limit: Duration?
    private let time: any TimeSource
    private var deadline: Duration?

    init(signal: InterruptSignal, limit: Duration?, time: any TimeSource) {
        self.signal = signal
        self.limit = limit
        self.time = time
    }

    /// A statement begins.
    func begin() {
        deadline = limit.map { time.uptime() + $0 }
    }

    /// Whether the running statement took too long.
    var isOver: Bool {
        guard let deadline else { return false }
        return time.uptime() >= deadline
    }

    /// Whether the running statement must end.
    var stops: Bool { signal.isRaised || isOver }

    /// The limit in words.
    var limitText: String {
        guard let limit else { return "no time" }
        let (seconds, attoseconds) = limit.components
        return "\(Double(seconds) + Double(attoseconds) / 1e18) s"
    }
}
