import Database
import Effects
import SQL

/// A request whose script is found.
struct ResolvedRequest {
    let request: EnqueueRequest
    let script: ScriptVersion
    /// Whether the script is as it was remembered, and not looked up in this transaction.
    var isRemembered = false
}

extension JobStore {
    /// Enqueues all requests by a handful of statements, however many there are.
    func insertSet(
        _ requests: [ResolvedRequest], by initiator: Initiator, in transaction: Transaction
    ) throws -> [EnqueueResult] {
        let now = effects.time.now()
        var results = requests.map { _ in EnqueueResult.enqueued(effects.ids.next()) }
        try settleUniqueKeys(of: requests, &results, in: transaction)
        try insertRows(of: requests, results, now: now, by: initiator, in: transaction)
        // Behind what is new: the holder of a key may be a request of this very set.
        for (index, resolved) in requests.enumerated() where resolved.request.uniqueMode != .skip {
            guard case .duplicate(let holder) = results[index] else { continue }
            results[index] = try meet(holder, resolved, by: initiator, in: transaction)
        }
        return results
    }

    private func insertRows(
        of requests: [ResolvedRequest], _ results: [EnqueueResult], now: Timestamp, by initiator: Initiator,
        in transaction: Transaction
    ) throws {
        var columns = SetColumns(count: 14)
        var lanes: Set<Int> = []
        for (resolved, result) in zip(requests, results) {
            guard case .enqueued(let id) = result else { continue }
            lanes.insert(Lane.of(id))
            columns.append(
                resolved.row(
                    id: id, maxAttempts: maxAttempts(of: resolved.request), now: now,
                    audit: effects.ids.next()))
        }
        guard !columns.isEmpty else { return }
        let constants: [SQLValue] = [
            .uuid(initiator.user), .timestamp(now), .text(initiator.agent),
        ]
        let bindings = columns.bindings + constants + remembered(in: requests)
        // Nothing waits for its answer: it travels with COMMIT, which throws what is wrong with it.
        try transaction.enqueue(Statement(SetQueries.enqueue, bindings))
        try notify(lanes, in: transaction)
    }

    /// What the requests take for known of their scripts: identifiers, names, versions, and whether the
    /// newest is wanted.
    private func remembered(in requests: [ResolvedRequest]) -> [SQLValue] {
        var scripts: [ScriptMemory.Key: ScriptVersion] = [:]
        for resolved in requests where resolved.isRemembered {
            scripts[ScriptMemory.Key(resolved.request)] = resolved.script
        }
        let known = Array(scripts)
        return [
            .array(known.map { .uuid($0.value.script) }), .array(known.map { .text($0.key.name) }),
            .array(known.map { .integer(Int64($0.value.version)) }),
            .array(known.map { .bool($0.key.version == nil) }),
        ]
    }

    /// Takes the unique keys that are free; a request whose key is not becomes a duplicate of its holder.
    private func settleUniqueKeys(
        of requests: [ResolvedRequest], _ results: inout [EnqueueResult], in transaction: Transaction
    ) throws {
        var keys: [SQLValue] = []
        var ids: [SQLValue] = []
        for (resolved, result) in zip(requests, results) {
            guard let key = resolved.request.uniqueKey, case .enqueued(let id) = result else { continue }
            keys.append(.text(key))
            ids.append(.uuid(id))
        }
        guard !keys.isEmpty else { return }
        let rows = try transaction.execute(SetQueries.takeUniqueKeys, [.array(keys), .array(ids)]).rows
        let taken = Set(try rows.map { try $0.uuid(0) })
        guard taken.count < keys.count else { return }
        var holders: [String: UniqueID] = [:]
        for row in try transaction.execute(SetQueries.holders, [.array(keys)]).rows {
            holders[try row.text(0)] = try row.uuid(1)
        }
        for (index, resolved) in requests.enumerated() {
            guard let key = resolved.request.uniqueKey, case .enqueued(let id) = results[index],
                !taken.contains(id)
            else { continue }
            guard let holder = holders[key] else {
                // It has ended since: the transaction begins again and finds the key free.
                throw DatabaseError(.serializationFailure, "The unique key '\(key)' has just become free")
            }
            results[index] = .duplicate(of: holder)
        }
    }
}

extension ResolvedRequest {
    /// The row's columns of `SetQueries.enqueue`.
    fileprivate func row(id: UniqueID, maxAttempts: Int, now: Timestamp, audit: UniqueID) -> [SQLValue] {
        [
            .uuid(id), .uuid(script.script), .integer(Int64(script.version)), .integer(Int64(maxAttempts)),
            .text(request.template), .json(request.arguments), .text(request.queue),
            .integer(Int64(request.priority)), .timestamp(request.runAt ?? now),
            request.uniqueKey.map(SQLValue.text) ?? .null, .integer(Int64(Lane.of(id))), .uuid(audit),
            .json(request.facts(version: script.version)),
            request.concurrencyKey.map(SQLValue.text) ?? .null,
        ]
    }
}
