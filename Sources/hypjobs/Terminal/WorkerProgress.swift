import Effects
import JobEngine
import Synchronization

/// Shows a worker's events: a line that is redrawn on a terminal, lines of news elsewhere, JSON lines with
/// `--jsonl`.
final class WorkerProgress: JobObserver {
    private struct State {
        var summary = WorkerSummary()
        var rescued = 0
        var lastDraw: Duration?
        var hasLine = false
        var hidden = 0
        var shownFailures = 0
    }

    private let terminal: Terminal
    private let printsEvents: Bool
    private let time: any TimeSource
    private let start: Duration
    private let state = Mutex(State())

    init(terminal: Terminal, printsEvents: Bool, time: any TimeSource) {
        self.terminal = terminal
        self.printsEvents = printsEvents
        self.time = time
        self.start = time.uptime()
    }

    /// At most ten redraws a second on a terminal; elsewhere a line every two seconds while something
    /// happens.
    private var drawInterval: Duration { terminal.showsProgress ? .milliseconds(100) : .seconds(2) }

    /// More failures than this are counted and not shown one by one.
    private static let failuresShown = 20

    func observe(_ event: JobEvent) {
        guard !printsEvents else {
            if let line = event.json { terminal.event(line.text) }
            return
        }
        switch event {
        case .workerStarted(let epoch, let slots, let queues):
            say("worker \(epoch) with \(Format.count(slots, "slot")) on \(queues.joined(separator: ", "))")
        case .claimed: break
        case .ended(let attempt): ended(attempt)
        case .rescued(let attempt):
            say("rescued \(attempt.execution) from a dead worker: \(attempt.status?.rawValue ?? "")")
        case .cancelling(let id): say("cancelling \(id)")
        case .databaseFailed(let message): say("database: \(message); trying again")
        case .presumedDead(let old, let new):
            say("other workers took \(old) for dead; going on as \(new)")
        case .pollingOnly: say("the database delivers no notifications here; looking for work by polling")
        case .draining: say("stopping: no more claims; once more interrupts what runs")
        case .interrupting(let running): say("interrupting \(Format.count(running, "execution"))")
        case .workerStopped(let summary): stopped(summary)
        }
    }

    private func ended(_ attempt: EndedAttempt) {
        let line: String? = state.withLock { state in
            state.summary.count(attempt)
            guard let error = attempt.error else { return nil }
            state.shownFailures += 1
            guard state.shownFailures <= WorkerProgress.failuresShown else {
                state.hidden += 1
                return nil
            }
            return failure(attempt, error)
        }
        if let line { say(line) }
        draw()
    }

    private func failure(_ attempt: EndedAttempt, _ error: ExecutionError) -> String {
        let place = error.line.map { " at line \($0)" } ?? ""
        let state: ExecutionSummary.VisibleState = attempt.status == .queued ? .retryable : .failed
        let glyph = state.style(state.glyph, if: terminal.usesColourForErrors)
        let next = attempt.status == .queued ? ", will be retried" : ""
        return "\(glyph) \(attempt.execution) attempt \(attempt.attempt)\(place): \(error.message)\(next)"
    }

    private func draw(force: Bool = false) {
        let now = time.uptime()
        let text: String? = state.withLock { state in
            guard force || now - (state.lastDraw ?? start) >= drawInterval else { return nil }
            state.lastDraw = now
            state.hasLine = terminal.showsProgress
            return state.summary.line(since: now - start)
        }
        guard let text else { return }
        if terminal.showsProgress { terminal.noteText("\r\u{1B}[K\(text)") } else { terminal.note(text) }
    }

    /// A line of its own, above the one that is redrawn.
    private func say(_ text: String) {
        let hadLine = state.withLock { state in
            defer { state.hasLine = false }
            return state.hasLine
        }
        terminal.note(hadLine ? "\r\u{1B}[K\(text)" : text)
    }

    private func stopped(_ summary: WorkerSummary) {
        let hidden = state.withLock { $0.hidden }
        if hidden > 0 { say("… and \(Format.count(hidden)) more failures") }
        say(summary.line(since: time.uptime() - start))
    }
}

extension WorkerSummary {
    var json: JSON { .object(members) }

    fileprivate var members: [JSON.Member] {
        [
            JSON.Member("completed", .integer(completed)), JSON.Member("failed", .integer(failed)),
            JSON.Member("cancelled", .integer(cancelled)), JSON.Member("retried", .integer(retried)),
            JSON.Member("released", .integer(released)), JSON.Member("stale", .integer(stale)),
            JSON.Member("abandoned", .integer(abandoned)),
        ]
    }

    fileprivate mutating func count(_ attempt: EndedAttempt) {
        switch attempt.status {
        case nil: stale += 1
        case .completed: completed += 1
        case .failed: failed += 1
        case .cancelled: cancelled += 1
        case .queued: if attempt.error == nil { released += 1 } else { retried += 1 }
        case .running: break
        }
    }

    /// `1,204 completed · 3 failed · 12 retries · 4.31 s · 279/s`.
    fileprivate func line(since elapsed: Duration) -> String {
        var parts = ["\(Format.count(completed)) completed", "\(Format.count(failed)) failed"]
        if cancelled > 0 { parts.append("\(Format.count(cancelled)) cancelled") }
        if retried > 0 { parts.append("\(Format.count(retried)) retried") }
        if released > 0 { parts.append("\(Format.count(released)) given back") }
        if stale > 0 { parts.append("\(Format.count(stale)) taken by others") }
        parts.append(Format.duration(elapsed))
        let rate = Double(completed + failed) / max(elapsed / .seconds(1), 0.001)
        if completed + failed >= 3 { parts.append("\(Format.count(Int(rate.rounded())))/s") }
        return parts.joined(separator: " · ")
    }
}

extension JobEvent {
    /// One line of the event stream; nil for what only a person wants to see.
    fileprivate var json: JSON? {
        switch self {
        case .workerStarted(let epoch, let slots, let queues):
            [
                "event": "worker_started", "epoch": .string(epoch.description), "slots": .integer(slots),
                "queues": .array(queues.map(JSON.string)),
            ]
        case .claimed(let count): ["event": "claimed", "count": .integer(count)]
        case .ended(let attempt): attempt.json(event: "ended")
        case .rescued(let attempt): attempt.json(event: "rescued")
        case .cancelling(let id): ["event": "cancelling", "execution": .string(id.description)]
        case .databaseFailed(let message): ["event": "database_failed", "message": .string(message)]
        case .presumedDead(let old, let new):
            [
                "event": "presumed_dead", "old_epoch": .string(old.description),
                "new_epoch": .string(new.description),
            ]
        case .pollingOnly: ["event": "polling_only"]
        case .draining: ["event": "draining"]
        case .interrupting(let running): ["event": "interrupting", "running": .integer(running)]
        case .workerStopped(let summary):
            .object([JSON.Member("event", "worker_stopped")] + summary.members)
        }
    }
}

extension EndedAttempt {
    fileprivate func json(event: String) -> JSON {
        let (seconds, attoseconds) = duration.components
        return [
            "event": .string(event), "execution": .string(execution.description),
            "attempt": .integer(attempt),
            "status": status.map { .string($0.rawValue) } ?? .null, "retry_at": .time(retryAt),
            "duration_us": .integer(seconds * 1_000_000 + attoseconds / 1_000_000_000_000),
            "error": error.map { .string($0.message) } ?? .null,
        ]
    }
}
