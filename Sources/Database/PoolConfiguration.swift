/// How many connections a database keeps and for how long.
package struct PoolConfiguration: Sendable, Hashable {
    /// Kept open even when nobody needs them.
    package var minConnections: Int
    /// Never more are open at one time.
    package var maxConnections: Int
    /// The age at which a connection is replaced, shortened by up to a tenth at random, so that connections
    /// opened together are not replaced together.
    package var lifetime: Duration
    /// The time without use after which a connection over the minimum is closed.
    package var idleTimeout: Duration
    /// How long the test of an idle connection may take before it counts as broken.
    package var validationTimeout: Duration
    /// How long a caller waits for a connection.
    package var acquireTimeout: Duration
    /// A connection that was used this recently is lent without a test.
    package var validationInterval: Duration
    /// How long a caller may hold a connection; nil for any time.
    package var maxLease: Duration?
    /// Whether a connection that is held for longer is taken back; otherwise it is only logged.
    package var takesBackOverdue = true
    /// The stack of each connection's thread.
    package var stackSizeBytes: Int

    package init(
        minConnections: Int, maxConnections: Int, lifetime: Duration, idleTimeout: Duration,
        validationTimeout: Duration, acquireTimeout: Duration,
        validationInterval: Duration = .milliseconds(500),
        stackSizeBytes: Int = SystemThread.defaultStackSizeBytes
    ) {
        precondition(
            minConnections >= 0 && maxConnections >= max(1, minConnections), "A pool needs a connection")
        self.minConnections = minConnections
        self.maxConnections = maxConnections
        self.lifetime = lifetime
        self.idleTimeout = idleTimeout
        self.validationTimeout = validationTimeout
        self.acquireTimeout = acquireTimeout
        self.validationInterval = validationInterval
        self.stackSizeBytes = stackSizeBytes
    }

    /// What suits one process on one machine.
    package static let standard = PoolConfiguration(
        minConnections: 1, maxConnections: 8, lifetime: .seconds(3600), idleTimeout: .seconds(300),
        validationTimeout: .seconds(30), acquireTimeout: .seconds(30))

    /// One connection beside a pool, opened when it is needed, and then the same for as long as it holds.
    static func control(like pool: PoolConfiguration) -> PoolConfiguration {
        var configuration = pool
        configuration.minConnections = 0
        configuration.maxConnections = 1
        configuration.lifetime = .seconds(100 * 365 * 86_400)
        configuration.idleTimeout = configuration.lifetime
        return configuration
    }
}
