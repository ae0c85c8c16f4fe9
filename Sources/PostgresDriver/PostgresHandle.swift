internal import CPostgres
internal import Database
internal import Effects
internal import Glibc

/// libpq's connection and every wait on it. Confined to one thread, except for its wake-up signal.
final class PostgresHandle {
    let pointer: OpaquePointer
    let signal: WakeSignal
    private(set) var isOpen = true
    /// Sent for the statement that ran last, and perhaps still on its way.
    private var cancelRequest: CancelRequest?
    /// Whether the server stays silent where it should answer.
    private var isLost = false
    private let statementTimeout: Duration?
    private let silenceLimit: Duration
    /// When `prepareToSend` was called.
    private var sent = Duration.zero
    private let time = SystemTime()

    /// Reaches a server within the configured time, or says in words why it cannot.
    init(_ configuration: PostgresConfiguration, _ signal: WakeSignal) throws(DatabaseError) {
        pointer = try PostgresConnecting.connect(configuration)
        self.signal = signal
        statementTimeout = configuration.statementTimeout
        silenceLimit = configuration.silenceLimit
        PQsetnonblocking(pointer, 1)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        cancelRequest = nil
        PQfinish(pointer)
    }

    var isBroken: Bool { !isOpen || isLost || PQstatus(pointer) != CONNECTION_OK }

    /// Whether what was sent last runs for longer than a statement may. When the server stopped it and was
    /// not asked to, that is why.
    var isOverLimit: Bool {
        guard let statementTimeout else { return false }
        return time.uptime() - sent >= statementTimeout
    }

    // MARK: Sending

    /// Waits until no earlier request to cancel can hit what is sent next.
    func prepareToSend() throws(DatabaseError) {
        if statementTimeout != nil { sent = time.uptime() }
        guard let request = cancelRequest else { return }
        guard request.isOver(by: time.uptime() + silenceLimit) else {
            throw lost("the server does not answer a request to cancel")
        }
        cancelRequest = nil
    }

    /// Sends what libpq still holds in its buffer, reading meanwhile: a server that waits for us to read must
    /// not wait for ever, and neither do we for one that takes nothing.
    func flush() throws(DatabaseError) {
        var silence: Duration?
        while true {
            let status = PQflush(pointer)
            if status == 0 { return }
            guard status == 1 else { throw lost(PostgresErrors.connectionText(pointer)) }
            try awaitServer(for: POLLIN | POLLOUT, &silence)
        }
    }

    // MARK: Receiving

    /// The next result of what was sent, nil behind the last one of a statement.
    func nextResult() throws(DatabaseError) -> OpaquePointer? {
        var silence: Duration?
        while PQisBusy(pointer) == 1 { try awaitServer(for: POLLIN, &silence) }
        return PQgetResult(pointer)
    }

    /// Waits until the server has said something or takes something. A raised signal asks it to cancel.
    ///
    /// - Parameter silence: until when it may stay silent; found out at the first call, later when it is
    ///   asked to cancel.
    private func awaitServer(for events: Int32, _ silence: inout Duration?) throws(DatabaseError) {
        if signal.isRaised, cancelRequest == nil {
            cancelRequest = CancelRequest(for: pointer)
            silence = time.uptime() + silenceLimit
        } else if silence == nil, let statementTimeout {
            silence = time.uptime() + statementTimeout + silenceLimit
        }
        if wait(until: silence, for: events) {
            if PQconsumeInput(pointer) == 0 { throw lost(PostgresErrors.connectionText(pointer)) }
        } else if let silence, time.uptime() >= silence {
            throw lost("the server does not answer")
        }
    }

    /// Reads what has come without waiting for more; waits for it until the deadline.
    ///
    /// - Returns: whether something came, and not the deadline or the signal.
    func readInput(until deadline: Duration?) throws(DatabaseError) -> Bool {
        guard wait(until: deadline, for: POLLIN) else { return false }
        if PQconsumeInput(pointer) == 0 { throw lost(PostgresErrors.connectionText(pointer)) }
        return true
    }

    /// Gives the connection up: nothing more is expected of it.
    func lost(_ reason: String) -> DatabaseError {
        isLost = true
        return DatabaseError(.connectionLost, "The connection to the server broke: \(reason)")
    }

    /// Waits until the socket is ready, the signal is raised or the deadline has come; true if the socket is.
    private func wait(until deadline: Duration?, for events: Int32) -> Bool {
        // A signal that is up already would end every wait at once.
        let watched = signal.isRaised ? -1 : signal.descriptor
        var sources = [
            pollfd(fd: PQsocket(pointer), events: Int16(events), revents: 0),
            pollfd(fd: watched, events: Int16(POLLIN), revents: 0),
        ]
        let timeout = deadline.map { max(0, ($0 - time.uptime()).wholeMilliseconds) }
        _ = poll(&sources, 2, timeout.map { Int32(clamping: $0) } ?? -1)
        return sources[0].revents != 0
    }
}
