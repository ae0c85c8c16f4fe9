/// Every statement about what queues are told, and those of claims that have to count, in the portable
/// dialect with `?` markers.
enum QueueQueries {
    static let selectAll = """
        SELECT name, paused_at, paused_by, pause_reason, max_running, max_running_per_key, \
        rate_per_second, rate_burst, rate_tokens, rate_refilled_at, aging_seconds FROM execution_queues
        """
    static let selectOne = selectAll + " WHERE name = ?"
    /// Where many write: whoever has the row is the only one who claims under its limits.
    static let lockOne = selectOne + " FOR UPDATE"
    static let insert = "INSERT INTO execution_queues (name) VALUES (?) ON CONFLICT DO NOTHING"
    static let pause = """
        UPDATE execution_queues SET paused_at = ?, paused_by = ?, pause_reason = ? WHERE name = ?
        """
    static let setLimits = """
        UPDATE execution_queues SET max_running = ?, max_running_per_key = ?, rate_per_second = ?, \
        rate_burst = ?, rate_tokens = NULL, rate_refilled_at = NULL, aging_seconds = ? WHERE name = ?
        """
    static let spend = """
        UPDATE execution_queues SET rate_tokens = ?, rate_refilled_at = ? WHERE name = ?
        """
    static let running = """
        SELECT e.queue, COUNT(*) \(Queries.open) GROUP BY e.queue
        """

    // MARK: Claims that count

    /// Live leases are counted, so there is no counter that could be wrong.
    static let runningByKey = """
        SELECT e.concurrency_key, COUNT(*) \(Queries.open) AND e.queue = ? \
        GROUP BY concurrency_key
        """

    /// The due rows of one priority in their order, without those of some keys.
    ///
    /// Parameters: queue, priority, now, lanes, keys, after an earlier row its time and execution, limit.
    static func dueRows(inSets: Bool, after: Bool) -> String {
        let lanes = Lane.all.map { _ in "?" }.joined(separator: ", ")
        let keys =
            inSets
            ? "(concurrency_key = ANY(?::text[])) IS NOT TRUE"
            : "(concurrency_key IS NULL OR concurrency_key NOT IN (SELECT value FROM json_each(?)))"
        return """
            SELECT run_at, execution_id, lane, concurrency_key FROM execution_queue WHERE queue = ? \
            AND priority = ? AND run_at <= ? AND lane IN (\(lanes)) AND \(keys) \
            \(after ? "AND (run_at, execution_id) > (?, ?) " : "")ORDER BY run_at, execution_id LIMIT ?
            """
    }
}
