import HypConfig
import SourceText

/// How reads that need not see the last commit are spread over the replicas.
struct LoadBalancingSettings: Sendable, Hashable {
    /// How often each replica is looked at.
    var healthCheckInterval = Duration.seconds(30)
    /// Whether the primary answers when no replica can.
    var failsOver = true
    /// How far behind a replica may be that is read from.
    var maxReplicaLag = Duration.seconds(10)

    init() {}

    /// - Parameter database: only one with replicas has something to balance.
    init(reading reader: inout ConfigReader, of database: DatabaseSettings) {
        _ = reader.value(
            "strategy", .name(of: "a strategy", among: ["round_robin"]), default: "round_robin",
            "Which of the replicas is read from: each in turn.")
        healthCheckInterval = reader.value(
            "health_check_interval", .seconds(0.1...3600), default: healthCheckInterval,
            "How often each replica is looked at.")
        failsOver = reader.value(
            "failover_enabled", .boolean, default: failsOver,
            "Whether the primary answers when no replica can.")
        maxReplicaLag = reader.value(
            "max_replica_lag", .seconds(0.1...86_400), default: maxReplicaLag,
            "How far behind a replica may be that is read from.")
        guard reader.isWritten else { return }
        switch database {
        case .postgresql(let postgresql) where !postgresql.replicas.isEmpty: return
        case .postgresql:
            reader.refuse(
                ConfigMeaningCode.contradiction, "'load_balancing' has no replica to balance over",
                help: "add database { postgresql { replica { host: … } } }, or remove the block")
        case .sqlite:
            reader.refuse(
                ConfigMeaningCode.contradiction,
                "'load_balancing' has nothing to balance: a SQLite file is one database",
                help: "remove the block")
        }
    }
}
