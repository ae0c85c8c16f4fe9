import Database
import Effects
import HypnoScript
import JobEngine
import SQL
import SourceText
import TestSupport
import Testing

@testable import Migrations
@testable import hypjobs

@Suite("Repositories")
struct RepositoryTests {
    /// The seed's own repositories.
    private static func seed() throws -> String {
        try SettingsFixture.text("\(SettingsFixture.directory)/../HypConfigTests/Corpus/seed-blocks/04.hyp")
    }

    private static let sqlite = "database { sqlite { primary { file: \"a\" } } }"

    /// A store with the schema and the seed's repositories, on every database, one after the other.
    private func withStore(_ body: (JobStore) async throws -> Void) async throws {
        for kind in ReachableDatabase.all {
            let files = ["repositories.hyp": try Self.seed()]
            let settings = try SettingsFixture.load(
                try SettingsFixture.shippedFiles().merging(files) { _, new in new })
            try await kind.withDatabase(effects: .test()) { database in
                let migrations = settings.migrations.map { source in
                    Migration(
                        version: source.version, name: source.name, description: source.description,
                        up: source.up.compactMap { $0.text(for: database.dialect.name) }, down: [],
                        source: source.file)
                }
                try await Migrator(
                    database: database, migrations: migrations, settings: MigrationSettings(),
                    effects: .test(), by: "the test"
                ).up()
                let catalogue = RepositoryCatalogue(
                    try settings.repositoryMethods.map { method in
                        try RepositoryMethod(
                            name: method.name,
                            statement: #require(method.statement.text(for: database.dialect.name)),
                            parameters: method.parameters, returns: method.returnType, entity: method.entity,
                            dialect: database.dialect)
                    })
                try await body(
                    JobStore(
                        database: database, templates: [:], repositories: catalogue, timeout: .seconds(30),
                        effects: .test()))
            }
        }
    }

    private let by = Initiator(agent: "the test")

    private func call(
        _ store: JobStore, _ method: String, _ arguments: KeyValuePairs<String, ScriptValue> = [:]
    ) async throws -> ScriptValue {
        try await store.call(method, .object(arguments.map { ($0.key, $0.value) }), by: by)
    }

    @Test("every method of the seed gives the same on every database")
    func equalRows() async throws {
        var all: [[String]] = []
        try await withStore { store in all.append(try await story(on: store)) }
        let first = try #require(all.first)
        for other in all { #expect(other == first) }
        #expect(first.count == 26)
    }

    /// What each call gave, as JSON.
    private func story(on store: JobStore) async throws -> [String] {
        #expect(store.repositories.all.count == 18)
        let user: ScriptValue = .string(UniqueID.systemUser.description)
        func id(_ number: UInt64) -> ScriptValue { .string(UniqueID(high: 0x5, low: number).description) }
        var told: [String] = []
        func tell(_ method: String, _ arguments: KeyValuePairs<String, ScriptValue> = [:]) async throws {
            told.append("\(method) \(JSON(try await call(store, method, arguments).stable).text)")
        }
        for (number, name) in [(1, "100% done"), (2, "under_score"), (3, "back\\slash"), (4, "Großes Ü")] {
            try await tell(
                "ScriptRepository.create",
                [
                    "id": id(UInt64(number)), "name": .string(name), "content": .string("Focus { } Relax"),
                    "version": .number(1), "created_by": user,
                    "status": .string(number < 3 ? "active" : "draft"),
                    "metadata": .object([("tags", .array([.string("a"), .number(Double(number))]))]),
                ])
        }
        try await tell("ScriptRepository.findById", ["id": id(1)])
        try await tell("ScriptRepository.findById", ["id": id(9)])
        try await tell("ScriptRepository.findByName", ["name": .string("under_score")])
        try await tell("ScriptRepository.findByStatus", ["status": .string("active")])
        try await tell("ScriptRepository.findByCreator", ["user_id": user])
        for term in ["%", "_", "\\", "DONE", "focus"] {
            try await tell("ScriptRepository.search", ["search_term": .string(term)])
        }
        try await tell(
            "ScriptRepository.update",
            [
                "name": .string("changed"), "content": .string("Focus { } Relax"), "version": .number(2),
                "status": .string("archived"), "metadata": .null, "id": id(2),
            ])
        try await tell("ScriptRepository.delete", ["id": id(3)])
        try await tell("ScriptRepository.delete", ["id": id(3)])
        for number in 1...3 {
            _ = try await call(
                store, "ExecutionRepository.create",
                [
                    "id": id(UInt64(number + 10)), "script_id": id(1), "user_id": user,
                    "status": .string(number == 3 ? "failed" : "running"), "environment": .string("test"),
                    "metadata": .null,
                ])
        }
        try await tell(
            "ExecutionRepository.updateStatus",
            [
                "status": .string("completed"), "completed_at": .string("2026-11-25 12:00:00.000000"),
                "duration_ms": .number(40), "result": .string("{\"n\": 1}"), "error_message": .null,
                "id": id(11),
            ])
        try await tell("ExecutionRepository.findById", ["id": id(11)])
        try await tell("ExecutionRepository.findByScript", ["script_id": id(1)])
        try await tell("ExecutionRepository.findByUser", ["user_id": user])
        try await tell("ExecutionRepository.findByStatus", ["status": .string("failed")])
        try await tell("ExecutionRepository.getRunningExecutions")
        try await tell("ExecutionRepository.getPerformanceStats")
        try await tell("ScriptRepository.getExecutionStats", ["user_id": user])
        try await tell("ScriptRepository.getPopularScripts")
        return told
    }

    @Test("no argument changes what a statement says")
    func injections() async throws {
        try await withStore { store in
            var random = SeededSource(seed: 7)
            let pieces = [
                "'", "\"", ";", "--", "/*", "*/", " OR 1=1", "DROP TABLE scripts", "\\", "%", "_", "?", "$1",
                "\n",
                "')", "''", "ä", "🌀", "NULL", "UNION SELECT password_hash FROM users",
            ]
            for _ in 0..<500 {
                let payload = (0..<Int(random.next() % 6 + 1)).reduce(into: "") { text, _ in
                    text += pieces[Int(random.next() % UInt64(pieces.count))]
                }
                #expect(
                    try await call(store, "ScriptRepository.findByName", ["name": .string(payload)]) == .null)
                let found = try await call(
                    store, "ScriptRepository.search", ["search_term": .string(payload)])
                #expect(found == .array([]), "\(payload)")
            }
        }
    }

