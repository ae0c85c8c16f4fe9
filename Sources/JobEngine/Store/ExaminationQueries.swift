/// Every statement that examines an installation; those that are not portable say where they are for.
enum ExaminationQueries {
    // MARK: Everywhere

    static let runningOfNobody = """
        SELECT COUNT(*) FROM script_executions e WHERE e.status = 'running' \
        AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.epoch = e.worker_epoch)
        """
    static let waitingNowhere = """
        SELECT COUNT(*) FROM script_executions e WHERE e.status = 'queued' AND NOT EXISTS ( \
        SELECT 1 FROM execution_queue q WHERE q.queue = e.queue AND q.priority = e.priority \
        AND q.run_at = e.run_at AND q.execution_id = e.id)
        """

    // MARK: PostgreSQL

    static let server = """
        SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
        current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int, \
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
        """
    /// Whoever has the oldest snapshot or number of a transaction in this database: nothing that was deleted
    /// since can be removed. The text of its statement may hold values and is not read.
    static let horizon = """
        SELECT pid, coalesce(application_name, ''), coalesce(usename, ''), coalesce(state, backend_type), \
        coalesce(floor(extract(epoch FROM clock_timestamp() - xact_start)), 0)::bigint \
        FROM pg_stat_activity WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) \
        AND pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL) \
        ORDER BY greatest(age(backend_xmin), age(backend_xid)) DESC, xact_start LIMIT 1
        """
    static let prepared = """
        SELECT gid, floor(extract(epoch FROM clock_timestamp() - prepared))::bigint \
        FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 1
        """
    static let slots = """
        SELECT slot_name, greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots \
        WHERE NOT active AND coalesce(xmin, catalog_xmin) IS NOT NULL ORDER BY 2 DESC LIMIT 1
        """
    static let deadRows = """
        SELECT coalesce(sum(n_live_tup), 0)::bigint, coalesce(sum(n_dead_tup), 0)::bigint \
        FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname ~ '^execution_queue_[0-9]+$'
        """

    // MARK: SQLite

    static let quickCheck = "PRAGMA quick_check(5)"
    static let journalMode = "PRAGMA journal_mode"
    static let sqliteVersion = "SELECT sqlite_version()"
}
