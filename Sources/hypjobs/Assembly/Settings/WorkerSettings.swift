import HypConfig
import JobEngine

/// How a worker claims and runs executions.
struct WorkerSettings: Sendable, Hashable {
    /// The queues it takes executions from.
    var queues: [String]
    /// How many executions run at once.
    var slots: Int
    /// How often it looks for work while there is none.
    var pollInterval: Duration
    /// How often it says that it is alive.
    var heartbeatInterval: Duration
    /// The silence after which others take its executions over.
    var heartbeatTimeout: Duration
    /// How long running executions may go on after the worker was asked to stop.
    var gracePeriod: Duration
    /// How many executions it claims at once, at most.
    var claimBatch: Int
    /// How much work it keeps claimed beyond the free slots, as a time.
    var prefetch: Duration
    /// How much one script may print.
    var outputLimitBytes: Int
    /// How often an execution may lose its worker before it is taken for the cause.
    var maxRescues: Int
    /// What any script may reach.
    var capabilities: BoxRules
    /// What one script may use.
    var limits: ScriptLimitSettings
    /// How long history is kept.
    var retention: RetentionSettings

    init(reading reader: inout ConfigReader, project: ProjectDirectory) {
        queues = reader.value(
            "queues", .set(of: .identifier("a queue")), default: ["default"],
            "The queues that it takes executions from.")
        slots = reader.value("slots", .integer(1...1000), default: 4, "How many executions run at once.")
        pollInterval = reader.value(
            "poll_interval_ms", .milliseconds(10...60_000), default: .milliseconds(500),
            "How often it looks for work while there is none.")
        heartbeatInterval = reader.value(
            "heartbeat_interval", .seconds(0.1...3600), default: .seconds(10),
            "How often it says that it is alive.")
        heartbeatTimeout = reader.value(
            "heartbeat_timeout", .seconds(0.2...86_400), default: .seconds(30),
            "The silence after which others take over its executions.")
        gracePeriod = reader.value(
            "grace_period", .seconds(0...86_400), default: .seconds(30),
            "How long executions may go on after the worker was asked to stop.")
        claimBatch = reader.value(
            "claim_batch", .integer(1...1000), default: 300, "How many executions it claims at once, at most."
        )
        prefetch = reader.value(
            "prefetch_ms", .milliseconds(0...10_000), default: .milliseconds(50),
            "How much work it keeps claimed beyond its free slots.")
        outputLimitBytes = reader.value(
            "output_limit_bytes", .integer(BoxRules.Range.outputBytes, unit: "bytes"), default: 1_048_576,
            "How much a script may print; more fails the execution.")
        maxRescues = reader.value(
            "max_rescues", .integer(1...100), default: 3,
            "How often an execution may lose its worker before it fails for good.")
        capabilities = BoxSettings.capabilities(in: &reader, project)
        limits = reader.block("limits", "What one script may use.") { ScriptLimitSettings(reading: &$0) }
        retention = reader.block("retention", "How long history is kept; for ever where nothing is said.") {
            RetentionSettings(reading: &$0)
        }
        checkHeartbeat(&reader)
    }

    /// One lost heartbeat must not be a death: a busy disk delays one easily.
    private func checkHeartbeat(_ reader: inout ConfigReader) {
        guard heartbeatTimeout < heartbeatInterval * 2 else { return }
        let key = reader.has("heartbeat_timeout") ? "heartbeat_timeout" : "heartbeat_interval"
        reader.refuse(
            key, ConfigMeaningCode.contradiction,
            "'heartbeat_timeout' must be at least twice 'heartbeat_interval'",
            help: "otherwise one late heartbeat would look like a dead worker")
    }
}

/// What one script may use before it is stopped.
struct ScriptLimitSettings: Sendable, Hashable {
    /// How many instructions it may perform; nil for any number.
    var instructions: Int?
    /// How much memory its values may take.
    var memoryBytes: Int
    /// How deep its functions may call each other.
    var callDepth: Int
    /// How long it may run; nil for as long as its template allows.
    var time: Duration?

    init(reading reader: inout ConfigReader) {
        instructions = reader.optional(
            "instructions", .integer(BoxRules.Range.instructions),
            "How many instructions it may perform; null for any number.")
        memoryBytes = reader.value(
            "memory_bytes", .integer(BoxRules.Range.memoryBytes, unit: "bytes"), default: 268_435_456,
            "How much memory its values may take.")
        callDepth = reader.value(
            "call_depth", .integer(BoxRules.Range.callDepth), default: 10_000,
            "How deep its functions may call each other.")
        time = reader.optional(
            "seconds", .seconds(BoxRules.Range.seconds),
            "How long it may run; null for as long as its template allows.")
    }
}
