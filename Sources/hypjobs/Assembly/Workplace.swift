import Database
import Effects
import Glibc
import HypConfig
import JobEngine
import Logging
import Migrations
import SQL
import SourceText

/// The opened installation: settings, database and store, put together here and nowhere else.
struct Workplace: Sendable {
    let settings: Settings
    let database: Database
    let store: JobStore
    let effects: Effects

    /// What the audit trail says of the commands of this process.
    var initiator: Initiator { Initiator(agent: "hypjobs/\(Version.current) \(ProcessFacts.person)") }

    /// What a command does with the installation.
    enum Purpose {
        /// It shows something to people, and a replica may answer.
        case looking
        case changing
        /// It stays, and keeps connections open.
        case serving
    }

    /// Opens the installation for a command, which needs the tables to be there, and closes it whatever
    /// happens. For one that makes the tables a statement may take as long as it likes: a migration may have
    /// to build an index over years of history.
    static func use<Result>(
        _ options: GlobalOptions, for purpose: Purpose = .changing, needsTables: Bool = true,
        createsDatabase: Bool = false, _ body: (Workplace) async throws -> Result
    ) async throws -> Result {
        let workplace = try Workplace(
            settings: Settings.load(options), for: purpose, limitsStatements: needsTables,
            createsDatabase: createsDatabase)
        do {
            if !createsDatabase { try workplace.requireFile() }
            if needsTables {
                try await workplace.requireTables(for: purpose)
                try await workplace.store.synchronizeClock()
            }
            let result = try await workplace.report(if: purpose == .serving) { try await body(workplace) }
            await workplace.database.close()
            return result
        } catch {
            await workplace.database.close()
            throw error
        }
    }

    /// Runs the body; one that stays answers those who ask about its connections.
    private func report<Result>(
        if stays: Bool, while body: () async throws -> Result
    ) async throws -> Result {
        guard stays, let reporter = PoolReporter(environment: ProcessEnvironment.current()) else {
            return try await body()
        }
        return try await reporter.serve(
            database, named: settings.databaseName, identity: settings.databaseIdentity, while: body)
    }

    init(
        settings: Settings, for purpose: Purpose = .changing, limitsStatements: Bool = true,
        createsDatabase: Bool = false
    ) throws {
        self.settings = settings
        // Machines that share a server share its clock.
        effects =
            switch settings.database {
            case .sqlite: .live
            case .postgresql: Effects(livingBy: ServerTime(base: SystemTime()))
            }
        var logger = Logger(label: "hypjobs") { StreamLogHandler.standardError(label: $0) }
        // What fails is thrown, and said once in the command's own words. Who stays is told of what may fail.
        logger.logLevel = purpose == .serving ? .warning : .error
        var pool = settings.poolConfiguration
        // A short command would only wait for connections that it does not use.
        if purpose != .serving { pool.minConnections = 0 }
        // A migration may take as long as it likes.
        if !limitsStatements { pool.maxLease = nil }
        database = Database(
            driver: settings.driver(limitsStatements: limitsStatements, createsDatabase: createsDatabase),
            pool: pool, replicas: settings.replicas,
            transactionRetry: settings.transactions.retry.policy, effects: effects, logger: logger)
        let store = JobStore(
            database: database, templates: try settings.templates(),
            repositories: try settings.repositories(database.dialect),
            timeout: settings.transactions.defaultTimeout,
            effects: effects)
        self.store = purpose == .looking ? store.forLooking : store
    }

    /// What only reads makes no database: a mistyped path would look like an empty one.
    private func requireFile() throws {
        guard case .sqlite(let sqlite) = settings.database, sqlite.createsFile,
            !InputDirectory.exists(sqlite.file), InputDirectory.exists(InputDirectory.parent(of: sqlite.file))
        else { return }
        throw Failure(
            .environment, CommandCode.notMigrated, "There is no database '\(sqlite.file)' yet",
            help: "hypjobs migrate up"
        ).thrown
    }

    private func requireTables(for purpose: Purpose) async throws {
        guard try await store.isMigrated() else {
            throw Failure(
                .environment, CommandCode.notMigrated, "The database does not have the tables of hypjobs",
                help: "hypjobs migrate up"
            ).thrown
        }
        // Looking does no harm.
        if purpose != .looking { try await requireKnownSchema() }
    }

    var workerConfiguration: WorkerConfiguration {
        var configuration = WorkerConfiguration()
        configuration.queues = settings.worker.queues
        configuration.slots = settings.worker.slots
        configuration.pollInterval = settings.worker.pollInterval
        configuration.heartbeatInterval = settings.worker.heartbeatInterval
        configuration.heartbeatTimeout = settings.worker.heartbeatTimeout
        configuration.gracePeriod = settings.worker.gracePeriod
        configuration.claimBatch = settings.worker.claimBatch
        configuration.prefetch = settings.worker.prefetch
        configuration.rescueLimit = settings.worker.maxRescues
        configuration.boxes = settings.boxes
        configuration.retention = Retention(settings.worker.retention)
        return configuration
    }

    /// This process among the others of its machine.
    static var process: LocalProcess {
        LocalProcess(
            host: ProcessFacts.host, scope: ProcessFacts.scope, pid: Int(getpid()), version: Version.current,
            isAlive: ProcessFacts.isAlive)
    }
}

