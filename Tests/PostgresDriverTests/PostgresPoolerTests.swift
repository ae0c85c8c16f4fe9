import Database
import Effects
import PostgresDriver
import SQL
import TestSupport
import Testing

/// PgBouncer in transaction mode, between us and the server.
@Suite("PostgreSQL behind a pooler", .postgres, .pooler)
struct PostgresPoolerTests {
    @Test("without prepared statements each transaction has its settings, whichever session it gets")
    func transactions() async throws {
        try await PostgresServer.withSchema { direct, server in
            var configuration = try #require(PostgresServer.pooler).configuration
            configuration.usesPreparedStatements = false
            configuration.schema = direct.schema
            configuration.statementTimeout = .seconds(9)
            let connections = try (0..<3).map { _ in
                try PostgresDriver(configuration).connect(for: .writing)
            }
            defer { connections.forEach { $0.close() } }
            let begin = Statement("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")
            try connections[0].execute(begin)
            try connections[0].execute(Statement("CREATE TABLE t (a BIGINT, at TIMESTAMPTZ)"))
            try connections[0].execute(Statement("COMMIT"))
            let instant = Timestamp(microseconds: 1_795_489_323_123_456)
            for round in 0..<30 {
                let connection = connections[round % 3]
                try connection.execute(begin)
                try connection.execute(
                    Statement("INSERT INTO t VALUES (?, ?)", [.integer(Int64(round)), .timestamp(instant)]))
                let row = try connection.execute(
                    Statement("SELECT COUNT(*), MAX(at) FROM t")
                ).first
                #expect(try row?.int(0) == round + 1)
                #expect(try row?.timestamp(1) == instant)
                #expect(try connection.execute(Statement("SHOW statement_timeout")).first?.text(0) == "9s")
                try connection.execute(Statement("COMMIT"))
                #expect(connection.isUsable)
                // Each session is taken by somebody else in between.
                for other in connections { try other.execute(.probe) }
            }
        }
    }

    @Test("with session settings the pooler refuses the connection, and the error says what to set")
    func sessionSettings() throws {
        let pooler = try #require(PostgresServer.pooler)
        let error = #expect(throws: DatabaseError.self) {
            try PostgresDriver(pooler.configuration).connect(for: .writing).close()
        }
        #expect(error?.code == .cannotConnect)
        #expect(
            error?.message.hasSuffix("(behind a pooler write prepared_statements { enabled: false })")
                == true,
            "\(error?.message ?? "")")
    }
}
