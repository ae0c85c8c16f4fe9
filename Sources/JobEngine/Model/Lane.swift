package import Effects

/// A part of the queue. Two claims at the same time take different lanes, so that serializable claims never
/// meet in one table; on a database with a single writer lanes mean nothing.
package enum Lane {
    /// How many there are: the partitions of `execution_queue` on PostgreSQL.
    package static let count = 8

    package static let all = Array(0..<count)

    /// The lane of an execution, by the time in its identifier: what is enqueued together lies together, in
    /// the queue and in the pages of the other tables, and eight milliseconds later the next lane follows.
    package static func of(_ execution: UniqueID) -> Int {
        Int(execution.high >> 19 & UInt64(count - 1))
    }
}
