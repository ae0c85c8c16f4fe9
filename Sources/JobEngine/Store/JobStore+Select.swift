import Database
import Effects
import SQL

/// Claims from queues that have limits or age their work: what may be taken is decided row by row, inside the
/// claim's transaction, from what runs at that moment. Queues without any go another, shorter way.
extension JobStore {
    /// What queues were told, of those that a claim is for.
    struct QueueOrders {
        /// Those that are not paused, in the request's order.
        var queues: [String]
        /// Whether one of them has limits or ages its work.
        var needsSelection: Bool
    }

    /// What the queues of a claim were told, where one transaction writes at a time.
    func orders(_ request: ClaimRequest, in transaction: Transaction) throws -> QueueOrders {
        var orders = QueueOrders(queues: request.queues, needsSelection: false)
        for row in try transaction.execute(QueueQueries.selectAll).rows {
            let record = try QueueRecord(row)
            if record.pause != nil {
                orders.queues.removeAll { $0 == record.name }
            } else if !record.limits.isEmpty, orders.queues.contains(record.name) {
                orders.needsSelection = true
            }
        }
        return orders
    }

    /// Chooses the rows of a claim, and takes the tokens for them.
    ///
    /// Where many write, whoever chooses from a queue with limits has its row to itself until the end of the
    /// transaction, which must see what the one before it has committed: READ COMMITTED.
    ///
    /// - Parameters:
    ///   - queues: those that are not paused.
    ///   - lanes: where queues without limits are looked into; one with limits is this claim's alone.
    func select(
        _ request: ClaimRequest, queues: [String], lanes: [Int], now: Timestamp, in transaction: Transaction
    ) throws -> ClaimSelection {
        var offers: [QueueOffer] = []
        // In the order of the names: two claims of the same queues never wait for each other.
        for queue in queues.sorted() {
            let text = worksInSets ? QueueQueries.lockOne : QueueQueries.selectOne
            let record = try transaction.execute(text, [.text(queue)]).first.map(QueueRecord.init)
            guard record?.pause == nil else { continue }
            let isBounded = record?.limits.bounds ?? false
            let isCounted = record?.limits.maxRunning != nil || record?.limits.maxRunningPerKey != nil
            var offer = QueueOffer(
                queue: queue, record: record,
                running: isCounted ? try running(in: queue, transaction) : [:], limit: request.limit, now: now
            )
            try fill(&offer, lanes: isBounded ? Lane.all : lanes, now: now, in: transaction)
            offers.append(offer)
        }
        let selection = ClaimSelection(&offers, limit: request.limit)
        for offer in offers {
            guard let bucket = offer.bucket, selection.rows.contains(where: { $0.queue == offer.queue })
            else { continue }
            let values: [SQLValue] = [.double(bucket.tokens), .timestamp(now), .text(offer.queue)]
            _ = try transaction.execute(QueueQueries.spend, values)
        }
        return selection
    }

    private func running(in queue: String, _ transaction: Transaction) throws -> [String?: Int] {
        var counts: [String?: Int] = [:]
        for row in try transaction.execute(QueueQueries.runningByKey, [.text(queue)]).rows {
            counts[try row.optionalText(0)] = try row.int(1)
        }
        return counts
    }

    /// Offers the queue's due rows in their order. Without aging a priority is read once the ones before it
    /// have no more; with it the heads of all compete.
    private func fill(
        _ offer: inout QueueOffer, lanes: [Int], now: Timestamp, in transaction: Transaction
    ) throws {
        guard !lanes.isEmpty else { return }
        var levels: [Level] = []
        var last = Int64(Int32.min)
        while let row = try transaction.execute(
            Queries.nextPriority, [.text(offer.queue), .integer(last)]
        ).first {
            last = Int64(try row.int(0))
            levels.append(Level(priority: Int(last)))
        }
        while !levels.isEmpty {
            let compared = offer.aging == nil ? 1 : levels.count
            for index in 0..<compared where levels[index].rows.isEmpty && !levels[index].isRead {
                try read(&levels[index], for: offer, lanes: lanes, now: now, in: transaction)
            }
            levels.removeAll { $0.isRead && $0.rows.isEmpty }
            let heads = levels.indices.prefix(compared).compactMap { index in
                levels[index].rows.first.map { (index, $0) }
            }
            guard let (best, row) = heads.min(by: { $0.1.precedes($1.1) }) else { continue }
            levels[best].rows.removeFirst()
            guard offer.offer(row) else { return }
        }
    }

    /// The due rows of one priority, read in portions.
    private struct Level {
        let priority: Int
        var rows: ArraySlice<QueueRow> = []
        var last: QueueRow?
        var isRead = false
    }

    private func read(
        _ level: inout Level, for offer: QueueOffer, lanes: [Int], now: Timestamp, in transaction: Transaction
    ) throws {
        // One more than there is room for tells whether something is held back.
        let portion = offer.room + 1
        let markers = Lane.all.map { SQLValue.integer(Int64(lanes[min($0, lanes.count - 1)])) }
        var bindings: [SQLValue] = [
            .text(offer.queue), .integer(Int64(level.priority)), .timestamp(now),
        ]
        bindings += markers
        bindings.append(.array(offer.fullKeys.sorted().map(SQLValue.text)))
        if let last = level.last { bindings += [last.runAt, .uuid(last.execution)] }
        bindings.append(.integer(Int64(portion)))
        let text = QueueQueries.dueRows(inSets: worksInSets, after: level.last != nil)
        let rows = try transaction.execute(text, bindings).rows.map { row in
            QueueRow(
                queue: offer.queue, priority: level.priority, runAt: row[0], dueAt: try row.timestamp(0),
                execution: try row.uuid(1), lane: try row.int(2), concurrencyKey: try row.optionalText(3),
                aging: offer.aging, now: now)
        }
        level.isRead = rows.count < portion
        level.last = rows.last ?? level.last
        level.rows = rows[...]
    }
}
