internal import CPostgres
internal import Database
internal import Effects
internal import Glibc

/// libpq's connection and every wait on it. Confined to one thread, except for its wake-up signal.
final class PostgresHandle {
    let pointer: OpaquePointer
    let signal: WakeSignal
    /// How long a server may stay silent after it was asked to stop a statement, before it counts as lost.
    private static let silenceAfterCancel = Duration.seconds(5)
    private(set) var isOpen = true

    /// Reaches the server within the configured time, or says in words why it cannot.
    init(_ configuration: PostgresConfiguration) throws(DatabaseError) {
        let pointer = PostgresHandle.start(configuration)
        guard let pointer, PQstatus(pointer) != CONNECTION_BAD else {
            let reason = PostgresErrors.connectionText(pointer)
            PQfinish(pointer)
            throw PostgresHandle.cannotConnect(configuration, reason)
        }
        do {
            try PostgresHandle.finishConnecting(pointer, configuration)
        } catch {
            PQfinish(pointer)
            throw error
        }
        self.pointer = pointer
        signal = WakeSignal()
        // Notices would go to standard error.
        PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        PQfinish(pointer)
        signal.close()
    }

    var isBroken: Bool { !isOpen || PQstatus(pointer) != CONNECTION_OK }

    /// The next result of what was sent, nil behind the last one. A raised signal asks the server to cancel.
    func nextResult(cancels: Bool = true) throws(DatabaseError) -> OpaquePointer? {
        var deadline: Duration?
        while PQisBusy(pointer) == 1 {
            if cancels, deadline == nil, signal.isRaised {
                cancel()
                deadline = SystemTime().uptime() + PostgresHandle.silenceAfterCancel
            }
            let woken = wait(deadline)
            if let deadline, SystemTime().uptime() >= deadline {
                throw lost("The server does not answer, not even to a request to cancel")
            }
            if woken, PQconsumeInput(pointer) == 0 {
                throw lost("The connection broke: \(PostgresErrors.connectionText(pointer))")
            }
        }
        return PQgetResult(pointer)
    }

    /// Sends what libpq still holds in its buffer; a full socket is waited for.
    func flush() throws(DatabaseError) {
        while true {
            let status = PQflush(pointer)
            if status == 0 { return }
            guard status == 1 else {
                throw lost("The connection broke: \(PostgresErrors.connectionText(pointer))")
            }
            _ = wait(nil, writing: true)
            // A server that waits for us to read must not wait for ever.
            if PQconsumeInput(pointer) == 0 {
                throw lost("The connection broke: \(PostgresErrors.connectionText(pointer))")
            }
        }
    }

    /// Breaks the connection on our side: nothing more is expected of it.
    private func lost(_ message: String) -> DatabaseError {
        shutdown(PQsocket(pointer), Int32(SHUT_RDWR))
        _ = PQconsumeInput(pointer)
        return DatabaseError(.connectionLost, message)
    }

    /// Asks the server to stop the running statement, on a thread of its own: libpq's request waits for the
    /// server without a limit, and a server that hangs must not hang this thread as well.
    private func cancel() {
        guard let request = PQgetCancel(pointer) else { return }
        let address = UInt(bitPattern: request)
        SystemThread.detached(name: "cancel", stackSizeBytes: 256 << 10) {
            guard let request = OpaquePointer(bitPattern: address) else { return }
            var text = [CChar](repeating: 0, count: 256)
            _ = PQcancel(request, &text, Int32(text.count))
            PQfreeCancel(request)
        }
    }

    /// Waits until the socket is ready, the signal is raised or the deadline has come; true if the socket is.
    private func wait(_ deadline: Duration?, writing: Bool = false) -> Bool {
        let events = Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0)
        // A signal that is up already would end every wait at once.
        let watched = signal.isRaised ? -1 : signal.descriptor
        var sources = [
            pollfd(fd: PQsocket(pointer), events: events, revents: 0),
            pollfd(fd: watched, events: Int16(POLLIN), revents: 0),
        ]
        let timeout = deadline.map { PostgresHandle.milliseconds($0 - SystemTime().uptime()) } ?? -1
        _ = poll(&sources, 2, timeout)
        return sources[0].revents != 0
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
    }
}

// MARK: - Connecting

extension PostgresHandle {
    private static func start(_ configuration: PostgresConfiguration) -> OpaquePointer? {
        let parameters = configuration.parameters
        let names = parameters.map { strdup($0.name) }
        let values = parameters.map { strdup($0.value) }
        defer { (names + values).forEach { free($0) } }
        let keywords = names.map { UnsafePointer($0) } + [nil]
        let settings = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywords, settings, 0)
    }

    private static func finishConnecting(
        _ pointer: OpaquePointer, _ configuration: PostgresConfiguration
    ) throws(DatabaseError) {
        let limit = configuration.connectTimeout * configuration.hosts.count
        let deadline = SystemTime().uptime() + limit
        var events = Int16(POLLOUT)
        while true {
            var source = pollfd(fd: PQsocket(pointer), events: events, revents: 0)
            let left = deadline - SystemTime().uptime()
            guard left > .zero else {
                throw cannotConnect(configuration, "no answer within \(limit.components.seconds) s")
            }
            _ = poll(&source, 1, milliseconds(left))
            guard source.revents != 0 else { continue }
            switch PQconnectPoll(pointer) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: throw cannotConnect(configuration, PostgresErrors.connectionText(pointer))
            }
        }
    }

    private static func cannotConnect(
        _ configuration: PostgresConfiguration, _ reason: String
    ) -> DatabaseError {
        DatabaseError(.cannotConnect, "Cannot connect to \(configuration.place): \(reason)")
    }
}

extension PostgresConfiguration {
    /// The settings in libpq's words.
    fileprivate var parameters: [(name: String, value: String)] {
        var options = ["-c TimeZone=UTC", "-c DateStyle=ISO", "-c IntervalStyle=iso_8601"]
        if let statementTimeout {
            let (seconds, attoseconds) = statementTimeout.components
            options.append("-c statement_timeout=\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)")
        }
        if isReadOnly { options.append("-c default_transaction_read_only=on") }
        if let schema { options.append("-c search_path=\(schema.replacing(" ", with: "\\ "))") }
        var parameters = [
            ("host", hosts.map(\.name).joined(separator: ",")),
            ("port", hosts.map { String($0.port) }.joined(separator: ",")), ("dbname", database),
            ("user", username), ("sslmode", tlsMode.rawValue), ("target_session_attrs", target.rawValue),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("connect_timeout", String(max(2, connectTimeout.components.seconds))),
            ("options", options.joined(separator: " ")),
            // A peer that vanished is noticed in half a minute and not in two hours.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"),
        ]
        if let password { parameters.append(("password", password)) }
        if let tlsRootCertificate { parameters.append(("sslrootcert", tlsRootCertificate)) }
        return parameters.map { (name: $0.0, value: $0.1) }
    }
}
