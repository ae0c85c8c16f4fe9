import HypConfig

/// How long history is kept, in days; nil is for ever. Workers and `hypjobs prune` remove what is older.
struct RetentionSettings: Sendable, Hashable {
    /// Executions that completed, with their attempts, output and steps.
    var completedDays: Double?
    /// Executions that failed.
    var failedDays: Double?
    /// Executions that were cancelled.
    var cancelledDays: Double?
    /// Entries of the audit trail.
    var auditDays: Double?
    /// How many rows of a kind one transaction removes.
    var batch: Int

    /// The days that there are.
    static let range = 0.0...36_500

    init(reading reader: inout ConfigReader) {
        let days = ConfigKind<Double>.double(Self.range, unit: "days")
        completedDays = reader.optional(
            "completed_days", days, "How long completed executions are kept after their end.")
        failedDays = reader.optional(
            "failed_days", days, "How long failed executions are kept after their end.")
        cancelledDays = reader.optional(
            "cancelled_days", days, "How long cancelled executions are kept after their end.")
        auditDays = reader.optional("audit_days", days, "How long entries of the audit trail are kept.")
        batch = reader.value(
            "batch", .integer(1...10_000), default: 500, "How many rows of a kind one transaction removes.")
    }
}
