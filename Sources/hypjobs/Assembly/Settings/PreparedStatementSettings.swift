import HypConfig

/// What each connection remembers of the statements it has seen.
struct PreparedStatementSettings: Sendable, Hashable {
    /// Whether statements are kept prepared.
    var isEnabled: Bool
    /// How many of them each connection keeps.
    var capacity: Int
    /// How long a statement may take.
    var statementTimeout: Duration

    /// - Parameter reader: of the block `database_optimization`.
    init(readingOptimization reader: inout ConfigReader) {
        self = reader.block("query_optimization", "How statements are made fast.") { queries in
            Self.declareQueryCache(in: &queries)
            queries.notYet("query_analysis", help: "remove the block: slow statements are not analysed yet")
            return queries.block("prepared_statements", "Statements kept ready.") {
                PreparedStatementSettings(reading: &$0)
            }
        }
        reader.notYet("index_optimization", help: "remove the block: indexes come from migrations")
        reader.notYet("partitioning", help: "remove the block: SQLite has no partitions")
    }

    private static func declareQueryCache(in queries: inout ConfigReader) {
        queries.notYetBlock(
            "query_cache", "Results kept for the next time.", help: "write enabled: false in it"
        ) { cache in
            _ = cache.value("max_size", .integer(1...1_000_000), default: 1000, "How many results are kept.")
            _ = cache.value("ttl", .seconds(0.1...86_400), default: .seconds(300), "How long they are kept.")
            _ = cache.value(
                "cache_key_strategy", .name(of: "a strategy", among: ["sql_hash"]), default: "sql_hash",
                "What tells two queries apart.")
        }
    }

    private init(reading reader: inout ConfigReader) {
        isEnabled = reader.value("enabled", .boolean, default: true, "Whether statements are kept prepared.")
        capacity = reader.value(
            "max_prepared_statements", .integer(1...10_000), default: 100, "How many each connection keeps.")
        statementTimeout = reader.value(
            "statement_timeout", .seconds(0.1...86_400), default: .seconds(30),
            "How long a statement may take.")
    }
}
