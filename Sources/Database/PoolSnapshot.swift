/// A pool at one moment: who holds its connections, and who waits.
package struct PoolSnapshot: Sendable, Hashable {
    /// A connection that somebody holds.
    package struct Holder: Sendable, Hashable {
        package let connection: Int
        /// The server's number for the session; nil where there is no server.
        package let session: Int?
        package let work: Work
        /// For how long.
        package let held: Duration
    }

    /// A caller without a connection.
    package struct Waiter: Sendable, Hashable {
        package let work: Work
        /// For how long.
        package let waited: Duration
    }

    /// What a connection is used for, or wanted for.
    package struct Work: Sendable, Hashable {
        package let label: String
        package let subject: Activity.Subject?
        package let statement: String?
    }

    /// What its connections are for: `work`, `control`.
    package let name: String
    package let statistics: PoolStateMachine.Statistics
    package let limit: Int
    /// Those who hold one for longest come first.
    package let holders: [Holder]
    /// In the order in which they came.
    package let waiters: [Waiter]
}

extension PoolSnapshot.Work {
    init(_ activity: Activity) {
        self.init(label: activity.label, subject: activity.subject, statement: activity.statement)
    }
}

/// A connection to a server that gives its sessions numbers.
package protocol NumberedConnection: DatabaseConnection {
    /// What the server calls the session in its own reports.
    var sessionNumber: Int { get }
}
