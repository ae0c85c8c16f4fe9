import Database
import Effects
import Glibc
import Synchronization

/// What a run of the real program left behind.
struct CommandResult: Sendable {
    let status: Int32
    /// The signal that ended it, if one did.
    let signal: Int32?
    let output: String
    let errors: String
}

/// One run of the real program: the debug product that lies beside the test bundle.
struct CommandRun: Sendable {
    var arguments: [String]
    var directory: String
    var environment: [String: String] = [:]
    var input = ""
    /// Run through `sh`, which does this first: limits and ignored signals are inherited.
    var shellPrefix: String?
    /// Looked at after everything that the program says; a signal is sent to it once.
    var signalWhen: (@Sendable (_ errors: String) -> Int32?)?

    /// Nothing that is tested here takes longer on a slow machine.
    private static let deadline = Duration.seconds(60)

    static let program: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/hypjobs"
    }()

    /// What goes in front, in the shell, so that permissions bind the program; nil where they cannot.
    static let asNobody: String? = {
        guard geteuid() == 0 else { return "true" }
        let setpriv = "/usr/bin/setpriv"
        guard access(setpriv, X_OK) == 0, isOpenToAll(program) else { return nil }
        return "exec \(setpriv) --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\""
    }()

    /// Whether every folder on the way lets everybody through.
    private static func isOpenToAll(_ path: String) -> Bool {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            var facts = stat()
            guard stat(prefix, &facts) == 0, facts.st_mode & S_IXOTH != 0 else { return false }
        }
        return true
    }

    func result() async throws -> CommandResult {
        let waiter = ProcessWaiter()
        defer { waiter.stop() }
        return try await waiter.run(self)
    }

    fileprivate func spawned() throws -> RunningProcess {
        // The shell goes to the folder and then becomes the program. It is started in '/', because other
        // tests of this process move it into folders that go away.
        let preparation = shellPrefix.map { "\($0); " } ?? ""
        let words =
            [
                "/usr/bin/env", "-C", "/", "/bin/sh", "-c",
                "cd \"$1\" && shift && \(preparation)exec \"$0\" \"$@\"", Self.program,
                directory,
            ] + arguments
        var variables = ["PATH": "/usr/bin:/bin", "HOME": directory, "TZ": "UTC", "LANG": "C.UTF-8"]
        variables.merge(environment) { $1 }
        return try RunningProcess(
            words: words, variables: variables.map { "\($0.key)=\($0.value)" }, input: input,
            deadline: Self.deadline)
    }
}

/// A thread that may block on a child process.
private actor ProcessWaiter {
    private let executor = ThreadExecutor(name: "child")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func run(_ run: CommandRun) throws -> CommandResult {
        var process = try run.spawned()
        return try process.finish(signalWhen: run.signalWhen)
    }

    nonisolated func stop() { executor.stop() }
}

/// What the system refused to the test itself.
struct SystemFailure: Error {
    let call: String
    let reason: String

    init(_ call: String, _ number: Int32 = errno) {
        self.call = call
        reason = String(cString: strerror(number))
    }
}

/// A child process and the ends of its pipes.
private struct RunningProcess {
    private var pid: pid_t = 0
    private let output: Int32
    private let errors: Int32
    private let end: Duration
    private static let time = SystemTime()

    /// One child at a time is born: none may inherit the ends of another's pipes, which would stay open.
    private static let birth = Mutex(())

    init(words: [String], variables: [String], input: String, deadline: Duration) throws {
        self = try Self.birth.withLock { _ in
            try RunningProcess(alone: words, variables, input: input, deadline: deadline)
        }
    }

    private init(alone words: [String], _ variables: [String], input: String, deadline: Duration) throws {
        end = Self.time.uptime() + deadline
        guard let file = tmpfile() else { throw SystemFailure("tmpfile") }
        defer { fclose(file) }
        let standardInput = fileno(file)
        guard fputs(input, file) >= 0, fflush(file) == 0, lseek(standardInput, 0, SEEK_SET) == 0 else {
            throw SystemFailure("fputs")
        }
        let (outputEnd, childOutput) = try Self.pipe()
        let (errorsEnd, childErrors) = try Self.pipe()
        output = outputEnd
        errors = errorsEnd
        defer {
            close(childOutput)
            close(childErrors)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_adddup2(&actions, childOutput, 1)
        posix_spawn_file_actions_adddup2(&actions, childErrors, 2)
        let argv = words.map { strdup($0) } + [nil]
        let environment = variables.map { strdup($0) } + [nil]
        defer { (argv + environment).forEach { free($0) } }
        let failure = posix_spawn(&pid, words[0], &actions, nil, argv, environment)
        guard failure == 0 else { throw SystemFailure("posix_spawn \(words[0])", failure) }
    }

    /// Reads until both pipes are closed, and waits for the end.
    mutating func finish(signalWhen: (@Sendable (String) -> Int32?)?) throws -> CommandResult {
        var collected: [Int32: [UInt8]] = [output: [], errors: []]
        var open: Set<Int32> = [output, errors]
        var signalWhen = signalWhen
        while !open.isEmpty {
            var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let (seconds, attoseconds) = (end - Self.time.uptime()).components
            let left = max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
            let count = poll(&polled, nfds_t(polled.count), Int32(left))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                kill(pid, SIGKILL)
                throw SystemFailure("waiting for \(CommandRun.program)", ETIMEDOUT)
            }
            for entry in polled where entry.revents != 0 {
                var chunk = [UInt8](repeating: 0, count: 65_536)
                let count = read(entry.fd, &chunk, chunk.count)
                if count > 0 { collected[entry.fd]?.append(contentsOf: chunk[..<count]) }
                guard count <= 0 else { continue }
                open.remove(entry.fd)
                close(entry.fd)
            }
            if let signal = signalWhen?(String(decoding: collected[errors] ?? [], as: UTF8.self)) {
                kill(pid, signal)
                signalWhen = nil
            }
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return CommandResult(
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, signal: signal == 0 ? nil : signal,
            output: String(decoding: collected[output] ?? [], as: UTF8.self),
            errors: String(decoding: collected[errors] ?? [], as: UTF8.self))
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw SystemFailure("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
