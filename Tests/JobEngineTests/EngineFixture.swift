import Database
import Effects
import Migrations
import SQL
import TestSupport

@testable import JobEngine
@testable import hypjobs

/// The engine on a migrated database of its own, under a clock that only the test moves.
struct EngineFixture: Sendable {
    let store: JobStore
    let time: ManualTime
    /// The worker that the test plays.
    let epoch = UniqueID(high: 0xE, low: 1)
    let initiator = Initiator(agent: "the test")

    static let process = LocalProcess(
        host: "here", scope: "this boot", pid: 7, version: "test", isAlive: { _ in true })

    /// A program that greets `name`, and one that fails at its third line.
    static let greeting = #"Focus { observe "Hello, " + name; induce result = name; } Relax"#
    static let failing = "Focus {\n    observe \"before\";\n    observe missing;\n} Relax"
}

/// Always the middle of the range, so that a delay with jitter is exactly half of the longest.
struct MiddleRandom: RandomSource {
    func next() -> UInt64 { 1 << 63 + 1 << 33 }
}

/// Runs the body on every database that is reachable, with an engine whose scripts are `greeting` and
/// `failing`, with the templates of the shipped configuration and these.
///
/// - Parameter databaseEffects: where transactions meet, one that begins again waits by this clock.
func withEngine(
    templates: [TransactionTemplate] = [], isEager: Bool = false, timeout: Duration = .seconds(30),
    random: any RandomSource = MiddleRandom(),
    databaseEffects: Effects = .test(), on databases: [ReachableDatabase] = ReachableDatabase.all,
    through wrap: (any DatabaseDriver) -> any DatabaseDriver = { $0 },
    _ body: (EngineFixture) async throws -> Void
) async throws {
    let configuration = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/config"
    let loader = SettingsLoader(
        environment: [:], operations: JobEngine.Operation.allCases.map(\.rawValue))
    let settings = try loader.load(directory: configuration)
    var all = try Workplace(settings: settings).store.templates
    for template in templates { all[template.name] = template }
    for kind in databases {
        try await kind.withDatabase(effects: databaseEffects, through: wrap) { database in
            try await withEngine(
                on: database, settings, templates: all, isEager: isEager, timeout: timeout, random: random,
                body)
        }
    }
}

private func withEngine(
    on database: Database, _ settings: Settings, templates: [String: TransactionTemplate], isEager: Bool,
    timeout: Duration, random: any RandomSource, _ body: (EngineFixture) async throws -> Void
) async throws {
    let time = ManualTime(isEager: isEager)
    let effects = Effects(
        time: time, random: random, ids: UUIDVersion7(time: time, random: SeededRandom(seed: 1)))
    let migrations = settings.migrations.map { source in
        Migration(
            version: source.version, name: source.name, description: source.description,
            up: source.up.compactMap { $0.text(for: database.dialect.name) }, down: [], source: source.file)
    }
    let migrator = try Migrator(
        database: database, migrations: migrations, settings: MigrationSettings(), effects: .test(),
        by: "the test")
    try await migrator.up()
    let store = JobStore(
        database: database, templates: templates, timeout: timeout, effects: effects)
    let engine = EngineFixture(store: store, time: time)
    try await engine.add("greeting", EngineFixture.greeting)
    try await engine.add("failing", EngineFixture.failing)
    try await body(engine)
}

// MARK: - What a person does

extension EngineFixture {
    @discardableResult
    func add(_ name: String, _ source: String) async throws -> ScriptAddition {
        try await store.addScript(name: name, source: source, file: "\(name).hyp", by: initiator)
    }

    /// Enqueues one execution.
    @discardableResult
    func enqueue(
        _ script: String = "greeting", arguments: String = #"{"name":"Ada"}"#, queue: String = "default",
        priority: Int = 0, runAt: Timestamp? = nil, uniqueKey: String? = nil, key: String? = nil,
        template: String = "executeScript", maxAttempts: Int? = nil
    ) async throws -> UniqueID {
        let request = EnqueueRequest(
            script: script, arguments: arguments, queue: queue, priority: priority, runAt: runAt,
            uniqueKey: uniqueKey, concurrencyKey: key, template: template, maxAttempts: maxAttempts)
        guard case .enqueued(let id)? = try await store.enqueue([request], by: initiator).first else {
            throw Unexpected("The unique key is in use")
        }
        return id
    }

    /// The rows of a query in the manner of SQLite's own shell: one text a row, `|` between the columns.
    func rows(_ text: String) async throws -> [String] {
        try await store.read { transaction in
            try transaction.execute(text).rows.map { row in
                (0..<row.count).map { row[$0].shown }.joined(separator: "|")
            }
        }
    }

    func change(_ text: String) async throws {
        try await store.transaction { transaction in
            _ = try transaction.execute(text)
        }
    }

    /// Every row of every table that an execution leaves traces in.
    func everything() async throws -> [String] {
        var all: [String] = []
        for table in [
            "script_executions", "execution_queue", "execution_unique_keys", "execution_attempts",
            "execution_logs", "execution_steps", "audit_logs",
        ] {
            all += try await rows("SELECT '\(table)', * FROM \(table) ORDER BY 2, 3")
        }
        return all
    }
}

