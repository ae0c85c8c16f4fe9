/// Every statement that the engine sends about executions, in the portable dialect with `?` markers.
enum Queries {
    // MARK: Enqueue

    static let insertExecution = """
        INSERT INTO script_executions (id, script_id, user_id, started_at, status, max_attempts, \
        script_version, template, arguments, queue, priority, queued_at, run_at, unique_key, \
        concurrency_key) VALUES (?, ?, ?, NULL, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let insertQueueRow = """
        INSERT INTO execution_queue (queue, priority, run_at, execution_id, lane, concurrency_key) \
        VALUES (?, ?, ?, ?, ?, ?)
        """
    /// Where an execution waits again; its key is in its own row.
    static let requeueRow = """
        INSERT INTO execution_queue (queue, priority, run_at, execution_id, lane, concurrency_key) \
        VALUES (?, ?, ?, ?, ?, (SELECT e.concurrency_key FROM script_executions e WHERE e.id = ?))
        """
    static let insertUniqueKey =
        "INSERT INTO execution_unique_keys (unique_key, execution_id) VALUES (?, ?)"
    static let selectUniqueKey = "SELECT execution_id FROM execution_unique_keys WHERE unique_key = ?"
    static let deleteUniqueKey = "DELETE FROM execution_unique_keys WHERE unique_key = ? AND execution_id = ?"
    static let insertAuditLog = """
        INSERT INTO audit_logs (id, user_id, action, table_name, record_id, old_values, new_values, \
        user_agent, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    // MARK: Unique keys of executions that wait

    static let selectHolder = """
        SELECT e.status, e.queue, e.priority, e.run_at, s.name, e.script_version, \
        (SELECT COUNT(*) FROM execution_steps d WHERE d.execution_id = e.id) \
        FROM script_executions e JOIN scripts s ON s.id = e.script_id WHERE e.id = ?
        """
    static let replaceExecution = """
        UPDATE script_executions SET script_id = ?, script_version = ?, template = ?, arguments = ?, \
        queue = ?, priority = ?, run_at = ?, max_attempts = ?, concurrency_key = ? \
        WHERE id = ? AND status = 'queued'
        """
    static let rescheduleExecution = """
        UPDATE script_executions SET run_at = ? WHERE id = ? AND status = 'queued'
        """

    // MARK: Claim

    static let nextPriority = """
        SELECT priority FROM execution_queue WHERE queue = ? AND priority > ? ORDER BY priority LIMIT 1
        """
    static let dueRows = """
        SELECT run_at, execution_id FROM execution_queue WHERE queue = ? AND priority = ? AND run_at <= ? \
        ORDER BY run_at, execution_id LIMIT ?
        """
    static let deleteQueueRow = """
        DELETE FROM execution_queue WHERE queue = ? AND priority = ? AND run_at = ? AND execution_id = ?
        """
    static let claimExecution = """
        UPDATE script_executions SET status = 'running', attempt = attempt + 1, worker_epoch = ?, \
        started_at = ? WHERE id = ? AND status = 'queued' RETURNING script_id, script_version, user_id, \
        template, arguments, attempt, max_attempts, releases, rescues, unique_key
        """
    static let insertAttempt = """
        INSERT INTO execution_attempts (execution_id, attempt, worker_epoch, claimed_at) VALUES (?, ?, ?, ?)
        """
    static let selectDoneSteps = "SELECT step FROM execution_steps WHERE execution_id = ?"
    static let nextRetryDue = """
        SELECT MIN(q.run_at) FROM execution_queue q JOIN script_executions e ON e.id = q.execution_id \
        WHERE q.queue = ? AND e.attempt > 0 AND NOT EXISTS ( \
        SELECT 1 FROM execution_queues p WHERE p.name = q.queue AND p.paused_at IS NOT NULL)
        """

    // MARK: End of an attempt

    static let endExecution = """
        UPDATE script_executions SET status = ?, completed_at = ?, duration_ms = ?, result = ?, \
        error_message = ?, releases = ?, rescues = ?, worker_epoch = NULL \
        WHERE id = ? AND attempt = ? AND worker_epoch = ?
        """
    static let requeueExecution = """
        UPDATE script_executions SET status = 'queued', run_at = ?, started_at = NULL, duration_ms = ?, \
        error_message = ?, releases = ?, rescues = ?, worker_epoch = NULL \
        WHERE id = ? AND attempt = ? AND worker_epoch = ?
        """
    static let endAttempt = """
        UPDATE execution_attempts SET finished_at = ?, duration_us = ?, outcome = ?, error_kind = ?, \
        error_message = ?, error_line = ?, error_column = ?, retry_at = ?, steps = ? \
        WHERE execution_id = ? AND attempt = ?
        """
    static let selectLease = """
        SELECT cancel_requested_at FROM script_executions \
        WHERE id = ? AND attempt = ? AND worker_epoch = ?
        """
    static let insertLog = """
        INSERT INTO execution_logs (execution_id, attempt, sequence, content, created_at) VALUES (?, ?, ?, \
        ?, ?)
        """
    static let selectLog = "SELECT 1 FROM execution_logs WHERE execution_id = ? AND attempt = ? LIMIT 1"
    /// Adds nothing where the step is in the journal already.
    static let insertDoneStep = """
        INSERT INTO execution_steps (execution_id, step, name, attempt, finished_at) VALUES (?, ?, ?, ?, ?) \
        ON CONFLICT (execution_id, step) DO NOTHING
        """
    static let selectOutcome = """
        SELECT outcome, retry_at, error_kind, error_message FROM execution_attempts \
        WHERE execution_id = ? AND attempt = ? AND worker_epoch = ? AND finished_at IS NOT NULL
        """

    // MARK: Workers

    static let insertWorker = """
        INSERT INTO workers (epoch, host, process_scope, pid, version, slots, queues, started_at, \
        heartbeat_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let heartbeat = "UPDATE workers SET heartbeat_at = ? WHERE epoch = ?"
    static let deleteWorker = "DELETE FROM workers WHERE epoch = ?"
    static let selectWorkers = """
        SELECT epoch, host, process_scope, pid, version, slots, queues, started_at, heartbeat_at \
        FROM workers ORDER BY started_at, epoch
        """
    /// What runs, found by its open attempt: the state is no column of an index on every database, for that
    /// would make each claim and each record write to all of the table's indexes.
    static let open = """
        FROM execution_attempts a JOIN script_executions e ON e.id = a.execution_id \
        AND e.attempt = a.attempt AND e.worker_epoch = a.worker_epoch \
        WHERE a.finished_at IS NULL AND e.status = 'running'
        """
    static let cancelRequests = """
        SELECT e.id \(open) AND a.worker_epoch = ? AND e.cancel_requested_at IS NOT NULL
        """
    private static let running = """
        SELECT e.id, e.attempt, e.max_attempts, e.releases, e.rescues, e.cancel_requested_at, e.queue, \
        e.priority, e.unique_key, e.user_id, e.worker_epoch, e.started_at \(open) AND a.worker_epoch
        """
    static let runningOfWorker = running + " = ?"
    /// What was left behind by workers that are not there any more.
    static let runningOfNobody =
        running + """
             IS NOT NULL \
            AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.epoch = a.worker_epoch)
            """
    /// A name in which attempts are open and that is no worker's: from name to name, however many are open.
    static let strangeEpoch = """
        WITH RECURSIVE known(epoch) AS ( \
        SELECT (SELECT a.worker_epoch FROM execution_attempts a WHERE a.finished_at IS NULL \
        ORDER BY a.worker_epoch LIMIT 1) \
        UNION ALL \
        SELECT (SELECT a.worker_epoch FROM execution_attempts a WHERE a.finished_at IS NULL \
        AND a.worker_epoch > known.epoch ORDER BY a.worker_epoch LIMIT 1) \
        FROM known WHERE known.epoch IS NOT NULL \
        ) SELECT 1 FROM known WHERE known.epoch IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.epoch = known.epoch) LIMIT 1
        """
    static let selectWorker = "SELECT 1 FROM workers WHERE epoch = ?"

    // MARK: Operators

    static let selectForChange = """
        SELECT status, attempt, max_attempts, releases, rescues, cancel_requested_at, queue, priority, \
        run_at, unique_key FROM script_executions WHERE id = ?
        """
    static let cancelQueued = """
        UPDATE script_executions SET status = 'cancelled', completed_at = ?, cancel_requested_at = ? WHERE \
        id = ?
        """
    static let requestCancel = "UPDATE script_executions SET cancel_requested_at = ? WHERE id = ?"
    static let retryExecution = """
        UPDATE script_executions SET status = 'queued', run_at = ?, started_at = NULL, completed_at = \
        NULL, duration_ms = NULL, result = NULL, error_message = NULL, cancel_requested_at = NULL, \
        max_attempts = ?, rescues = 0 WHERE id = ?
        """
}
