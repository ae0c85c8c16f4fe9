import HypConfig

/// How long a connection may be held.
struct LeasingSettings: Sendable, Hashable {
    /// The longest that a transaction may hold a connection; nil for as long as it takes.
    var maxLeaseTime: Duration?
    /// Whether a longer one is stopped and rolled back; otherwise a warning is all.
    var takesBack = true

    init() {}

    init(reading reader: inout ConfigReader) {
        maxLeaseTime = reader.optional(
            "max_lease_time", .seconds(0.1...86_400),
            "How long a transaction may hold a connection; a warning comes at 80 %. Null for any time.")
        takesBack = reader.value(
            "auto_return", .boolean, default: takesBack,
            "Whether a transaction that holds one for longer is stopped and rolled back.")
        let detects = reader.value(
            "deadlock_detection", .boolean, default: true, "Whether deadlocks are found; the database does.")
        if !detects {
            reader.refuse(
                "deadlock_detection", ConfigMeaningCode.contradiction,
                "'deadlock_detection' cannot be false: the database looks for deadlocks in any case",
                help: "write true, or leave the key out")
        }
        if reader.has("auto_return"), !reader.has("max_lease_time") {
            reader.refuse(
                "auto_return", ConfigMeaningCode.contradiction,
                "'auto_return' has no effect without 'max_lease_time'", help: "add max_lease_time: 300")
        }
    }
}