// MARK: - What a worker does

extension EngineFixture {
    /// Claims as a worker that has registered before.
    func claim(
        _ limit: Int = 100, queues: [String] = ["default"], epoch: UniqueID? = nil
    ) async throws -> CycleResult {
        let epoch = epoch ?? self.epoch
        if try await rows("SELECT 1 FROM workers WHERE epoch = '\(epoch)'").isEmpty {
            try await register(epoch)
        }
        let request = ClaimRequest(
            epoch: epoch, queues: queues, limit: limit, knownScripts: [])
        return try await store.claim(request)
    }

    /// Claims the one execution that is due.
    func claimOne() async throws -> Attempt {
        let claimed = try await claim()
        guard let attempt = claimed.needScript.first, claimed.needScript.count == 1 else {
            throw Unexpected("\(claimed.needScript.count) executions were due, and 1 was expected")
        }
        return attempt
    }

    /// Records how the script of an attempt ended.
    @discardableResult
    func record(
        _ attempt: Attempt, _ end: ScriptReport.End, output: String = "",
        duration: Duration = .microseconds(4321)
    ) async throws -> EndedAttempt {
        var attempt = attempt
        attempt.report = ScriptReport(end: end, output: output, duration: duration)
        let result = try await store.record([attempt], isRepeated: false)
        guard let ended = result.ended.first else { throw Unexpected("The attempt has not ended") }
        return ended
    }

    func register(_ epoch: UniqueID? = nil, _ process: LocalProcess = EngineFixture.process) async throws {
        try await store.register(
            epoch: epoch ?? self.epoch, process: process, slots: 4, queues: ["default"])
    }

    /// A heartbeat of a worker that goes by the clock alone, unless it is given what it has seen before.
    func pulse(
        _ epoch: UniqueID? = nil, _ process: LocalProcess = EngineFixture.process, rescueLimit: Int = 3,
        watch: HeartbeatWatch = HeartbeatWatch(interval: .zero), held: [UniqueID]? = nil
    ) async throws -> PulseAndRescue {
        let epoch = epoch ?? self.epoch
        let pulse = try await store.heartbeat(
            epoch: epoch, process: process, timeout: .seconds(30), watch: watch, held: held,
            findsOrphans: true)
        guard pulse.seesDead else { return PulseAndRescue(pulse: pulse, rescued: []) }
        let rescued = try await store.rescue(
            besides: epoch, process: process, timeout: .seconds(30), rescueLimit: rescueLimit,
            watch: pulse.watch)
        return PulseAndRescue(pulse: pulse, rescued: rescued)
    }
}

/// A heartbeat, and what its worker took over because of what it saw.
@dynamicMemberLookup
struct PulseAndRescue {
    let pulse: Pulse
    let rescued: [EndedAttempt]

    subscript<Value>(dynamicMember path: KeyPath<Pulse, Value>) -> Value { pulse[keyPath: path] }
}

extension EngineFixture {
    /// Makes the database refuse what happens to a table, until `allow`.
    func refuse(_ event: String, on table: String) async throws {
        guard store.worksInSets else {
            return try await change(
                "CREATE TRIGGER refuse BEFORE \(event) ON \(table) BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        try await change(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$")
        try await change(
            "CREATE TRIGGER refuse BEFORE \(event) ON \(table) FOR EACH ROW EXECUTE FUNCTION refuse()")
    }

    func allow(on table: String) async throws {
        try await change("DROP TRIGGER refuse" + (store.worksInSets ? " ON \(table)" : ""))
    }
}

extension JSON {
    /// A document's compact text with its members in the order in which PostgreSQL keeps them: short keys
    /// first, those of one length by their bytes. Nil for what is no object or array.
    fileprivate static func inServersOrder(_ text: String) -> String? {
        guard text.hasPrefix("{") || text.hasPrefix("[") else { return nil }
        return try? JSON(parsing: text).inServersOrder.text
    }

    private var inServersOrder: JSON {
        switch self {
        case .array(let values): .array(values.map(\.inServersOrder))
        case .object(let members):
            .object(
                members.map { Member($0.key, $0.value.inServersOrder) }
                    .sorted { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) })
        default: self
        }
    }
}

/// Something that the test itself took for granted was not so.
struct Unexpected: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

extension ExecutionError {
    /// What a script may run into, and another attempt may not.
    static let passing = ExecutionError(kind: .script, message: "No luck", line: 3, column: 13)
}

extension SQLValue {
    var shown: String {
        switch self {
        case .null: "NULL"
        case .decimal(let text): text
        case .bool(let value): value ? "1" : "0"
        case .integer(let value): String(value)
        case .double(let value): String(value)
        case .text(let text), .json(let text): JSON.inServersOrder(text) ?? text
        case .blob(let bytes): "\(bytes.count) bytes"
        case .timestamp(let time): time.sqlText
        case .uuid(let id): id.description
        case .array(let elements): "[\(elements.map(\.shown).joined(separator: ","))]"
        }
    }
}