extension SettingsLoader {
    /// With this process's environment and the operations that the engine has.
    static var current: SettingsLoader { current(reading: .system) }

    static func current(reading files: ConfigFiles) -> SettingsLoader {
        SettingsLoader(
            environment: ProcessEnvironment.current(),
            operations: JobEngine.Operation.allCases.map(\.rawValue), files: files)
    }
}

extension Settings {
    /// The configuration that the options name, with the database that HYPJOBS_DATABASE names instead.
    static func load(_ options: GlobalOptions) throws -> Settings { try load(options, reading: .system) }

    /// The same where some files read otherwise than they are written.
    static func load(_ options: GlobalOptions, reading files: ConfigFiles) throws -> Settings {
        let loader = SettingsLoader.current(reading: files)
        var settings: Settings
        do { settings = try loader.load(directory: options.config) } catch {
            throw ConfigFailure(error.diagnostics.map { $0.fromHere(directory: options.config) })
        }
        if let place = ProcessEnvironment.current()["HYPJOBS_DATABASE"], !place.isEmpty {
            settings.database = try settings.database.replaced(by: place)
        }
        return settings
    }

    /// The templates of the configuration, and the engine's own where it has none.
    fileprivate func templates() throws -> [String: TransactionTemplate] {
        var templates: [String: TransactionTemplate] = [:]
        for (name, steps) in TransactionTemplate.defaultSteps {
            templates[name] = try TransactionTemplate(
                name: name,
                isolation: name == TransactionTemplate.createScriptName ? .serializable : .readCommitted,
                timeout: .seconds(name == TransactionTemplate.createScriptName ? 60 : 300),
                retry: transactions.retry.policy, steps: steps)
        }
        for template in transactions.templates {
            templates[template.name] = try TransactionTemplate(template)
        }
        return templates
    }
}

extension DatabaseSettings {
    /// The database that a path or a URL names, in place of the configured one.
    fileprivate func replaced(by place: String) throws -> DatabaseSettings {
        if PostgresURL.isOne(place) {
            do throws(PostgresURL.Flaw) {
                return .postgresql(try PostgresURL(place).applied(to: self))
            } catch {
                throw Failure(
                    .configuration, CommandCode.databaseVariable, "HYPJOBS_DATABASE \(error.message)",
                    help: error.help
                ).thrown
            }
        }
        guard case .sqlite(var sqlite) = self else {
            throw Failure(
                .configuration, CommandCode.databaseVariable,
                "HYPJOBS_DATABASE names a file, and the configuration a PostgreSQL server",
                help: "unset it, or write postgresql://user@host:port/database"
            ).thrown
        }
        sqlite.file = place
        return .sqlite(sqlite)
    }
}

extension Diagnostic {
    /// The finding with its file as one names it from the working directory; a configuration names its files
    /// from its own directory.
    fileprivate func fromHere(directory: String) -> Diagnostic {
        var directory = directory
        while directory.count > 1, directory.last == "/" { directory.removeLast() }
        guard !file.isEmpty, !file.hasPrefix("/"), file != directory, !file.hasPrefix(directory + "/") else {
            return self
        }
        var finding = self
        finding.file = "\(directory)/\(file)"
        return finding
    }
}

extension TransactionTemplate {
    fileprivate init(_ settings: TemplateSettings) throws {
        let steps = settings.steps.map { step in
            guard let operation = JobEngine.Operation(rawValue: step.operation) else {
                preconditionFailure("The settings accept only the names of operations.")
            }
            return TemplateStep(
                name: step.name, operation: operation, rollbackOnFailure: step.rollsBackOnFailure)
        }
        do {
            try self.init(
                name: settings.name, isolation: settings.isolation.level, timeout: settings.timeout,
                retry: settings.retry.policy, steps: steps)
        } catch {
            throw Failure(
                .configuration, CommandCode.invalidTemplate,
                "Template '\(settings.name)' \(error.predicate(settings))",
                help: "a template either adds scripts or runs executions"
            ).thrown
        }
    }
}

extension TransactionTemplate.Flaw {
    fileprivate func predicate(_ settings: TemplateSettings) -> String {
        switch self {
        case .noSteps: "has no steps"
        case .duplicateStep(let step): "has two steps named '\(settings.steps[step].name)'"
        case .noSubject: "has no step that runs a script or adds one"
        case .mixedSubjects(let step, let expected):
            "is about \(expected.rawValue), but its step '\(settings.steps[step].name)' is not"
        }
    }
}

extension RetrySettings {
    var policy: RetryPolicy {
        let backoff: RetryPolicy.Backoff =
            switch self.backoff {
            case .fixed: .fixed
            case .linear: .linear
            case .exponential: .exponential
            }
        return RetryPolicy(maxRetries: maxRetries, delay: delay, backoff: backoff, cap: maxDelay)
    }
}

extension TransactionSettings.Isolation {
    fileprivate var level: IsolationLevel {
        switch self {
        case .readUncommitted: .readUncommitted
        case .readCommitted: .readCommitted
        case .repeatableRead: .repeatableRead
        case .serializable: .serializable
        }
    }
}
