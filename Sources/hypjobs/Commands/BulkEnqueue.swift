import Effects
import JobEngine
import SourceText

/// `hypjobs enqueue -`: many requests from standard input, a JSON object a line.
struct BulkEnqueue {
    let options: GlobalOptions
    /// What a line does not say.
    let defaults: EnqueueRequest
    let terminal: Terminal

    /// Enqueues all lines in one transaction, or none: 100,000 of them hold the lock for a second or two.
    func run() async throws {
        try await Workplace.use(options) { workplace in
            let lines = try read(workplace.settings.jobs.definitions)
            do {
                let results = try await workplace.store.enqueue(
                    lines.map(\.request), by: workplace.initiator)
                report(results)
            } catch let error as JobEngineError {
                throw error.failure(in: lines[...])
            }
        }
    }

    private func report(_ results: [EnqueueResult]) {
        var queued = 0
        var changed = 0
        var duplicates = 0
        for result in results {
            switch result {
            case .enqueued: queued += 1
            case .changed: changed += 1
            case .duplicate: duplicates += 1
            }
        }
        if options.json {
            let members = [
                JSON.Member("queued", .integer(queued)), JSON.Member("changed", .integer(changed)),
                JSON.Member("duplicates", .integer(duplicates)),
            ]
            terminal.print(JSON.object(members).prettyText)
            return
        }
        let others = changed > 0 ? ", \(Format.count(changed)) changed that waited" : ""
        let rest = duplicates > 0 ? ", \(Format.count(duplicates)) refused: their unique keys are in use" : ""
        terminal.print("queued \(Format.count(queued, "execution"))\(others)\(rest)")
    }

    // MARK: - Lines

    private func read(_ definitions: [JobSettings.Definition]) throws -> [RequestLine] {
        var lines: [RequestLine] = []
        let jobs = Dictionary(uniqueKeysWithValues: definitions.map { ($0.name, $0) })
        var findings: [Diagnostic] = []
        for (index, line) in try InputFile.text("-").split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated() where line.contains(where: { !$0.isWhitespace })
        {
            do {
                let request = try request(from: String(line), jobs)
                lines.append(RequestLine(number: index + 1, text: line, request: request))
            } catch {
                findings.append(error.diagnostic(line: index + 1, text: String(line)))
                // One mistake is usually made in every line: twenty tell enough.
                if findings.count == 20 { break }
            }
        }
        guard findings.isEmpty else { throw Failure(.usage, findings).thrown }
        return lines
    }

    private func request(
        from line: String, _ jobs: [String: JobSettings.Definition]
    ) throws(LineError) -> EnqueueRequest {
        let json: JSON
        do { json = try JSON(parsing: line) } catch {
            throw LineError(message: error.message, column: error.column)
        }
        guard case .object(let members) = json else {
            throw LineError(message: "Expected a JSON object, found \(json.kind)")
        }
        var request = defaults
        request.script = ""
        if let name = members.first(where: { $0.key == "script" }), case .string(let text) = name.value,
            let job = jobs[text]
        {
            return try self.request(from: members, job)
        }
        for member in members { try apply(member, to: &request) }
        guard !request.script.isEmpty else { throw LineError(message: #"Expected a member "script""#) }
        do { try request.check() } catch { throw LineError(message: error.message, help: error.help) }
        return request
    }

    /// A line that names a job of the configuration: what the line does not say, the definition does.
    private func request(
        from members: [JSON.Member], _ job: JobSettings.Definition
    ) throws(LineError) -> EnqueueRequest {
        var request = defaults
        request.queue = job.queue
        request.priority = job.priority
        request.template = job.template ?? request.template
        request.maxAttempts = job.maxAttempts ?? request.maxAttempts
        request.concurrencyKey = job.key ?? request.concurrencyKey
        request.arguments = JSON(job.arguments).text
        for member in members { try apply(member, to: &request) }
        request.script = job.script
        if let given = members.first(where: { $0.key == "arguments" })?.value {
            request.arguments = JSON.merged(JSON(job.arguments), given).text
        }
        do { try request.check() } catch { throw LineError(message: error.message, help: error.help) }
        return request
    }

    private func apply(_ member: JSON.Member, to request: inout EnqueueRequest) throws(LineError) {
        switch (member.key, member.value) {
        case ("script", .string(let name)): request.script = name
        case ("arguments", .object):
            do { try ScriptArguments.check(member.value) } catch {
                throw LineError(message: error.message, help: error.help)
            }
            request.arguments = member.value.text
        case ("queue", .string(let name)): request.queue = name
        case ("template", .string(let name)): request.template = name
        case ("unique", .string(let key)): request.uniqueKey = key
        case ("unique_mode", .string(let name)):
            guard let mode = UniqueMode(rawValue: name) else {
                throw LineError(
                    message: #"Expected "unique_mode" to be skip, replace or reschedule, found \#(name)"#)
            }
            request.uniqueMode = mode
        case ("key", .string(let key)): request.concurrencyKey = key
        case ("priority", .number(let literal)): request.priority = try integer(literal, member.key)
        case ("version", .number(let literal)): request.version = try integer(literal, member.key)
        case ("max_attempts", .number(let literal)): request.maxAttempts = try integer(literal, member.key)
        case ("at", .string(let text)):
            guard let time = Timestamp(rfc3339: text) else {
                throw LineError(message: #"Expected "at" to be a time such as 2026-12-24T18:00:00Z"#)
            }
            request.runAt = time
        default: throw BulkEnqueue.refusal(of: member)
        }
    }

    private func integer(_ literal: String, _ key: String) throws(LineError) -> Int {
        guard let value = Int(literal) else {
            throw LineError(message: "Expected \"\(key)\" to be a whole number, found \(literal)")
        }
        return value
    }

    private static func refusal(of member: JSON.Member) -> LineError {
        let kinds = [
            "script": "a string", "arguments": "an object", "queue": "a string", "template": "a string",
            "unique": "a string", "unique_mode": "a string", "key": "a string", "priority": "a number",
            "version": "a number", "max_attempts": "a number",
            "at": "a string",
        ]
        guard let kind = kinds[member.key] else {
            let nearest = Spelling.nearest(member.key, among: kinds.keys.sorted())
            return LineError(
                message: "Unknown member \"\(member.key)\"", help: nearest.map { "did you mean \"\($0)\"?" })
        }
        return LineError(message: "Expected \"\(member.key)\" to be \(kind), found \(member.value.kind)")
    }
}

/// A request and the line that it stands in.
private struct RequestLine {
    let number: Int
    let text: Substring
    let request: EnqueueRequest
}

extension JobEngineError {
    /// The same finding at the line of the request that it is about.
    fileprivate func failure(in lines: ArraySlice<RequestLine>) -> Failure.Thrown {
        let line = lines[lines.startIndex + (request ?? 0)]
        var failure = Failure(self)
        guard var own = failure.diagnostics.last else { return failure.thrown }
        own.message = reason
        own.file = "standard input"
        own.position = SourcePosition(line: line.number, column: 1)
        own.sourceLine = String(line.text)
        failure = Failure(failure.status, failure.diagnostics.dropLast() + [own])
        return failure.thrown
    }
}

/// What is wrong with one line.
private struct LineError: Error {
    var message: String
    var column = 1
    var help: String?

    func diagnostic(line: Int, text: String) -> Diagnostic {
        Diagnostic(
            code: CommandCode.invalidInput, message: message, file: "standard input",
            position: SourcePosition(line: line, column: column), sourceLine: text, help: help)
    }
}
