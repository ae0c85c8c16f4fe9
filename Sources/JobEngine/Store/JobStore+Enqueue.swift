import Database
import Effects
import HypnoScript
import SQL
import SourceText
import Synchronization

extension JobStore {
    /// Enqueues all of the requests in one transaction, or none. A commit that nobody answered is looked
    /// for, and repeated if it did not happen.
    ///
    /// - Throws: `JobEngineError` for the first request that cannot be, with its index in front where there
    ///   are several; `DatabaseError`.
    package func enqueue(
        _ requests: [EnqueueRequest], by initiator: Initiator
    ) async throws -> [EnqueueResult] {
        for (index, request) in requests.enumerated() {
            do {
                try request.check()
                try checkTemplate(of: request)
            } catch { throw error.at(index, of: requests.count) }
        }
        var repetitions = 0
        var known = worksInSets ? scriptMemory.known(to: requests) : [:]
        while true {
            let draft = Mutex<[EnqueueResult]>([])
            do {
                let lookup = ScriptLookup(store: self, initiator: initiator, known: known)
                let (results, found) = try await transaction(
                    worksInSets ? .readCommitted : .serializable
                ) { [self] transaction in
                    var scripts = lookup
                    let results = try enqueue(requests, &scripts, in: transaction)
                    // Of several runs the last one counts, also when nobody answers its commit.
                    draft.withLock { $0 = results }
                    return (results, scripts.found)
                }
                scriptMemory.remember(found)
                return results
            } catch let error as DatabaseError where error.code == .notNullViolation && !known.isEmpty {
                // A script has changed since: they are looked up.
                scriptMemory.forget(known.keys)
                known = [:]
            } catch let error as DatabaseError where error.code == .unknownCommit {
                let results = draft.withLock { $0 }
                guard let isThere = try await hasCommitted(results, by: initiator) else { throw error }
                if isThere { return results }
                repetitions += 1
                guard repetitions < JobStore.mostRepetitions else { throw error }
            }
        }
    }

    /// A server that answers no commit so often has other trouble.
    private static let mostRepetitions = 5

    /// The same inside a transaction of the caller's. The requests have been checked.
    func enqueue(
        _ requests: [EnqueueRequest], by initiator: Initiator, in transaction: Transaction
    ) throws -> [EnqueueResult] {
        var scripts = ScriptLookup(store: self, initiator: initiator, known: [:])
        return try enqueue(requests, &scripts, in: transaction)
    }

    private func enqueue(
        _ requests: [EnqueueRequest], _ scripts: inout ScriptLookup, in transaction: Transaction
    ) throws -> [EnqueueResult] {
        var resolved: [ResolvedRequest] = []
        resolved.reserveCapacity(requests.count)
        for (index, request) in requests.enumerated() {
            do {
                resolved.append(try scripts.resolve(request, in: transaction))
            } catch let error as JobEngineError {
                throw error.at(index, of: requests.count)
            }
        }
        let initiator = scripts.initiator
        guard !worksInSets else { return try insertSet(resolved, by: initiator, in: transaction) }
        return try resolved.map { try insert($0.request, script: $0.script, by: initiator, in: transaction) }
    }

    /// How often an execution may be tried: as the request says, or the template's retries and once.
    func maxAttempts(of request: EnqueueRequest) -> Int {
        request.maxAttempts ?? (templates[request.template]?.retry.maxRetries ?? 0) + 1
    }

    /// Refuses what is no template for executions.
    func checkTemplate(of request: EnqueueRequest) throws(JobEngineError) {
        guard let template = templates[request.template] else {
            let nearest = Spelling.nearest(request.template, among: templates.keys.sorted())
            throw JobEngineError(
                .unknownTemplate, "Unknown template '\(request.template)'",
                help: nearest.map { "did you mean '\($0)'?" })
        }
        guard template.subject == .execution else {
            throw JobEngineError(
                .unknownTemplate,
                "Template '\(request.template)' is for \(template.subject.rawValue), not for executions")
        }
    }

    private func insert(
        _ request: EnqueueRequest, script: ScriptVersion, by initiator: Initiator, in transaction: Transaction
    ) throws -> EnqueueResult {
        let id = effects.ids.next()
        if let key = request.uniqueKey {
            if let holder = try transaction.execute(Queries.selectUniqueKey, [.text(key)]).first {
                return try meet(
                    try holder.uuid(0), ResolvedRequest(request: request, script: script), by: initiator,
                    in: transaction)
            }
            _ = try transaction.execute(Queries.insertUniqueKey, [.text(key), .uuid(id)])
        }
        let now = effects.time.now()
        let runAt = request.runAt ?? now
        _ = try transaction.execute(
            Queries.insertExecution,
            [
                .uuid(id), .uuid(script.script), .uuid(initiator.user),
                .integer(Int64(maxAttempts(of: request))),
                .integer(Int64(script.version)), .text(request.template), .json(request.arguments),
                .text(request.queue), .integer(Int64(request.priority)), .timestamp(now), .timestamp(runAt),
                request.uniqueKey.map(SQLValue.text) ?? .null,
                request.concurrencyKey.map(SQLValue.text) ?? .null,
            ])
        _ = try transaction.execute(
            Queries.insertQueueRow,
            [
                .text(request.queue), .integer(Int64(request.priority)), .timestamp(runAt), .uuid(id),
                .integer(Int64(Lane.of(id))), request.concurrencyKey.map(SQLValue.text) ?? .null,
            ])
        try AuditEntry(
            action: .enqueued, table: "script_executions", record: id,
            new: request.facts(version: script.version), initiator: initiator
        ).insert(in: transaction, effects: effects)
        return .enqueued(id)
    }
}

extension EnqueueRequest {
    /// The JSON text of what the audit trail keeps of the request.
    func facts(version: Int) -> String {
        let facts: JSON = [
            "status": "queued", "script": .string(script), "version": .integer(version),
            "queue": .string(queue), "priority": .integer(priority),
        ]
        return facts.text
    }
}

extension JobEngineError {
    /// The same error, naming which of several requests it is about.
    func at(_ index: Int, of count: Int) -> JobEngineError {
        var error = self
        if count > 1 { error.request = index }
        return error
    }
}

/// Finds scripts by name once for each enqueue, and makes sure that what is enqueued parses.
private struct ScriptLookup {
    let store: JobStore
    let initiator: Initiator
    /// What earlier enqueues have found.
    let known: [ScriptMemory.Key: ScriptVersion]
    private(set) var found: [ScriptMemory.Key: ScriptVersion] = [:]

    init(store: JobStore, initiator: Initiator, known: [ScriptMemory.Key: ScriptVersion]) {
        self.store = store
        self.initiator = initiator
        self.known = known
    }

    mutating func resolve(
        _ request: EnqueueRequest, in transaction: Transaction
    ) throws -> ResolvedRequest {
        let key = ScriptMemory.Key(request)
        // A request whose key is in use may insert nothing, and nobody would make sure of the script.
        if request.uniqueKey == nil, let script = known[key] {
            return ResolvedRequest(request: request, script: script, isRemembered: true)
        }
        if let script = found[key] { return ResolvedRequest(request: request, script: script) }
        let script = try store.usableScript(
            request.script, version: request.version, by: initiator, in: transaction)
        found[key] = script
        return ResolvedRequest(request: request, script: script)
    }
}
