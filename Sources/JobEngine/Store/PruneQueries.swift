/// Every statement that removes history, in the portable dialect with `?` markers.
enum PruneQueries {
    /// Whether this transaction is the only one that prunes, until it ends.
    static let lock = "SELECT pg_try_advisory_xact_lock(hashtext('hypjobs prune ' || current_schema()))"

    /// Ended before a time, and of no batch that goes on. What was enqueued after that time cannot have ended
    /// before it, so that the range of the index ends there.
    ///
    /// Parameters: status, first identifier, the one behind the last, time.
    private static let old = """
        FROM script_executions e WHERE e.status = ? AND e.id >= ? AND e.id < ? AND e.completed_at < ? \
        AND NOT EXISTS (SELECT 1 FROM batch_executions b WHERE b.id = e.batch_id AND b.completed_at IS NULL)
        """
    static let countOld = "SELECT COUNT(*) " + old
    /// The state is looked at again where the row is deleted: an operator may have retried it meanwhile.
    ///
    /// Parameters: status, time, those of `old`, limit.
    static let deleteOld =
        "DELETE FROM script_executions WHERE status = ? AND completed_at < ? AND id IN (SELECT e.id " + old
        + " ORDER BY e.id LIMIT ?) RETURNING id"

    /// What belongs to executions that are gone.
    static func deleteParts(inSets: Bool) -> [String] {
        ["execution_steps", "execution_logs", "execution_recordings", "execution_attempts"].map { table in
            "DELETE FROM \(table) WHERE execution_id "
                + (inSets ? "= ANY(?::uuid[])" : "IN (SELECT value FROM json_each(?))")
        }
    }

    static let countAudit = "SELECT COUNT(*) FROM audit_logs WHERE created_at < ?"
    static let deleteAudit = """
        DELETE FROM audit_logs WHERE id IN ( \
        SELECT id FROM audit_logs WHERE created_at < ? ORDER BY created_at LIMIT ?)
        """
}