    @Test("wrong calls are refused in words")
    func wrongCalls() async throws {
        try await withStore { store in
            for (method, arguments, message) in [
                (
                    "ScriptRepository.findByNme", ScriptValue.null,
                    "No repository has the method 'ScriptRepository.findByNme'"
                ),
                (
                    "ScriptRepository.findByName", .null,
                    "ScriptRepository.findByName lacks the argument 'name'"
                ),
                (
                    "ScriptRepository.findByName", .object([("nme", .null)]),
                    "ScriptRepository.findByName has no argument 'nme'; did you mean 'name'?"
                ),
                (
                    "ScriptRepository.findByName", .array([.null, .null]),
                    "ScriptRepository.findByName takes 1 arguments, found 2"
                ),
                (
                    "ScriptRepository.search", .array([.number(1)]),
                    "ScriptRepository.search searches for a text in 'search_term'"
                ),
            ] {
                let error = await #expect(throws: JobEngineError.self) {
                    _ = try await store.call(method, arguments, by: by)
                }
                #expect(error?.reason == message)
            }
        }
    }

    @Test(
        "what a method cannot be is refused at its place",
        arguments: [
            ("sql: \"SELECT 1 WHERE 1 = ?\", return_type: \"X\"", "the statement has 1 '?' and 0 parameters"),
            ("sql: \"DROP TABLE a\", return_type: \"X\"", "a method reads or changes rows, found 'DROP'"),
            ("sql: { postgresql: \"SELECT 1\" }, return_type: \"X\"", "there is no statement for sqlite"),
            (
                "sql: \"SELECT EXTRACT(hour FROM a) FROM b\", return_type: \"X\"",
                "line 1, column 8 of the statement: SQLite has no EXTRACT; use DATE_TRUNC or compare instants"
            ),
            (
                "sql: \"SELECT 'a\", return_type: \"X\"",
                "line 1, column 8 of the statement: This string has no end"
            ),
            ("sql: \"SELECT 1\"", "'m' needs the key 'return_type'"),
        ])
    func refused(method: String, message: String) {
        let text = "\(Self.sqlite)\nrepositories { R { entity: \"X\", methods { m { \(method) } } } }"
        let diagnostics = SettingsFixture.diagnostics(["a.hyp": text])
        #expect(diagnostics.map(\.message) == [message])
        #expect(diagnostics.first?.position?.line == 2)
    }
}

/// Numbers that follow from a seed.
private struct SeededSource {
    private let random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func next() -> UInt64 { random.next() }
}

extension ScriptValue {
    /// Without the times that only the database knows.
    fileprivate var stable: ScriptValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.stable))
        case .object(let fields):
            let times: Set = ["created_at", "updated_at", "started_at", "last_execution", "hour"]
            return .object(
                fields.map { name, value in
                    guard times.contains(name), case .string(let text) = value else { return (name, value) }
                    // An instant, in the one form.
                    return (name, .string(Timestamp(sqlText: text) == nil ? text : "an instant"))
                })
        default: return self
        }
    }
}
