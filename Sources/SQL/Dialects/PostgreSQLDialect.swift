/// PostgreSQL from version 13. The portable set is its own way of writing, so little has to change.
package struct PostgreSQLDialect: Dialect {
    package let name = "postgresql"
    package let hasTransactionalDDL = true
    package let hasSingleWriter = false

    /// What is written before a commit is acknowledged is at or before the position.
    package let replication: ReplicationStatements? = ReplicationStatements(
        primaryPosition: "SELECT CAST(pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS BIGINT)",
        replicaReport: """
            SELECT pg_is_in_recovery(), \
            CAST(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS BIGINT), \
            CAST(EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()) AS DOUBLE PRECISION)
            """)

    package let sessionsReport: String? = """
        SELECT pid, application_name, COALESCE(host(client_addr), 'local'), COALESCE(state, ''), \
        CASE WHEN wait_event IS NULL THEN '' ELSE wait_event_type || ' ' || wait_event END, \
        CAST(EXTRACT(EPOCH FROM clock_timestamp() - xact_start) AS DOUBLE PRECISION), \
        CAST(EXTRACT(EPOCH FROM clock_timestamp() - query_start) AS DOUBLE PRECISION), \
        COALESCE(query, ''), array_to_string(pg_blocking_pids(pid), ' ') \
        FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
        AND backend_type = 'client backend' ORDER BY xact_start NULLS LAST, pid
        """

    package init() {}

    package func quote(identifier: String) -> String {
        Identifier.quoted(identifier, with: "\"")
    }

    package func begin(_ isolation: IsolationLevel, readOnly: Bool) -> String {
        let level =
            switch isolation {
            case .readUncommitted: "READ UNCOMMITTED"
            case .readCommitted: "READ COMMITTED"
            case .repeatableRead: "REPEATABLE READ"
            case .serializable: "SERIALIZABLE"
            }
        return "BEGIN ISOLATION LEVEL \(level) \(readOnly ? "READ ONLY" : "READ WRITE")"
    }

    /// The limit holds for the locks of the transaction's own statements as well: one that waits for a table
    /// keeps everybody behind it waiting for that table.
    package func lockSchema(_ number: Int64) -> [String] {
        // Schemas of one database have nothing to do with each other.
        [
            "SET LOCAL lock_timeout = '10s'",
            "SELECT pg_advisory_xact_lock(hashtextextended(coalesce(current_schema(), ''), \(number)))",
        ]
    }

    package func columnType(_ type: ColumnType) -> String {
        switch type {
        case .double: "DOUBLE PRECISION"
        case .blob: "BYTEA"
        case .uuid, .json, .jsonb, .inet, .timestamp, .date, .boolean, .smallint, .integer, .int, .bigint,
            .real, .numeric, .decimal, .varchar, .char, .text, .bytea:
            type.rawValue
        }
    }

    /// One statement without its semicolon. What SQLite calls its own and PostgreSQL lacks is refused by
    /// PostgreSQL itself, with a position.
    package func rewrite(_ portable: String) throws(PortabilityError) -> String {
        let lexemes = try Lexeme.lexemes(of: portable)
        var text = ""
        for (index, lexeme) in lexemes.enumerated() {
            if lexeme.isSymbol(";"), index == lexemes.count - 1 { break }
            text += lexeme.lead
            text += columnWord(lexemes, at: index) ?? lexeme.text
        }
        return text
    }

    /// The words of the portable set that name a type otherwise here; nil for everything else.
    private func columnWord(_ lexemes: [Lexeme], at index: Int) -> String? {
        guard ["CREATE", "ALTER"].contains(lexemes[0].keyword) else { return nil }
        let next = index + 1 < lexemes.count ? lexemes[index + 1].keyword : ""
        switch lexemes[index].keyword {
        case "BLOB": return columnType(.blob)
        case "DOUBLE" where next != "PRECISION": return columnType(.double)
        default: return nil
        }
    }
}
