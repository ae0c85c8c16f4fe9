import HypConfig

/// How many connections are kept, and for how long.
struct PoolSettings: Sendable, Hashable {
    /// How many connections are kept open when nothing happens.
    var minConnections: Int
    /// How many connections there are at most.
    var maxConnections: Int
    /// How old a connection may become.
    var lifetime: Duration
    /// How long a connection beyond the minimum may be idle.
    var idleTimeout: Duration
    /// How long the check of an idle connection may take before the connection counts as dead.
    var validationTimeout: Duration
    /// How reads are spread over the replicas.
    var loadBalancing = LoadBalancingSettings()
    /// How long a connection may be held.
    var leasing = LeasingSettings()

    init(reading reader: inout ConfigReader, of database: DatabaseSettings) {
        self = reader.block("general", "Size and age of the pool.") { general in
            let pool = PoolSettings(readingGeneral: &general)
            pool.checkControl(&general, of: database)
            return pool
        }
        reader.block("monitoring", "Measurements of the pool.") { monitoring in
            for key in [
                "pool_usage_metrics", "connection_wait_time", "connection_creation_time",
                "connection_validation_failures",
            ] {
                monitoring.notYet(key, help: "write false: the pool is not measured yet")
            }
        }
        reader.block("optimization", "How connections are handed out.") { optimization in
            loadBalancing = optimization.block("load_balancing", "How reads are spread over the replicas.") {
                LoadBalancingSettings(reading: &$0, of: database)
            }
            leasing = optimization.block("leasing", "How long a connection may be held.") {
                LeasingSettings(reading: &$0)
            }
        }
    }

    private init(readingGeneral reader: inout ConfigReader) {
        minConnections = reader.value(
            "min_connections", .integer(0...1000), default: 1, "Connections kept open when nothing happens.")
        maxConnections = reader.value(
            "max_connections", .integer(1...1000), default: 10, "Connections open at most.")
        lifetime = reader.value(
            "connection_lifetime", .seconds(1...604_800), default: .seconds(3600),
            "Age at which a connection is replaced.")
        idleTimeout = reader.value(
            "connection_idle_timeout", .seconds(1...86_400), default: .seconds(300),
            "Idleness after which a connection beyond the minimum is closed.")
        validationTimeout = reader.value(
            "connection_validation_timeout", .seconds(0.1...300), default: .seconds(30),
            "How long the check of an idle connection may take.")
        if minConnections > maxConnections {
            reader.refuse(
                "min_connections", ConfigMeaningCode.contradiction,
                "'min_connections' is greater than 'max_connections'",
                help: "lower 'min_connections' or raise 'max_connections'")
        }
    }

    /// A server needs a connection for heartbeats that no other work takes.
    private func checkControl(_ reader: inout ConfigReader, of database: DatabaseSettings) {
        guard case .postgresql = database, maxConnections < 2 else { return }
        reader.refuse(
            "max_connections", ConfigMeaningCode.contradiction,
            "'max_connections' must be at least 2 on PostgreSQL", help: "one of them is kept for heartbeats")
    }
}
