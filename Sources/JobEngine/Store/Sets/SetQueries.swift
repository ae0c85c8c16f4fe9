/// The statements that claim, record and enqueue many executions at once, in the words of PostgreSQL with `?`
/// markers: one round trip however many executions.
enum SetQueries {
    /// Which of the lanes nobody else is claiming from: they are this transaction's until it ends.
    ///
    /// The snapshot of a serializable transaction is that of its first statement. What another claim commits
    /// after it, before the lane is free, fails this one: the shorter that is the better, so it says nothing
    /// else.
    static let takeLanes = """
        SELECT l.lane FROM unnest(?::int[]) l(lane) \
        WHERE pg_try_advisory_xact_lock(hashtext('hypjobs ' || current_schema()), l.lane)
        """
    /// For this transaction only: whose leases it writes under, and plans that go by the keys. A plan made
    /// while a table was small would read it whole for ever, and under SERIALIZABLE whoever reads a table
    /// whole meets every writer of it. Whether the worker is known is answered on the way, and which of the
    /// queues are paused (`mail!`) or have limits (`mail*`).
    static let begin = """
        SELECT set_config('hypjobs.epoch', ?, true), set_config('enable_seqscan', 'off', true), \
        set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), \
        set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true), \
        set_config('enable_incremental_sort', 'off', true), set_config('jit', 'off', true), \
        set_config('plan_cache_mode', 'force_generic_plan', true), \
        EXISTS (SELECT 1 FROM workers WHERE epoch = ?), \
        (SELECT string_agg(name || CASE WHEN paused_at IS NOT NULL THEN '!' ELSE '*' END, ',') \
        FROM execution_queues WHERE name = ANY(?::text[]) AND coalesce(paused_at::text, \
        max_running::text, max_running_per_key::text, rate_per_second::text, aging_seconds::text) \
        IS NOT NULL)
        """
    static let actAs = "SELECT set_config('hypjobs.epoch', ?, true)"

    // MARK: Claim

    /// One marker for each lane: a list is what lets the server leave out the other partitions.
    private static let lanes = "(" + Lane.all.map { _ in "?" }.joined(separator: ", ") + ")"

    /// The due rows by priority, then time: for each queue the priorities that it holds, each a range of
    /// the key, so that work which waits for a later time is never walked over. The comparison of the state
    /// is one that no index serves: beginning at all that is queued would be the wrong end.
    ///
    /// Parameters: lanes, queues, lanes, lanes, now, limit, limit, lanes, epoch, now, epoch, now.
    static let claim =
        """
        WITH RECURSIVE level AS ( \
        SELECT w.queue, (SELECT q.priority FROM execution_queue q WHERE q.queue = w.queue \
        AND q.lane IN \(lanes) ORDER BY q.priority LIMIT 1) AS priority \
        FROM unnest(?::text[]) w(queue) \
        UNION ALL \
        SELECT level.queue, (SELECT q.priority FROM execution_queue q WHERE q.queue = level.queue \
        AND q.lane IN \(lanes) AND q.priority > level.priority ORDER BY q.priority LIMIT 1) \
        FROM level WHERE level.priority IS NOT NULL \
        ), due AS MATERIALIZED ( \
        SELECT d.* FROM level CROSS JOIN LATERAL ( \
        SELECT q.priority, q.run_at, q.execution_id, q.ctid AS place FROM execution_queue q \
        WHERE q.queue = level.queue AND q.lane IN \(lanes) AND q.priority = level.priority \
        AND q.run_at <= ? ORDER BY q.run_at, q.execution_id LIMIT ?) d \
        WHERE level.priority IS NOT NULL ORDER BY d.priority, d.run_at, d.execution_id LIMIT ? \
        ), gone AS (
        """ + taking

    /// The same from marks on: for each queue and priority that is given, what is due since a place in each
    /// lane. Each lane has its own: one that nothing was put into for long would have the others walk over
    /// all that they have given since.
    ///
    /// Parameters: queues, priorities, a time and an execution for each of eight places, a lane, now and a
    /// limit for each, limit, limit, lanes, epoch, now, epoch, now.
    static let claimSince =
        """
        WITH due AS MATERIALIZED ( \
        SELECT d.* FROM unnest(?::text[], ?::int[], \(placeArrays)) \
        AS level(queue, priority, \(placeNames)) CROSS JOIN LATERAL (\(sinceEach) \
        ORDER BY run_at, execution_id LIMIT ?) d \
        ORDER BY d.priority, d.run_at, d.execution_id LIMIT ? \
        ), gone AS (
        """ + taking

