import Database
import Effects
import HypnoScript
import SQL

/// The transaction of one run of a script, opened by its first statement, and ended by whoever runs it:
/// either with the record that it ran, or without a trace.
///
/// The script's thread asks and sleeps; the connection's thread answers and sleeps. The transaction stays on
/// its own thread all the time, as every transaction does.
///
/// Safe because only the script's thread uses it, and the task that it starts touches the two queues alone.
final class ScriptSession: ScriptDatabase, @unchecked Sendable {
    private enum Request: Sendable {
        case perform(@Sendable (Transaction) throws -> Answer)
        case finish(@Sendable (Transaction) throws -> CycleResult)
        case abandon
    }

    enum Answer: Sendable {
        case rows([ScriptValue])
        case count(Int)
        case text(String)
        case value(ScriptValue)
        case refused(String)
        case tooLarge
    }

    private enum Reply: Sendable {
        case answer(Answer)
        case ended(Result<CycleResult, any Error>)
    }

    /// Nobody wants the transaction any more.
    private struct Abandoned: Error {}

    /// Whose run it is, and how its transaction runs.
    struct Setting: Sendable {
        let store: JobStore
        let isolation: IsolationLevel
        /// How long the transaction may stay open.
        let timeout: Duration
        /// How long it may wait for a connection, and for everything together.
        let patience: Duration
        let lease: Lease
        let script: String
        let user: UniqueID
        /// On a database with one writer, whose heartbeats wait for this transaction too.
        let keepsAlive: Bool

        fileprivate var overdue: DatabaseError {
            DatabaseError(
                .timeout,
                "The script kept its transaction open for more than \(BoxRules.seconds(timeout)) s")
        }
    }

    private let setting: Setting
    private let requests = BlockingQueue<Request>()
    private let replies = BlockingQueue<Reply>()
    private var task: Task<Void, Never>?
    private var end: Result<CycleResult, any Error>?

    init(_ setting: Setting) {
        self.setting = setting
    }

    /// Whether the script has used the database.
    var isOpen: Bool { task != nil }

    /// Why the transaction ended before anybody wanted it to; nil while it goes on.
    var failure: (any Error)? {
        guard case .failure(let error)? = end else { return nil }
        return error
    }

    // MARK: What the script asks for

