/// How a worker works. Durations are of the monotonic clock.
package struct WorkerConfiguration: Sendable, Hashable {
    package var queues: [String] = ["default"]
    /// How many scripts run at one time.
    package var slots = 4
    package var pollInterval: Duration = .milliseconds(500)
    package var heartbeatInterval: Duration = .seconds(10)
    package var heartbeatTimeout: Duration = .seconds(30)
    /// How long running scripts may go on after a request to stop.
    package var gracePeriod: Duration = .seconds(30)
    /// The most executions that one transaction claims.
    package var claimBatch = 300
    /// The most results that one transaction records; more wait for the next, so that none grows without
    /// bound.
    package var recordBatch = 1000
    /// How much work, by the time that scripts have taken so far, may wait in this worker.
    package var prefetch: Duration = .milliseconds(50)
    /// Executions that outlive so many dead workers fail as quarantined.
    package var rescueLimit = 3
    /// Whether the worker ends when nothing is due and no retry is waiting.
    package var stopsWhenIdle = false
    /// How long history is kept.
    package var retention = Retention()
    /// What scripts may do and use.
    package var boxes = BoxRegister()

    package init() {}
}
