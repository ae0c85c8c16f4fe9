/// Every statement that reads executions for people, in the portable dialect with `?` markers.
enum HistoryQueries {
    /// The columns of a summary, in the order in which they are read.
    static let summary = summaryColumns + summaryTables
    /// The same with what only one execution at a time is shown with.
    static let details =
        summaryColumns + ", e.template, e.unique_key, e.arguments, e.result, e.script_id"
        + summaryTables
    private static let summaryColumns = """
        SELECT e.id, s.name, e.script_version, e.status, e.queue, e.priority, e.attempt, e.max_attempts, \
        e.queued_at, e.run_at, e.started_at, e.completed_at, e.duration_ms, e.error_message, \
        e.cancel_requested_at, t.duration_us, e.releases
        """
    private static let summaryTables = """
         FROM script_executions e JOIN scripts s ON s.id = e.script_id \
        LEFT JOIN execution_attempts t ON t.execution_id = e.id AND t.attempt = e.attempt
        """
    static let attempts = """
        SELECT attempt, worker_epoch, claimed_at, finished_at, duration_us, outcome, error_kind, \
        error_message, error_line, error_column, retry_at, steps FROM execution_attempts WHERE \
        execution_id = ? ORDER BY attempt
        """
    static let logs = """
        SELECT attempt, content FROM execution_logs WHERE execution_id = ? ORDER BY attempt, sequence
        """
    static let counts = "SELECT status, COUNT(*) FROM script_executions GROUP BY status"
    static let queues = """
        SELECT queue, COUNT(*), COUNT(CASE WHEN run_at <= ? THEN 1 END), \
        MIN(CASE WHEN run_at <= ? THEN run_at END) FROM execution_queue GROUP BY queue ORDER BY queue
        """
    static let scripts = """
        SELECT s.name, COUNT(*), COUNT(CASE WHEN e.status = 'completed' THEN 1 END), \
        COUNT(CASE WHEN e.status = 'failed' THEN 1 END), \
        SUM(CASE WHEN e.attempt > 1 THEN e.attempt - 1 ELSE 0 END), \
        CAST(AVG(e.duration_ms) AS DOUBLE PRECISION), MAX(e.duration_ms) \
        FROM script_executions e JOIN scripts s ON s.id = e.script_id GROUP BY s.name ORDER BY s.name
        """
    static let statusOnly = "SELECT status FROM script_executions WHERE id = ?"
    /// The identifiers between the least and the greatest that begin with what a person has typed.
    static let idsFrom = "SELECT id FROM script_executions WHERE id >= ? AND id <= ? ORDER BY id LIMIT 2"
}
