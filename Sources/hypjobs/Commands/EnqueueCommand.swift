import ArgumentParser
import Effects
import JobEngine

/// `hypjobs enqueue …`.
struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue", abstract: "Ask for an execution of a program, or for many.",
        discussion: """
            With '-' each line of standard input is one request, a JSON object (here on some lines):
              {"script":"hello","arguments":{"name":"Ada"},"priority":0,"queue":"default",
               "at":"2026-12-24T18:00:00Z","unique":"hello-ada","unique_mode":"replace","key":"ada",
               "version":1,"max_attempts":3,"template":"executeScript"}
            Only "script" is required. All lines are read and checked before the first is enqueued.

            Examples:
              hypjobs enqueue hello name=Ada --wait
              hypjobs enqueue nightly-report --at 2026-12-24T02:00:00Z --unique nightly
              hypjobs enqueue - < requests.jsonl
            """)

    @Argument(help: "A program's name, the name of a job definition, or '-' for lines of JSON.") var script:
        String
    @Argument(help: ArgumentHelp("Arguments, as name=value.", valueName: "name=value")) var words: [String] =
        []
    @Option(help: ArgumentHelp("All arguments as one JSON object.", valueName: "json")) var arguments: String?
    @Option(help: "The queue.") var queue: String?
    // Unconditional: the parser would take a negative number for an option.
    @Option(parsing: .unconditional, help: "Smaller numbers run first; the default is 0.")
    var priority: Int?
    @Option(help: ArgumentHelp("Not before this time, as 2026-12-24T18:00:00Z.", valueName: "time")) var at:
        String?
    @Option(
        help: ArgumentHelp("Refuse a second one while one with this key waits or runs.", valueName: "key"))
    var unique: String?
    @Option(
        help: ArgumentHelp(
            "What to do with one that waits with the same --unique: skip, replace or reschedule it.",
            valueName: "mode"))
    var uniqueMode: UniqueMode?
    @Option(help: ArgumentHelp("What a queue's max_running_per_key counts by.", valueName: "key"))
    var key: String?
    @Option(help: "Which version of the program; the newest by default.") var version: Int?
    @Option(
        help: ArgumentHelp("Attempts in all; by default what the template's retries say.", valueName: "n"))
    var maxAttempts: Int?
    @Option(help: "The transaction template.") var template: String?
    @Flag(help: "Wait for the end; the status is 1 if it fails.") var wait = false
    @Option(
        help: ArgumentHelp(
            "With --wait: give up after so many seconds, with status 124.", valueName: "seconds"))
    var timeout: Int?
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard script != "-" || (words.isEmpty && arguments == nil && !wait) else {
            throw ValidationError("'enqueue -' takes everything from its lines: no arguments, no --wait")
        }
        guard arguments == nil || words.isEmpty else {
            throw ValidationError("Give the arguments as name=value or with --arguments, not both")
        }
        guard uniqueMode == nil || unique != nil || script == "-" else {
            throw ValidationError("--unique-mode goes with --unique")
        }
        guard timeout == nil || wait else { throw ValidationError("--timeout goes with --wait") }
    }

    mutating func run() async throws {
        try await options.perform { terminal in
            if script == "-" {
                try await BulkEnqueue(options: options, defaults: request(), terminal: terminal).run()
            } else {
                try await enqueueOne(terminal)
            }
        }
    }

    /// The request as the options say it.
    private func request() throws -> EnqueueRequest {
        var request = EnqueueRequest(
            script: script, version: version, uniqueKey: unique, uniqueMode: uniqueMode ?? .skip,
            concurrencyKey: key, maxAttempts: maxAttempts)
        if let queue { request.queue = queue }
        if let priority { request.priority = priority }
        if let template { request.template = template }
        if let at { request.runAt = try RequestTime.parse(at) }
        return request
    }

    private func enqueueOne(_ terminal: Terminal) async throws {
        var request = try request()
        let given = try arguments.map(EnqueueCommand.parse) ?? ArgumentList.object(words)
        try ScriptArguments.check(given)
        try await Workplace.use(options) { workplace in
            request.arguments = given.text
            if let job = workplace.settings.jobs.definitions.first(where: { $0.name == script }) {
                try apply(job, given: given, to: &request)
                try ScriptArguments.check(JSON(job.arguments))
            }
            let result = try await workplace.store.enqueue([request], by: workplace.initiator)
            let id: UniqueID
            switch result.first {
            case .enqueued(let new): id = new
            case .changed(let holder): id = holder
            case .duplicate(let holder): throw duplicate(of: holder, key: request.uniqueKey)
            case nil: preconditionFailure("One request has one result.")
            }
            guard wait else {
                print(id, request, isNew: result.first == .enqueued(id), on: terminal)
                return
            }
            let waiter = ExecutionWaiter(workplace: workplace, options: options, terminal: terminal)
            try await waiter.wait(for: id, timeout: timeout.map { .seconds($0) })
        }
    }

    /// What the configuration says of a job of that name, where the command line says nothing.
    private func apply(_ job: JobSettings.Definition, given: JSON, to request: inout EnqueueRequest) throws {
        request.script = job.script
        request.arguments = JSON.merged(JSON(job.arguments), given).text
        if queue == nil { request.queue = job.queue }
        if priority == nil { request.priority = job.priority }
        if template == nil, let template = job.template { request.template = template }
        if maxAttempts == nil { request.maxAttempts = job.maxAttempts }
        if key == nil { request.concurrencyKey = job.key }
    }

    private func print(_ id: UniqueID, _ request: EnqueueRequest, isNew: Bool, on terminal: Terminal) {
        let isMoved = !isNew && request.uniqueMode == .reschedule
        if options.json {
            var members = [JSON.Member("id", .string(id.description)), JSON.Member("status", "queued")]
            if !isNew { members.append(JSON.Member("changed", .string(request.uniqueMode.participle))) }
            // The queue and the priority of one that only gets another time are its own.
            if !isMoved {
                members.append(JSON.Member("queue", .string(request.queue)))
                members.append(JSON.Member("priority", .integer(request.priority)))
            }
            terminal.print(JSON.object(members).prettyText)
        } else {
            let verb = isNew ? "queued" : request.uniqueMode.participle
            let time = request.runAt.map { ", not before \($0.rfc3339)" } ?? ""
            terminal.print("\(verb) \(id)\(isMoved ? "" : " in queue \(request.queue)")\(time)")
        }
    }

    private func duplicate(of holder: UniqueID, key: String?) -> JobEngineError {
        JobEngineError(
            .uniqueKeyInUse, "Unique key '\(key ?? "")' belongs to execution \(holder), which has not ended",
            help: "hypjobs executions show \(holder)")
    }

    private static func parse(_ text: String) throws -> JSON {
        do { return try JSON(parsing: text) } catch {
            throw JobEngineError(
                .invalidArguments, "Arguments are not JSON: \(error.message) at column \(error.column)",
                help: #"for example --arguments '{"name": "Ada"}'"#)
        }
    }
}

extension UniqueMode: ExpressibleByArgument {}

extension UniqueMode {
    /// What happened to an execution that waited.
    fileprivate var participle: String {
        switch self {
        case .skip: "skipped"
        case .replace: "replaced"
        case .reschedule: "rescheduled"
        }
    }
}

/// Times as requests give them.
enum RequestTime {
    static func parse(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw Failure(
                .usage, CommandCode.invalidInput,
                "Expected a time such as 2026-12-24T18:00:00Z, found '\(text)'",
                help: "a zone is needed: Z or an offset such as +01:00"
            ).thrown
        }
        return time
    }
}

extension JSON {
    /// An object with the members of both; those of the second win.
    static func merged(_ first: JSON, _ second: JSON) -> JSON {
        guard case .object(let base) = first, case .object(let over) = second else { return second }
        return .object(base.filter { member in !over.contains { $0.key == member.key } } + over)
    }
}