    func query(
        _ statement: String, _ parameters: [ScriptValue], room: Int, while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> [ScriptValue] {
        let statement = try ScriptStatement(statement, parameters, dialect: setting.store.database.dialect)
        guard case .rows(let rows) = try ask(while: mayContinue, { try statement.rows(in: $0, room: room) })
        else { preconditionFailure("A query is answered with rows") }
        return rows
    }

    func execute(
        _ statement: String, _ parameters: [ScriptValue], while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> Int {
        let statement = try ScriptStatement(statement, parameters, dialect: setting.store.database.dialect)
        guard case .count(let count) = try ask(while: mayContinue, { try statement.count(in: $0) })
        else { preconditionFailure("A statement is answered with a number") }
        return count
    }

    func call(
        _ method: String, _ arguments: ScriptValue, room: Int, while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> ScriptValue {
        let known: RepositoryMethod
        let bindings: [SQLValue]
        do throws(JobEngineError) {
            known = try setting.store.repositories.method(method)
            bindings = try known.bindings(arguments)
        } catch {
            throw .refused(error.message)
        }
        let answer = try ask(while: mayContinue) { transaction in
            .value(try known.run(bindings, in: transaction, room: room))
        }
        guard case .value(let value) = answer else { preconditionFailure("A call is answered with a value") }
        return value
    }

    func enqueue(
        _ script: String, _ arguments: ScriptValue, _ options: ScriptValue, while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> String {
        let store = setting.store
        let initiator = Initiator(
            user: setting.user, agent: "\(JobStore.workerAgent), script \(setting.script)")
        let request: EnqueueRequest
        do {
            request = try EnqueueRequest(
                script: script, arguments: arguments, options: options, now: store.effects.time.now())
            try request.check()
            try store.checkTemplate(of: request)
        } catch {
            throw .refused(error.message)
        }
        let answer = try ask(while: mayContinue) { transaction in
            do {
                let results = try store.enqueue([request], by: initiator, in: transaction)
                return .text(results.first.map(\.id.description) ?? "")
            } catch let error as JobEngineError {
                return .refused(error.message)
            }
        }
        guard case .text(let id) = answer else { preconditionFailure("An enqueue is answered with an id") }
        return id
    }

    // MARK: Life

    private func ask(
        while mayContinue: () -> Bool, _ body: @escaping @Sendable (Transaction) throws -> Answer
    ) throws(ScriptDatabaseError) -> Answer {
        if let failure { throw .lost(Self.text(of: failure)) }
        // A script that does nothing but ask would otherwise be looked at seldom.
        guard mayContinue() else {
            abandon()
            throw .stopped
        }
        open()
        requests.push(.perform(body))
        while true {
            switch replies.pop(within: ScriptSession.slice) {
            case .answer(.refused(let text))?: throw .refused(text)
            case .answer(.tooLarge)?: throw .tooLarge
            case .answer(let answer)?: return answer
            case .ended(let result)?:
                end = result
                if let failure { throw .lost(Self.text(of: failure)) }
                throw .lost("The transaction has ended")
            case nil:
                guard mayContinue() else {
                    abandon()
                    throw .stopped
                }
            }
        }
    }

    /// How long a script may not notice that it has to stop.
    private static let slice = Duration.milliseconds(10)

    private func open() {
        guard task == nil else { return }
        let (setting, requests, replies) = (setting, requests, replies)
        task = Task {
            let result: Result<CycleResult, any Error>
            do {
                result = .success(
                    try await setting.store.database.transaction(
                        setting.isolation, label: "script \(setting.script)", timeout: setting.patience,
                        retry: .never
                    ) { try Self.serve($0, setting, requests, replies) })
            } catch {
                result = .failure(error)
            }
            replies.push(.ended(result))
        }
    }

    /// Runs on the connection's thread.
    private static func serve(
        _ transaction: Transaction, _ setting: Setting, _ requests: BlockingQueue<Request>,
        _ replies: BlockingQueue<Reply>
    ) throws -> CycleResult {
        transaction.isAbout(Activity.Subject(id: setting.lease.execution))
        let time = setting.store.effects.time
        let deadline = time.uptime() + setting.timeout
        var idleSlices = 0
        while true {
            guard let request = requests.pop(within: .milliseconds(50)) else {
                // Also while the script thinks, or sleeps: others wait for the connection.
                guard time.uptime() < deadline else { throw setting.overdue }
                idleSlices += 1
                // A server gives up whoever says nothing for seconds inside a transaction.
                if !setting.keepsAlive, idleSlices.isMultiple(of: 20) {
                    _ = try transaction.execute(DatabaseStatement.probe)
                }
                continue
            }
            guard time.uptime() < deadline else { throw setting.overdue }
            switch request {
            case .abandon: throw Abandoned()
            case .finish(let record):
                if setting.keepsAlive {
                    let now = SQLValue.timestamp(setting.store.effects.time.now())
                    _ = try transaction.execute(Queries.heartbeat, [now, .uuid(setting.lease.epoch)])
                }
                return try record(transaction)
            case .perform(let body):
                transaction.beginSavepoint()
                do {
                    let answer = try body(transaction)
                    if case .refused = answer {
                        try transaction.undoSavepoint()
                    } else {
                        try transaction.releaseSavepoint()
                    }
                    replies.push(.answer(answer))
                } catch let error as DatabaseError where error.leavesTransaction {
                    try transaction.undoSavepoint()
                    let isTooLarge = error.code == .resultTooLarge
                    replies.push(.answer(isTooLarge ? .tooLarge : .refused(error.message)))
                }
            }
        }
    }

    /// Commits what the script wrote together with its record.
    func finish(
        _ record: @escaping @Sendable (Transaction) throws -> CycleResult
    ) -> Result<CycleResult, any Error> {
        if let end { return end }
        requests.push(.finish(record))
        while let reply = replies.pop() {
            if case .ended(let result) = reply {
                end = result
                return result
            }
        }
        preconditionFailure("Nobody closes this queue")
    }

    /// Rolls back, without waiting for it.
    func abandon() {
        requests.push(.abandon)
        task?.cancel()
        end = end ?? .failure(Abandoned())
    }

    private static func text(of error: any Error) -> String {
        switch error {
        case let error as DatabaseError: error.message
        case is Abandoned: "The transaction of the script was given up"
        default: String(describing: error)
        }
    }
}

extension DatabaseError {
    /// Whether a rollback to a savepoint makes the transaction sound again: all but what concerns the
    /// connection, the transaction as a whole or the database.
    fileprivate var leavesTransaction: Bool {
        switch code {
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .syntax,
            .unknownObject, .unexpectedValue, .accessDenied, .resultTooLarge, .other:
            true
        case .connectionLost, .cannotConnect, .serializationFailure, .deadlock, .busy, .timeout, .cancelled,
            .readOnly, .diskFull, .corrupt, .poolTimeout, .closed, .unknownCommit:
            false
        }
    }
}

extension EnqueueResult {
    /// The execution that now stands for the wish.
    var id: UniqueID {
        switch self {
        case .enqueued(let id), .duplicate(let id), .changed(let id): id
        }
    }
}
