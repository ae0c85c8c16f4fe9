import CPostgres
import Database
import Effects
import Glibc
import SQL
import TestSupport
import Testing

@testable import PostgresDriver

/// What no server is needed for, or what a server does not show.
@Suite("Inside the PostgreSQL driver")
struct PostgresInsideTests {
    @Test("a server that is too old is refused by its number")
    func versions() throws {
        try PostgresConnecting.requireVersion(130_000)
        try PostgresConnecting.requireVersion(180_006)
        let failure = #expect(throws: PostgresConnecting.Failure.self) {
            try PostgresConnecting.requireVersion(120_022)
        }
        #expect(failure?.text == "the server is PostgreSQL 12; 13 or newer is needed, upgrade it")
    }

    @Test("the socket is watched by the kernel, so that a cut network ends as a lost connection", .postgres)
    func socketOptions() throws {
        var configuration = try #require(PostgresServer.fromEnvironment).configuration
        configuration.networkTimeout = .seconds(8)
        let handle = try PostgresHandle(configuration, WakeSignal())
        defer { handle.close() }
        func option(_ level: Int32, _ name: Int32) -> Int32 {
            var value: Int32 = -1
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(PQsocket(handle.pointer), level, name, &value, &length)
            return value
        }
        let tcp = Int32(IPPROTO_TCP)
        #expect(option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(tcp, TCP_KEEPIDLE) == 2)
        #expect(option(tcp, TCP_KEEPINTVL) == 2)
        #expect(option(tcp, TCP_KEEPCNT) == 3)
        #expect(option(tcp, TCP_USER_TIMEOUT) == 8000)
    }

    @Test(
        "SQLSTATEs have their causes",
        arguments: [
            ("23505", DatabaseError.Code.uniqueViolation), ("23503", .foreignKeyViolation),
            ("23514", .checkViolation), ("23502", .notNullViolation), ("40001", .serializationFailure),
            ("40P01", .deadlock), ("53200", .serializationFailure), ("55P03", .busy), ("57014", .cancelled),
            ("25006", .readOnly), ("42501", .accessDenied), ("53100", .diskFull), ("XX001", .corrupt),
            ("42P01", .unknownObject), ("42601", .syntax), ("22P02", .unexpectedValue),
            ("08006", .connectionLost),
            ("57P01", .connectionLost), ("57P03", .connectionLost), ("28P01", .cannotConnect),
            ("53300", .cannotConnect), ("P0001", .other),
        ])
    func causes(state: String, code: DatabaseError.Code) {
        #expect(PostgresErrors.code(state) == code)
    }

    @Test("the SQLSTATE is found in libpq's text, in any language")
    func stateInText() {
        let refusal = PostgresErrors.failure(
            inLine: "connection to server at \"::1\", port 1 failed: FATAL:  28P01: Passwort falsch: x")
        #expect(refusal.state == "28P01")
        #expect(refusal.text == "connection to server at \"::1\", port 1 failed: FATAL: Passwort falsch: x")
        #expect(PostgresErrors.failure(inLine: "failed:  short: no").state.isEmpty)
        #expect(PostgresErrors.failure(inLine: "Connection refused").state.isEmpty)
    }

    @Test("libpq's own hint is left out, unless it is all that libpq says")
    func ownHint() {
        let refused = "connection to server at \"db\", port 1 failed: Connection refused"
        let hint = "Is the server running on that host and accepting TCP/IP connections?"
        #expect(PostgresErrors.reasons(in: [refused, hint]) == [refused])
        #expect(PostgresErrors.reasons(in: [hint]) == [hint])
    }

    @Test("a quoted value is cut out of a message from its first quote to its last")
    func quotedValues() {
        let message = PostgresErrors.withoutValue("invalid input for type int: \"a\"b\"")
        #expect(message == "invalid input for type int: \"…\"")
        #expect(PostgresErrors.withoutValue("division by zero") == "division by zero")
        #expect(PostgresErrors.withoutValue("one \" only") == "one \" only")
    }

    @Test("the first words of a statement tell what is done with it")
    func kinds() {
        let kinds: [(String, StatementKind)] = [
            ("-- x\n SELECT 1", .query), ("(SELECT 1)", .query), ("with a as (select 1) select 1", .query),
            ("begin", .begin), ("START TRANSACTION", .begin), ("SAVEPOINT s", .savepoint),
            ("RELEASE SAVEPOINT s", .release), ("ROLLBACK  TO SAVEPOINT s", .rollbackTo),
            ("rollback to s", .rollbackTo), ("ROLLBACK", .rollback), ("ROLLBACK WORK", .rollback),
            ("COMMIT", .commit), ("END", .commit), ("LOCK TABLE t", .other), ("SHOW x", .other), ("", .other),
        ]
        for (text, kind) in kinds { #expect(StatementKind(Statement(text)) == kind, "\(text)") }
    }

    @Test("the least recently used statement makes room, and its name is left to be cleared")
    func leastRecentlyUsed() {
        var statements = PreparedStatements(limit: 2)
        let first = statements.make(for: "SELECT 1")
        let second = statements.make(for: "SELECT 2")
        #expect(statements.find("SELECT 1") === first)
        _ = statements.make(for: "SELECT 3")
        #expect(statements.find("SELECT 2") == nil)
        #expect(statements.find("SELECT 1") === first)
        #expect(statements.garbage == [second.name])
        statements.collected(second.name)
        #expect(statements.garbage.isEmpty)
        statements.discard("SELECT 1")
        #expect(statements.garbage.isEmpty)
        #expect(statements.find("SELECT 1") == nil)
    }
}
