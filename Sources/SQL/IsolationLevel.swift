/// What a transaction may see of others that run at the same time; the raw values are the configuration's.
package enum IsolationLevel: String, Sendable, CaseIterable {
    case readUncommitted = "read_uncommitted"
    case readCommitted = "read_committed"
    case repeatableRead = "repeatable_read"
    case serializable
}
