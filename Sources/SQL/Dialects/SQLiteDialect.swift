/// SQLite from version 3.35, which has RETURNING.
package struct SQLiteDialect: Dialect {
    package let name = "sqlite"
    package let hasTransactionalDDL = true
    package let hasSingleWriter = true

    package let replication: ReplicationStatements? = nil

    package let sessionsReport: String? = nil

    package init() {}

    package func quote(identifier: String) -> String {
        Identifier.quoted(identifier, with: "\"")
    }

    /// A writer takes the lock when it begins: one that reads first and then writes could not wait for the
    /// lock, because the snapshot it has read would be stale by then. Every level is serializable here.
    package func begin(_ isolation: IsolationLevel, readOnly: Bool) -> String {
        readOnly ? "BEGIN" : "BEGIN IMMEDIATE"
    }

    package func lockSchema(_ number: Int64) -> [String] { [] }

    /// The type whose affinity keeps a value as it was bound: UUIDs, instants and documents are text.
    package func columnType(_ type: ColumnType) -> String {
        switch type {
        // Two words: the second decides how a value is stored, the first tells what it is.
        case .uuid: "UUID TEXT"
        case .json, .jsonb: "JSON TEXT"
        case .timestamp: "TIMESTAMP TEXT"
        case .boolean: "BOOLEAN INTEGER"
        case .inet, .date, .varchar, .char, .text: "TEXT"
        case .smallint, .integer, .int, .bigint: "INTEGER"
        case .real, .double: "REAL"
        case .numeric, .decimal: "NUMERIC"
        case .blob, .bytea: "BLOB"
        }
    }

    package func rewrite(_ portable: String) throws(PortabilityError) -> String {
        try SQLiteRewriter.rewrite(portable)
    }
}
