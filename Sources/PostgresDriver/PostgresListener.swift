internal import CPostgres
package import Database
package import Effects
internal import SQL

/// What is sent by NOTIFY, received on a connection of its own, which is made anew whenever it breaks.
///
/// A notification is a hint: one that is sent while the connection is away is lost, so whoever waits for one
/// also looks from time to time.
package struct PostgresListener: Sendable {
    /// What a listener reports, in this order: listening, notifications, interrupted, listening …
    package enum Event: Sendable, Hashable {
        /// From now on everything arrives; what was sent before may not have.
        case listening
        case notification(channel: String, payload: String)
        /// The connection broke, or could not be made; it is tried again.
        case interrupted(DatabaseError)
        /// Nothing arrives on such a connection, which is so behind a pooler that lends sessions for single
        /// transactions. The last event: it is not tried again.
        case undeliverable
    }

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let reconnecting: RetryPolicy
    private let probeTimeout: Duration
    private let effects: Effects

    /// - Parameters:
    ///   - reconnecting: the delays between attempts, which go on without an end.
    ///   - probeTimeout: how long a notification to itself may take.
    package init(
        _ configuration: PostgresConfiguration, channels: [String], reconnecting: RetryPolicy,
        probeTimeout: Duration = .seconds(3), effects: Effects
    ) {
        self.configuration = configuration
        self.channels = channels
        self.reconnecting = reconnecting
        self.probeTimeout = probeTimeout
        self.effects = effects
    }

    /// Starts to listen, on a thread of its own, until nobody reads the stream any more. A reader that is
    /// slow misses the oldest events.
    package func events() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(256))
        let stop = WakeSignal()
        continuation.onTermination = { _ in stop.raise() }
        SystemThread.detached(name: "listener", stackSizeBytes: 512 << 10) { [self] in
            run(until: stop, continuation)
        }
        return stream
    }

    private func run(until stop: WakeSignal, _ continuation: AsyncStream<Event>.Continuation) {
        var failures = 0
        var silences = 0
        while !stop.isRaised {
            do throws(DatabaseError) {
                let connection = try PostgresConnection(configuration, signal: stop)
                defer { connection.close() }
                guard try delivers(connection) else {
                    silences += 1
                    if silences < Self.mostProbes { continue }
                    continuation.yield(.undeliverable)
                    break
                }
                failures = 0
                silences = 0
                continuation.yield(.listening)
                try receive(connection) { channel, payload in
                    guard channel != Self.probe else { return }
                    continuation.yield(.notification(channel: channel, payload: payload))
                }
            } catch {
                guard !stop.isRaised else { break }
                continuation.yield(.interrupted(error))
                failures = min(failures + 1, 1000)
                _ = stop.wait(for: reconnecting.delay(beforeRetry: failures, random: effects.random))
            }
        }
        continuation.finish()
    }

    // MARK: On the thread

    /// The channel on which a listener hears from itself.
    private static let probe = "hypjobs_probe"
    /// A server that was busy the first time is asked again.
    private static let mostProbes = 2

    /// Listens, and finds out whether anything arrives: what a second connection sends does not, where a
    /// pooler gives the session to others in between.
    private func delivers(_ connection: PostgresConnection) throws(DatabaseError) -> Bool {
        let dialect = PostgreSQLDialect()
        for channel in channels + [Self.probe] {
            try connection.execute(Statement("LISTEN \(dialect.quote(identifier: channel))"))
        }
        let token = effects.ids.next().description
        let sender = try PostgresConnection(configuration, signal: connection.handle.signal)
        defer { sender.close() }
        try sender.execute(
            Statement("SELECT pg_notify(?, ?)", [.text(Self.probe), .text(token)]))
        let time = SystemTime()
        let deadline = time.uptime() + probeTimeout
        var isHeard = false
        while !isHeard, time.uptime() < deadline, !connection.handle.signal.isRaised {
            _ = try connection.handle.readInput(until: deadline)
            connection.handle.takeNotifications { channel, payload in
                // Others probe as well.
                if channel == Self.probe, payload == token { isHeard = true }
            }
        }
        return isHeard || connection.handle.signal.isRaised
    }

    private func receive(
        _ connection: PostgresConnection, _ body: (String, String) -> Void
    ) throws(DatabaseError) {
        let handle = connection.handle
        while !handle.signal.isRaised {
            handle.takeNotifications(body)
            _ = try handle.readInput(until: nil)
            guard !handle.isBroken else { throw handle.lost(PostgresErrors.connectionText(handle.pointer)) }
        }
    }
}

extension PostgresHandle {
    /// Hands over the notifications that were read.
    func takeNotifications(_ body: (String, String) -> Void) {
        while let notification = PQnotifies(pointer) {
            defer { PQfreemem(notification) }
            body(String(cString: notification.pointee.relname), String(cString: notification.pointee.extra))
        }
    }
}
