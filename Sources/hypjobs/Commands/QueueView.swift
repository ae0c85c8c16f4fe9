import Effects
import JobEngine

/// The queues, for people and for programs.
struct QueueView {
    let queues: [QueueState]
    let now: Timestamp
    let terminal: Terminal

    func print() {
        guard !queues.isEmpty else {
            terminal.note("No queue holds work, and none was told anything.")
            return
        }
        var table = Table([
            ("QUEUE", .left), ("WAITING", .right), ("DUE", .right), ("RUNNING", .right),
            ("OLDEST DUE", .left), ("LIMITS", .left), ("PAUSED", .left),
        ])
        for queue in queues {
            let pause = queue.pause.map {
                "⏸ \(Format.relative($0.at, to: now)) by \($0.by): \($0.reason)"
            }
            table.add([
                Table.Cell(queue.name), Table.Cell(Format.count(queue.waiting)),
                Table.Cell(Format.count(queue.due)), Table.Cell(Format.count(queue.running)),
                Table.Cell(queue.oldestDueAt.map { Format.relative($0, to: now) } ?? ""),
                Table.Cell(queue.limits.words.joined(separator: ", ")),
                Table.Cell(pause ?? "", style: .yellow, colour: terminal.usesColour),
            ])
        }
        table.lines(colour: terminal.usesColour).forEach(terminal.print)
    }

    var json: JSON {
        .array(
            queues.map { queue in
                let pause = queue.pause.map { pause -> JSON in
                    ["at": .time(pause.at), "by": .string(pause.by), "reason": .string(pause.reason)]
                }
                return [
                    "name": .string(queue.name), "waiting": .integer(queue.waiting),
                    "due": .integer(queue.due), "running": .integer(queue.running),
                    "oldest_due_at": .time(queue.oldestDueAt), "limits": .object(queue.limits.members),
                    "paused": pause ?? .null,
                ]
            })
    }
}

extension QueueLimits {
    /// The limits that there are, in words.
    fileprivate var words: [String] {
        var words: [String] = []
        if let maxRunning { words.append("\(maxRunning) at one time") }
        if let maxRunningPerKey { words.append("\(maxRunningPerKey) with one key") }
        if let rate { words.append("\(JSON.double(rate.perSecond).text) a second, \(rate.burst) at once") }
        if let agingSeconds { words.append("a step of priority each \(agingSeconds) s") }
        return words
    }
}
