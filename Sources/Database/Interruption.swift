internal import Synchronization

/// One use of a connection, as seen by those who may want to stop it: a timeout or a cancelled task, on any
/// thread.
///
/// It makes sure that an interrupt never hits somebody else's use of the same connection.
final class Interruption: Sendable {
    /// Why a use was stopped.
    enum Reason: Sendable {
        case cancelled
        case timeout
        /// Its connection was held for longer than a lease may last.
        case overdue
    }

    private enum Phase: Sendable {
        case waiting
        case running(interrupt: @Sendable () -> Void)
        case interrupted(Reason)
        case finished
    }

    private let phase = Mutex(Phase.waiting)

    /// Stops the use: now if it runs, else when it begins. The first reason counts; a finished use is left
    /// alone.
    func interrupt(_ reason: Reason) {
        phase.withLock { phase in
            switch phase {
            case .waiting:
                phase = .interrupted(reason)
            case .running(let interrupt):
                phase = .interrupted(reason)
                // Called inside the lock, so that `finish` cannot return in between.
                interrupt()
            case .interrupted, .finished:
                break
            }
        }
    }

    /// The use begins on its thread, unless it was interrupted before.
    func begin(interrupt: @escaping @Sendable () -> Void) throws(DatabaseError) {
        let reason = phase.withLock { phase -> Reason? in
            if case .interrupted(let reason) = phase { return reason }
            phase = .running(interrupt: interrupt)
            return nil
        }
        if let reason { throw reason.error }
    }

    /// The use ends: from now on no interrupt arrives. Returns why it was interrupted, if it was.
    @discardableResult
    func finish() -> Reason? {
        phase.withLock { phase in
            if case .interrupted(let reason) = phase { return reason }
            phase = .finished
            return nil
        }
    }

    /// Why the use was interrupted, nil while it was not.
    var reason: Reason? {
        phase.withLock { phase in
            if case .interrupted(let reason) = phase { return reason }
            return nil
        }
    }
}

extension Interruption.Reason {
    /// What the interrupted caller gets.
    var error: DatabaseError {
        switch self {
        case .cancelled: DatabaseError(.cancelled, "The transaction was cancelled and rolled back")
        case .timeout:
            DatabaseError(.timeout, "The transaction took longer than its timeout and was rolled back")
        case .overdue:
            DatabaseError(
                .timeout, "The transaction held its connection longer than a lease lasts and was rolled back")
        }
    }
}
