import JobEngine

extension Workplace {
    /// Gives the queues of the configuration the limits that it states; what it does not name stays as it is.
    ///
    /// - Returns: the names of those whose limits were others.
    func applyQueues() async throws -> [String] {
        var changed: [String] = []
        for queue in settings.queues {
            let limits = queue.limits
            let isChanged = try await store.setLimits(of: queue.name, by: initiator) { $0 = limits }
            if isChanged { changed.append(queue.name) }
        }
        return changed
    }
}

extension QueueSettings {
    /// The limits in the engine's words.
    var limits: QueueLimits {
        QueueLimits(
            maxRunning: maxRunning, maxRunningPerKey: maxRunningPerKey,
            rate: ratePerSecond.map { QueueLimits.Rate(perSecond: $0, burst: rateBurst) },
            agingSeconds: agingSeconds)
    }
}
