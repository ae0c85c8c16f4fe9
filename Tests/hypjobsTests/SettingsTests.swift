import HypConfig
import Testing

@testable import hypjobs

@Suite("Settings")
struct SettingsTests {
    private let loader = SettingsLoader(environment: [:], operations: SettingsFixture.operations)

    @Test("the shipped configuration says what the seed says")
    func shippedConfiguration() throws {
        let settings = try loader.load(directory: SettingsFixture.shippedConfiguration)
        #expect(settings.pool.minConnections == 5)
        #expect(settings.pool.maxConnections == 100)
        #expect(settings.pool.lifetime == .seconds(3600))
        #expect(settings.pool.idleTimeout == .seconds(300))
        #expect(settings.pool.validationTimeout == .seconds(30))
        #expect(settings.transactions.defaultIsolation == .readCommitted)
        #expect(settings.transactions.defaultTimeout == .seconds(30))
        #expect(settings.transactions.retry.maxRetries == 3)
        #expect(settings.transactions.retry.delay == .milliseconds(1000))
        #expect(settings.transactions.templates.map(\.name) == ["createScript", "executeScript"])
        #expect(settings.preparedStatements.capacity == 100)
        #expect(settings.preparedStatements.statementTimeout == .seconds(30))
        #expect(settings.migrationHistory.tableName == "schema_migrations")
        #expect(settings.jobs.definitions.map(\.name) == ["invoice", "countdown", "relaxation"])
    }

