import HypConfig
import JobEngine

/// The limits of one queue. `hypjobs up` and `hypjobs queues apply` write them into the database, where
/// workers read them.
struct QueueSettings: Sendable, Hashable {
    /// The queue.
    var name: String
    /// How many executions run at one time, over all workers; nil for any number.
    var maxRunning: Int?
    /// How many of them have one key; nil for any number.
    var maxRunningPerKey: Int?
    /// How many may begin in a second; nil for any number.
    var ratePerSecond: Double?
    /// How many may begin at once after a pause; nil for those of one second.
    var rateBurst: Int?
    /// The seconds of waiting that are worth a step of priority; nil for never.
    var agingSeconds: Int?
    /// What it takes from the boxes of scripts.
    var box: QueueBox

    init(name: String, reading reader: inout ConfigReader) {
        self.name = name
        if !EnqueueRequest.isQueueName(name) {
            reader.refuse(
                ConfigMeaningCode.wrongType, "'\(name)' is no name of a queue",
                help: "a letter, then letters, digits, '_', '-' and '.'; at most 63 characters")
        }
        maxRunning = reader.optional(
            "max_running", .integer(QueueLimits.counts),
            "How many executions run at one time, over all workers.")
        maxRunningPerKey = reader.optional(
            "max_running_per_key", .integer(QueueLimits.counts), "How many of them have one key.")
        ratePerSecond = reader.optional(
            "rate_per_second", .double(QueueLimits.rates), "How many may begin in a second.")
        rateBurst = reader.optional(
            "rate_burst", .integer(QueueLimits.bursts),
            "How many may begin at once after a pause; those of one second by default.")
        agingSeconds = reader.optional(
            "aging_seconds", .integer(QueueLimits.agings),
            "The seconds of waiting that are worth a step of priority.")
        box = BoxSettings.queue(reading: &reader)
        if rateBurst != nil, ratePerSecond == nil {
            reader.refuse(
                "rate_burst", ConfigMeaningCode.contradiction, "'rate_burst' needs 'rate_per_second'",
                help: "a burst is the most that a rate saves up")
        }
    }
}
