import Effects
import HypnoScript
import JobEngine
import SourceText

/// One execution as people read it.
struct ExecutionView {
    let details: ExecutionDetails
    let now: Timestamp
    let terminal: Terminal

    /// Everything: the facts, each attempt with its steps, the error in the script's own line.
    func printAll(logs: [(attempt: Int, content: String)]) {
        let summary = details.summary
        let state = summary.visibleState(now: now)
        terminal.print(
            "\(state.style("\(state.glyph) \(state.rawValue)", if: terminal.usesColour))  \(summary.id)")
        fact("script", "\(summary.script), version \(summary.version ?? 1)")
        fact("queue", "\(summary.queue), priority \(summary.priority), template \(details.template)")
        if let key = details.uniqueKey { fact("unique", key) }
        if let arguments = details.arguments, arguments != "{}" { fact("arguments", arguments) }
        if let time = summary.queuedAt {
            fact("queued", "\(time.rfc3339) (\(Format.relative(time, to: now)))")
        }
        if state == .scheduled || state == .retryable, let time = summary.runAt {
            fact("due", "\(time.rfc3339) (\(Format.relative(time, to: now)))")
        }
        if let time = summary.startedAt { fact("started", time.rfc3339) }
        if let time = summary.completedAt { fact("ended", time.rfc3339) }
        if let duration = summary.durationMicroseconds {
            fact("duration", Format.duration(microseconds: duration))
        }
        fact("attempts", "\(summary.countedAttempts) of \(summary.maxAttempts)")
        if summary.isCancelRequested, !summary.status.isFinal { fact("cancel", "requested") }
        if let result = details.result { fact("result", result) }
        for attempt in details.attempts {
            print(attempt, log: logs.first { $0.attempt == attempt.attempt }?.content)
        }
        if let attempt = details.attempts.last { printError(of: attempt) }
    }

    /// One line for the end, and the error.
    func printEnd() {
        let summary = details.summary
        let state = summary.visibleState(now: now)
        let duration = summary.durationMicroseconds.map { " in \(Format.duration(microseconds: $0))" } ?? ""
        let attempts = summary.attempt > 1 ? ", attempt \(summary.attempt)" : ""
        let line = "\(state.glyph) \(state.rawValue)\(duration)\(attempts)  \(summary.id)"
        terminal.note(state.style(line, if: terminal.usesColourForErrors))
        if let result = details.result { terminal.note("result \(result)") }
        if summary.status == .failed, let attempt = details.attempts.last {
            if let rendered = renderedError(of: attempt, colour: terminal.usesColourForErrors) {
                terminal.note(rendered)
            }
        }
    }

    private func fact(_ name: String, _ value: String) {
        terminal.print("  " + Style.grey(name.padded(to: 10), if: terminal.usesColour) + value)
    }

    private func print(_ attempt: AttemptRecord, log: String?) {
        let duration = attempt.durationMicroseconds.map { " in \(Format.duration(microseconds: $0))" } ?? ""
        let retry = attempt.retryAt.map { ", retried \(Format.relative($0, to: now))" } ?? ""
        terminal.print("")
        terminal.print(
            "attempt \(attempt.attempt): \(attempt.outcome?.rawValue ?? "running")\(duration)\(retry)")
        for step in steps(of: attempt) { terminal.print("  " + step) }
        if let error = attempt.error {
            let place = attempt.line.map { " (line \($0))" } ?? ""
            terminal.print("  " + Style.red(error + place, if: terminal.usesColour))
        }
        guard let log, !log.isEmpty else { return }
        let lines = log.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines.prefix(20) where !(line.isEmpty && line.startIndex == lines.last?.startIndex) {
            terminal.print("  │ \(line)")
        }
        if lines.count > 21 { terminal.print("  … hypjobs executions logs \(details.summary.id)") }
    }

    private func steps(of attempt: AttemptRecord) -> [String] {
        guard case .array(let steps) = JSON.stored(attempt.steps) else {
            // Nothing was run, or the row was edited by hand: the attempt's own line says what there is to
            // say.
            return []
        }
        return steps.map { (step: JSON) in
            let result = step[key: "result"]?.plainText ?? ""
            let glyph = ["succeeded": "✓", "failed": "✗", "warned": "!", "skipped": "-"][result] ?? "?"
            let time = step[key: "us"]?.plainText.flatMap(Int.init).map(Format.duration(microseconds:)) ?? ""
            let message = step[key: "message"]?.plainText.map { "  \($0)" } ?? ""
            return "\(glyph) \((step[key: "name"]?.plainText ?? "").padded(to: 26)) \(time)\(message)"
        }
    }

