import HypConfig

/// How transactions run, and the templates that jobs run by.
struct TransactionSettings: Sendable, Hashable {
    /// How far a transaction is kept apart from others; the names of the configuration and of SQL.
    enum Isolation: String, Sendable, CaseIterable {
        case readUncommitted = "read_uncommitted"
        case readCommitted = "read_committed"
        case repeatableRead = "repeatable_read"
        case serializable
    }

    /// The level of a template that names none.
    var defaultIsolation: Isolation
    /// How long one transaction may take.
    var defaultTimeout: Duration
    /// What is done when a transaction loses against another one, or a template names no policy of its own.
    var retry: RetrySettings
    /// The templates in the order of the configuration; names differ.
    var templates: [TemplateSettings]

    init(reading reader: inout ConfigReader, operations: [String]) {
        let defaults = reader.block("settings", "What holds for all transactions.") {
            TemplateSettings.Defaults(reading: &$0)
        }
        defaultIsolation = defaults.isolation
        defaultTimeout = defaults.timeout
        retry = defaults.retry
        templates = reader.table("templates", "A transaction that jobs can run by.") { name, template in
            TemplateSettings(name: name, reading: &template, defaults: defaults, operations: operations)
        }
    }
}

extension TemplateSettings.Defaults {
    fileprivate init(reading reader: inout ConfigReader) {
        isolation = reader.value(
            "default_isolation_level", .choice(.readCommitted), default: .readCommitted,
            "The isolation of a template that names none.")
        timeout = reader.value(
            "default_timeout", .seconds(0.1...86_400), default: .seconds(30),
            "How long a transaction may take.")
        let retries = reader.value(
            "max_retries", .integer(0...100), default: 3, "How often a failed attempt is repeated.")
        let delay = reader.value(
            "retry_delay", .milliseconds(0...3_600_000), default: .milliseconds(1000),
            "The wait before the first repetition.")
        retry = RetrySettings(maxRetries: retries, delay: delay)
    }
}

/// When something that failed is tried again.
struct RetrySettings: Sendable, Hashable {
    /// How the wait grows from one repetition to the next.
    enum Backoff: String, Sendable, CaseIterable {
        case fixed
        case linear
        case exponential
    }

    /// How often it is repeated, the first time not counted.
    var maxRetries: Int
    /// How the wait grows.
    var backoff = Backoff.exponential
    /// The wait before the first repetition.
    var delay: Duration
    /// The longest wait.
    var maxDelay = Duration.seconds(60)

    init(maxRetries: Int, delay: Duration) {
        self.maxRetries = maxRetries
        self.delay = delay
        maxDelay = max(maxDelay, delay)
    }

    init(reading reader: inout ConfigReader, defaults: RetrySettings) {
        maxRetries = reader.value(
            "max_retries", .integer(0...100), default: defaults.maxRetries,
            "How often a failed attempt is repeated.")
        backoff = reader.value(
            "backoff_strategy", .choice(.fixed), default: defaults.backoff,
            "How the wait grows with each repetition.")
        delay = reader.value(
            "retry_delay", .milliseconds(0...3_600_000), default: defaults.delay,
            "The wait before the first repetition.")
        maxDelay = reader.value(
            "max_delay", .milliseconds(0...86_400_000), default: max(defaults.maxDelay, delay),
            "The longest wait.")
        if maxDelay < delay {
            reader.refuse(
                "max_delay", ConfigMeaningCode.contradiction, "'max_delay' is shorter than 'retry_delay'",
                help: "raise 'max_delay' or leave it out")
        }
    }
}
