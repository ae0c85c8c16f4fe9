internal import SQL

/// A session on the server, whichever program has it.
package struct ServerSession: Sendable, Hashable {
    package let number: Int
    /// What the program calls itself.
    package let program: String
    package let client: String
    /// `active`, `idle in transaction` and so on.
    package let state: String
    /// Empty when it waits for nothing.
    package let waitsFor: String
    /// For how long its transaction runs; nil outside of one.
    package let transaction: Duration?
    /// For how long its statement runs, or since when it rests.
    package let sinceStatement: Duration?
    package let statement: String
    /// The sessions that it waits behind.
    package let blockers: [Int]
}

extension Database {
    /// The other sessions on this database; nil where there is no server.
    package func sessions(timeout: Duration) async throws -> [ServerSession]? {
        guard let report = dialect.sessionsReport else { return nil }
        return try await read(label: "pool top", timeout: timeout) { transaction in
            try transaction.execute(report).rows.map(ServerSession.init)
        }
    }
}

extension ServerSession {
    fileprivate init(_ row: Row) throws {
        self.init(
            number: try row.int(0), program: try row.text(1), client: try row.text(2),
            state: try row.text(3), waitsFor: try row.text(4),
            transaction: try row.optionalDouble(5).map { .seconds($0) },
            sinceStatement: try row.optionalDouble(6).map { .seconds($0) }, statement: try row.text(7),
            blockers: try row.text(8).split(separator: " ").compactMap { Int($0) })
    }
}
