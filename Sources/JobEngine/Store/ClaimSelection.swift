import Effects
import SQL

/// A row of the queue that is due.
struct QueueRow {
    let queue: String
    let priority: Int
    /// As the storage has it, to find the row again.
    let runAt: SQLValue
    let dueAt: Timestamp
    let execution: UniqueID
    var lane = 0
    var concurrencyKey: String?
    /// What the order goes by: the priority, less what the waiting has earned.
    var rank: Int

    /// - Parameter aging: the seconds of waiting that are worth a step of priority; nil where they are not.
    init(
        queue: String, priority: Int, runAt: SQLValue, dueAt: Timestamp, execution: UniqueID, lane: Int = 0,
        concurrencyKey: String? = nil, aging: Int? = nil, now: Timestamp
    ) {
        self.queue = queue
        self.priority = priority
        self.runAt = runAt
        self.dueAt = dueAt
        self.execution = execution
        self.lane = lane
        self.concurrencyKey = concurrencyKey
        rank = priority - (aging.map { Int((now - dueAt) / .seconds($0)) } ?? 0)
    }

    func precedes(_ other: QueueRow) -> Bool {
        (rank, dueAt, execution) < (other.rank, other.dueAt, other.execution)
    }
}

/// What a claim under limits takes, and what it has to leave.
struct ClaimSelection {
    private(set) var rows: [QueueRow] = []
    /// Whether due rows stay where they are because of a limit.
    private(set) var isHeldBack = false
    /// When a rate lets the next of them go; nil where they wait for the end of others.
    private(set) var roomAt: Timestamp?

    /// The best of what the queues offer.
    init(_ offers: inout [QueueOffer], limit: Int) {
        let all = offers.flatMap(\.rows)
        rows = Array((offers.count > 1 ? all.sorted { $0.precedes($1) } : all).prefix(limit))
        var counts: [String: Int] = [:]
        for row in rows { counts[row.queue, default: 0] += 1 }
        for index in offers.indices {
            let count = counts[offers[index].queue] ?? 0
            offers[index].bucket?.take(count)
            guard offers[index].isHeldBack else { continue }
            isHeldBack = true
            guard let bucket = offers[index].bucket, bucket.whole < 1 else { continue }
            roomAt = min(roomAt ?? bucket.nextAt, bucket.nextAt)
        }
    }
}

/// What one queue offers to a claim: its due rows in their order, as many as its limits allow.
struct QueueOffer {
    let queue: String
    let aging: Int?
    var bucket: TokenBucket?
    private(set) var rows: [QueueRow] = []
    /// Whether a due row was left out because of a limit.
    private(set) var isHeldBack = false
    /// How many rows it may still offer.
    private(set) var room: Int
    private var keys: KeyRoom?

    /// - Parameter running: how many executions of the queue run, by concurrency key.
    init(
        queue: String, record: QueueRecord?, running: [String?: Int], limit: Int, now: Timestamp
    ) {
        self.queue = queue
        aging = record?.limits.agingSeconds
        room = limit
        guard let record else { return }
        if let most = record.limits.maxRunning {
            room = min(room, max(0, most - running.values.reduce(0, +)))
        }
        if let rate = record.limits.rate {
            let bucket = TokenBucket(
                rate, tokens: record.tokens, refilledAt: record.refilledAt, now: now)
            room = min(room, bucket.whole)
            self.bucket = bucket
        }
        if let most = record.limits.maxRunningPerKey {
            let keys = KeyRoom(limit: most, running: running)
            self.keys = keys
            isHeldBack = !keys.full.isEmpty
        }
    }

    /// The keys that have no room: their rows need not be read.
    var fullKeys: Set<String> { keys?.full ?? [] }

    /// Takes a row, or leaves it out. False once nothing more can be taken.
    mutating func offer(_ row: QueueRow) -> Bool {
        guard room > 0 else {
            isHeldBack = true
            return false
        }
        guard keys?.take(row.concurrencyKey) ?? true else {
            isHeldBack = true
            return true
        }
        rows.append(row)
        room -= 1
        return true
    }
}

/// How many more executions of each concurrency key may begin.
private struct KeyRoom {
    private let limit: Int
    private var running: [String: Int] = [:]
    private(set) var full: Set<String> = []

    init(limit: Int, running: [String?: Int]) {
        self.limit = limit
        for case (let key?, let count) in running {
            self.running[key] = count
            if count >= limit { full.insert(key) }
        }
    }

    /// Whether there was room; it is taken. What has no key needs none.
    mutating func take(_ key: String?) -> Bool {
        guard let key else { return true }
        let count = running[key, default: 0]
        guard count < limit else { return false }
        running[key] = count + 1
        if count + 1 >= limit { full.insert(key) }
        return true
    }
}
