import Database
import Effects
import PostgresDriver
import SQL
import TestSupport
import Testing

/// NOTIFY from one connection to another.
@Suite("Notifications from PostgreSQL", .postgres, .timeLimit(.minutes(1)))
struct PostgresListenerTests {
    private let server: PostgresServer

    init() throws {
        server = try #require(PostgresServer.fromEnvironment)
    }

    private func listener(
        _ configuration: PostgresConfiguration, _ channels: String..., probeTimeout: Duration = .seconds(10)
    ) -> PostgresListener {
        PostgresListener(
            configuration, channels: channels,
            reconnecting: RetryPolicy(
                maxRetries: 0, delay: .milliseconds(20), backoff: .exponential, cap: .milliseconds(200)),
            probeTimeout: probeTimeout, effects: .live)
    }

    private func send(_ channel: String, _ payload: String) throws {
        try server.administer("NOTIFY \"\(channel)\", '\(payload)'")
    }

    @Test("notifications arrive in order, from the channels that were asked for")
    func delivery() async throws {
        var events = listener(server.configuration, "queue one", "two").events().makeAsyncIterator()
        #expect(await events.next() == .listening)
        try send("queue one", "a")
        try send("three", "not heard")
        try send("two", "b")
        try send("queue one", "")
        #expect(await events.next() == .notification(channel: "queue one", payload: "a"))
        #expect(await events.next() == .notification(channel: "two", payload: "b"))
        #expect(await events.next() == .notification(channel: "queue one", payload: ""))
    }

    @Test("a broken connection is reported, made anew, and delivers again")
    func reconnection() async throws {
        var configuration = server.configuration
        configuration.applicationName = "listener \(SystemTime().uptime())"
        var events = listener(configuration, "again").events().makeAsyncIterator()
        #expect(await events.next() == .listening)
        try server.administer(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE application_name = '\(configuration.applicationName)'
            """)
        guard case .interrupted(let error) = await events.next() else {
            Issue.record("The end of the session is not reported")
            return
        }
        #expect(error.code == .connectionLost)
        #expect(await events.next() == .listening)
        try send("again", "back")
        #expect(await events.next() == .notification(channel: "again", payload: "back"))
    }

    @Test("a server that is not there is reported, and tried again")
    func absence() async throws {
        var configuration = server.configuration
        configuration.hosts = [PostgresConfiguration.Host("127.0.0.1", port: 1)]
        var events = listener(configuration, "x").events().makeAsyncIterator()
        for _ in 0..<3 {
            guard case .interrupted(let error) = await events.next() else {
                Issue.record("Nobody listens there")
                return
            }
            #expect(error.code == .cannotConnect)
        }
    }

    @Test("the connection goes when nobody reads any more")
    func end() async throws {
        var configuration = server.configuration
        configuration.applicationName = "gone \(SystemTime().uptime())"
        let sessions = """
            SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '\(configuration.applicationName)'
            """
        for await event in listener(configuration, "x").events() {
            #expect(event == .listening)
            // The other connection, which tries the first, may be ending.
            #expect(try server.administer(sessions).first?.int(0) ?? 0 >= 1)
            break
        }
        let time = SystemTime()
        let deadline = time.uptime() + .seconds(20)
        while try server.administer(sessions).first?.int(0) != 0, time.uptime() < deadline {
            try await time.sleep(for: .milliseconds(5))
        }
        #expect(try server.administer(sessions).first?.int(0) == 0)
    }

    @Test("behind a pooler that lends sessions for transactions it is noticed that nothing arrives", .pooler)
    func pooler() async throws {
        var configuration = try #require(PostgresServer.pooler).configuration
        configuration.usesPreparedStatements = false
        var events: [PostgresListener.Event] = []
        let listener = listener(configuration, "x", probeTimeout: .milliseconds(300))
        for await event in listener.events() { events.append(event) }
        #expect(events == [.undeliverable])
    }
}
