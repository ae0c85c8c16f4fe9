"""What must hold after the trouble: a sentence, and a statement that finds what breaks it."""

INVARIANTS = [
    ("every execution is final", """
        SELECT id, status, attempt, worker_epoch FROM script_executions WHERE status NOT IN ('completed', 'failed')"""),
    ("a final execution has its times and no lease", """
        SELECT id, status FROM script_executions
        WHERE completed_at IS NULL OR started_at IS NULL OR worker_epoch IS NOT NULL"""),
    ("nothing waits any more", "SELECT execution_id FROM execution_queue"),
    ("no unique key is held any more", "SELECT unique_key FROM execution_unique_keys"),
    ("no worker is registered any more", "SELECT epoch, pid, heartbeat_at FROM workers"),
    ("each request became one execution", """
        SELECT arguments->>'serial' AS serial, count(*) FROM script_executions GROUP BY 1 HAVING count(*) <> 1"""),
    ("each execution was enqueued exactly once, says the audit trail", """
        SELECT e.id, count(a.id) FROM script_executions e
        LEFT JOIN audit_logs a ON a.record_id = e.id AND a.action = 'execution.enqueued'
        GROUP BY e.id HAVING count(a.id) <> 1"""),
    ("each execution ended exactly once, says the audit trail, and as its row says", """
        SELECT e.id, e.status, string_agg(a.action, ',') AS actions FROM script_executions e
        LEFT JOIN audit_logs a ON a.record_id = e.id
            AND a.action IN ('execution.completed', 'execution.failed', 'execution.cancelled')
        GROUP BY e.id, e.status HAVING count(a.id) <> 1 OR max(a.action) <> 'execution.' || e.status"""),
    ("the audit trail tells of no execution that is not there", """
        SELECT record_id, action FROM audit_logs WHERE action LIKE 'execution.%'
        AND record_id NOT IN (SELECT id FROM script_executions)"""),
    ("each claim has its attempt, counted from 1", """
        SELECT e.id, e.attempt, count(t.attempt) AS attempts FROM script_executions e
        LEFT JOIN execution_attempts t ON t.execution_id = e.id
        GROUP BY e.id, e.attempt
        HAVING count(t.attempt) <> e.attempt OR min(t.attempt) <> 1 OR max(t.attempt) <> e.attempt"""),
    ("every attempt is over", """
        SELECT execution_id, attempt FROM execution_attempts WHERE finished_at IS NULL OR outcome IS NULL"""),
    ("no attempt and no output is of an execution that is not there", """
        SELECT execution_id FROM execution_attempts WHERE execution_id NOT IN (SELECT id FROM script_executions)
        UNION ALL
        SELECT execution_id FROM execution_logs WHERE execution_id NOT IN (SELECT id FROM script_executions)"""),
    ("only the last attempt ended the execution; each before it failed, was given back or lost its worker", """
        SELECT t.execution_id, t.attempt, t.outcome, e.status FROM execution_attempts t
        JOIN script_executions e ON e.id = t.execution_id
        WHERE (t.attempt < e.attempt AND t.outcome NOT IN ('rescued', 'released', 'failed'))
        OR (t.attempt = e.attempt AND e.status = 'completed' AND t.outcome <> 'completed')"""),
    ("as many attempts lost their worker, or were given back, as the execution says", """
        SELECT e.id, e.rescues, e.releases, count(*) FILTER (WHERE t.outcome = 'rescued') AS rescued,
            count(*) FILTER (WHERE t.outcome = 'released') AS released
        FROM script_executions e JOIN execution_attempts t ON t.execution_id = e.id
        GROUP BY e.id, e.rescues, e.releases
        HAVING count(*) FILTER (WHERE t.outcome = 'rescued') <> e.rescues
            OR count(*) FILTER (WHERE t.outcome = 'released') <> e.releases"""),
    ("an execution that should complete did", """
        SELECT e.id, e.status, e.rescues, e.error_message FROM script_executions e
        JOIN scripts s ON s.id = e.script_id WHERE s.name = 'count' AND e.status <> 'completed'"""),
    ("an execution that should fail did, with as many tries of its own as it has", """
        SELECT e.id, e.status, e.attempt, e.releases, e.rescues FROM script_executions e
        JOIN scripts s ON s.id = e.script_id WHERE s.name = 'fail'
        AND (e.status <> 'failed' OR e.attempt - e.releases <> e.max_attempts)"""),
    ("a completed execution has its result, and its output exactly once", """
        SELECT e.id, e.result, count(l.content) AS outputs, max(l.content) AS output FROM script_executions e
        JOIN execution_attempts t ON t.execution_id = e.id AND t.outcome = 'completed'
        LEFT JOIN execution_logs l ON l.execution_id = e.id AND l.attempt = t.attempt
        WHERE e.status = 'completed' GROUP BY e.id, e.result, e.arguments
        HAVING count(l.content) <> 1 OR e.result <> e.arguments->'serial'
            OR max(l.content) NOT LIKE '%serial ' || (e.result#>>'{}') || chr(10)"""),
    ("a script that completed wrote what it wrote exactly once, and one that did not, never", """
        SELECT e.arguments->>'serial' AS serial, e.status, count(f.serial) AS effects FROM script_executions e
        JOIN scripts s ON s.id = e.script_id
        LEFT JOIN effects f ON f.serial = (e.arguments->>'serial')::integer
        GROUP BY e.id, e.arguments, e.status, s.name HAVING count(f.serial) <>
            (e.status = 'completed' AND s.name = 'count' AND (e.arguments->>'writes')::boolean)::integer"""),
    ("no session of the product is left, and no transaction is open", """
        SELECT pid, state, left(query, 60) AS query FROM pg_stat_activity
        WHERE application_name LIKE 'hypjobs%' OR state LIKE 'idle in transaction%'"""),
]