    private static let placeArrays =
        Lane.all.map { _ in "?::timestamp[], ?::uuid[]" }.joined(separator: ", ")
    private static let placeNames = Lane.all.map { "time_\($0), id_\($0)" }.joined(separator: ", ")
    private static let sinceEach = Lane.all.map(since).joined(separator: " UNION ALL ")

    private static func since(_ number: Int) -> String {
        """
        (SELECT q.priority, q.run_at, q.execution_id, q.ctid AS place FROM execution_queue q \
        WHERE q.queue = level.queue AND q.lane = ? AND q.priority = level.priority \
        AND (q.run_at, q.execution_id) >= (level.time_\(number), level.id_\(number)) AND q.run_at <= ? \
        ORDER BY q.run_at, q.execution_id LIMIT ?)
        """
    }

    /// The rows that a claim under limits has chosen.
    ///
    /// Parameters: queues, priorities, times, executions, lanes, lanes, epoch, now, epoch, now.
    static let claimChosen =
        """
        WITH due AS MATERIALIZED (SELECT x.execution_id, (SELECT q.ctid FROM execution_queue q \
        WHERE q.queue = x.queue AND q.priority = x.priority AND q.run_at = x.run_at \
        AND q.execution_id = x.execution_id AND q.lane = x.lane) AS place \
        FROM unnest(?::text[], ?::int[], ?::timestamp[], ?::uuid[], ?::int[]) \
        AS x(queue, priority, run_at, execution_id, lane) \
        ), gone AS (
        """ + taking

    /// What follows once the rows are known: they leave the queue, and their executions run.
    ///
    /// Both are addressed by lists and not joined. A plan is made while the queue is empty and used when it
    /// is not: it would begin a join at the other end, with all rows of all lanes, where serializable claims
    /// meet (25 % of them at 64 workers) and each row is compared with each.
    private static let taking = """
         DELETE FROM execution_queue q WHERE q.ctid = ANY(ARRAY(SELECT due.place FROM due)) \
        AND q.lane IN \(lanes) AND (q.execution_id IN (SELECT due.execution_id FROM due)) IS TRUE \
        RETURNING q.execution_id \
        ), taken AS ( \
        UPDATE script_executions e SET status = 'running', attempt = attempt + 1, worker_epoch = ?, \
        started_at = ? WHERE e.id = ANY(ARRAY(SELECT gone.execution_id FROM gone)) \
        AND (e.status = 'queued') IS TRUE \
        RETURNING e.id, e.script_id, e.script_version, e.user_id, e.template, e.arguments, e.attempt, \
        e.max_attempts, e.releases, e.rescues, e.unique_key, e.queue, e.priority, e.run_at \
        ), opened AS ( \
        INSERT INTO execution_attempts (execution_id, attempt, worker_epoch, claimed_at) \
        SELECT id, attempt, ?, ? FROM taken \
        ) SELECT t.script_id, t.script_version, t.user_id, t.template, t.arguments, t.attempt, \
        t.max_attempts, t.releases, t.rescues, t.unique_key, t.id, t.queue, t.priority, n.gone, t.run_at \
        FROM (SELECT count(*) AS gone FROM gone) n LEFT JOIN taken t ON true \
        ORDER BY t.priority, t.run_at, t.id
        """
    static let sources = """
        SELECT v.script_id, v.version, s.name, v.content, b.rules \
        FROM unnest(?::uuid[], ?::int[]) x(script, version) \
        JOIN script_versions v ON v.script_id = x.script AND v.version = x.version \
        JOIN scripts s ON s.id = v.script_id LEFT JOIN script_boxes b ON b.script_id = v.script_id
        """
    static let doneSteps = """
        SELECT execution_id, step FROM execution_steps WHERE execution_id = ANY(?::uuid[])
        """

    // MARK: Heartbeat

    /// Of these executions those that somebody asked to cancel.
    static let cancelRequests = """
        SELECT e.id FROM script_executions e WHERE e.id = ANY(?::uuid[]) AND e.worker_epoch = ? \
        AND e.cancel_requested_at IS NOT NULL
        """

    // MARK: Rescue

    /// Locks a worker's row, if it is as it was seen.
    static let lockWorker = "SELECT 1 FROM workers WHERE epoch = ? AND heartbeat_at = ? FOR UPDATE"
    /// What a row is locked by that is looked at before it is changed.
    static let forChange = " FOR NO KEY UPDATE"

