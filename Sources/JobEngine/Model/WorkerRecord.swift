package import Effects

/// One run of a worker process.
package struct WorkerRecord: Sendable, Hashable {
    package let epoch: UniqueID
    package let host: String
    /// The machine's boot and the process namespace: process numbers mean something only inside it.
    package let processScope: String
    package let pid: Int
    package let version: String
    package let slots: Int
    package let queues: [String]
    package let startedAt: Timestamp
    package let heartbeatAt: Timestamp
}

/// The process that a worker lives in, and what it can tell about its neighbours.
package struct LocalProcess: Sendable {
    package let host: String
    package let scope: String
    package let pid: Int
    package let version: String
    /// Whether a process of the same scope exists. Only a certain "no" may be false.
    package let isAlive: @Sendable (_ pid: Int) -> Bool

    package init(
        host: String, scope: String, pid: Int, version: String, isAlive: @escaping @Sendable (Int) -> Bool
    ) {
        self.host = host
        self.scope = scope
        self.pid = pid
        self.version = version
        self.isAlive = isAlive
    }
}
