internal import CPostgres
internal import Database
internal import Effects
internal import Glibc

/// Reaching one of several servers in a time that covers everything: names, sockets, TLS, the password.
///
/// The hosts are tried here and not by libpq, which bounds the time for a host only in its blocking call.
enum PostgresConnecting {
    /// Older servers lack what the engine's statements use.
    static let oldestVersion: Int32 = 130_000

    /// A connection to the first host that takes it. A host that stays silent gets an equal share of the time
    /// that is left, so that those behind it have theirs.
    static func connect(_ configuration: PostgresConfiguration) throws(DatabaseError) -> OpaquePointer {
        let time = SystemTime()
        let deadline = time.uptime() + configuration.connectionTimeout
        let tries = attempts(configuration)
        var failures: [Failure] = []
        for (index, attempt) in tries.enumerated() {
            let now = time.uptime()
            let share = (deadline - now) / (tries.count - index)
            do throws(Failure) {
                guard share > .zero else { throw Failure(text: "not tried, the time was over") }
                let parameters = configuration.parameters(for: attempt.host, target: attempt.target)
                let pointer = try connect(parameters, until: now + share, time)
                return pointer
            } catch {
                failures.append(error)
            }
        }
        throw PostgresErrors.connectError(failures, configuration)
    }

    /// Why one host did not take the connection.
    struct Failure: Error {
        /// In libpq's words, or ours.
        var text: String
        /// The server's SQLSTATE, empty when it did not come from a server.
        var state = ""
    }

    /// The hosts in order, with what each must be; a preference is first asked of all.
    private static func attempts(
        _ configuration: PostgresConfiguration
    ) -> [(host: PostgresConfiguration.Host, target: PostgresConfiguration.TargetServer)] {
        let targets: [PostgresConfiguration.TargetServer] =
            configuration.target == .preferStandby ? [.standby, .any] : [configuration.target]
        return targets.flatMap { target in configuration.hosts.map { ($0, target) } }
    }

    /// Whether a server of that number, which is 150018 for 15.18, is new enough.
    static func requireVersion(_ version: Int32) throws(Failure) {
        guard version < oldestVersion else { return }
        throw Failure(
            text: "the server is PostgreSQL \(version / 10_000); "
                + "\(oldestVersion / 10_000) or newer is needed, upgrade it")
    }

    private static func connect(
        _ parameters: [(name: String, value: String)], until deadline: Duration, _ time: SystemTime
    ) throws(Failure) -> OpaquePointer {
        guard let pointer = start(parameters) else { throw Failure(text: "out of memory") }
        do throws(Failure) {
            // Notices would go to standard error.
            PQsetNoticeReceiver(pointer, { _, _ in }, nil)
            // The only way to the SQLSTATE of a refusal: it is in the text.
            PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
            try finish(pointer, until: deadline, time)
            PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
            try requireVersion(PQserverVersion(pointer))
            return pointer
        } catch {
            PQfinish(pointer)
            throw error
        }
    }

    private static func start(_ parameters: [(name: String, value: String)]) -> OpaquePointer? {
        let names = parameters.map { strdup($0.name) }
        let values = parameters.map { strdup($0.value) }
        defer { (names + values).forEach { free($0) } }
        let keywords = names.map { UnsafePointer($0) } + [nil]
        let settings = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywords, settings, 0)
    }

    private static func finish(
        _ pointer: OpaquePointer, until deadline: Duration, _ time: SystemTime
    ) throws(Failure) {
        guard PQstatus(pointer) != CONNECTION_BAD else { throw PostgresErrors.connectFailure(pointer) }
        let begin = time.uptime()
        var events = POLLOUT
        while true {
            var source = pollfd(fd: PQsocket(pointer), events: Int16(events), revents: 0)
            let left = deadline - time.uptime()
            guard left > .zero else {
                throw Failure(text: "no answer within \((deadline - begin).wholeMilliseconds) ms")
            }
            _ = poll(&source, 1, Int32(clamping: left.wholeMilliseconds))
            guard source.revents != 0 else { continue }
            switch PQconnectPoll(pointer) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: events = POLLIN
            case PGRES_POLLING_WRITING: events = POLLOUT
            default: throw PostgresErrors.connectFailure(pointer)
            }
        }
    }
}