    // MARK: End of attempts

    /// Locked until they are ended: a request to cancel comes before or finds the next state.

    static let cancelRequested = """
        SELECT e.id, e.cancel_requested_at IS NOT NULL FROM unnest(?::uuid[]) x(id) \
        JOIN script_executions e ON e.id = x.id ORDER BY e.id FOR NO KEY UPDATE OF e
        """

    /// Everything that the ends of attempts leave behind. Nothing in it joins two sets without a key: that
    /// would be a loop in a loop. Only an execution whose row still has the lease
    /// gets any of it; the answer says which had.
    ///
    /// Parameters: now, those of `SetColumns`, epoch, agent, four arrays of output.
    static let end = """
        WITH x AS MATERIALIZED (SELECT u.id, ?::timestamp AS now, coalesce(u.attempt, ?::int) AS attempt, \
        coalesce(u.status, ?::text) AS status, coalesce(u.retry_at, ?::timestamp) AS retry_at, \
        coalesce(u.duration_us, ?::bigint) AS duration_us, \
        coalesce(u.result::jsonb, ?::jsonb) AS result, coalesce(u.message, ?::text) AS message, \
        coalesce(u.releases, ?::int) AS releases, coalesce(u.rescues, ?::int) AS rescues, \
        coalesce(u.outcome, ?::text) AS outcome, coalesce(u.kind, ?::text) AS kind, \
        coalesce(u.line, ?::int) AS line, coalesce(u.position, ?::int) AS position, \
        coalesce(u.steps::jsonb, ?::jsonb) AS steps, coalesce(u.audit, ?::uuid) AS audit, \
        coalesce(u.facts::jsonb, ?::jsonb) AS facts, coalesce(u.lane, ?::int) AS lane \
        FROM unnest(?::uuid[], ?::int[], ?::text[], ?::timestamp[], ?::bigint[], ?::text[], ?::text[], \
        ?::int[], ?::int[], ?::text[], ?::text[], ?::int[], ?::int[], ?::text[], ?::uuid[], ?::text[], \
        ?::int[]) AS u(id, attempt, status, retry_at, duration_us, result, message, releases, rescues, \
        outcome, kind, line, position, steps, audit, facts, lane) \
        ), ended AS ( \
        UPDATE script_executions e SET status = x.status, \
        completed_at = CASE WHEN x.status = 'queued' THEN NULL ELSE x.now END, \
        run_at = CASE WHEN x.status = 'queued' THEN x.retry_at ELSE e.run_at END, \
        started_at = CASE WHEN x.status = 'queued' THEN NULL ELSE e.started_at END, \
        duration_ms = x.duration_us / 1000, result = x.result, error_message = x.message, \
        releases = x.releases, rescues = x.rescues, worker_epoch = NULL FROM x \
        WHERE e.id = x.id AND e.attempt = x.attempt AND e.worker_epoch = ? \
        RETURNING x.*, x.status <> 'queued' AS is_final, e.user_id, e.unique_key, e.queue, e.priority, \
        e.concurrency_key \
        ), history AS ( \
        UPDATE execution_attempts a SET finished_at = ended.now, duration_us = ended.duration_us, \
        outcome = ended.outcome, error_kind = ended.kind, error_message = ended.message, \
        error_line = ended.line, error_column = ended.position, \
        retry_at = CASE WHEN ended.outcome = 'failed' THEN ended.retry_at END, \
        steps = ended.steps FROM ended \
        WHERE a.execution_id = ended.id AND a.attempt = ended.attempt \
        ), audited AS ( \
        INSERT INTO audit_logs (id, user_id, action, table_name, record_id, old_values, new_values, \
        user_agent, created_at) SELECT audit, user_id, 'execution.' || status, 'script_executions', id, \
        '{"status":"running"}', facts, ?, now FROM ended WHERE is_final \
        ), freed AS ( \
        DELETE FROM execution_unique_keys k USING ended \
        WHERE ended.is_final AND k.unique_key = ended.unique_key AND k.execution_id = ended.id \
        ), requeued AS ( \
        INSERT INTO execution_queue (queue, priority, run_at, execution_id, lane, concurrency_key) \
        SELECT queue, priority, retry_at, id, lane, concurrency_key FROM ended WHERE NOT is_final \
        ), logged AS ( \
        INSERT INTO execution_logs (execution_id, attempt, sequence, content, created_at) \
        SELECT l.id, l.attempt, l.sequence, l.content, (SELECT x.now FROM x LIMIT 1) \
        FROM unnest(?::uuid[], ?::int[], ?::int[], ?::text[]) AS l(id, attempt, sequence, content) \
        WHERE (l.id IN (SELECT ended.id FROM ended)) IS TRUE \
        ) SELECT id FROM ended
        """