    private func printError(of attempt: AttemptRecord) {
        guard let rendered = renderedError(of: attempt, colour: terminal.usesColour) else { return }
        terminal.print("")
        terminal.print(rendered)
    }

    /// The error with the line of the source that caused it.
    private func renderedError(of attempt: AttemptRecord, colour: Bool) -> String? {
        guard let message = attempt.error else { return nil }
        let code = attempt.errorKind.flatMap(ExecutionError.Kind.init(rawValue:))?.diagnosticCode
        guard let line = attempt.line, let source = details.source, let code else { return nil }
        let file = SourceFile(name: "\(details.summary.script).hyp", text: source)
        let position = SourcePosition(line: line, column: attempt.column ?? 1)
        let diagnostic = Diagnostic(
            code: code, message: message, in: file, at: position, length: file.wordLength(at: position),
            help: ErrorAdvice.help(for: message, at: position, in: file))
        let calls = calls(of: attempt).map { call in
            "  called from \(call.function) at \(file.name):\(call.line):\(call.column)"
        }
        return ([DiagnosticRenderer(colour: colour).render(diagnostic)] + calls).joined(separator: "\n")
    }

    /// By which calls the script came to its error, if the attempt's steps say so.
    private func calls(of attempt: AttemptRecord) -> [(function: String, line: String, column: String)] {
        guard case .array(let steps) = JSON.stored(attempt.steps) else { return [] }
        for step in steps {
            guard case .array(let calls)? = step[key: "calls"] else { continue }
            return calls.compactMap { call in
                guard let function = call[key: "function"]?.plainText,
                    let line = call[key: "line"]?.plainText,
                    let column = call[key: "column"]?.plainText
                else { return nil }
                return (function, line, column)
            }
        }
        return []
    }
}

extension JSON {
    /// The text of a string or a number.
    fileprivate var plainText: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .null, .bool, .array, .object: nil
        }
    }
}

extension String {
    /// With blanks behind it up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - unicodeScalars.count))
    }
}

extension ExecutionDetails {
    var json: JSON {
        guard case .object(var members) = summary.json else { return .null }
        members.append(JSON.Member("template", .string(template)))
        members.append(JSON.Member("unique_key", uniqueKey.map(JSON.string) ?? .null))
        members.append(JSON.Member("arguments", JSON.stored(arguments)))
        members.append(JSON.Member("result", JSON.stored(result)))
        members.append(JSON.Member("attempts", .array(attempts.map(\.json))))
        return .object(members)
    }
}

extension ExecutionSummary {
    var json: JSON {
        [
            "id": .string(id.description), "script": .string(script),
            "version": version.map { .integer($0) } ?? .null, "status": .string(status.rawValue),
            "queue": .string(queue), "priority": .integer(priority), "attempt": .integer(attempt),
            "max_attempts": .integer(maxAttempts), "queued_at": .time(queuedAt), "run_at": .time(runAt),
            "started_at": .time(startedAt), "completed_at": .time(completedAt),
            "duration_ms": durationMilliseconds.map { .integer($0) } ?? .null,
            "error": error.map(JSON.string) ?? .null, "cancel_requested": .bool(isCancelRequested),
        ]
    }
}

extension AttemptRecord {
    fileprivate var json: JSON {
        [
            "attempt": .integer(attempt), "worker": .string(epoch.description),
            "claimed_at": .time(claimedAt),
            "finished_at": .time(finishedAt),
            "duration_us": durationMicroseconds.map { .integer($0) } ?? .null,
            "outcome": outcome.map { .string($0.rawValue) } ?? .null,
            "error_kind": errorKind.map(JSON.string) ?? .null, "error": error.map(JSON.string) ?? .null,
            "line": line.map { .integer($0) } ?? .null, "column": column.map { .integer($0) } ?? .null,
            "retry_at": .time(retryAt), "steps": JSON.stored(steps),
        ]
    }
}

extension JSON {
    static func time(_ time: Timestamp?) -> JSON {
        time.map { .string($0.rfc3339) } ?? .null
    }

    /// The value of a JSON text from the store; a text that is none is shown as it is.
    static func stored(_ text: String?) -> JSON {
        guard let text else { return .null }
        do {
            return try JSON(parsing: text)
        } catch {
            // Somebody wrote the row by hand.
            return .string(text)
        }
    }
}
