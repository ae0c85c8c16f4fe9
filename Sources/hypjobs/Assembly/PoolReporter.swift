import Database
import Effects
import Glibc
import JobEngine

/// Answers `hypjobs pool top` while a worker works.
struct PoolReporter {
    private let clients: AsyncStream<Int32>
    private let descriptor: Int32
    private let path: String
    private let thread: SystemThread

    /// More than people ask at one time; the others are turned away.
    private static let bound = 16

    /// Listens for this process; nil where it cannot, which is no reason not to work.
    init?(environment: [String: String]) {
        let folders = PoolSocket.folders(environment: environment)
        guard let (descriptor, path) = folders.lazy.compactMap(PoolSocket.listen).first else { return nil }
        let (clients, continuation) = AsyncStream<Int32>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.bound))
        self.clients = clients
        self.descriptor = descriptor
        self.path = path
        thread = SystemThread(name: "pool-socket", stackSizeBytes: 128 << 10) {
            while true {
                let client = accept(descriptor, nil, nil)
                if client < 0, errno == EINTR || errno == ECONNABORTED { continue }
                // The socket was shut down: the work is done.
                guard client >= 0 else { break }
                if case .dropped(let client) = continuation.yield(client) { Glibc.close(client) }
            }
            continuation.finish()
        }
    }

    /// Runs the body and answers meanwhile.
    func serve<Result>(
        _ database: Database, named name: String, identity: String, while body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await client in clients {
                    let pools = await database.snapshot
                    let report = PoolReport(database: name, identity: identity, pools: pools)
                    PoolSocket.answer(client, report.json.text)
                }
            }
            defer { stop() }
            return try await body()
        }
    }

    private func stop() {
        // Linux wakes the thread out of 'accept' for this.
        shutdown(descriptor, Int32(SHUT_RDWR))
        thread.join()
        close(descriptor)
        unlink(path)
    }
}

/// What one process says about its connections.
struct PoolReport {
    /// The database as its configuration names it.
    let database: String
    /// The same for everybody who uses that database, and for nobody else.
    let identity: String
    let pools: [PoolSnapshot]

    /// Longer statements are cut.
    private static let statementLimit = 200

    var json: JSON {
        [
            "pid": .integer(Int(getpid())), "host": .string(ProcessFacts.host),
            "version": .string(Version.current), "database": .string(database),
            "identity": .string(identity),
            "pools": .array(pools.map(Self.json)),
        ]
    }

    private static func json(_ pool: PoolSnapshot) -> JSON {
        [
            "name": .string(pool.name), "limit": .integer(pool.limit),
            "open": .integer(pool.statistics.total), "idle": .integer(pool.statistics.idle),
            "leased": .integer(pool.statistics.leased), "waiting": .integer(pool.statistics.waiting),
            "holders": .array(
                pool.holders.map { holder in
                    .object(
                        [
                            JSON.Member("connection", .integer(holder.connection)),
                            JSON.Member("session", holder.session.map { .integer($0) } ?? .null),
                            JSON.Member("heldMilliseconds", .double(holder.held.milliseconds)),
                        ] + members(holder.work))
                }),
            "waiters": .array(
                pool.waiters.map { waiter in
                    .object(
                        [JSON.Member("waitedMilliseconds", .double(waiter.waited.milliseconds))]
                            + members(waiter.work))
                }),
        ]
    }

    private static func members(_ work: PoolSnapshot.Work) -> [JSON.Member] {
        [
            JSON.Member("label", .string(work.label)),
            JSON.Member("execution", work.subject.map { .string($0.id.description) } ?? .null),
            JSON.Member("step", work.subject?.step.map { .string($0) } ?? .null),
            JSON.Member(
                "statement", work.statement.map { .string($0.oneLine(limit: statementLimit)) } ?? .null),
        ]
    }
}

extension Duration {
    /// With three digits behind the point.
    fileprivate var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000
    }
}