    // MARK: Enqueue

    /// The keys that were free are taken; the answer names those that were.
    static let takeUniqueKeys = """
        INSERT INTO execution_unique_keys (unique_key, execution_id) \
        SELECT * FROM unnest(?::text[], ?::uuid[]) ON CONFLICT DO NOTHING RETURNING execution_id
        """
    static let holders = """
        SELECT unique_key, execution_id FROM execution_unique_keys WHERE unique_key = ANY(?::text[])
        """
    /// The executions, if the scripts still are what the sender remembers of them: an execution of one that
    /// is not would have no script, which the table refuses.
    ///
    /// Parameters: those of `SetColumns`, user, now, agent, four arrays of scripts.
    static let enqueue = """
        WITH x AS MATERIALIZED (SELECT u.id, coalesce(u.script, ?::uuid) AS script, \
        coalesce(u.version, ?::int) AS version, coalesce(u.max_attempts, ?::int) AS max_attempts, \
        coalesce(u.template, ?::text) AS template, \
        coalesce(u.arguments::jsonb, ?::jsonb) AS arguments, coalesce(u.queue, ?::text) AS queue, \
        coalesce(u.priority, ?::int) AS priority, coalesce(u.run_at, ?::timestamp) AS run_at, \
        coalesce(u.unique_key, ?::text) AS unique_key, coalesce(u.lane, ?::int) AS lane, \
        coalesce(u.audit, ?::uuid) AS audit, coalesce(u.facts::jsonb, ?::jsonb) AS facts, \
        coalesce(u.concurrency_key, ?::text) AS concurrency_key \
        FROM unnest(?::uuid[], ?::uuid[], ?::int[], ?::int[], ?::text[], ?::text[], ?::text[], ?::int[], \
        ?::timestamp[], ?::text[], ?::int[], ?::uuid[], ?::text[], ?::text[]) AS u(id, script, version, \
        max_attempts, template, arguments, queue, priority, run_at, unique_key, lane, audit, facts, \
        concurrency_key)), c AS ( \
        SELECT ?::uuid AS user_id, ?::timestamp AS now, ?::text AS agent, EXISTS ( \
        SELECT 1 FROM unnest(?::uuid[], ?::text[], ?::int[], ?::bool[]) k(id, name, version, is_newest) \
        WHERE NOT EXISTS (SELECT 1 FROM scripts s WHERE s.id = k.id AND s.name = k.name \
        AND s.status <> 'archived' AND (s.version = k.version OR NOT k.is_newest))) AS is_stale), made AS ( \
        INSERT INTO script_executions (id, script_id, user_id, started_at, status, max_attempts, \
        script_version, template, arguments, queue, priority, queued_at, run_at, unique_key, \
        concurrency_key) SELECT x.id, CASE WHEN c.is_stale THEN NULL ELSE x.script END, c.user_id, NULL, \
        'queued', x.max_attempts, x.version, x.template, x.arguments, x.queue, x.priority, c.now, \
        x.run_at, x.unique_key, x.concurrency_key FROM x, c \
        ), audited AS ( \
        INSERT INTO audit_logs (id, user_id, action, table_name, record_id, new_values, user_agent, \
        created_at) SELECT x.audit, c.user_id, 'execution.enqueued', 'script_executions', x.id, \
        x.facts, c.agent, c.now FROM x, c \
        ) INSERT INTO execution_queue (queue, priority, run_at, execution_id, lane, concurrency_key) \
        SELECT queue, priority, run_at, id, lane, concurrency_key FROM x
        """

    /// Adds a row, to be taken back, unless there is one.
    static let probe = """
        INSERT INTO script_executions (id, script_id, user_id, status) \
        SELECT ?, s.id, ?, 'queued' FROM scripts s LIMIT 1 ON CONFLICT (id) DO NOTHING
        """

    // MARK: Clock

    static let now = "SELECT clock_timestamp() AT TIME ZONE 'UTC'"

    // MARK: News

    static let notify = "SELECT pg_notify('hypjobs', ?)"
}
