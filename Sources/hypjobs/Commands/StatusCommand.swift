import ArgumentParser
import Effects
import JobEngine

/// `hypjobs status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show queues, programs and workers at a glance.")
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            try await Workplace.use(options, for: .looking) { workplace in
                let overview = try await workplace.store.overview()
                let workers = try await workplace.store.workers()
                let view = StatusView(
                    overview: overview, workers: workers, now: workplace.effects.time.now(),
                    terminal: terminal)
                if options.json { terminal.print(view.json.prettyText) } else { view.print() }
            }
        }
    }
}

/// The state of everything, for people and for programs.
private struct StatusView {
    let overview: QueueOverview
    let workers: [WorkerRecord]
    let now: Timestamp
    let terminal: Terminal

    func print() {
        let counts = ExecutionStatus.allCases.map {
            "\(Format.count(overview.counts[$0] ?? 0)) \($0.rawValue)"
        }
        terminal.print("executions  " + counts.joined(separator: " · "))
        let summaries = workers.map { worker in
            "\(worker.host):\(worker.pid) (\(Format.count(worker.slots, "slot")), "
                + "heartbeat \(Format.relative(worker.heartbeatAt, to: now)))"
        }
        terminal.print("workers     " + (summaries.isEmpty ? "none" : summaries.joined(separator: ", ")))
        if !overview.queues.isEmpty { printQueues() }
        if !overview.scripts.isEmpty { printScripts() }
    }

    private func printQueues() {
        var table = Table([("QUEUE", .left), ("WAITING", .right), ("DUE", .right), ("OLDEST DUE", .left)])
        for queue in overview.queues {
            table.add([
                Table.Cell(queue.name), Table.Cell(Format.count(queue.waiting)),
                Table.Cell(Format.count(queue.due)),
                Table.Cell(queue.oldestDueAt.map { Format.relative($0, to: now) } ?? ""),
            ])
        }
        terminal.print("")
        table.lines(colour: terminal.usesColour).forEach(terminal.print)
    }

    private func printScripts() {
        var table = Table([
            ("SCRIPT", .left), ("EXECUTIONS", .right), ("COMPLETED", .right), ("FAILED", .right),
            ("RETRIES", .right), ("MEAN", .right), ("LONGEST", .right),
        ])
        for script in overview.scripts {
            let mean = script.averageMilliseconds.map {
                Format.duration(wholeMilliseconds: Int($0.rounded()))
            }
            let longest = script.maximumMilliseconds.map { Format.duration(wholeMilliseconds: $0) }
            table.add(
                [
                    script.name, Format.count(script.count), Format.count(script.completed),
                    Format.count(script.failed), Format.count(script.retries), mean ?? "", longest ?? "",
                ].map { Table.Cell($0) })
        }
        terminal.print("")
        table.lines(colour: terminal.usesColour).forEach(terminal.print)
    }

    var json: JSON {
        let counts = ExecutionStatus.allCases.map {
            JSON.Member($0.rawValue, .integer(overview.counts[$0] ?? 0))
        }
        let queues = overview.queues.map { queue -> JSON in
            [
                "name": .string(queue.name), "waiting": .integer(queue.waiting), "due": .integer(queue.due),
                "oldest_due_at": .time(queue.oldestDueAt),
            ]
        }
        let scripts = overview.scripts.map { script -> JSON in
            [
                "name": .string(script.name), "executions": .integer(script.count),
                "completed": .integer(script.completed), "failed": .integer(script.failed),
                "retries": .integer(script.retries),
                "mean_ms": script.averageMilliseconds.map(JSON.double) ?? .null,
                "longest_ms": script.maximumMilliseconds.map { .integer($0) } ?? .null,
            ]
        }
        let workers = workers.map { worker -> JSON in
            [
                "epoch": .string(worker.epoch.description), "host": .string(worker.host),
                "pid": .integer(worker.pid), "version": .string(worker.version),
                "slots": .integer(worker.slots),
                "queues": .array(worker.queues.map(JSON.string)), "started_at": .time(worker.startedAt),
                "heartbeat_at": .time(worker.heartbeatAt),
            ]
        }
        return [
            "executions": .object(counts), "queues": .array(queues), "scripts": .array(scripts),
            "workers": .array(workers),
        ]
    }
}