    @Test("the shipped templates are the seed's")
    func shippedTemplates() throws {
        let templates = try loader.load(directory: SettingsFixture.shippedConfiguration).transactions
            .templates
        let create = try #require(templates.first { $0.name == "createScript" })
        #expect(create.isolation == .serializable)
        #expect(create.timeout == .seconds(60))
        #expect(create.retry.backoff == .exponential)
        #expect(create.retry.delay == .seconds(1))
        #expect(
            create.steps.map(\.operation) == [
                "validate_script_content", "check_script_name_unique", "insert_script", "insert_audit_log",
            ])
        #expect(create.steps.map(\.rollsBackOnFailure) == [true, true, true, false])
        let execute = try #require(templates.first { $0.name == "executeScript" })
        #expect(execute.isolation == .readCommitted)
        #expect(execute.timeout == .seconds(300))
        #expect(
            execute.steps.map(\.operation) == [
                "insert_execution", "run_script", "update_execution", "insert_execution_log",
            ])
    }

    @Test("the shipped migrations are read in the order of their versions")
    func shippedMigrations() throws {
        let migrations = try loader.load(directory: SettingsFixture.shippedConfiguration).migrations
        #expect(
            migrations.prefix(3).map(\.name) == [
                "initial_schema", "performance_optimizations", "add_audit_logging",
            ])
        #expect(migrations.prefix(3).map(\.up.count) == [3, 10, 5])
        #expect(migrations.map(\.version) == migrations.map(\.version).sorted())
        let users = migrations.first?.up.first?.text(for: "sqlite")
        #expect(users?.hasPrefix("CREATE TABLE users (\n    id UUID PRIMARY KEY") == true)
    }

    @Test("the first file alone is enough")
    func hypjobsFileAlone() throws {
        let text = try SettingsFixture.text("\(SettingsFixture.shippedConfiguration)/hypjobs.hyp")
        #expect(throws: Never.self) { try SettingsFixture.load(["hypjobs.hyp": text]) }
    }

    @Test("what 'hypjobs init' writes can be loaded")
    func starter() throws {
        let starter = "\(SettingsFixture.directory)/../../Sources/hypjobs/Starter"
        let settings = try loader.load(directory: starter)
        #expect(settings.jobs.definitions.map(\.script) == ["hello"])
        #expect(settings.migrations.count >= 4)
    }

    @Test("what is not said has a default")
    func defaults() throws {
        let settings = try SettingsFixture.load("")
        #expect(settings.database == .sqlite(SQLiteSettings()))
        #expect(settings.pool.maxConnections == 10)
        #expect(settings.worker.queues == ["default"])
        #expect(settings.worker.slots == 4)
        #expect(settings.worker.heartbeatTimeout == .seconds(30))
        #expect(settings.worker.limits.instructions == nil)
        #expect(settings.worker.limits.memoryBytes == 268_435_456)
        #expect(settings.worker.limits.time == nil)
        #expect(settings.jobs.directory == "jobs")
        #expect(settings.migrations.isEmpty)
    }

    @Test("times are read in the unit of their key")
    func units() throws {
        let worker = try SettingsFixture.load(
            "worker { poll_interval_ms: 1500, grace_period: 2.5, limits { seconds: 0.25 } }"
        ).worker
        #expect(worker.pollInterval == .milliseconds(1500))
        #expect(worker.gracePeriod == .milliseconds(2500))
        #expect(worker.limits.time == .milliseconds(250))
    }

    @Test("numbers and switches can come from the environment")
    func environment() throws {
        let settings = try SettingsFixture.load(
            [
                "a.hyp": "database { sqlite { primary { file: env.FILE, create: env.CREATE } } }",
                "b.hyp": "worker { slots: env.SLOTS, grace_period: env.GRACE, queues: [env.QUEUE] }",
            ],
            environment: [
                "FILE": "/var/lib/x.sqlite", "CREATE": "false", "SLOTS": "16", "GRACE": "1.5", "QUEUE": "q",
            ])
        guard case .sqlite(let sqlite) = settings.database else { return }
        #expect(sqlite.file == "/var/lib/x.sqlite")
        #expect(!sqlite.createsFile)
        #expect(settings.worker.slots == 16)
        #expect(settings.worker.gracePeriod == .milliseconds(1500))
        #expect(settings.worker.queues == ["q"])
    }

    @Test("arguments keep their kinds and their order")
    func arguments() throws {
        let settings = try SettingsFixture.load(
            """
            jobs { definitions { report { script: "report", arguments: {
                z: 9223372036854775807, a: [1.5, null, true, { deep: "x" }]
            } } } }
            """)
        let fields = try #require(settings.jobs.definitions.first?.arguments)
        let list = ArgumentValue.list([
            .double(1.5), .null, .bool(true), .object([ArgumentValue.Field(name: "deep", value: .text("x"))]),
        ])
        #expect(
            fields == [
                ArgumentValue.Field(name: "z", value: .integer(.max)),
                ArgumentValue.Field(name: "a", value: list),
            ])
    }

    @Test("a statement can be written for each dialect")
    func statementsByDialect() throws {
        let settings = try SettingsFixture.load(
            """
            migration_examples { tidy {
                version: "20240105000001"
                up: ["A;", { default: "B;", sqlite: "C;" }, { postgresql: "D;" }]
            } }
            """)
        let up = try #require(settings.migrations.first?.up)
        #expect(up.map { $0.text(for: "sqlite") } == ["A;", "C;", nil])
        #expect(up.map { $0.text(for: "postgresql") } == ["A;", "B;", "D;"])
    }

    @Test(
        "relative paths begin beside the configuration directory",
        arguments: [
            ("config", "data.db"), ("./config/", "./data.db"), ("/srv/app/config", "/srv/app/data.db"),
            ("/config", "/data.db"), ("a/b", "a/data.db"), (".", "./../data.db"), ("../conf", "../data.db"),
        ])
    func projectDirectory(configuration: String, expected: String) {
        #expect(ProjectDirectory(of: configuration).path(of: "data.db") == expected)
        #expect(ProjectDirectory(of: configuration).path(of: "/abs") == "/abs")
    }

    @Test("every key is listed with its kind, default and meaning")
    func keys() throws {
        let keys = SettingsLoader.keys(operations: SettingsFixture.operations)
        #expect(Set(keys.map(\.path)).count == keys.count)
        #expect(keys.allSatisfy { !$0.meaning.isEmpty && !$0.kind.isEmpty })
        let slots = try #require(keys.first { $0.path == "worker.slots" })
        #expect(slots.kind == "a whole number from 1 to 1000")
        #expect(slots.defaultValue == "4")
        let timeout = try #require(keys.first { $0.path == "transactions.templates.<name>.timeout" })
        #expect(timeout.unit == "seconds")
        let step = try #require(keys.first { $0.path == "transactions.templates.<name>.steps[].operation" })
        #expect(step.isRequired)
        #expect(keys.first { $0.path == "entities" }?.support == .notYet)
    }
}
