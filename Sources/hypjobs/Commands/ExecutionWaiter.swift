import Effects
import JobEngine

/// Follows an execution to its end, and ends the command as it ended.
struct ExecutionWaiter {
    let workplace: Workplace
    let options: GlobalOptions
    let terminal: Terminal

    /// Polls with a growing pause: quick for the short ones, cheap for the long ones.
    ///
    /// - Throws: `CommandFailure` with status 1 if it fails or is cancelled and `setsStatus`, 124 when the
    ///   time is over.
    func wait(for id: UniqueID, timeout: Duration?, setsStatus: Bool = true) async throws {
        let time = workplace.effects.time
        let deadline = timeout.map { time.uptime() + $0 }
        var pause = Duration.milliseconds(5)
        var shown: ExecutionStatus?
        while true {
            let status = try await workplace.store.status(of: id)
            if status != shown, !options.json, !status.isFinal { terminal.note("\(status.rawValue) \(id)") }
            shown = status
            if status.isFinal { break }
            if let deadline, time.uptime() >= deadline {
                throw Failure(
                    .timeout, CommandCode.timeout, "Execution \(id) is still \(status.rawValue)",
                    help: "hypjobs executions watch \(id)"
                ).thrown
            }
            try await time.sleep(for: pause)
            pause = min(pause * 1.5, .milliseconds(500))
        }
        let details = try await workplace.store.execution(id)
        let view = ExecutionView(details: details, now: time.now(), terminal: terminal)
        if options.json {
            terminal.print(details.json.prettyText)
        } else {
            for log in try await workplace.store.logs(id) where log.attempt == details.summary.attempt {
                terminal.write(log.content)
            }
            view.printEnd()
        }
        if setsStatus, details.summary.status != .completed { throw CommandFailure(.executionFailed) }
    }
}
