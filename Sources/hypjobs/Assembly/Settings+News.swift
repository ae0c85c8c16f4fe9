import Effects
import JobEngine
import PostgresDriver

extension Settings {
    /// What tells a worker of new work at once; nil where it has to look for itself.
    func news(_ effects: Effects) -> AsyncStream<WorkNews>? {
        guard case .postgresql(let postgresql) = database else { return nil }
        var configuration = PostgresConfiguration(postgresql.primary)
        configuration.usesPreparedStatements = preparedStatements.isEnabled
        let reconnecting = RetryPolicy(
            maxRetries: .max, delay: .milliseconds(200), backoff: .exponential, cap: .seconds(10))
        let events = PostgresListener(
            configuration, channels: [WorkNews.channel], reconnecting: reconnecting, effects: effects
        ).events()
        let (stream, continuation) = AsyncStream.makeStream(
            of: WorkNews.self, bufferingPolicy: .bufferingNewest(256))
        let forwarding = Task {
            for await event in events { continuation.yield(WorkNews(event)) }
            continuation.finish()
        }
        continuation.onTermination = { _ in forwarding.cancel() }
        return stream
    }
}

extension WorkNews {
    init(_ event: PostgresListener.Event) {
        switch event {
        case .notification(_, let payload): self.init(payload: payload)
        case .listening, .interrupted: self = .interrupted
        case .undeliverable: self = .unavailable
        }
    }
}
