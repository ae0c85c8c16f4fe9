/// The servers that hold a copy of the database, and how they are used.
package struct ReplicaConfiguration: Sendable {
    /// One server.
    package struct Server: Sendable {
        /// What messages call it.
        package var name: String
        package var driver: any DatabaseDriver
        package var pool: PoolConfiguration

        package init(name: String, driver: any DatabaseDriver, pool: PoolConfiguration) {
            self.name = name
            self.driver = driver
            self.pool = pool
        }
    }

    package var servers: [Server]
    /// How often each is looked at.
    package var checkInterval: Duration
    /// How long a look may take.
    package var checkTimeout: Duration
    /// How old the state may be that a replica shows; an older one is not used.
    package var maxStaleness: Duration
    /// Whether the primary answers when no replica can.
    package var failsOver: Bool

    package init(
        servers: [Server], checkInterval: Duration, checkTimeout: Duration, maxStaleness: Duration,
        failsOver: Bool
    ) {
        self.servers = servers
        self.checkInterval = checkInterval
        self.checkTimeout = checkTimeout
        self.maxStaleness = maxStaleness
        self.failsOver = failsOver
    }
}
